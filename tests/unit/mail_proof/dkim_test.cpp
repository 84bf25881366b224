#include "twistdpp/mail_proof/canonical.h"
#include "twistdpp/mail_proof/dkim_signer.h"
#include "twistdpp/mail_proof/dkim_text.h"
#include "twistdpp/mail_proof/dkim_verifier.h"
#include "twistdpp/mail_proof/dmarc.h"
#include "twistdpp/mail_proof/sender_proof.h"
#include "twistdpp/mail_proof/tag_list.h"

#include "twistdpp/base/base64.h"
#include "twistdpp/cred/password_digest.h"

#include <gtest/gtest.h>

namespace twistdpp::mail {
namespace {

std::string hashOf(Bytes body, bool relaxed, std::size_t step) {
    BodyHash hash(relaxed);
    for (std::size_t at = 0; at < body.size(); at += step)
        hash.add(body.substr(at, step));
    return hash.finish();
}

TEST(BodyHash, IsThatOfTheCanonicalBodyHoweverItComes) {
    struct Case {
        const char *body, *simple, *relaxed;
    };
    const Case cases[] = {
        {"", "\r\n", ""},
        {"\n\n\n", "\r\n", ""},
        {"a", "a\r\n", "a\r\n"},
        {" C \nD \t E\n\n\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
        {"a\n\n\nb\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},
        {"a\n \n\t\n", "a\r\n \r\n\t\r\n", "a\r\n"},
        {"  \n", "  \r\n", ""},
    };
    for (const Case& each : cases) {
        for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{100}}) {
            EXPECT_EQ(hashOf(each.body, false, step), sha256(each.simple)) << each.body;
            EXPECT_EQ(hashOf(each.body, true, step), sha256(each.relaxed)) << each.body;
        }
    }
    BodyHash limited(false, 3);
    limited.add("abcdef\n");
    EXPECT_EQ(limited.finish(), sha256("abc"));
    EXPECT_EQ(limited.size(), 8U);
}

TEST(Canonical, FieldsAsTheRfcShows) {
    const std::string header = "A: X\nB : Y\t\n\tZ  \n";
    const auto fields = mime::fieldsOf(header);
    ASSERT_EQ(fields.size(), 2U);
    EXPECT_EQ(canonicalField(fields[0], true), "a:X\r\n");
    EXPECT_EQ(canonicalField(fields[1], true), "b:Y Z\r\n");
    EXPECT_EQ(canonicalField(fields[1], false), "B : Y\t\r\n\tZ  \r\n");
}

TEST(SignedText, TakesTheLastOfEachNameFirst) {
    const std::string header = "From: one\nX: first\nX: second\n";
    const auto fields = mime::fieldsOf(header);
    const mime::Field own{"DKIM-Signature", " b="};
    EXPECT_EQ(
        signedText(fields, {"x", "from", "x", "x", "missing"}, own, true),
        "x:second\r\nfrom:one\r\nx:first\r\ndkim-signature:b="
    );
}

TEST(SignedText, HasNoSignatureInItself) {
    EXPECT_EQ(withoutSignature(" a=x; b=abc\n\td; bh=q"), " a=x; b=; bh=q");
    EXPECT_EQ(withoutSignature("b = abc"), "b =");
    EXPECT_EQ(withoutSignature("bh=b=c;"), "bh=b=c;");
}

TEST(TagList, IsReadAndRefused) {
    const auto tags = parseTags(" v=1; a = rsa-sha256;\n\tb=ab\n\tcd ; ");
    ASSERT_TRUE(tags);
    EXPECT_EQ(tagOf(*tags, "a"), "rsa-sha256");
    EXPECT_EQ(withoutSpaces(tagOf(*tags, "b")), "abcd");
    EXPECT_EQ(tagOf(*tags, "z"), "");
    for (const char* text : {"a", "a=1;a=2", "=1", "a=1;;b=2", "1=a"})
        EXPECT_FALSE(parseTags(text)) << text;
    EXPECT_TRUE(parseTags(""));
}

TEST(DkimSignature, SaysWhatIsWrongWithIt) {
    const std::string good =
        "v=1; a=rsa-sha256; d=example.com; s=sel; h=From:To; bh=" + toBase64(sha256("")) + "; b=YWJj";
    ASSERT_TRUE(DkimSignature::parse(good)) << DkimSignature::parse(good).error().message();
    const auto parsed = DkimSignature::parse(good + "; c=relaxed; l=5; t=1; x=2; i=joe@sub.example.com");
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->relaxedHeader);
    EXPECT_FALSE(parsed->relaxedBody);
    EXPECT_EQ(parsed->length, 5U);
    EXPECT_EQ(parsed->names, (std::vector<std::string>{"from", "to"}));
    const auto with = [&](Bytes from, Bytes to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return DkimSignature::parse(text);
    };
    EXPECT_FALSE(with("v=1", "v=2"));
    EXPECT_FALSE(with("rsa-sha256", "rsa-sha1"));
    EXPECT_FALSE(with("From:To", "To"));
    EXPECT_FALSE(with("d=example.com", "d="));
    EXPECT_FALSE(with("b=YWJj", "b=!"));
    EXPECT_FALSE(with("d=example.com", "d=example.com; i=joe@badexample.com"));
    EXPECT_FALSE(with("d=example.com", "d=example.com; c=none"));
    EXPECT_FALSE(with("d=example.com", "d=example.com; l=many"));
    EXPECT_FALSE(with("d=example.com", "d=example.com; x=99999999999999999999"));
}

TEST(FromDomain, IsOfTheOneMailboxThereIs) {
    EXPECT_EQ(fromDomain("From: Ann <ann@Example.ORG>\n"), "example.org");
    EXPECT_EQ(fromDomain("From: a@x.test, b@y.test\n"), "");
    EXPECT_EQ(fromDomain("From: a@x.test\nFrom: b@y.test\n"), "");
    EXPECT_EQ(fromDomain("Subject: x\n"), "");
}

TEST(Dmarc, IsThatOfTheRegisteredDomain) {
    EXPECT_EQ(organizationalDomain("mail.example.co.uk"), "example.co.uk");
    EXPECT_EQ(organizationalDomain("example.com"), "example.com");
    EXPECT_EQ(organizationalDomain("com"), "com");
}

TEST(Dmarc, PoliciesAreReadAndRefused) {
    const auto policy = DmarcPolicy::parse("v=DMARC1; p=reject; sp=quarantine; adkim=s; pct=30");
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->wish, DmarcPolicy::Wish::reject);
    EXPECT_EQ(policy->ofSubdomains, DmarcPolicy::Wish::quarantine);
    EXPECT_TRUE(policy->strictDkim);
    EXPECT_FALSE(policy->strictSpf);
    EXPECT_EQ(policy->percent, 30U);
    EXPECT_FALSE(DmarcPolicy::parse("v=DMARC1"));
    EXPECT_FALSE(DmarcPolicy::parse("v=DMARC1; p=maybe"));
    EXPECT_TRUE(DmarcPolicy::parse("v=DMARC1; rua=mailto:x@example.com"));
}

TEST(AuthenticationResults, AreOneFieldWhateverOthersSay) {
    SenderProof proof;
    proof.spf.status = SpfResult::Status::fail;
    proof.spf.domain = "x.test; dkim=pass\nEvil: yes";
    proof.dkim.push_back({DkimResult::Status::permanent, "d.test", "s", "@d.test", "there is no key"});
    EXPECT_EQ(
        authenticationResults("mx.test", proof),
        "Authentication-Results: mx.test;\n\tspf=fail smtp.mailfrom=\"x.test; dkim=pass Evil: yes\";\n\t"
        "dkim=permerror\n\t reason=\"there is no key\"\n\t header.d=d.test header.s=s;\n\tdmarc=none\n"
    );
}

} // namespace
} // namespace twistdpp::mail
