#include "twistdpp/cred/challenge_response.h"

#include <gtest/gtest.h>

namespace twistdpp {

// RFC 2195 section 2.
TEST(CramMd5, AnswersAsTheSpecificationSays) {
    const CramMd5 answer(
        "tim", "<1896.697170952@postoffice.reston.mci.net>", "b913a602c7eda7a495b4e6e7334d3890"
    );
    EXPECT_TRUE(answer.checkPassword("tanstaaftanstaaf"));
    EXPECT_FALSE(answer.checkPassword("tanstaaf"));
    EXPECT_FALSE(answer.checkPassword(""));
    EXPECT_EQ(answer.kind(), CredentialKind::hashedPassword);
    EXPECT_EQ(answer.clone()->claimedUser(), "tim");
}

// RFC 1939 section 7.
TEST(Apop, AnswersAsTheSpecificationSays) {
    const Apop answer("mrose", "<1896.697170952@dbc.mtview.ca.us>", "c4c9334bac560ecc979e58001b3e22fb");
    EXPECT_TRUE(answer.checkPassword("tanstaaf"));
    EXPECT_FALSE(answer.checkPassword("tanstaaftanstaaf"));
}

TEST(CramMd5, TextThatIsNoDigestIsAWrongAnswer) {
    for (const char* digest : {"", "b913", "zz13a602c7eda7a495b4e6e7334d3890"})
        EXPECT_FALSE(CramMd5("tim", "<x>", digest).checkPassword("")) << digest;
}

TEST(Challenge, IsNewEachTime) {
    const std::string one = makeChallenge("mail.example");
    EXPECT_NE(one, makeChallenge("mail.example"));
    EXPECT_EQ(one.front(), '<');
    EXPECT_TRUE(Bytes(one).ends_with("@mail.example>"));
}

} // namespace twistdpp
