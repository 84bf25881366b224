#include "twistdpp/mail_server/alias_delivery.h"
#include "twistdpp/mail_server/alias_table.h"
#include "twistdpp/mail_server/domains.h"

#include "support/scratch_folder.h"

#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>

namespace twistdpp::mail {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::UnorderedElementsAre;

class AliasesTest : public testing::Test {
protected:
    AliasesTest() {
        for (const std::string user : {"joe", "ann", "bob"})
            folder.write("one/passwd/" + UserFolder::fileName(user), "secret");
        folder.write("two/passwd/" + UserFolder::fileName("eve"), "secret");
    }
    std::string path(const std::string& name) const { return folder.path() + "/" + name; }
    Result<std::unique_ptr<Domains>> open(const std::string& aliases) {
        folder.write("aliases", aliases);
        std::vector<Domain> all;
        all.emplace_back("one.test", path("one"));
        all.emplace_back("two.test", path("two"));
        all[0].aliases = path("aliases");
        return Domains::open(std::move(all), false, Logger("mail"));
    }
    /// Where mail goes, Maildirs relative to the folder.
    std::vector<std::string> where(Domains& domains, const std::string& address) const {
        const Destinations to = domains.resolve(*smtp::Mailbox::parse(address));
        std::vector<std::string> out;
        for (const std::string& maildir : to.maildirs)
            out.push_back(maildir.substr(folder.path().size() + 1));
        out.insert(out.end(), to.files.begin(), to.files.end());
        for (const std::string& program : to.programs)
            out.push_back("|" + program);
        return out;
    }
    std::string errorOf(const std::string& aliases) {
        folder.write("aliases", aliases);
        const auto table = AliasTable::load(path("aliases"));
        return table ? "none" : table.error().message().substr(folder.path().size() + 1);
    }
    test::ScratchFolder folder;
};

TEST_F(AliasesTest, NamesStandForUsersFilesAndPrograms) {
    folder.write("staff", "# who\njoe, ann\n\nbob@one.test\n");
    auto domains = open(
        "# a comment\n\nSales: ann, joe@ONE.test,\n\t\"|ticket --queue sales, \\\"x\\\"\"\n"
        "archive: /var/mail/archive\nstaff: :include:" +
        path("staff") +
        "\nother: eve@two.test\n"
        "\"with: colon\": joe\nsales: bob\n"
    );
    ASSERT_TRUE(domains) << domains.error().message();
    EXPECT_THAT(
        where(**domains, "sales@one.test"),
        ElementsAre("one/ann", "one/joe", "one/bob", "|ticket --queue sales, \"x\"")
    );
    EXPECT_THAT(where(**domains, "SALES+tag@one.test"), testing::SizeIs(4));
    EXPECT_THAT(where(**domains, "archive@one.test"), ElementsAre("/var/mail/archive"));
    EXPECT_THAT(where(**domains, "staff@one.test"), ElementsAre("one/joe", "one/ann", "one/bob"));
    EXPECT_THAT(where(**domains, "other@one.test"), ElementsAre("two/eve"));
    EXPECT_THAT(where(**domains, "\"with: colon\"@one.test"), ElementsAre("one/joe"));
    EXPECT_THAT(where(**domains, "sales@two.test"), IsEmpty()); // of the other domain
    EXPECT_THAT(where(**domains, "nobody@one.test"), IsEmpty());
    EXPECT_EQ((*domains)->aliasBeyondMailboxes(), path("aliases"));
}

TEST_F(AliasesTest, CirclesEndAndAUserMayKeepACopy) {
    auto domains = open("a: b\nb: c, joe\nc: a\njoe: joe, ann\nonly: round\nround: only\nann+x: bob\n");
    ASSERT_TRUE(domains);
    EXPECT_THAT(where(**domains, "a@one.test"), UnorderedElementsAre("one/joe", "one/ann"));
    EXPECT_THAT(where(**domains, "joe@one.test"), ElementsAre("one/joe", "one/ann"));
    EXPECT_THAT(where(**domains, "only@one.test"), IsEmpty());
    EXPECT_THAT(where(**domains, "ann+x@one.test"), ElementsAre("one/bob"));
    EXPECT_THAT(where(**domains, "ann+y@one.test"), ElementsAre("one/ann"));
    EXPECT_EQ((*domains)->aliasBeyondMailboxes(), "");
}

TEST_F(AliasesTest, WhoeverIsNoOneElse) {
    auto domains = open("*: joe\n");
    ASSERT_TRUE(domains);
    EXPECT_THAT(where(**domains, "whoever@one.test"), ElementsAre("one/joe"));
    EXPECT_THAT(where(**domains, "ann@one.test"), ElementsAre("one/ann"));
    EXPECT_THAT(where(**domains, "postmaster@one.test"), ElementsAre("one/postmaster"));
}

TEST_F(AliasesTest, WhatIsWrongIsSaidWithItsLine) {
    EXPECT_EQ(errorOf("a: joe\n\nnonsense\n"), "aliases:3: an alias is of the form NAME: TARGET, TARGET");
    EXPECT_EQ(errorOf("a:\n"), "aliases:1: a stands for nobody");
    EXPECT_EQ(errorOf("a: joe,\n  \"|x\n"), "aliases:1: a quote has no end");
    EXPECT_EQ(errorOf("a@b: joe\n"), "aliases:1: an alias is a name, without a domain");
    EXPECT_EQ(errorOf("a: joe@\n"), "aliases:1: joe@ is no address");
    EXPECT_EQ(errorOf("a: |\n"), "aliases:1: there is no program behind |");
    EXPECT_THAT(errorOf("a: :include:" + path("none") + "\n"), HasSubstr("none: No such file"));
    EXPECT_EQ(errorOf("a: \"\n"), "aliases:1: a quote has no end");
    EXPECT_EQ(errorOf("\"\n"), "aliases:1: an alias is of the form NAME: TARGET, TARGET");
    EXPECT_THAT(
        open("a: x@else.test\n").error().message(),
        EndsWith("x@else.test is in no domain of this server; --relay would send it on")
    );
}

TEST_F(AliasesTest, AChangedFileCountsAndOneWithAMistakeDoesNot) {
    auto domains = open("a: joe\n");
    ASSERT_TRUE(domains);
    folder.write("aliases", "a: ann, bob\n");
    EXPECT_THAT(where(**domains, "a@one.test"), ElementsAre("one/ann", "one/bob"));
    folder.write("aliases", "a mistake in the file\n");
    EXPECT_THAT(where(**domains, "a@one.test"), ElementsAre("one/ann", "one/bob"));
    folder.write("aliases", "a: joe # no comment here\n, bob\n");
    folder.write("aliases", "a: bob\n");
    EXPECT_THAT(where(**domains, "a@one.test"), ElementsAre("one/bob"));
}

TEST_F(AliasesTest, MessagesAreAppendedSoThatTheyCanBeTakenApart) {
    folder.write("message", "Subject: x\n\nFrom here\n>From there\nFro\nFrom");
    const UniqueFd message(::open(path("message").c_str(), O_RDONLY | O_CLOEXEC));
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(appendMbox(path("mbox"), message.get(), "ann@x.test"));
    std::ifstream file(path("mbox"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string one = "From ann@x.test [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} [0-9]{4}\n"
                            "Subject: x\n\n>From here\n>>From there\nFro\nFrom\n";
    EXPECT_THAT(text, MatchesRegex(one + one));
    EXPECT_TRUE(appendMbox("/dev/null", message.get(), ""));
    EXPECT_FALSE(appendMbox(folder.path(), message.get(), ""));
    EXPECT_FALSE(appendMbox(path("none/mbox"), message.get(), ""));
}

} // namespace
} // namespace twistdpp::mail
