#include "twistdpp/dns_wire/digest.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/rdata_encoding.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

std::string hmac(Hash hash, Bytes key, Bytes a, Bytes b = {}) {
    Hmac made(hash, key);
    made.add(a);
    made.add(b);
    return toHex(made.finish().bytes());
}

// RFC 4231 section 4.3 and RFC 2202 section 3, test case 2.
TEST(Digest, HmacVectors) {
    const Bytes key = "Jefe", first = "what do ya want ", second = "for nothing?";
    EXPECT_EQ(hmac(Hash::sha1, key, first, second), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(
        hmac(Hash::sha224, key, first, second), "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"
    );
    EXPECT_EQ(
        hmac(Hash::sha256, key, first, second),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    EXPECT_EQ(
        hmac(Hash::sha384, key, first, second),
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
    );
    EXPECT_EQ(
        hmac(Hash::sha512, key, first, second), "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea25"
                                                "05549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b"
                                                "636e070a38bce737"
    );
    EXPECT_NE(hmac(Hash::sha256, "", "x"), hmac(Hash::sha256, "k", "x"));
    EXPECT_EQ(
        hmac(
            Hash::sha256, std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"
        ),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
}

TEST(Digest, HashVectors) {
    EXPECT_EQ(toHex(digest(Hash::sha1, "abc").bytes()), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(
        toHex(digest(Hash::sha256, "abc").bytes()),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    for (const Hash hash : {Hash::sha1, Hash::sha224, Hash::sha256, Hash::sha384, Hash::sha512})
        EXPECT_EQ(digest(hash, "").size(), digestSize(hash));
}

// RFC 5155 appendix A: the salt aabbccdd and 12 iterations.
TEST(Digest, Nsec3VectorsOfRfc5155) {
    const std::pair<Bytes, Bytes> cases[] = {
        {"example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
        {"a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
        {"ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
        {"*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
        {"x.y.w.example.", "2vptu5timamqttgl4luu9kg21e0aor3s"},
    };
    for (const auto& [text, expected] : cases) {
        std::array<char, 20> hash;
        nsec3Hash(Name::parse(text)->wire(), "\xaa\xbb\xcc\xdd", 12, hash);
        std::string shown;
        appendBase32Hex({hash.data(), hash.size()}, shown);
        EXPECT_EQ(shown, expected) << text;
    }
}

TEST(Digest, Nsec3WithoutSaltIsPlainSha1) {
    const Name name = *Name::parse("example.");
    std::array<char, 20> hash;
    nsec3Hash(name, "", 0, hash);
    EXPECT_EQ(Bytes(hash.data(), hash.size()), digest(Hash::sha1, name.wire()).bytes());
    nsec3Hash(std::string(255, 'x'), std::string(255, 'y'), 1, hash);
    const Digest once = digest(Hash::sha1, std::string(255, 'x') + std::string(255, 'y'));
    EXPECT_EQ(
        Bytes(hash.data(), hash.size()),
        digest(Hash::sha1, std::string(once.bytes()) + std::string(255, 'y')).bytes()
    );
}

TEST(Digest, Compares) {
    EXPECT_TRUE(equalInConstantTime("abc", "abc"));
    EXPECT_TRUE(equalInConstantTime("", ""));
    EXPECT_FALSE(equalInConstantTime("abc", "abd"));
    EXPECT_FALSE(equalInConstantTime("abc", "ab"));
}

TEST(Digest, RandomBytesDiffer) {
    std::array<char, 16> a, b;
    randomBytes(a);
    randomBytes(b);
    EXPECT_NE(a, b);
}

TEST(Digest, Wipes) {
    std::string secret = "a secret that is longer than a short string";
    const char* memory = secret.data();
    wipe(secret);
    EXPECT_TRUE(secret.empty());
    EXPECT_EQ(memory[2], '\0');
}

} // namespace
} // namespace twistdpp::dns
