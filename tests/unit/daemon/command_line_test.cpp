#include "twistdpp/daemon/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A daemon with one flag and one value, and two services.
struct CommandLine : testing::Test {
    bool foreground = false;
    std::string pidfile = "default";
    std::vector<std::string> ports, order, echoes;
    bool user = true;
    OptionSet daemon, web, echo;

    CommandLine() {
        daemon.add("-n,--nodaemon", foreground, "foreground");
        daemon.add("--pidfile", pidfile, "pidfile");
        daemon.refuse("--spew", "use --log-level debug", false);
        bool* help = &helpAsked;
        daemon.add("--help", *help, "help");
        web.add("-p,--port", ports, "port");
        web.add("-u,--user", user, "user");
        web.on(
            "--ext",
            [this](Bytes text) -> Result<void> {
                order.push_back("ext" + std::string(text));
                return {};
            },
            "ext"
        );
        web.onFlag(
            "--all",
            [this]() -> Result<void> {
                order.push_back("all");
                return {};
            },
            "all"
        );
        echo.add("--listen", echoes, "where");
    }

    /// The services that were named, or the error.
    std::vector<std::string> parse(std::vector<std::string> arguments) {
        const std::vector<Subcommand> subcommands{
            {"web", "w", [this]() -> OptionSet& { return web; }},
            {"echo", "e", [this]() -> OptionSet& { return echo; }}};
        auto named = parseCommandLine(arguments, daemon, subcommands);
        if (!named)
            return {"error", named.error().message()};
        std::vector<std::string> names;
        for (const NamedSubcommand& each : *named)
            names.push_back(each.name + (each.help ? "?" : ""));
        for (OptionSet* options : {&daemon, &web, &echo}) {
            if (auto done = options->apply(); !done)
                return {"error", done.error().message()};
        }
        return names;
    }

    bool helpAsked = false;
};

TEST_F(CommandLine, GivesEachPartItsOwnOptions) {
    EXPECT_THAT(parse({"-n", "--pidfile", "x", "web", "-p", "tcp:1", "--port=tcp:2"}), ElementsAre("web"));
    EXPECT_TRUE(foreground);
    EXPECT_EQ(pidfile, "x");
    EXPECT_THAT(ports, ElementsAre("tcp:1", "tcp:2"));
}

TEST_F(CommandLine, TakesSeveralServices) {
    EXPECT_THAT(parse({"web", "-p", "tcp:1", "echo", "--listen", "tcp:7"}), ElementsAre("web", "echo"));
    EXPECT_THAT(ports, ElementsAre("tcp:1"));
    EXPECT_THAT(echoes, ElementsAre("tcp:7"));
}

TEST_F(CommandLine, KeepsTheOrderOfOptionsThatCareForIt) {
    EXPECT_THAT(parse({"web", "--ext", ".a", "--all", "--ext", ".b"}), ElementsAre("web"));
    EXPECT_THAT(order, ElementsAre("ext.a", "all", "ext.b"));
}

TEST_F(CommandLine, TakesOneValueAndNoMore) {
    EXPECT_THAT(
        parse({"web", "-p", "tcp:1", "stray"}),
        ElementsAre("error", "'stray' is neither an option nor a service")
    );
}

TEST_F(CommandLine, TakesValuesThatLookOdd) {
    EXPECT_THAT(parse({"--pidfile", "", "web", "-p", "[::1]", "-p", "-", "-p", "a,b"}), ElementsAre("web"));
    EXPECT_EQ(pidfile, "");
    EXPECT_THAT(ports, ElementsAre("[::1]", "-", "a,b"));
}

TEST_F(CommandLine, TakesAnEmptyValueAfterAnEqualsSign) {
    EXPECT_THAT(parse({"--pidfile=", "web", "-p", "tcp:1"}), ElementsAre("web"));
    EXPECT_EQ(pidfile, "");
}

TEST_F(CommandLine, LetsTheDaemonsOptionsStandBehindTheService) {
    EXPECT_THAT(parse({"web", "-n"}), ElementsAre("web"));
    EXPECT_TRUE(foreground);
}

TEST_F(CommandLine, TurnsFlagsOff) {
    EXPECT_THAT(parse({"web", "--no-user"}), ElementsAre("web"));
    EXPECT_FALSE(user);
}

TEST_F(CommandLine, SeesWhereHelpWasAsked) {
    EXPECT_THAT(parse({"web", "--help"}), ElementsAre("web?"));
    EXPECT_FALSE(helpAsked);
    EXPECT_THAT(parse({"--help"}), IsEmpty());
    EXPECT_TRUE(helpAsked);
}

TEST_F(CommandLine, RefusesWithOneLine) {
    EXPECT_THAT(
        parse({"--nodeamon", "web"}),
        ElementsAre("error", "there is no option --nodeamon (did you mean --nodaemon?)")
    );
    EXPECT_THAT(
        parse({"web", "--prot", "x"}),
        ElementsAre("error", "there is no option --prot (did you mean --port?)")
    );
    EXPECT_THAT(parse({"wbe"}), ElementsAre("error", "there is no service 'wbe'; there are: web, echo"));
    EXPECT_THAT(parse({"web", "-p"}), ElementsAre("error", "--port needs a value"));
    EXPECT_THAT(parse({"--spew"}), ElementsAre("error", "--spew: use --log-level debug"));
}

} // namespace
} // namespace twistdpp
