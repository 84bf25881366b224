#include "twistdpp/app/option_help.h"
#include "twistdpp/app/option_set.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Web {
    std::vector<std::string> ports{"tcp:8080"};
    std::string path;
    bool user = false;
    unsigned short limit = 100;
    Duration timeout = std::chrono::seconds(60);
    std::vector<std::string> order;
    OptionSet options;

    Web() {
        options.add("-p,--port", ports, "where to listen").value("ENDPOINT");
        options.add("--path", path, "the folder to serve").value("DIR");
        options.add("--user", user, "serve ~/public_html");
        options.add("--limit", limit, "connections at once").check([](Bytes text) -> Result<void> {
            if (text == "0")
                return Error("must be at least 1");
            return {};
        });
        options.add("--timeout", timeout, "give up after");
        options.on(
            "--ignore-ext",
            [this](Bytes text) -> Result<void> {
                order.push_back("ext " + std::string(text));
                return {};
            },
            "an extension"
        );
        options.onFlag(
            "--allow-ignore-ext",
            [this]() -> Result<void> {
                order.push_back("all");
                return {};
            },
            "any extension"
        );
        options.refuse("--personal", "distributed web servers do not exist here; use --user", false);
    }

    Result<void> give(
        std::vector<std::pair<std::string, std::string>> arguments,
        OptionSource source = OptionSource::commandLine
    ) {
        for (auto& [name, text] : arguments) {
            if (auto done =
                    options.assign(source, name, text, source == OptionSource::file ? "web.toml:3" : "");
                !done)
                return done;
        }
        return {};
    }
};

TEST(OptionSet, FillsTheMembersThatItWasGiven) {
    Web web;
    ASSERT_TRUE(web.give({{"--path", "/srv"}, {"--user", ""}, {"--limit", "7"}, {"--timeout", "1.5"}}));
    ASSERT_TRUE(web.options.apply());
    EXPECT_EQ(web.path, "/srv");
    EXPECT_TRUE(web.user);
    EXPECT_EQ(web.limit, 7);
    EXPECT_EQ(web.timeout, std::chrono::milliseconds(1500));
}

TEST(OptionSet, ReplacesTheDefaultOfAListAndKeepsTheOrderGiven) {
    Web web;
    EXPECT_THAT(web.ports, ElementsAre("tcp:8080"));
    ASSERT_TRUE(web.give({{"-p", "tcp:1"}, {"--port", "tcp:2"}}));
    ASSERT_TRUE(web.options.apply());
    EXPECT_THAT(web.ports, ElementsAre("tcp:1", "tcp:2"));
}

TEST(OptionSet, CallsCallbacksInTheOrderOfTheCommandLine) {
    Web web;
    ASSERT_TRUE(web.give({{"--ignore-ext", ".a"}, {"--allow-ignore-ext", ""}, {"--ignore-ext", ".b"}}));
    ASSERT_TRUE(web.options.apply());
    EXPECT_THAT(web.order, ElementsAre("ext .a", "all", "ext .b"));
}

TEST(OptionSet, TakesTheLastOfASingleOption) {
    Web web;
    ASSERT_TRUE(web.give({{"--path", "/a"}, {"--path", "/b"}}));
    ASSERT_TRUE(web.options.apply());
    EXPECT_EQ(web.path, "/b");
}

TEST(OptionSet, LetsTheCommandLineWinOverTheEnvironmentAndThatOverTheFile) {
    ASSERT_EQ(::setenv("TWISTDPP_WEB_PATH", "/env", 1), 0);
    ASSERT_EQ(::setenv("TWISTDPP_WEB_PORT", "tcp:2", 1), 0);
    Web web;
    ASSERT_TRUE(web.give({{"path", "/file"}, {"port", "tcp:1"}, {"limit", "3"}}, OptionSource::file));
    ASSERT_TRUE(web.options.assignEnvironment("web"));
    ASSERT_TRUE(web.give({{"--port", "tcp:3"}}));
    ASSERT_TRUE(web.options.apply());
    EXPECT_EQ(web.path, "/env");
    EXPECT_THAT(web.ports, ElementsAre("tcp:3")) << "a stronger source replaces a list as a whole";
    EXPECT_EQ(web.limit, 3);
    ::unsetenv("TWISTDPP_WEB_PATH");
    ::unsetenv("TWISTDPP_WEB_PORT");
}

TEST(OptionSet, TurnsAFlagOff) {
    Web web;
    ASSERT_TRUE(web.give({{"user", "true"}}, OptionSource::file));
    ASSERT_TRUE(web.give({{"--no-user", ""}}));
    ASSERT_TRUE(web.options.apply());
    EXPECT_FALSE(web.user);
}

struct BadValue {
    const char *option, *text, *error;
};
class OptionSetRefuses : public testing::TestWithParam<BadValue> {};

TEST_P(OptionSetRefuses, WithTheOptionAndTheValueInTheMessage) {
    Web web;
    ASSERT_TRUE(web.give({{GetParam().option, GetParam().text}}, OptionSource::file));
    const auto applied = web.options.apply();
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().message(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Values, OptionSetRefuses,
    testing::Values(
        BadValue{"--limit", "x", "web.toml:3: --limit 'x' is no whole number"},
        BadValue{"--limit", "70000", "web.toml:3: --limit '70000' is out of range"},
        BadValue{"--limit", "-1", "web.toml:3: --limit '-1' is no whole number"},
        BadValue{
            "--limit", "99999999999999999999",
            "web.toml:3: --limit '99999999999999999999' is no whole number"},
        BadValue{"--limit", "0", "web.toml:3: --limit '0' must be at least 1"},
        BadValue{"--user", "maybe", "web.toml:3: --user 'maybe' is neither true nor false"},
        BadValue{
            "--timeout", "5 parsecs",
            "web.toml:3: --timeout '5 parsecs' is no time; write seconds, or a number with ms, s, m, h or d"},
        BadValue{
            "--personal", "", "web.toml:3: --personal: distributed web servers do not exist here; use --user"}
    )
);

TEST(OptionSet, NamesTheNearestOptionForAnUnknownOne) {
    Web web;
    const auto done = web.give({{"--ptah", "/srv"}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message(), "there is no option --ptah (did you mean --path?)");
    EXPECT_EQ(web.options.closest("--completely-else"), "");
}

TEST(OptionSet, KnowsWhichOptionsDifferFromAnotherReading) {
    Web before, after;
    ASSERT_TRUE(before.give({{"--path", "/a"}, {"--limit", "5"}}));
    ASSERT_TRUE(after.give({{"--path", "/b"}, {"--limit", "5"}}));
    ASSERT_TRUE(before.options.apply());
    ASSERT_TRUE(after.options.apply());
    EXPECT_THAT(after.options.differences(before.options), ElementsAre("--path"));
}

TEST(OptionSet, ReadsTimes) {
    EXPECT_EQ(*parseDuration("30"), std::chrono::seconds(30));
    EXPECT_EQ(*parseDuration("250ms"), std::chrono::milliseconds(250));
    EXPECT_EQ(*parseDuration("2m"), std::chrono::minutes(2));
    EXPECT_EQ(*parseDuration("1h"), std::chrono::hours(1));
    EXPECT_EQ(*parseDuration("0"), Duration::zero());
    for (const char* bad : {"", "s", "-1", "1.2.3", "1x", "9999999999d"})
        EXPECT_FALSE(parseDuration(bad)) << bad;
}

TEST(OptionHelp, ShowsNamesDefaultsAndExamplesWithinTheWidth) {
    Web web;
    web.options.example("twistdpp web --path .", "serve this folder");
    const std::string help = formatOptions(web.options, 76);
    EXPECT_THAT(
        help, HasSubstr("  -p, --port ENDPOINT      where to listen (repeatable) [default: tcp:8080]")
    );
    EXPECT_THAT(help, HasSubstr("[default: 60]"));
    EXPECT_THAT(help, HasSubstr("Examples:\n  twistdpp web --path .\n      serve this folder"));
    EXPECT_THAT(help, Not(HasSubstr("--personal"))) << "refused options are not offered";
}

TEST(OptionHelp, WrapsAtWords) {
    EXPECT_EQ(wrapped("one two three", 2, 9), "one two\n  three");
}

} // namespace
} // namespace twistdpp
