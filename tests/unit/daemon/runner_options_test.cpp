#include "twistdpp/daemon/runner_options.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

using testing::HasSubstr;

struct Parsed {
    RunnerOptions runner;
    OptionSet options;
    std::string error;

    /// Option, value, option, value ...
    template <class... Words>
    explicit Parsed(const Words&... words) {
        const std::vector<std::string> all{words...};
        runner.declare(options);
        for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
            if (auto done = options.assign(OptionSource::commandLine, all[i], all[i + 1], ""); !done)
                error = done.error().message();
        }
        if (auto done = options.apply(); !done)
            error = done.error().message();
        else if (auto valid = runner.validate(); !valid)
            error = valid.error().message();
    }
};

TEST(RunnerOptions, LogToFilesInTheBackgroundAndToTheTerminalInTheForeground) {
    const std::string here = std::filesystem::current_path().string();
    Parsed background;
    EXPECT_EQ(background.runner.logPath(), here + "/twistdpp.log");
    EXPECT_EQ(background.runner.pidfilePath(), here + "/twistdpp.pid");
    Parsed foreground("-n", "");
    EXPECT_EQ(foreground.runner.logPath(), "-");
    EXPECT_EQ(foreground.runner.pidfilePath(), "");
}

TEST(RunnerOptions, PutTheDefaultFilesIntoTheRunFolder) {
    EXPECT_EQ(Parsed("-d", "/var/x").runner.logPath(), "/var/x/twistdpp.log");
    EXPECT_EQ(Parsed("--chroot", "/jail", "-d", "/run").runner.pidfilePath(), "/jail/run/twistdpp.pid");
    EXPECT_EQ(Parsed("--chroot", "/jail").runner.workFolder(), "/jail/");
    EXPECT_EQ(Parsed("--pidfile", "").runner.pidfilePath(), "") << "an empty name: none";
}

TEST(RunnerOptions, ReadTheUmaskAsOctal) {
    EXPECT_EQ(Parsed("--umask", "027").runner.umask, 027u);
    EXPECT_EQ(Parsed("--umask", "9").error, "--umask '9' is no octal file mode such as 027");
    EXPECT_EQ(Parsed("--umask", "7777").error, "--umask '7777' is larger than 0777");
}

TEST(RunnerOptions, SetLogLevelsByNamespace) {
    const Parsed parsed("--log-level", "warn", "--log-level", "web=debug");
    EXPECT_EQ(parsed.runner.logLevels.levelOf("dns"), LogLevel::warn);
    EXPECT_EQ(parsed.runner.logLevels.levelOf("web.http"), LogLevel::debug);
    EXPECT_THAT(Parsed("--log-level", "loud").error, HasSubstr("--log-level 'loud' is no log level"));
}

/// Every option of twistd's that is refused says what to use instead.
class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, SaysWhatToUse) {
    const std::string error = Parsed(GetParam(), "").error;
    EXPECT_FALSE(error.empty());
    EXPECT_THAT(
        error, testing::AnyOf(
                   HasSubstr("use "), HasSubstr("run "), HasSubstr("name a service"),
                   HasSubstr("put the options"), HasSubstr("leave it out")
               )
    );
    EXPECT_EQ(error.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    TwistdsOptions, Refused,
    testing::Values(
        "--spew", "-b", "--debug", "-y", "--python", "-f", "--file", "-s", "--source", "-e", "--encrypted",
        "-o", "--no_save", "--logger"
    )
);

TEST(RunnerOptions, RefuseWhatContradictsItself) {
    EXPECT_THAT(Parsed("--syslog", "", "-l", "x").error, HasSubstr("choose one"));
    EXPECT_THAT(Parsed("-l", "-").error, HasSubstr("needs -n"));
    EXPECT_THAT(Parsed("--savestats", "").error, HasSubstr("goes with --profile"));
    EXPECT_THAT(Parsed("--profiler", "hotshot").error, HasSubstr("is none of cpu"));
}

} // namespace
} // namespace twistdpp
