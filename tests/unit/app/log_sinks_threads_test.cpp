#include "twistdpp/app/log_sinks.h"
#include "twistdpp/app/logger.h"
#include "twistdpp/app/reopenable_file.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

namespace twistdpp {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

/// A folder of its own for each test, and the log put in place of the process's.
class LogSinks : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "twistdpp-log-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        file = folder + "/log";
    }
    void TearDown() override {
        if (log)
            setLogSink(previous);
        log.reset();
        std::filesystem::remove_all(folder);
    }
    void open(LogSettings settings = {}) {
        settings.file = file;
        auto opened = LogOutput::open(std::move(settings));
        ASSERT_TRUE(opened) << opened.error().message();
        log = std::move(*opened);
        previous = setLogSink(log.get());
    }
    static std::string read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    std::string folder, file;
    std::unique_ptr<LogOutput> log;
    LogSink* previous = nullptr;
};

TEST_F(LogSinks, WritesTwistedsLineFormat) {
    open();
    Logger("web.http").info("serving {} files", 3);
    EXPECT_THAT(
        read(file), MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{4} "
                                 "\\[web\\.http#info\\] serving 3 files\n")
    );
}

TEST_F(LogSinks, WritesJsonWithNumericSeverity) {
    LogSettings settings;
    settings.json = true;
    open(settings);
    Logger("web").error("bad \"name\" {}", "\x1b");
    const std::string line = read(file);
    EXPECT_THAT(line, MatchesRegex("\\{\"time\":\"[0-9T:-]{19}\\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}\",.*\\}\n"));
    EXPECT_THAT(line, HasSubstr("\"level\":\"error\",\"severity\":40,\"namespace\":\"web\","));
    EXPECT_THAT(line, HasSubstr("\"message\":\"bad \\\"name\\\" \\u001b\""));
}

TEST_F(LogSinks, EscapesWhatAClientSent) {
    open();
    Logger("web").info("GET {}", "/\n2026 [root#info] forged");
    EXPECT_THAT(read(file), HasSubstr("GET /\\n2026 [root#info] forged\n"));
}

TEST_F(LogSinks, HasALevelForEachNamespace) {
    LogSettings settings;
    ASSERT_TRUE(settings.levels.add("warn"));
    ASSERT_TRUE(settings.levels.add("web=debug"));
    ASSERT_TRUE(settings.levels.add("web.http=error"));
    open(settings);
    Logger("dns").info("one");
    Logger("web").debug("two");
    Logger("web.http").warn("three");
    Logger("website").info("four");
    EXPECT_THAT(read(file), Not(HasSubstr("one")));
    EXPECT_THAT(read(file), HasSubstr("two"));
    EXPECT_THAT(read(file), Not(HasSubstr("three")));
    EXPECT_THAT(read(file), Not(HasSubstr("four"))) << "a namespace is whole words";
    EXPECT_EQ(log->shiftLevels(-1), LogLevel::info);
    Logger("dns").info("five");
    EXPECT_THAT(read(file), HasSubstr("five"));
    EXPECT_FALSE(LogLevels().add("loud"));
    EXPECT_FALSE(LogLevels().add("=info"));
}

TEST_F(LogSinks, GivesANewFileTheSameModeWhateverTheUmask) {
    const mode_t before = ::umask(0);
    open();
    std::filesystem::rename(file, file + ".1");
    ::umask(0777);
    EXPECT_TRUE(log->reopen());
    ::umask(before);
    for (const std::string& each : {file, file + ".1"}) {
        struct stat status {};
        ASSERT_EQ(::stat(each.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0640u) << each;
    }
}

TEST_F(LogSinks, GoesOnInTheNewFileAfterARotation) {
    open();
    Logger("a").info("before");
    std::filesystem::rename(file, file + ".1");
    EXPECT_TRUE(reopenLogs().empty());
    Logger("a").info("after");
    EXPECT_THAT(read(file + ".1"), HasSubstr("before"));
    EXPECT_THAT(read(file), HasSubstr("after"));
    EXPECT_THAT(read(file), Not(HasSubstr("before")));
}

TEST_F(LogSinks, KeepsTheOldFileWhenTheNewOneCannotBeOpened) {
    open();
    std::filesystem::rename(file, file + ".1");
    std::filesystem::create_directory(file);
    const auto errors = reopenLogs();
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_THAT(errors[0].message(), HasSubstr("log file " + file));
    Logger("a").info("still here");
    EXPECT_THAT(read(file + ".1"), HasSubstr("still here"));
}

TEST_F(LogSinks, LosesNothingBetweenQueueAndFile) {
    open();
    log->goAsync();
    std::thread other([] {
        for (int i = 0; i < 100; ++i)
            Logger("other").info("line {}", i);
    });
    for (int i = 0; i < 100; ++i)
        Logger("main").info("line {}", i);
    other.join();
    log->drain();
    const std::string text = read(file);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 200);
    EXPECT_EQ(log->dropped(), 0u);
    Logger("main").info("direct again");
    EXPECT_THAT(read(file), HasSubstr("direct again"));
}

TEST_F(LogSinks, DropsAndCountsWhenTheWriterCannotFollow) {
    LogSettings settings;
    settings.queue = 2;
    open(settings);
    log->goAsync();
    for (int i = 0; i < 20000; ++i)
        Logger("burst").info("line {}", i);
    log->drain();
    const std::string text = read(file);
    const auto kept = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_GT(log->dropped(), 0u);
    EXPECT_THAT(text, HasSubstr("lines were dropped: the queue was full"));
    EXPECT_THAT(text, HasSubstr("line 19999\n")) << "the oldest go, not the newest";
    EXPECT_GE(kept + log->dropped(), 20000u);
}

TEST_F(LogSinks, TellsOfLossWhileItGoesOn) {
    LogSettings settings;
    settings.queue = 2;
    open(settings);
    log->goAsync();
    const auto told = [&] { return read(file).find("lines were dropped") != std::string::npos; };
    for (int burst = 0; burst < 200 && !told(); ++burst) {
        for (int i = 0; i < 1000; ++i)
            Logger("burst").info("line {}", i);
    }
    EXPECT_TRUE(told()) << "not only at the end";
}

/// A limit on file sizes stands for the full disk.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) {
        oldHandler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &old_);
        rlimit small{bytes, old_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, oldHandler_);
    }

private:
    rlimit old_{};
    void (*oldHandler_)(int);
};

TEST_F(LogSinks, TellsOnceOfAFullDiskAndHowManyLinesAreMissing) {
    open();
    Logger("a").info(
        "good {}", std::string(500, '.')
    ); // leaves room for stderr, which the test keeps in a file
    testing::internal::CaptureStderr();
    {
        const FullDisk full(read(file).size() + 10);
        for (int i = 0; i < 3; ++i)
            Logger("a").info("lost {}", i);
    }
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_THAT(
        told, HasSubstr("twistdpp: the log " + file + " cannot be written, lines are lost: File too large")
    );
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1);
    Logger("a").info("good again");
    EXPECT_THAT(read(file), HasSubstr("good again\n"));
    EXPECT_THAT(read(file), HasSubstr("[log#warn] 3 lines could not be written and are missing here"));
    EXPECT_THAT(read(file), Not(HasSubstr("lost 1")));
}

TEST(LogOutput, SaysWhichFileCannotBeOpened) {
    LogSettings settings;
    settings.file = "/nonexistent/dir/log";
    const auto opened = LogOutput::open(settings);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message(), "folder of log file /nonexistent/dir/log: No such file or directory");
}

} // namespace
} // namespace twistdpp
