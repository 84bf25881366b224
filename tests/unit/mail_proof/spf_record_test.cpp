#include "twistdpp/mail_proof/spf_record.h"

#include <gtest/gtest.h>

namespace twistdpp::mail {
namespace {

SpfMacros macros(const char* address) {
    return {
        "strong-bad@email.example.com", "email.example.com", "mx.example.org", *Address::parse(address, 0)};
}

TEST(SpfMacros, AreReplacedAsTheRfcShows) {
    const std::pair<const char*, const char*> cases[] = {
        {"%{s}", "strong-bad@email.example.com"},
        {"%{o}", "email.example.com"},
        {"%{d4}", "email.example.com"},
        {"%{d2}", "example.com"},
        {"%{d1}", "com"},
        {"%{dr}", "com.example.email"},
        {"%{d2r}", "example.email"},
        {"%{l-}", "strong.bad"},
        {"%{lr}", "strong-bad"},
        {"%{lr-}", "bad.strong"},
        {"%{l1r-}", "strong"},
        {"%{h}", "mx.example.org"},
        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        {"a%%b%_c%-d", "a%b c%20d"},
        {"%{S}", "strong-bad@email.example.com"},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(*expandMacros(text, macros("192.0.2.3")), expected) << text;
    EXPECT_EQ(
        *expandMacros("%{i}.%{v}", macros("2001:db8::cb01")),
        "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1.ip6"
    );
}

TEST(SpfMacros, ThatAreNoneAreAnError) {
    for (const char* text : {"%", "%{", "%{}", "%{s", "%{x}", "%{d0}", "%{d2q}", "%s", "a b"})
        EXPECT_FALSE(expandMacros(text, macros("192.0.2.3"))) << text;
}

TEST(SpfMacros, MakeNoNameThatIsTooLong) {
    SpfMacros long_ = macros("192.0.2.3");
    long_.domain = std::string(120, 'a') + "." + std::string(120, 'b') + ".example.com";
    EXPECT_EQ(*expandMacros("%{d}.%{d1}", long_), std::string(120, 'b') + ".example.com.com");
}

TEST(SpfRecord, IsReadTermByTerm) {
    const auto record =
        SpfRecord::parse("v=spf1 ip4:192.0.2.0/24 -ip6:2001:db8::/32 ~a:x.test/24//64 ?mx exists:%{i}.y.test "
                         "include:z.test redirect=w.test -all");
    ASSERT_TRUE(record) << record.error().message();
    ASSERT_EQ(record->terms.size(), 7U);
    EXPECT_EQ(record->terms[0].network.host(), "192.0.2.0");
    EXPECT_EQ(record->terms[0].width4, 24U);
    EXPECT_EQ(record->terms[1].qualifier, '-');
    EXPECT_EQ(record->terms[1].width6, 32U);
    EXPECT_EQ(record->terms[2].domain, "x.test");
    EXPECT_EQ(record->terms[2].width4, 24U);
    EXPECT_EQ(record->terms[2].width6, 64U);
    EXPECT_EQ(record->terms[3].domain, "");
    EXPECT_EQ(record->terms[4].domain, "%{i}.y.test");
    EXPECT_EQ(record->redirect, "w.test");
    EXPECT_EQ(record->terms[6].kind, SpfTerm::Kind::all);
}

TEST(SpfRecord, SaysWhichTermIsWrong) {
    for (const char* term :
         {"ip4",
          "ip4:",
          "ip4:192.0.2.1/33",
          "ip4:::1",
          "ip6:192.0.2.1",
          "a/",
          "a/24/",
          "a//129",
          "a:",
          "include",
          "include:",
          "exists:",
          "all:x",
          "all/24",
          "what",
          "redirect=",
          "redirect=%{x}",
          "+",
          "mx:x.test/x",
          "redirect=a redirect=b"}) {
        const auto record = SpfRecord::parse("v=spf1 " + std::string(term) + " -all");
        EXPECT_FALSE(record) << term;
    }
    EXPECT_EQ(
        SpfRecord::parse("v=spf1 ipv4:1.2.3.4").error().message(), "the term 'ipv4:1.2.3.4' cannot be read"
    );
}

TEST(SpfRecord, IsKnownByItsVersion) {
    EXPECT_TRUE(SpfRecord::isOne("v=spf1"));
    EXPECT_TRUE(SpfRecord::isOne("V=SPF1 -all"));
    EXPECT_FALSE(SpfRecord::isOne("v=spf10 -all"));
    EXPECT_FALSE(SpfRecord::isOne("v=spf2.0/pra -all"));
    EXPECT_FALSE(SpfRecord::isOne(""));
}

} // namespace
} // namespace twistdpp::mail
