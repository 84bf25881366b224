#include "twistdpp/cred/scram.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/cred/password_hash.h"

#include <gtest/gtest.h>

namespace twistdpp {
namespace {

// The example of RFC 7677 section 3: user "user", password "pencil".
constexpr Bytes kFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr Bytes kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr Bytes kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr Bytes kFinal = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                         "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr Bytes kVerdict = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramKeys keysOf(Bytes password) {
    const std::string salt = *fromBase64("W22ZaJ0SNY7soEsUEjb6gQ==");
    const std::string salted = pbkdf2Sha256(password, salt, 4096);
    return {4096, salt, sha256(hmacSha256(salted, "Client Key")), hmacSha256(salted, "Server Key")};
}

TEST(Scram, TheExampleOfTheStandard) {
    ScramServer server;
    const auto user = server.begin(kFirst, std::string(kServerNonce));
    ASSERT_TRUE(user);
    EXPECT_EQ(*user, "user");
    EXPECT_EQ(server.challenge(keysOf("pencil")), kServerFirst);
    const auto proof = server.finish(kFinal);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(proof->matches(keysOf("pencil")));
    EXPECT_FALSE(proof->matches(keysOf("pencils")));
    EXPECT_EQ(server.verdict(), kVerdict);
}

TEST(Scram, FirstMessagesThatAreRefused) {
    for (const Bytes bad : {
             Bytes("p=tls-unique,,n=user,r=x"),
             Bytes("n,a=other,n=user,r=x"),
             Bytes("n,,n=,r=x"),
             Bytes("n,,r=x,n=user"),
             Bytes("n,,m=ext,n=user,r=x"),
             Bytes("n,,n=us=er,r=x"),
             Bytes("n,,n=user,r="),
             Bytes("n,,n=user"),
             Bytes(""),
             Bytes("z,,n=user,r=x"),
             Bytes("n,,n=user,r=a b"),
         })
        EXPECT_FALSE(ScramServer().begin(bad)) << bad;
    EXPECT_FALSE(ScramServer().begin("n,,n=user,r=" + std::string(2000, 'x')));
    EXPECT_EQ(*ScramServer().begin("y,a=a=2Cb=3D,n=a=2Cb=3D,r=x"), "a,b=");
}

TEST(Scram, FinalMessagesThatAreRefused) {
    const std::string good(kFinal);
    const auto finish = [](const std::string& message) {
        ScramServer server;
        EXPECT_TRUE(server.begin(kFirst, std::string(kServerNonce)));
        server.challenge(keysOf("pencil"));
        return server.finish(message).ok();
    };
    EXPECT_TRUE(finish(good));
    EXPECT_FALSE(finish("c=eSws" + good.substr(6))) << "another header than the first message had";
    EXPECT_FALSE(finish("c=biws,r=rOprNGfwEbeRWgbNEkqOx" + good.substr(good.find(",p="))));
    EXPECT_FALSE(finish(good.substr(0, good.find(",p="))));
    EXPECT_FALSE(finish(good.substr(0, good.size() - 8)));
    EXPECT_FALSE(finish(""));
}

TEST(Scram, NoncesDiffer) {
    ScramServer one;
    ScramServer other;
    EXPECT_TRUE(one.begin(kFirst));
    EXPECT_TRUE(other.begin(kFirst));
    EXPECT_NE(one.challenge(keysOf("x")), other.challenge(keysOf("x")));
}

TEST(Scram, WhoDoesNotExistLooksAsIfHeDid) {
    const ScramKeys one = ScramKeys::decoy("nobody");
    EXPECT_EQ(one.salt, ScramKeys::decoy("nobody").salt);
    EXPECT_NE(one.salt, ScramKeys::decoy("somebody").salt);
    const auto real = PasswordHash::parse(*hashPassword("x", "{SCRAM-SHA-256}"))->scramKeys();
    ASSERT_TRUE(real);
    EXPECT_EQ(one.rounds, real->rounds);
    EXPECT_EQ(one.salt.size(), real->salt.size());
    EXPECT_FALSE(PasswordHash::parse("plain")->scramKeys());
}

TEST(Scram, TheClientOfTheExample) {
    ScramClient client("user", Secret(Bytes("pencil")), {}, "rOprNGfwEbeRWgbNEkqO");
    EXPECT_EQ(client.begin(), kFirst);
    const auto final = client.answer(kServerFirst);
    ASSERT_TRUE(final) << final.error().message();
    EXPECT_EQ(*final, kFinal);
    EXPECT_TRUE(client.verify(kVerdict));
    EXPECT_FALSE(client.verify("v=" + std::string(43, 'A') + "="));
    EXPECT_FALSE(client.verify("e=other-error"));
    EXPECT_FALSE(client.verify(""));
}

TEST(Scram, ServersThatAreNotAnswered) {
    const auto answer = [](Bytes first) {
        return ScramClient("user", Secret(Bytes("pencil")), {}, "abc").answer(first).ok();
    };
    EXPECT_TRUE(answer("r=abcdef,s=c2FsdA==,i=4096"));
    EXPECT_FALSE(answer("r=abc,s=c2FsdA==,i=4096")) << "the server has added nothing";
    EXPECT_FALSE(answer("r=xyzdef,s=c2FsdA==,i=4096"));
    EXPECT_FALSE(answer("r=abcdef,s=c2FsdA==,i=1")) << "the password could be guessed from the proof";
    EXPECT_FALSE(answer("r=abcdef,s=c2FsdA==,i=4000000000"));
    EXPECT_FALSE(answer("r=abcdef,s=,i=4096"));
    EXPECT_FALSE(answer("m=x,r=abcdef,s=c2FsdA==,i=4096"));
    EXPECT_FALSE(answer(""));
}

TEST(Scram, NamesAreEscaped) {
    EXPECT_EQ(ScramClient("a,b=", Secret(), "c,d", "x").begin(), "n,a=c=2Cd,n=a=2Cb=3D,r=x");
}

} // namespace
} // namespace twistdpp
