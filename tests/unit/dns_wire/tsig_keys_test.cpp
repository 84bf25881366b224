#include "twistdpp/dns_wire/tsig_keys.h"

#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::dns {
namespace {

constexpr Bytes kSecret = "c2VjcmV0LXNlY3JldA==";

std::string problem(Bytes text) {
    const auto keys = TsigKeys::parse(text, "keys");
    if (keys)
        return "none";
    EXPECT_EQ(keys.error().message().find("c2Vj"), std::string::npos)
        << "shows a secret: " << keys.error().message();
    return keys.error().message();
}

TEST(TsigKeys, ReadsWhatTsigKeygenWrites) {
    const auto keys = TsigKeys::parse(
        "key \"Transfer.Key\" {\n\talgorithm hmac-sha256;\n\tsecret \"c2VjcmV0LXNlY3JldA==\";\n};\n", "keys"
    );
    ASSERT_TRUE(keys.ok()) << keys.error().message();
    const TsigKey* key = keys->find(*Name::parse("transfer.key."));
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(key->secret, "secret-secret");
    EXPECT_EQ(key->hash, Hash::sha256);
    EXPECT_EQ(key->macSize, 32U);
    EXPECT_EQ(keys->find(*Name::parse("other.")), nullptr);
}

TEST(TsigKeys, SeveralWithComments) {
    const auto keys = TsigKeys::parse(
        "# one\nkey a { secret c2VjcmV0LXNlY3JldA==; algorithm HMAC-SHA512; }; // two\n"
        "/* three\n lines */ key b.c. { algorithm hmac-sha1.; secret \"c2VjcmV0LXNlY3JldA==\" ; } ;\n"
        "key d{algorithm \"hmac-sha256-128\";secret \"c2VjcmV0LXNlY3JldA==\";};",
        "keys"
    );
    ASSERT_TRUE(keys.ok()) << keys.error().message();
    EXPECT_EQ(keys->size(), 3U);
    EXPECT_EQ(keys->find(*Name::parse("a"))->hash, Hash::sha512);
    EXPECT_EQ(keys->find(*Name::parse("B.C"))->hash, Hash::sha1);
    EXPECT_EQ(keys->find(*Name::parse("d"))->macSize, 16U);
}

TEST(TsigKeys, Mistakes) {
    const std::string body = " { algorithm hmac-sha256; secret \"" + std::string(kSecret) + "\"; };";
    EXPECT_EQ(problem(""), "keys: has no key");
    EXPECT_EQ(problem("# nothing\n"), "keys: has no key");
    EXPECT_EQ(problem("key \"a..b\"" + body), "keys:1: the name 'a..b' has an empty label");
    EXPECT_EQ(problem("\n\nkey a" + body + "\nkey A" + body), "keys:4: the key 'A.' stands there twice");
    EXPECT_EQ(problem("key a { algorithm hmac-sha256; };"), "keys:1: the key 'a.' has no secret");
    EXPECT_EQ(
        problem("key a { secret \"c2VjcmV0LXNlY3JldA==\"; };"), "keys:1: the key 'a.' has no algorithm"
    );
    EXPECT_EQ(
        problem("key a {\n algorithm hmac-sha256;\n secret \"c2Vj*\";\n};"),
        "keys:3: the secret of the key 'a.' is not base64"
    );
    EXPECT_NE(
        problem("key a { algorithm hmac-md5; secret \"c2Vj\"; };").find("unknown algorithm"),
        std::string::npos
    );
    for (const Bytes text :
         {"key a { algorithm hmac-sha256-64; secret \"c2Vj\"; };",
          "key a { algorithm hmac-sha256-264; secret \"c2Vj\"; };",
          "key a { algorithm hmac-sha256x; secret \"c2Vj\"; };",
          "key a { algorithm c2VjcmV0; secret \"c2Vj\"; };"})
        EXPECT_NE(problem(text).find("unknown algorithm"), std::string::npos) << text;
    for (const Bytes text :
         {"key", "key a", "key a {", "key a { secret", "key a { secret \"c2Vj",
          "key a { algorithm hmac-sha256; secret c2Vj }", "key a { algorithm hmac-sha256; secret c2Vj; }",
          "zone a { };", "key a { c2Vj; };", "key a { secret c2Vj; secret c2Vj; };",
          "key a { algorithm hmac-sha256 secret c2Vj; };", "/* open", "c2VjcmV0", "key a \"c2Vj\" {};",
          "key { algorithm hmac-sha256; };"})
        EXPECT_NE(problem(text), "none") << text;
}

TEST(TsigKeys, OnlyItsOwnerMayHaveAccessToTheFile) {
    char path[] = "/tmp/tsig_keys_XXXXXX";
    const int file = ::mkstemp(path);
    ASSERT_GE(file, 0);
    const Bytes text = "key a { algorithm hmac-sha256; secret c2VjcmV0LXNlY3JldA==; };";
    ASSERT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_TRUE(TsigKeys::readFile(path).ok());
    for (const mode_t mode : {0640U, 0604U, 0620U, 0644U}) {
        ASSERT_EQ(::fchmod(file, mode), 0);
        const auto keys = TsigKeys::readFile(path);
        ASSERT_FALSE(keys.ok()) << mode;
        EXPECT_NE(keys.error().message().find("chmod 600"), std::string::npos);
    }
    ::close(file);
    ::unlink(path);
    EXPECT_FALSE(TsigKeys::readFile(path).ok());
    EXPECT_FALSE(TsigKeys::readFile("/").ok());
}

} // namespace
} // namespace twistdpp::dns
