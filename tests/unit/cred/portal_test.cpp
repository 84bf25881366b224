#include "twistdpp/cred/portal.h"

#include "twistdpp/cred/checker_maker.h"
#include "unit/cred/hand_reactor.h"
#include "unit/cred/log_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

struct Shell {
    explicit Shell(std::string name, int& open) : user(std::move(name)), open_(open) { ++open_; }
    ~Shell() { --open_; }
    std::string user;
    int& open_;
};

class Shells final : public Realm<Shell> {
public:
    int open = 0;
    Deferred<std::unique_ptr<Shell>> requestAvatar(const AvatarId& id) override {
        if (id.name() == "banned")
            return Failure(LoginFailed("no shell for you"));
        return std::make_unique<Shell>(id.isAnonymous() ? "guest" : id.name(), open);
    }
};

class KeyChecker final : public Checker {
public:
    CredentialKinds kinds() const noexcept override { return CredentialKind::sshKey; }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override {
        return AvatarId(std::string(credentials.claimedUser()));
    }
};

class PendingChecker final : public Checker {
public:
    CredentialKinds kinds() const noexcept override { return CredentialKind::password; }
    Deferred<AvatarId> requestAvatarId(const Credentials&) override { return promise.emplace().deferred(); }
    std::optional<Promise<AvatarId>> promise;
};

class PortalTest : public testing::Test {
protected:
    PortalTest() {
        auto checkers = makeCheckers(reactor_, {"memory:alice:secret:banned:secret", "anonymous"});
        checkers->add(std::make_unique<KeyChecker>());
        portal_.emplace(Authenticator(reactor_, std::move(*checkers)), realm_);
    }
    Deferred<std::unique_ptr<Shell>> login(const Credentials& credentials) {
        return portal_->login(credentials, source_);
    }
    test::LogRecorder log_;
    test::HandReactor reactor_;
    std::shared_ptr<Shells> realm_ = std::make_shared<Shells>();
    std::optional<Portal<Shell>> portal_;
    LoginSource source_{*Address::parse("192.0.2.1", 4711), "ftp"};
};

} // namespace

TEST_F(PortalTest, GivesAnAvatarWhoseEndIsTheLogout) {
    auto shell = login(UsernamePassword("alice", "secret")).take();
    ASSERT_TRUE(shell.ok());
    EXPECT_EQ(shell.value()->user, "alice");
    EXPECT_EQ(realm_->open, 1);
    shell.value().reset();
    EXPECT_EQ(realm_->open, 0);
    EXPECT_THAT(
        log_.lines, ElementsAre("cred: login accepted: user=\"alice\" client=192.0.2.1 service=ftp by=memory")
    );
    EXPECT_EQ(login(Anonymous()).take().value()->user, "guest");
    EXPECT_THAT(log_.lines.back(), HasSubstr("user=- client=192.0.2.1 service=ftp by=anonymous"));
}

TEST_F(PortalTest, AWrongPasswordIsAnsweredLater) {
    auto first = login(UsernamePassword("alice", "guess"));
    EXPECT_FALSE(first.called());
    reactor_.advance(milliseconds(500));
    EXPECT_TRUE(std::move(first).take().failure().check<UnauthorizedLogin>());
    auto second = login(UsernamePassword("alice", "guess"));
    reactor_.advance(milliseconds(999));
    EXPECT_FALSE(second.called());
    reactor_.advance(milliseconds(1));
    EXPECT_TRUE(std::move(second).take().failure().check<UnauthorizedLogin>());
    EXPECT_TRUE(login(UsernamePassword("alice", "secret")).take().ok());
    EXPECT_THAT(
        log_.lines[0], HasSubstr("login refused: user=\"alice\" client=192.0.2.1 service=ftp reason=")
    );
    EXPECT_THAT(log_.all(), Not(HasSubstr("guess")));
}

TEST_F(PortalTest, AfterTooManyEvenTheRightPasswordIsNotLookedAt) {
    for (int i = 0; i < 10; ++i) {
        auto wrong = login(UsernamePassword("alice", "guess"));
        reactor_.advance(seconds(16));
        EXPECT_TRUE(std::move(wrong).take().failure().check<UnauthorizedLogin>());
    }
    auto locked = login(UsernamePassword("alice", "secret")).take();
    ASSERT_TRUE(locked.failure().check<LoginThrottled>());
    EXPECT_GT(locked.failure().as<LoginThrottled>()->retryAfter(), std::chrono::minutes(4));
    reactor_.advance(std::chrono::minutes(5));
    EXPECT_TRUE(login(UsernamePassword("alice", "secret")).take().ok());
}

TEST_F(PortalTest, AllServicesOfAReactorShareTheThrottle) {
    Authenticator other(reactor_, std::move(*makeCheckers(reactor_, {"memory:alice:secret"})));
    for (int i = 0; i < 10; ++i) {
        auto wrong = login(UsernamePassword("alice", "guess"));
        reactor_.advance(seconds(16));
        EXPECT_FALSE(std::move(wrong).take().ok());
    }
    EXPECT_TRUE(
        other.login(UsernamePassword("alice", "secret"), source_).take().failure().check<LoginThrottled>()
    );
}

TEST_F(PortalTest, HangingUpDoesNotMakeGuessesFree) {
    for (int i = 0; i < 10; ++i) {
        auto wrong = login(UsernamePassword("alice", "guess"));
        wrong.cancel();
        EXPECT_TRUE(std::move(wrong).take().failure().check<CancelledError>());
    }
    EXPECT_TRUE(login(UsernamePassword("alice", "secret")).take().failure().check<LoginThrottled>());
}

TEST_F(PortalTest, HangingUpBeforeTheVerdictCountsToo) {
    auto checker = std::make_unique<PendingChecker>();
    PendingChecker& asked = *checker;
    CheckerSet set;
    set.add(std::move(checker));
    Authenticator slow(reactor_, std::move(set));
    for (int i = 0; i < 10; ++i) {
        auto pending = slow.login(UsernamePassword("bob", "guess"), source_);
        pending.cancel();
        EXPECT_TRUE(std::move(pending).take().failure().check<CancelledError>());
    }
    asked.promise.reset();
    EXPECT_TRUE(slow.login(UsernamePassword("bob", "guess"), source_).take().failure().check<LoginThrottled>()
    );
}

TEST_F(PortalTest, ACheckerThatCannotTellCountsForNothing) {
    auto checker = std::make_unique<PendingChecker>();
    PendingChecker& asked = *checker;
    CheckerSet set;
    set.add(std::move(checker));
    Authenticator broken(reactor_, std::move(set));
    for (int i = 0; i < 20; ++i) {
        auto pending = broken.login(UsernamePassword("bob", "guess"), source_);
        Promise<AvatarId> promise = std::move(*asked.promise);
        promise.errback(CheckerUnavailable("the disk is full"));
        EXPECT_TRUE(std::move(pending).take().failure().check<CheckerUnavailable>());
    }
    EXPECT_THAT(log_.lines.back(), HasSubstr("reason=\"the disk is full\""));
}

TEST_F(PortalTest, TheRealmMayRefuse) {
    EXPECT_EQ(login(UsernamePassword("banned", "secret")).take().failure().message(), "no shell for you");
}

TEST_F(PortalTest, AnUnhandledKindIsToldAtOnce) {
    EXPECT_TRUE(login(PreauthenticatedUid(0, 0, 1)).take().failure().check<UnhandledCredentials>());
}

TEST_F(PortalTest, AKeyWithoutASignatureIsAQuestionAndNoLogin) {
    SshPublicKey key("alice", "ssh-ed25519", "blob");
    EXPECT_TRUE(login(key).take().ok());
    EXPECT_THAT(log_.lines, IsEmpty());
    key.signature = "signed";
    EXPECT_TRUE(login(key).take().ok());
    EXPECT_EQ(log_.lines.size(), 1U);
}

TEST_F(PortalTest, NamesCannotForgeALine) {
    auto wrong = login(UsernamePassword("x\" by=file\nlogin accepted\xff\\", "guess"));
    reactor_.advance(seconds(1));
    EXPECT_FALSE(std::move(wrong).take().ok());
    EXPECT_THAT(log_.lines[0], HasSubstr(R"(user="x\" by=file\x0alogin accepted\xff\\" client=)"));
    auto longer = login(UsernamePassword(std::string(5000, 'x'), "guess"));
    reactor_.advance(seconds(1));
    EXPECT_FALSE(std::move(longer).take().ok());
    EXPECT_LT(log_.lines[1].size(), 400U);
}

TEST_F(PortalTest, MayDieWhileALoginIsPending) {
    auto wrong = login(UsernamePassword("alice", "guess"));
    portal_.reset();
    reactor_.advance(seconds(1));
    EXPECT_TRUE(std::move(wrong).take().failure().check<UnauthorizedLogin>());
}

} // namespace twistdpp
