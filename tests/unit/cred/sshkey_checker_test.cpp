#include "twistdpp/cred/checkers/sshkey.h"

#include "support/scratch_folder.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/cred/trusted_file.h"
#include "unit/cred/hand_reactor.h"
#include "unit/cred/log_recorder.h"
#include "unit/cred/ssh_blob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace twistdpp {

using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::string mistake(std::string_view pattern) {
    const auto parsed = KeyFilePattern::parse(pattern);
    return parsed ? "none" : parsed.error().message();
}
std::optional<std::string>
expand(std::string_view pattern, const std::string& user, const std::string& home) {
    return KeyFilePattern::parse(pattern)->expand(user, home);
}

class OneAccount final : public UnixAccounts {
public:
    UnixAccount alice;
    std::optional<UnixAccount> byName(const std::string& name) const override {
        return name == alice.name ? std::optional(alice) : std::nullopt;
    }
    std::optional<UnixAccount> byUid(unsigned) const override { return std::nullopt; }
};

class SshKeyCheckerTest : public testing::Test {
protected:
    SshKeyCheckerTest() {
        accounts_->alice.name = "alice";
        accounts_->alice.uid = ::geteuid();
        accounts_->alice.home = folder_.path();
    }
    std::string login(SshPublicKey offered) {
        std::vector<KeyFilePattern> patterns{*KeyFilePattern::parse(".ssh/authorized_keys")};
        SshKeyChecker checker(std::move(patterns), accounts_, CheckQueue::of(reactor_, Pool::io), [] {
            return std::time_t{1000};
        });
        Deferred<AvatarId> answer = checker.requestAvatarId(offered);
        reactor_.runJobs();
        last_ = std::move(answer).take();
        return last_->ok() ? last_->value().name() : "no";
    }
    static SshPublicKey key(const std::string& user, const std::string& rest) {
        return SshPublicKey(user, "ssh-ed25519", test::sshBlob("ssh-ed25519", rest));
    }
    static std::string line(const std::string& rest) {
        return "ssh-ed25519 " + toBase64(test::sshBlob("ssh-ed25519", rest)) + "\n";
    }
    test::ScratchFolder folder_;
    test::LogRecorder log_;
    test::HandReactor reactor_;
    std::shared_ptr<OneAccount> accounts_ = std::make_shared<OneAccount>();
    std::optional<Outcome<AvatarId>> last_;
};

} // namespace

TEST(KeyFilePattern, PutsNameAndHomeIn) {
    EXPECT_EQ(expand(".ssh/keys", "alice", "/home/alice"), "/home/alice/.ssh/keys");
    EXPECT_EQ(expand("{home}/k", "alice", "/home/alice"), "/home/alice/k");
    EXPECT_EQ(expand("%h/%u%%", "alice", "/home/alice"), "/home/alice/alice%");
    EXPECT_EQ(expand("/etc/keys/{user}.pub", "alice", ""), "/etc/keys/alice.pub");
    EXPECT_EQ(expand("/etc/keys", "alice", ""), "/etc/keys/alice") << "a folder with a file for each user";
}

TEST(KeyFilePattern, LeadsNowhereElse) {
    for (const char* user : {"", ".", "..", "../root", "a/b"})
        EXPECT_FALSE(expand("/etc/keys/{user}", user, "/home/alice")) << user;
    EXPECT_FALSE(expand("/etc/keys/{user}", std::string("a\0b", 3), "/home/alice"));
    EXPECT_FALSE(expand(".ssh/keys", "alice", ""));
    EXPECT_FALSE(expand("{home}/keys", "alice", ""));
    EXPECT_FALSE(expand("{home}/keys", "alice", "relative"));
}

TEST(KeyFilePattern, MistakesAreNamed) {
    EXPECT_THAT(mistake("/etc/%x"), HasSubstr("'%x' in '/etc/%x' is no placeholder; there are {user}"));
    EXPECT_THAT(mistake("/etc/{name}"), HasSubstr("no placeholder"));
    EXPECT_THAT(mistake("/etc/100%"), HasSubstr("no placeholder"));
    EXPECT_THAT(mistake(""), HasSubstr("empty"));
}

TEST_F(SshKeyCheckerTest, AcceptsAListedKeyAndTellsItsOptions) {
    folder_.write(".ssh/authorized_keys", line("other") + "no-pty,command=\"date\" " + line("mine"));
    EXPECT_EQ(login(key("alice", "mine")), "alice");
    const AvatarId& id = last_->value();
    EXPECT_EQ(id.attribute("option:command"), "date");
    EXPECT_EQ(id.attribute("option:no-pty"), "");
    EXPECT_EQ(id.attribute("home"), folder_.path());
    EXPECT_EQ(id.attribute("key"), folder_.path() + "/.ssh/authorized_keys:2");
    EXPECT_EQ(login(key("alice", "unknown")), "no");
    EXPECT_EQ(login(key("mallory", "mine")), "no");
    EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(SshKeyCheckerTest, AMissingFileIsAQuietNo) {
    EXPECT_EQ(login(key("alice", "mine")), "no");
    EXPECT_TRUE(last_->failure().check<UnauthorizedLogin>());
    EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(SshKeyCheckerTest, HoldsAKeyToItsAddressesAndTime) {
    folder_.write(
        ".ssh/authorized_keys",
        "from=\"192.0.2.*\" " + line("here") + "expiry-time=\"19700101Z\" " + line("old")
    );
    SshPublicKey here = key("alice", "here");
    EXPECT_EQ(login(here), "no") << "the peer is not known";
    here.peer = *Address::parse("192.0.2.9", 1);
    EXPECT_EQ(login(here), "alice");
    EXPECT_EQ(login(key("alice", "old")), "no");
}

TEST_F(SshKeyCheckerTest, UsesNoFileThatOthersCouldHaveWritten) {
    const std::string path = folder_.write(".ssh/authorized_keys", line("mine"), 0660);
    EXPECT_EQ(login(key("alice", "mine")), "no");
    EXPECT_THAT(log_.all(), HasSubstr(path + ": others than its owner can write it"));
    ::chmod(path.c_str(), 0644);
    EXPECT_EQ(login(key("alice", "mine")), "alice");
    ::chmod((folder_.path() + "/.ssh").c_str(), 0777);
    EXPECT_EQ(login(key("alice", "mine")), "no");
    EXPECT_THAT(log_.all(), HasSubstr("/.ssh: others than its owner"));
}

TEST_F(SshKeyCheckerTest, RefusesAnExpiredAccount) {
    folder_.write(".ssh/authorized_keys", line("mine"));
    accounts_->alice.expired = true;
    EXPECT_EQ(login(key("alice", "mine")), "no");
}

TEST(TrustedFile, IsNotReadThroughALinkToAnUntrustedPlace) {
    const test::ScratchFolder folder;
    folder.write("open/keys", "x");
    folder.write("home/other", "x");
    ::chmod((folder.path() + "/open").c_str(), 0777);
    std::filesystem::create_symlink(folder.path() + "/open/keys", folder.path() + "/home/keys");
    const std::string home = folder.path() + "/home";
    EXPECT_EQ(*readTrustedFile(home + "/other", ::geteuid(), home, 10), "x");
    EXPECT_THAT(
        readTrustedFile(home + "/keys", ::geteuid(), home, 10).error().message(), HasSubstr("/open: others")
    );
}

TEST(TrustedFile, HasLimits) {
    const test::ScratchFolder folder;
    const std::string file = folder.write("keys", "0123456789");
    EXPECT_THAT(
        readTrustedFile(file, ::geteuid(), folder.path(), 9).error().message(),
        HasSubstr("larger than 9 bytes")
    );
    EXPECT_EQ(
        readTrustedFile(folder.path() + "/none", 0, folder.path(), 9).error().code(),
        std::errc::no_such_file_or_directory
    );
    EXPECT_THAT(
        readTrustedFile(folder.path(), 0, folder.path(), 9).error().message(), HasSubstr("not a regular file")
    );
}

} // namespace twistdpp
