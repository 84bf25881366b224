#include "twistdpp/app/config_file.h"
#include "twistdpp/app/option_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

using testing::ElementsAre;

std::vector<std::string> entries(const ConfigFile& file, Bytes section) {
    std::vector<std::string> all;
    if (const ConfigSection* found = file.section(section)) {
        for (const ConfigEntry& entry : found->entries)
            all.push_back(entry.key + "=" + entry.value);
    }
    return all;
}

TEST(ConfigFile, HasASectionForEachSubcommand) {
    const auto file = parseConfig(
        "workers = 2\n[web]\nport = tcp:8080\npath = /srv # here\n\n; more\n[echo]\nlisten=tcp:7", "f"
    );
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_THAT(entries(*file, ""), ElementsAre("workers=2"));
    EXPECT_THAT(entries(*file, "web"), ElementsAre("port=tcp:8080", "path=/srv"));
    EXPECT_THAT(entries(*file, "echo"), ElementsAre("listen=tcp:7"));
    EXPECT_EQ(file->section("dns"), nullptr);
}

TEST(ConfigFile, TakesQuotedAndBareValues) {
    const auto file = parseConfig(
        "[s]\na = \"x # \\\"y\\\" \\\\ \\n\"\nb = 'raw \\n'\nc = a#b\nd =\ne=\"\" # empty\n", "f"
    );
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_THAT(entries(*file, "s"), ElementsAre("a=x # \"y\" \\ \n", "b=raw \\n", "c=a#b", "d=", "e="));
}

TEST(ConfigFile, SpreadsAnArrayAndARepeatedKeyOverEntries) {
    const auto file =
        parseConfig("[s]\na = [\"1\", '2', 3]\nb = [\n  # first\n  \"x, y\",\n  z, # last\n]\na = 4\n", "f");
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_THAT(entries(*file, "s"), ElementsAre("a=1", "a=2", "a=3", "b=x, y", "b=z", "a=4"));
}

TEST(ConfigFile, TakesWindowsLineEndsAndAByteOrderMark) {
    const auto file = parseConfig("\xEF\xBB\xBF[s]\r\na = 1\r\n", "f");
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_THAT(entries(*file, "s"), ElementsAre("a=1"));
}

struct Mistake {
    const char *text, *error;
};
class ConfigFileRefuses : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigFileRefuses, WithFileAndLine) {
    const auto file = parseConfig(GetParam().text, "site.toml");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().message(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ConfigFileRefuses,
    testing::Values(
        Mistake{"[web]\nport", "site.toml:2: expected 'key = value' or '[section]'"},
        Mistake{"[web\n", "site.toml:1: '[' without ']'"},
        Mistake{"[we b]\n", "site.toml:1: 'we b' is no section's name (letters, digits, dashes)"},
        Mistake{"[a]\n[b]\n[a]\n", "site.toml:3: section [a] was begun at line 1"},
        Mistake{"a b = 1", "site.toml:1: 'a b' is no option's name (letters, digits, dashes)"},
        Mistake{"a = \"x", "site.toml:1: a quote is not closed"},
        Mistake{"a = 'x' y", "site.toml:1: 'y' after the value; quote it as a whole"},
        Mistake{"a = \"\\q\"", "site.toml:1: unknown escape; use \\\\ \\\" \\n \\t, or single quotes"},
        Mistake{"\n\na = [1,\n2", "site.toml:3: '[' without ']'"}
    )
);

TEST(ConfigFile, RefusesBytesThatAreNoText) {
    EXPECT_FALSE(parseConfig(Bytes("a = \0", 5), "f"));
    EXPECT_FALSE(parseConfig(std::string(kMaxConfigBytes + 1, '#'), "f"));
}

TEST(ConfigFile, TellsWhereAnUnknownKeyStands) {
    OptionSet options;
    std::string path;
    options.add("--path", path, "the folder");
    const auto file = parseConfig("[web]\n\npaht = /srv\n", "site.toml");
    ASSERT_TRUE(file);
    const auto done = file->assignTo("web", options);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message(), "site.toml:3: there is no option paht (did you mean --path?)");
}

TEST(ConfigFile, SaysWhichFileCannotBeRead) {
    const auto file = loadConfig("/nonexistent/site.toml");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().message(), "configuration file /nonexistent/site.toml: No such file or directory");
}

} // namespace
} // namespace twistdpp
