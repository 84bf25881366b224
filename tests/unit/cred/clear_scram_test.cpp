#include "twistdpp/cred/checkers/file.h"
#include "twistdpp/cred/scram.h"

#include "support/scratch_folder.h"
#include "unit/cred/hand_reactor.h"

#include <gtest/gtest.h>

// SCRAM by a password file.

namespace twistdpp {
namespace {

class FileScram : public testing::Test {
protected:
    FileChecker& checker(const std::string& text) {
        checker_ = std::make_unique<FileChecker>(
            PasswordFile(folder_.write("users", text)), CheckQueue::of(reactor_, Pool::cpu)
        );
        return *checker_;
    }
    ScramOffer keys(const std::string& user) {
        auto answer = checker_->scramKeys(user);
        jobs_ = reactor_.jobs.size();
        reactor_.runJobs();
        return std::move(answer).take().value();
    }
    /// Whether someone who knows `password` gets in.
    bool logsIn(const std::string& user, Bytes password) {
        ScramServer server;
        ScramClient client(user, Secret(password));
        EXPECT_TRUE(server.begin(client.begin()));
        const auto final = client.answer(server.challenge(keys(user).keys));
        const auto proof = server.finish(*final);
        auto answer = checker_->requestAvatarId(*proof);
        reactor_.runJobs();
        return std::move(answer).take().ok();
    }

    test::ScratchFolder folder_;
    test::HandReactor reactor_;
    std::unique_ptr<FileChecker> checker_;
    std::size_t jobs_ = 0;
};

TEST_F(FileScram, ByPasswordsInClearWhoseKeysAreMadeOnce) {
    checker("ann:secret\n");
    EXPECT_TRUE(logsIn("ann", "secret"));
    EXPECT_FALSE(logsIn("ann", "guess"));
    EXPECT_FALSE(logsIn("bob", "secret"));
    EXPECT_TRUE(keys("ann").known);
    EXPECT_EQ(jobs_, 0U) << "they are kept";
}

TEST_F(FileScram, WhoIsNotThereCostsTheSame) {
    checker("ann:secret\n");
    EXPECT_TRUE(keys("ann").known);
    EXPECT_EQ(jobs_, 1U);
    const ScramOffer nobody = keys("bob");
    EXPECT_FALSE(nobody.known);
    EXPECT_EQ(jobs_, 1U);
    EXPECT_EQ(keys("bob").keys.salt, nobody.keys.salt);
    EXPECT_EQ(jobs_, 0U);
    EXPECT_EQ(nobody.keys.rounds, keys("ann").keys.rounds);
}

TEST_F(FileScram, ANewPasswordCountsAtOnce) {
    checker("ann:secret\n");
    EXPECT_TRUE(logsIn("ann", "secret"));
    folder_.write("users", "ann:changed\n");
    EXPECT_FALSE(logsIn("ann", "secret"));
    EXPECT_TRUE(logsIn("ann", "changed"));
}

TEST_F(FileScram, ByKeysThatTheFileHas) {
    checker("ann:" + *hashPassword("secret", "{SCRAM-SHA-256}") + "\n");
    EXPECT_TRUE(logsIn("ann", "secret"));
    EXPECT_EQ(keys("bob").keys.rounds, keys("ann").keys.rounds);
    EXPECT_EQ(jobs_, 0U);
}

TEST_F(FileScram, IsOfferedWhenAllUsersCan) {
    const std::string hashed = "bob:{PBKDF2-SHA256}1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw\n";
    const std::string keyed = "cat:" + *hashPassword("x", "{SCRAM-SHA-256}") + "\n";
    const CredentialKinds password = CredentialKind::password;
    EXPECT_EQ(
        checker("ann:secret\n").offered(), password | CredentialKind::hashedPassword | CredentialKind::scram
    );
    EXPECT_EQ(checker("ann:secret\n" + keyed).offered(), password | CredentialKind::scram);
    EXPECT_EQ(checker("ann:secret\n" + hashed).offered(), password);
}

} // namespace
} // namespace twistdpp
