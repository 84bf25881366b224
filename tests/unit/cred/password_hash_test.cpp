#include "twistdpp/cred/password_hash.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace {

PasswordHash parsed(Bytes text) {
    auto hash = PasswordHash::parse(text);
    EXPECT_TRUE(hash) << hash.error().message();
    return hash ? *hash : PasswordHash::decoy();
}
std::string mistake(Bytes text) {
    const auto hash = PasswordHash::parse(text);
    return hash ? "none" : hash.error().message();
}

} // namespace

TEST(PasswordHash, TextIsThePasswordItself) {
    EXPECT_TRUE(parsed("secret").matches("secret"));
    EXPECT_FALSE(parsed("secret").matches("Secret"));
    EXPECT_EQ(parsed("secret").plainText(), "secret");
    // Not every '$' or '{' begins a hash.
    EXPECT_TRUE(parsed("$ecret").matches("$ecret"));
    EXPECT_TRUE(parsed("$$x$").matches("$$x$"));
    EXPECT_TRUE(parsed("{cat}").matches("{cat}"));
    EXPECT_TRUE(parsed("{PLAIN}$6$x$y").matches("$6$x$y"));
}

// Made by other programs: mkpasswd, openssl passwd, htpasswd -B, and the examples of sha-crypt's
// specification.
TEST(PasswordHash, ReadsWhatOthersMake) {
    const PasswordHash sha512 = parsed(
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
    );
    EXPECT_TRUE(sha512.matches("Hello world!"));
    EXPECT_FALSE(sha512.matches("Hello world"));
    EXPECT_EQ(sha512.kind(), "$6$");
    const PasswordHash sha256Rounds =
        parsed("$5$rounds=10000$saltstringsaltst$3xv.VbSCBX41eDL9L3voZedOdGRQbYbYpzM2xUOXuZC");
    EXPECT_EQ(sha256Rounds.form(), PasswordHash::Form::crypt);
    EXPECT_EQ(sha256Rounds.kind(), "$5$rounds=10000$");
    const PasswordHash bcrypt = parsed("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
    EXPECT_TRUE(bcrypt.matches("U*U"));
    EXPECT_EQ(bcrypt.kind(), "$2b$05$");
}

// RFC 7677 section 3: user "user", password "pencil".
TEST(PasswordHash, ScramKeysOfTheSpecification) {
    const std::string salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
    const PasswordHash scram = parsed(
        "{SCRAM-SHA-256}4096," + salt +
        ",WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,"
        "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    );
    EXPECT_TRUE(scram.matches("pencil"));
    EXPECT_FALSE(scram.matches("pencils"));
    EXPECT_EQ(scram.kind(), "{SCRAM-SHA-256}4096");
}

// RFC 7914 section 11, first test vector, cut to 32 bytes.
TEST(PasswordHash, Pbkdf2OfTheSpecification) {
    EXPECT_EQ(
        toHex(pbkdf2Sha256("passwd", "salt", 1)),
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    );
    const PasswordHash hash = parsed("{PBKDF2-SHA256}1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw");
    EXPECT_TRUE(hash.matches("passwd"));
    EXPECT_FALSE(hash.matches("passwt"));
}

TEST(PasswordHash, MistakesAreNamedAndSecretsAreNot) {
    EXPECT_THAT(
        mistake("$zz9$abcdefgh$secretsecretsecretsecret"), HasSubstr("does not know a hash of the form $zz9$")
    );
    EXPECT_THAT(mistake("$zz9$abcdefgh$secretsecretsecretsecret"), Not(HasSubstr("secret")));
    EXPECT_THAT(mistake("$6$salt"), HasSubstr("cut short"));
    EXPECT_THAT(mistake("{SSHA}abc"), HasSubstr("the form {SSHA} is not known; there are $y$"));
    EXPECT_THAT(mistake("{PBKDF2-SHA256}0$c2FsdA$AAAA"), HasSubstr("must be ROUNDS$SALT$DIGEST"));
    EXPECT_THAT(
        mistake("{PBKDF2-SHA256}99999999$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw"),
        HasSubstr("at most 10000000")
    );
    EXPECT_THAT(mistake("{SCRAM-SHA-256}4096,x"), HasSubstr("must be ROUNDS,SALT,STOREDKEY,SERVERKEY"));
}

TEST(PasswordHash, WhatCryptWouldCutMatchesNothing) {
    const PasswordHash bcrypt = parsed("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
    EXPECT_FALSE(bcrypt.matches(Bytes("U*U\0x", 5)));
    EXPECT_FALSE(bcrypt.matches(std::string(600, 'x')));
}

TEST(PasswordHash, ADecoyMatchesNothing) {
    EXPECT_FALSE(PasswordHash::decoy().matches(""));
    EXPECT_FALSE(PasswordHash::decoy().matches("secret"));
}

TEST(HashPassword, MakesWhatParseReads) {
    for (const char* form : {"", "$y$", "$6$", "$5$", "$2b$", "{PBKDF2-SHA256}", "{SCRAM-SHA-256}"}) {
        SCOPED_TRACE(form);
        const auto text = hashPassword("correct horse", form);
        ASSERT_TRUE(text) << text.error().message();
        EXPECT_THAT(*text, StartsWith(form));
        EXPECT_EQ(text->find(':'), std::string::npos);
        EXPECT_TRUE(parsed(*text).matches("correct horse"));
        EXPECT_FALSE(parsed(*text).matches("wrong horse"));
    }
    EXPECT_EQ(parsed(*hashPassword("x", "$2b$")).kind(), "$2b$10$");
    EXPECT_EQ(parsed(*hashPassword("x", "$6$")).kind(), "$6$rounds=100000$");
    EXPECT_NE(*hashPassword("x", "{PBKDF2-SHA256}"), *hashPassword("x", "{PBKDF2-SHA256}"));
}

TEST(HashPassword, RefusesWhatWouldBeWeakerThanItLooks) {
    EXPECT_THAT(hashPassword("").error().message(), HasSubstr("empty"));
    EXPECT_THAT(hashPassword(std::string(513, 'x')).error().message(), HasSubstr("longer than 512"));
    EXPECT_THAT(hashPassword(std::string(73, 'x'), "$2b$").error().message(), HasSubstr("first 72 bytes"));
    EXPECT_THAT(hashPassword(Bytes("a\0b", 3), "$6$").error().message(), HasSubstr("NUL"));
    EXPECT_THAT(hashPassword("x", "md5").error().message(), HasSubstr("no form of a hash"));
    EXPECT_THAT(hashPassword("x", "$zz9$").error().message(), HasSubstr("cannot make"));
}

} // namespace twistdpp
