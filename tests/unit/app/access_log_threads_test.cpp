#include "twistdpp/app/access_log.h"
#include "twistdpp/base/unique_fd.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>

namespace twistdpp {
namespace {

class AccessLogFileTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "twistdpp-access-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        path = folder + "/access";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::shared_ptr<AccessLogFile> open() const {
        auto file = AccessLogFile::open(path);
        EXPECT_TRUE(file) << file.error().message();
        return file ? *file : nullptr;
    }
    static std::string read(const std::string& from) {
        std::ostringstream text;
        text << std::ifstream(from).rdbuf();
        return text.str();
    }

    std::string folder, path;
};

TEST_F(AccessLogFileTest, IsOneObjectForAllThatWriteToIt) {
    const auto file = open();
    EXPECT_EQ(open(), file);
}

TEST_F(AccessLogFileTest, HasWrittenEverythingWhenItIsGone) {
    auto file = open();
    for (int i = 0; i < 100; ++i)
        file->submit("line\n", 1);
    EXPECT_EQ(file->dropped(), 0u);
    file.reset();
    EXPECT_EQ(read(path).size(), 500u);
}

TEST_F(AccessLogFileTest, DropsAndCountsWhatTheDiskCannotFollow) {
    // A pipe that nobody reads stands for the disk: it takes 64 KiB and then no more.
    std::signal(SIGPIPE, SIG_IGN); // as in the daemon
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    auto file = open();
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 20; ++i)
        file->submit(block, 10);
    EXPECT_GE(file->dropped(), 100u) << "at most 8 MiB wait";
    // Its reader gone, the writer fails at once and can end.
    reader.reset();
    file.reset();
}

TEST_F(AccessLogFileTest, SaysWhatCannotBeOpened) {
    const auto file = AccessLogFile::open(folder + "/none/access");
    ASSERT_FALSE(file);
    EXPECT_EQ(
        file.error().message(), "folder of log file " + folder + "/none/access: No such file or directory"
    );
}

} // namespace
} // namespace twistdpp
