#include "twistdpp/mail_sts/sts_policy.h"

#include <gmock/gmock.h>

// RFC 8461: what a policy says, and what makes it none.

namespace twistdpp::mail {
namespace {

using testing::ElementsAre;

TEST(StsPolicy, IsRead) {
    const auto policy =
        StsPolicy::parse("version: STSv1\nmode: enforce\nmx: MX1.example.com\r\nmx: *.example.net\n"
                         "max_age: 604800\nfuture: something\n");
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->mode, StsPolicy::Mode::enforce);
    EXPECT_THAT(policy->hosts, ElementsAre("mx1.example.com", "*.example.net"));
    EXPECT_EQ(policy->maxAge, 604800);
    // Of what stands there twice, the first counts.
    const auto twice =
        StsPolicy::parse("version:STSv1\nmode:testing\nmode:enforce\nmx:a.test\nmax_age:1\nmax_age:2");
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->mode, StsPolicy::Mode::testing);
    EXPECT_EQ(twice->maxAge, 1);
    EXPECT_TRUE(StsPolicy::parse("version: STSv1\nmode: none\nmax_age: 86400"));
    EXPECT_EQ(
        StsPolicy::parse("version: STSv1\nmode: none\nmax_age: 18446744073709551615")->maxAge, 31'557'600
    );
}

TEST(StsPolicy, ThatCannotBeReadIsNone) {
    for (const Bytes text :
         {"", "mode: enforce\nmx: a.test\nmax_age: 1",
          "version: STSv2\nmode: enforce\nmx: a.test\nmax_age: 1",
          "version: STSv1\nmode: strict\nmx: a.test\nmax_age: 1", "version: STSv1\nmode: enforce\nmax_age: 1",
          "version: STSv1\nmode: enforce\nmx: a.test",
          "version: STSv1\nmode: enforce\nmx: a.test\nmax_age: long",
          "version: STSv1\nmode: enforce\nmx: *\nmax_age: 1",
          "version: STSv1\nmode: enforce\nmx: a.*.test\nmax_age: 1",
          "version: STSv1\nmode: enforce\nmx: a test\nmax_age: 1", "<html></html>"})
        EXPECT_FALSE(StsPolicy::parse(text)) << text;
}

TEST(StsPolicy, AStarIsOneLabel) {
    StsPolicy policy;
    policy.hosts = {"mx.example.com", "*.example.net"};
    for (const Bytes good : {"mx.example.com", "MX.Example.COM", "mx.example.com.", "a.example.net"})
        EXPECT_TRUE(policy.allows(good)) << good;
    for (const Bytes bad :
         {"example.com", "a.mx.example.com", "example.net", "a.b.example.net", ".example.net", "",
          "aexample.net", "mx.example.com.evil.test"})
        EXPECT_FALSE(policy.allows(bad)) << bad;
}

TEST(StsId, IsThatOfTheOneRecord) {
    EXPECT_EQ(stsId({"v=STSv1; id=20261127T10;"}), "20261127T10");
    EXPECT_EQ(stsId({"v=spf1 -all", "v=STSv1;id=a1"}), "a1");
    EXPECT_EQ(stsId({"v=STSv1; future=x; id = b2 ;"}), "b2");
    for (const std::string text :
         {"v=STSv1;", "v=STSv1; id=;", "v=STSv1; id=a-b;", "v=STSv11; id=a;", "id=a; v=STSv1", "",
          "v=STSv1; id=123456789012345678901234567890123"})
        EXPECT_EQ(stsId({text}), std::nullopt) << text;
    EXPECT_EQ(stsId({"v=STSv1; id=a;", "v=STSv1; id=b;"}), std::nullopt);
    EXPECT_EQ(stsId({}), std::nullopt);
}

} // namespace
} // namespace twistdpp::mail
