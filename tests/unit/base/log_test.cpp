#include "twistdpp/base/log.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

/// Keeps what is logged while it lives.
class Recorder final : public LogSink {
public:
    explicit Recorder(LogLevel from) : from_(from), before_(setLogSink(this)) {}
    ~Recorder() override { setLogSink(before_); }
    bool wants(LogLevel level, Bytes) const noexcept override { return level >= from_; }
    void write(LogLevel, Bytes name, Bytes text) noexcept override {
        lines.push_back(std::string(name) + "|" + std::string(text));
    }
    std::vector<std::string> lines;

private:
    LogLevel from_;
    LogSink* before_;
};

} // namespace

TEST(Log, GoesToTheSinkThatIsSet) {
    Recorder recorder(LogLevel::debug);
    logLine(LogLevel::info, "net.tcp", "hello");
    EXPECT_EQ(recorder.lines, std::vector<std::string>{"net.tcp|hello"});
}

TEST(Log, IsNotMadeWhenNotWanted) {
    Recorder recorder(LogLevel::warn);
    EXPECT_FALSE(logWanted(LogLevel::info, "net"));
    EXPECT_TRUE(logWanted(LogLevel::warn, "net"));
    logLine(LogLevel::info, "net", "dropped");
    logLine(LogLevel::error, "net", "kept");
    EXPECT_EQ(recorder.lines, std::vector<std::string>{"net|kept"});
}

TEST(Log, SetReturnsTheSinkBefore) {
    Recorder outer(LogLevel::debug);
    {
        Recorder inner(LogLevel::debug);
        EXPECT_EQ(setLogSink(&inner), &inner);
    }
    logLine(LogLevel::info, "a", "b");
    EXPECT_EQ(outer.lines.size(), 1u);
}

TEST(Log, PrintsWarningsOnStderrWithoutASink) {
    LogSink* before = setLogSink(nullptr);
    testing::internal::CaptureStderr();
    logLine(LogLevel::info, "defer", "not shown");
    logLine(LogLevel::warn, "defer", "shown");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "twistdpp: [defer] shown\n");
    setLogSink(before);
}

} // namespace twistdpp
