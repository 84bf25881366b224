#include "twistdpp/cred/authorized_keys.h"

#include "twistdpp/base/base64.h"
#include "unit/cred/ssh_blob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

namespace {

const std::string kLine = "ssh-ed25519 " + toBase64(test::sshBlob("ssh-ed25519", "K"));

std::string mistake(const std::string& line) {
    const AuthorizedKeys file = parseAuthorizedKeys(line, "keys");
    EXPECT_TRUE(file.keys.empty());
    return file.warnings.empty() ? "none" : file.warnings.front();
}

} // namespace

TEST(AuthorizedKeys, ListsKeysWithTheirComments) {
    const AuthorizedKeys file = parseAuthorizedKeys(
        "# mine\n\n" + kLine + " alice@example  org \r\n  " + "ssh-rsa " +
            toBase64(test::sshBlob("ssh-rsa", "R")) + "\n",
        "keys"
    );
    ASSERT_EQ(file.keys.size(), 2U);
    EXPECT_EQ(file.keys[0].type, "ssh-ed25519");
    EXPECT_EQ(file.keys[0].blob, test::sshBlob("ssh-ed25519", "K"));
    EXPECT_EQ(file.keys[0].comment, "alice@example  org");
    EXPECT_EQ(file.keys[0].line, 3U);
    EXPECT_EQ(file.keys[1].line, 4U);
    EXPECT_TRUE(file.keys[1].options.empty());
    EXPECT_TRUE(file.warnings.empty());
}

TEST(AuthorizedKeys, KeepsOptionsInTheirOrder) {
    const AuthorizedKeys file = parseAuthorizedKeys(
        R"(no-pty,from="192.0.2.*,!192.0.2.7",Command="echo \"a, b\" \n",no-X11-forwarding )" + kLine, "keys"
    );
    ASSERT_EQ(file.keys.size(), 1U) << file.warnings.front();
    EXPECT_THAT(
        file.keys[0].options, ElementsAre(
                                  Pair("no-pty", ""), Pair("from", "192.0.2.*,!192.0.2.7"),
                                  Pair("command", R"(echo "a, b" \n)"), Pair("no-x11-forwarding", "")
                              )
    );
    EXPECT_EQ(*file.keys[0].option("command"), R"(echo "a, b" \n)");
    EXPECT_EQ(file.keys[0].option("pty"), nullptr);
}

TEST(AuthorizedKeys, ALineWithAMistakeCountsForNothingAndSpoilsNoOther) {
    EXPECT_THAT(mistake("no-ptty " + kLine), HasSubstr("keys:1: the option 'no-ptty' is not known"));
    EXPECT_THAT(mistake("no-pty=\"x\" " + kLine), HasSubstr("'no-pty=' is not known"));
    EXPECT_THAT(mistake("command=ls " + kLine), HasSubstr("must stand in double quotes"));
    EXPECT_THAT(mistake("command=\"ls " + kLine), HasSubstr("no closing quote"));
    EXPECT_THAT(mistake("command=\"ls\"no-pty " + kLine), HasSubstr("separated by ','"));
    EXPECT_THAT(mistake("no-pty," + kLine), HasSubstr("is not known"));
    EXPECT_THAT(mistake("command " + kLine), HasSubstr("'command' is not known"));
    EXPECT_THAT(mistake("no-pty"), HasSubstr("there is no key"));
    EXPECT_THAT(mistake("no-pty ssh-dss AAAA"), HasSubstr("the key's type is not known"));
    EXPECT_THAT(mistake("ssh-ed25519 AAAA"), HasSubstr("damaged"));
    EXPECT_THAT(mistake("ssh-ed25519"), HasSubstr("damaged"));
    EXPECT_THAT(mistake("ssh-rsa " + toBase64(test::sshBlob("ssh-ed25519", "K"))), HasSubstr("damaged"));
    EXPECT_THAT(mistake("cert-authority " + kLine), HasSubstr("certificates are not supported"));
    EXPECT_THAT(mistake(kLine + std::string(17'000, 'x')), HasSubstr("too long"));
    EXPECT_THAT(mistake("\x1b[2J " + kLine), HasSubstr("'?[2j'"));
    EXPECT_EQ(parseAuthorizedKeys("broken\n" + kLine + "\n", "keys").keys.size(), 1U);
}

TEST(AuthorizedKeys, WarnsOfSomeLinesOnly) {
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += "broken\n";
    EXPECT_EQ(parseAuthorizedKeys(many, "keys").warnings.size(), 20U);
}

} // namespace twistdpp
