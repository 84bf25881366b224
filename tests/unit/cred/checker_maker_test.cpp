#include "twistdpp/cred/checker_maker.h"

#include "unit/cred/hand_reactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {

using testing::HasSubstr;
using testing::Not;

class CheckerMakerTest : public testing::Test {
protected:
    std::string mistake(std::string_view text, CredentialKinds accepted = CredentialKinds::all()) {
        auto made = makeChecker(reactor_, text, accepted);
        return made ? "none" : made.error().message();
    }
    std::string login(Checker& checker, const Credentials& credentials) {
        auto outcome = checker.requestAvatarId(credentials).take();
        return outcome.ok() ? outcome.value().name() : "refused: " + outcome.failure().message();
    }
    test::HandReactor reactor_;
};

TEST_F(CheckerMakerTest, KnowsTheTypesOfTwistd) {
    std::vector<std::string> names;
    for (const CheckerMaker* maker : Registry<CheckerMaker>::all())
        names.emplace_back(maker->name);
    EXPECT_THAT(names, testing::IsSupersetOf({"anonymous", "file", "memory", "sshkey", "unix"}));
}

TEST_F(CheckerMakerTest, MemoryTakesPairsAndTheLastOfTwoForOneName) {
    auto made = makeChecker(reactor_, "memory:alice:one:bob:two:alice:three:carol:");
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(login(**made, UsernamePassword("alice", "three")), "alice");
    EXPECT_EQ(login(**made, UsernamePassword("bob", "two")), "bob");
    EXPECT_EQ(login(**made, UsernamePassword("carol", "")), "carol");
    EXPECT_THAT(login(**made, UsernamePassword("alice", "one")), HasSubstr("not accepted"));
    EXPECT_THAT(login(**made, UsernamePassword("dave", "")), HasSubstr("not accepted"));
}

TEST_F(CheckerMakerTest, AnonymousIsNoName) {
    auto made = makeChecker(reactor_, "anonymous");
    ASSERT_TRUE(made);
    auto outcome = (*made)->requestAvatarId(Anonymous()).take();
    ASSERT_TRUE(outcome.ok());
    EXPECT_TRUE(outcome.value().isAnonymous());
    EXPECT_EQ(outcome.value().attribute("checker"), "anonymous");
}

TEST_F(CheckerMakerTest, MistakesNameTheTypesAndNoSecrets) {
    EXPECT_THAT(
        mistake("ldap:secret"), HasSubstr("unknown authentication type 'ldap'; there are: anonymous, ")
    );
    EXPECT_THAT(mistake(""), HasSubstr("no authentication type is given; there are: "));
    EXPECT_EQ(mistake("anonymous:x"), "authentication type 'anonymous' takes no argument");
    EXPECT_THAT(mistake("memory:alice:hunter2:bob"), HasSubstr("memory: the list must be"));
    EXPECT_THAT(mistake("memory:alice:hunter2:bob"), Not(HasSubstr("hunter2")));
    EXPECT_THAT(mistake("memory:"), HasSubstr("name at least one user"));
    EXPECT_THAT(mistake("memory::x"), HasSubstr("name is empty"));
    EXPECT_THAT(mistake("file:"), HasSubstr("name the file"));
    EXPECT_THAT(mistake("file:/no/such/file"), HasSubstr("file: read /no/such/file: No such file"));
}

TEST_F(CheckerMakerTest, RefusesATypeThatTheServiceCannotAskFor) {
    EXPECT_THAT(
        mistake("anonymous", CredentialKind::password),
        HasSubstr("'anonymous' cannot be used here: it checks anonymous; there are: file, memory, unix")
    );
}

TEST_F(CheckerMakerTest, HelpListsWhatFits) {
    EXPECT_THAT(helpAuth(), HasSubstr("  memory       users and passwords"));
    EXPECT_THAT(helpAuth(CredentialKind::password), Not(HasSubstr("anonymous")));
    auto help = helpAuthType("file");
    ASSERT_TRUE(help);
    EXPECT_THAT(
        *help, HasSubstr("Usage: --auth file:PATH\nChecks: password, hashed password, SCRAM\n\n  One user")
    );
    EXPECT_THAT(*helpAuthType("file", CredentialKind::sshKey), HasSubstr("This service cannot use it"));
    EXPECT_THAT(helpAuthType("nis").error().message(), HasSubstr("there are: "));
}

TEST_F(CheckerMakerTest, SeveralAreAskedInTheirOrder) {
    auto set = makeCheckers(reactor_, {"memory:alice:one", "memory:alice:two:bob:three"});
    ASSERT_TRUE(set);
    EXPECT_TRUE(set->requestAvatarId(UsernamePassword("alice", "two")).take().ok());
    EXPECT_TRUE(set->requestAvatarId(UsernamePassword("bob", "three")).take().ok());
    EXPECT_TRUE(set->requestAvatarId(UsernamePassword("bob", "x")).take().failure().check<UnauthorizedLogin>()
    );
    EXPECT_TRUE(set->requestAvatarId(Anonymous()).take().failure().check<UnhandledCredentials>());
    EXPECT_FALSE(makeCheckers(reactor_, {"memory:a:b", "nis"}));
}

} // namespace twistdpp
