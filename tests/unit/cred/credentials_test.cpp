#include "twistdpp/cred/credentials.h"

#include <gtest/gtest.h>
#include <type_traits>

namespace twistdpp {

static_assert(std::is_nothrow_move_constructible_v<Secret>);

TEST(Secret, KeepsBytesOfAnyValue) {
    const Secret secret(Bytes("a\0b", 3));
    EXPECT_EQ(secret.bytes(), Bytes("a\0b", 3));
    Secret copy(secret);
    const Secret moved(std::move(copy));
    EXPECT_EQ(moved.bytes(), secret.bytes());
    EXPECT_TRUE(Secret().empty());
}

TEST(Secret, WipeOverwrites) {
    char memory[] = "hunter2";
    wipe(memory, sizeof memory);
    EXPECT_EQ(Bytes(memory, sizeof memory), Bytes("\0\0\0\0\0\0\0\0", 8));
}

TEST(Secret, ComparesAllBytesAndTheLength) {
    EXPECT_TRUE(constantTimeEquals("abc", "abc"));
    EXPECT_TRUE(constantTimeEquals("", Bytes()));
    EXPECT_FALSE(constantTimeEquals("abc", "abd"));
    EXPECT_FALSE(constantTimeEquals("abc", "abc "));
    EXPECT_FALSE(constantTimeEquals(Bytes("abc\0", 4), "abc"));
}

TEST(Credentials, AreClonedWhole) {
    SshPublicKey key("alice", "ssh-ed25519", "blob");
    key.signature = "signature";
    const auto copy = key.clone();
    ASSERT_EQ(copy->kind(), CredentialKind::sshKey);
    EXPECT_EQ(static_cast<const SshPublicKey&>(*copy).signature, "signature");
    EXPECT_EQ(UsernamePassword("bob", "pw").clone()->claimedUser(), "bob");
    EXPECT_EQ(static_cast<const PreauthenticatedUid&>(*PreauthenticatedUid(7, 8, 9).clone()).gid(), 8U);
    EXPECT_EQ(Anonymous().clone()->kind(), CredentialKind::anonymous);
}

TEST(CredentialKinds, AreASet) {
    const CredentialKinds both = CredentialKind::password | CredentialKind::sshKey;
    EXPECT_TRUE(both.has(CredentialKind::sshKey));
    EXPECT_FALSE(both.has(CredentialKind::anonymous));
    EXPECT_TRUE(both.overlaps(CredentialKind::password));
    EXPECT_FALSE(both.overlaps(CredentialKind::uid));
    EXPECT_EQ(toString(both), "password, SSH key");
    EXPECT_EQ(toString(CredentialKinds()), "nothing");
}

} // namespace twistdpp
