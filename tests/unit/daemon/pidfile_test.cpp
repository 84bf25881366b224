#include "twistdpp/daemon/pidfile.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {
namespace {

using testing::HasSubstr;

class PidfileTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "twistdpp-pid-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        path = folder + "/twistdpp.pid";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void fill(const std::string& text) const { std::ofstream(path) << text; }
    std::string content() const {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    std::string folder, path;
};

TEST_F(PidfileTest, HoldsTheProcessIdAndVanishesAtTheEnd) {
    auto pidfile = Pidfile::lock(path);
    ASSERT_TRUE(pidfile) << pidfile.error().message;
    ASSERT_TRUE(pidfile->write());
    EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
    pidfile->remove();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(PidfileTest, KeepsASecondDaemonOutAndNamesTheFirst) {
    auto first = Pidfile::lock(path);
    ASSERT_TRUE(first);
    ASSERT_TRUE(first->write());
    auto second = Pidfile::lock(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::alreadyRunning);
    EXPECT_EQ(
        second.error().message,
        "a daemon with this pidfile runs already as process " + std::to_string(::getpid()) + " (" + path + ")"
    );
}

/// Whatever an old file says, no one holds its lock: the daemon starts.
class PidfileContent : public PidfileTest, public testing::WithParamInterface<const char*> {};

TEST_P(PidfileContent, IsTakenOverWhenNoOneHoldsIt) {
    fill(GetParam());
    auto pidfile = Pidfile::lock(path);
    ASSERT_TRUE(pidfile) << pidfile.error().message;
    ASSERT_TRUE(pidfile->write());
    EXPECT_EQ(content(), std::to_string(::getpid()) + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Old, PidfileContent,
    testing::Values("", "garbage", "999999999\n", "1\n", "-1", "12345678901234567890123456789012345")
);

TEST_F(PidfileTest, FollowsNoLink) {
    fill("precious");
    std::filesystem::create_symlink(path, folder + "/link");
    auto pidfile = Pidfile::lock(folder + "/link");
    ASSERT_FALSE(pidfile);
    EXPECT_THAT(pidfile.error().message, HasSubstr("is a symbolic link"));
    EXPECT_EQ(content(), "precious");
}

TEST_F(PidfileTest, TakesNothingButARegularFile) {
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    auto pidfile = Pidfile::lock(path);
    ASSERT_FALSE(pidfile);
    EXPECT_EQ(pidfile.error().code, ExitCode::cannotCreate);
}

TEST_F(PidfileTest, SaysWhichFolderIsMissing) {
    auto pidfile = Pidfile::lock(folder + "/none/x.pid");
    ASSERT_FALSE(pidfile);
    EXPECT_EQ(pidfile.error().code, ExitCode::cannotCreate);
    EXPECT_EQ(pidfile.error().message, "pidfile " + folder + "/none/x.pid: No such file or directory");
}

TEST_F(PidfileTest, LeavesAFileAloneThatAnotherHasPutInItsPlace) {
    auto pidfile = Pidfile::lock(path);
    ASSERT_TRUE(pidfile);
    std::filesystem::remove(path);
    fill("another");
    pidfile->remove();
    EXPECT_EQ(content(), "another");
}

} // namespace
} // namespace twistdpp
