#include "twistdpp/cred/checkers/file.h"
#include "twistdpp/cred/checkers/unix.h"

#include "support/scratch_folder.h"
#include "unit/cred/hand_reactor.h"
#include "unit/cred/log_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {

namespace {

// "passwd", at a cost that a test can afford.
const std::string kHashed = "{PBKDF2-SHA256}1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw";

class PasswordCheckersTest : public testing::Test {
protected:
    std::unique_ptr<Checker> fileChecker(const std::string& text) {
        return std::make_unique<FileChecker>(
            PasswordFile(folder_.write("users", text)), CheckQueue::of(reactor_, Pool::cpu)
        );
    }
    std::string login(Checker& checker, const Credentials& credentials) {
        Deferred<AvatarId> answer = checker.requestAvatarId(credentials);
        jobs_ = reactor_.jobs.size();
        reactor_.runJobs();
        last_ = std::move(answer).take();
        return last_->ok() ? last_->value().name() : "no";
    }
    test::ScratchFolder folder_;
    test::LogRecorder log_;
    test::HandReactor reactor_;
    std::size_t jobs_ = 0; // that the last login gave to threads
    std::optional<Outcome<AvatarId>> last_;
};

class Proof final : public UsernameHashedPassword {
public:
    Proof(std::string user, std::string password)
        : UsernameHashedPassword(std::move(user)), password_(std::move(password)) {}
    bool checkPassword(Bytes password) const override { return password == password_; }
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<Proof>(*this); }

private:
    std::string password_;
};

} // namespace

TEST_F(PasswordCheckersTest, FileChecksHashesOnThreadsAndTextAtOnce) {
    const auto checker = fileChecker("alice:" + kHashed + "\nbob:text\n");
    EXPECT_EQ(login(*checker, UsernamePassword("alice", "passwd")), "alice");
    EXPECT_EQ(last_->value().attribute("checker"), "file");
    EXPECT_EQ(jobs_, 1U);
    EXPECT_EQ(login(*checker, UsernamePassword("alice", "wrong")), "no");
    EXPECT_TRUE(last_->failure().check<UnauthorizedLogin>());
    EXPECT_EQ(login(*checker, UsernamePassword("bob", "text")), "bob");
    EXPECT_EQ(jobs_, 0U);
    EXPECT_EQ(login(*checker, UsernamePassword("bob", "texts")), "no");
}

TEST_F(PasswordCheckersTest, FileWorksAsHardForAnUnknownUser) {
    const auto checker = fileChecker("alice:" + kHashed + "\n");
    EXPECT_EQ(login(*checker, UsernamePassword("mallory", "passwd")), "no")
        << "the decoy's own password opens nothing";
    EXPECT_EQ(jobs_, 1U);
}

TEST_F(PasswordCheckersTest, FileChecksProofsOnlyOfTextPasswords) {
    const auto checker = fileChecker("alice:" + kHashed + "\nbob:text\n");
    EXPECT_EQ(login(*checker, Proof("bob", "text")), "bob");
    EXPECT_EQ(login(*checker, Proof("bob", "test")), "no");
    EXPECT_EQ(login(*checker, Proof("alice", "")), "no");
    EXPECT_EQ(login(*checker, Proof("mallory", "")), "no");
}

TEST_F(PasswordCheckersTest, FileThatIsGoneIsNoVerdict) {
    const auto checker = fileChecker("bob:text\n");
    std::filesystem::remove(folder_.path() + "/users");
    EXPECT_EQ(login(*checker, UsernamePassword("bob", "text")), "no");
    EXPECT_TRUE(last_->failure().check<CheckerUnavailable>());
}

TEST_F(PasswordCheckersTest, CheckerMayDieBeforeTheHashIsDone) {
    auto checker = fileChecker("alice:" + kHashed + "\n");
    Deferred<AvatarId> answer = checker->requestAvatarId(UsernamePassword("alice", "passwd"));
    checker.reset();
    reactor_.runJobs();
    EXPECT_TRUE(std::move(answer).take().ok());
}

namespace {

class FakeAccounts final : public UnixAccounts {
public:
    std::vector<UnixAccount> accounts;
    std::optional<UnixAccount> byName(const std::string& name) const override {
        for (const UnixAccount& account : accounts) {
            if (account.name == name)
                return account;
        }
        return std::nullopt;
    }
    std::optional<UnixAccount> byUid(unsigned uid) const override {
        for (const UnixAccount& account : accounts) {
            if (account.uid == uid)
                return account;
        }
        return std::nullopt;
    }
};

class UnixCheckerTest : public PasswordCheckersTest {
protected:
    UnixCheckerTest() {
        UnixAccount alice;
        alice.name = "alice";
        alice.uid = 1001;
        alice.gid = 100;
        alice.home = "/home/alice";
        alice.shell = "/bin/sh";
        alice.passwordHash = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"; // "U*U"
        accounts_->accounts.push_back(alice);
    }
    UnixAccount& alice() { return accounts_->accounts.front(); }
    std::shared_ptr<FakeAccounts> accounts_ = std::make_shared<FakeAccounts>();
    UnixChecker checker_{accounts_, CheckQueue::of(reactor_, Pool::cpu)};
};

} // namespace

TEST_F(UnixCheckerTest, AcceptsTheSystemsPasswordAndTellsOfTheUser) {
    EXPECT_EQ(login(checker_, UsernamePassword("alice", "U*U")), "alice");
    EXPECT_EQ(last_->value().attribute("uid"), "1001");
    EXPECT_EQ(last_->value().attribute("gid"), "100");
    EXPECT_EQ(last_->value().attribute("home"), "/home/alice");
    EXPECT_EQ(last_->value().attribute("shell"), "/bin/sh");
    EXPECT_EQ(login(checker_, UsernamePassword("alice", "u*u")), "no");
    EXPECT_EQ(login(checker_, UsernamePassword("mallory", "U*U")), "no");
}

TEST_F(UnixCheckerTest, RefusesLockedExpiredAndPasswordlessAccounts) {
    const std::string good = alice().passwordHash;
    for (const std::string& hash : {std::string("!" + good), std::string("*"), std::string()}) {
        alice().passwordHash = hash;
        EXPECT_EQ(login(checker_, UsernamePassword("alice", "U*U")), "no");
        EXPECT_EQ(login(checker_, UsernamePassword("alice", hash)), "no");
    }
    alice().passwordHash = good;
    alice().expired = true;
    EXPECT_EQ(login(checker_, UsernamePassword("alice", "U*U")), "no");
}

TEST_F(UnixCheckerTest, NamesTheUserOfALocalProcess) {
    EXPECT_EQ(login(checker_, PreauthenticatedUid(1001, 5, 1)), "alice");
    EXPECT_EQ(login(checker_, PreauthenticatedUid(1002, 5, 1)), "no");
}

TEST(SystemAccounts, KnowRootAndNobodyElseByThatNumber) {
    const auto root = systemAccounts()->byUid(0);
    ASSERT_TRUE(root);
    EXPECT_EQ(root->name, "root");
    EXPECT_EQ(systemAccounts()->byName("root")->uid, 0U);
    EXPECT_FALSE(systemAccounts()->byName(std::string("root\0x", 6)));
    EXPECT_FALSE(systemAccounts()->byName(""));
}

} // namespace twistdpp
