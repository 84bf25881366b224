#include "twistdpp/cred/checker_set.h"

#include "twistdpp/defer/promise.h"

#include <gtest/gtest.h>

namespace twistdpp {

namespace {

// Answers when and what the test says.
class SlowChecker final : public Checker {
public:
    explicit SlowChecker(std::vector<Promise<AvatarId>>& asked, CredentialKinds kinds)
        : asked_(asked), kinds_(kinds) {}
    CredentialKinds kinds() const noexcept override { return kinds_; }
    Deferred<AvatarId> requestAvatarId(const Credentials&) override {
        return asked_.emplace_back().deferred();
    }

private:
    std::vector<Promise<AvatarId>>& asked_;
    CredentialKinds kinds_;
};

class CheckerSetTest : public testing::Test {
protected:
    CheckerSetTest() {
        set_.add(std::make_unique<SlowChecker>(first_, CredentialKind::password));
        set_.add(std::make_unique<SlowChecker>(keys_, CredentialKind::sshKey));
        set_.add(std::make_unique<SlowChecker>(second_, CredentialKind::password));
    }
    std::vector<Promise<AvatarId>> first_, keys_, second_;
    CheckerSet set_;
    UsernamePassword alice_{"alice", "secret"};
};

TEST_F(CheckerSetTest, AsksTheNextOnlyAfterANo) {
    Deferred<AvatarId> answer = set_.requestAvatarId(alice_);
    EXPECT_TRUE(second_.empty());
    first_[0].errback(UnauthorizedLogin());
    ASSERT_EQ(second_.size(), 1U);
    EXPECT_TRUE(keys_.empty());
    second_[0].callback(AvatarId("alice"));
    EXPECT_EQ(std::move(answer).take().value().name(), "alice");
}

TEST_F(CheckerSetTest, AYesBehindOneThatCannotTellIsAYes) {
    Deferred<AvatarId> answer = set_.requestAvatarId(alice_);
    first_[0].errback(CheckerUnavailable("disk"));
    second_[0].callback(AvatarId("alice"));
    EXPECT_TRUE(std::move(answer).take().ok());
}

TEST_F(CheckerSetTest, ANoBehindOneThatCannotTellIsNoAnswer) {
    Deferred<AvatarId> answer = set_.requestAvatarId(alice_);
    first_[0].errback(CheckerUnavailable("disk"));
    second_[0].errback(UnauthorizedLogin());
    EXPECT_TRUE(std::move(answer).take().failure().check<CheckerUnavailable>());
}

TEST_F(CheckerSetTest, MayDieWhileAnAnswerIsPending) {
    Deferred<AvatarId> answer = set_.requestAvatarId(alice_);
    set_ = CheckerSet();
    first_[0].errback(UnauthorizedLogin());
    second_[0].callback(AvatarId("alice"));
    EXPECT_TRUE(std::move(answer).take().ok());
}

TEST_F(CheckerSetTest, CancellingAsksNobodyElse) {
    Deferred<AvatarId> answer = set_.requestAvatarId(alice_);
    answer.cancel();
    EXPECT_TRUE(std::move(answer).take().failure().check<CancelledError>());
    EXPECT_TRUE(second_.empty());
}

} // namespace

} // namespace twistdpp
