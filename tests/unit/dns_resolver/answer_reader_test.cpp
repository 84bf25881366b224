#include "twistdpp/dns_resolver/answer_reader.h"

#include "support/dns_messages.h"
#include "twistdpp/dns_resolver/random.h"
#include "twistdpp/dns_resolver/upstream_query.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {

namespace {

using test::DnsQuery;
using test::DnsReply;
using test::name;

/// "section owner TYPE ttl" of each record.
std::string shown(const std::optional<Answer>& answer) {
    if (!answer)
        return "refused";
    std::string text;
    for (const Section section : {Section::answer, Section::authority, Section::additional}) {
        for (const Record& record : answer->records(section))
            text += std::to_string(static_cast<int>(section)) + " " + record.owner.toString() + " " +
                    typeText(record.type) + " " + std::to_string(record.ttl) + "\n";
    }
    return text;
}

class AnswerReaderTest : public testing::Test {
protected:
    DnsQuery query(Bytes text, Type type = Type::A) {
        owner_ = name(text);
        asked_ = Asked(owner_.wire(), type);
        return DnsQuery(UpstreamQuery(asked_, QueryDress(), QueryRandom()).message());
    }
    std::optional<Answer> read(Bytes response) { return reader_.read(response, asked_); }

    Name owner_;
    Asked asked_{owner_.wire(), Type::A};
    AnswerReader reader_;
};

TEST_F(AnswerReaderTest, TakesWhatLeadsFromTheQuestionToItsAnswer) {
    const DnsQuery asked = query("www.test.");
    const auto answer = read(DnsReply(asked)
                                 .a("end.test.", "192.0.2.1", 60)
                                 .cname("middle.test.", "end.test.", 50)
                                 .cname("WWW.test.", "middle.test.", 40)
                                 .a("bank.example.", "6.6.6.6")
                                 .cname("bank.example.", "evil.example.")
                                 .aaaa("www.test.", "2001:db8::1")
                                 .bytes());
    EXPECT_EQ(shown(answer), "0 end.test. A 60\n0 middle.test. CNAME 50\n0 www.test. CNAME 40\n");
    EXPECT_EQ(answer->lifetime, 40U);
    EXPECT_FALSE(answer->negative);
    EXPECT_EQ(answer->ttls.size(), 3U);
}

TEST_F(AnswerReaderTest, TakesAuthorityOnlyOfZonesThatTheNamesAreIn) {
    const DnsQuery asked = query("www.test.");
    const auto answer = read(DnsReply(asked)
                                 .a("www.test.", "192.0.2.1")
                                 .record(Section::authority, "test.", Type::NS, 60, name("ns.test."))
                                 .record(Section::authority, "com.", Type::NS, 60, name("ns.evil."))
                                 .record(Section::authority, "test.", Type::TXT, 60, Bytes("\1x", 2))
                                 .record(Section::additional, "ns.test.", Type::A, 60, Bytes("\1\2\3\4", 4))
                                 .record(Section::additional, "ns.test.", Type::TXT, 60, Bytes("\1x", 2))
                                 .opt()
                                 .bytes());
    EXPECT_EQ(shown(answer), "0 www.test. A 300\n1 test. NS 60\n2 ns.test. A 60\n");
}

TEST_F(AnswerReaderTest, ADenialLivesAsLongAsItsSoaSays) {
    const DnsQuery asked = query("www.test.");
    auto answer = read(DnsReply(asked, Rcode::nxDomain).soa("test.", 900, 60).bytes());
    EXPECT_EQ(shown(answer), "1 test. SOA 60\n");
    EXPECT_EQ(answer->lifetime, 60U);
    EXPECT_TRUE(answer->negative);
    answer = read(DnsReply(asked).soa("test.", 30, 60).bytes());
    EXPECT_EQ(answer->lifetime, 30U);
    EXPECT_TRUE(answer->negative);
    answer = read(DnsReply(asked, Rcode::nxDomain).soa("test.", 86400, 86400).bytes());
    EXPECT_EQ(answer->lifetime, 10800U) << "RFC 2308 section 5";
    answer = read(DnsReply(asked, Rcode::nxDomain).bytes());
    EXPECT_EQ(answer->lifetime, 0U) << "without an SOA it is not kept";
    answer = read(DnsReply(asked, Rcode::nxDomain).soa("other.", 900, 60).bytes());
    EXPECT_EQ(answer->lifetime, 0U) << "an SOA of somewhere else is none";
    answer = read(DnsReply(asked).cname("www.test.", "x.test.", 20).soa("test.").bytes());
    EXPECT_EQ(answer->lifetime, 20U);
    EXPECT_TRUE(answer->negative);
    EXPECT_FALSE(answer->referral);
    answer = read(DnsReply(asked, Rcode::servFail).bytes());
    EXPECT_EQ(answer->lifetime, 0U);
}

TEST_F(AnswerReaderTest, TtlsAreBounded) {
    const DnsQuery asked = query("www.test.");
    const auto answer = read(DnsReply(asked)
                                 .a("www.test.", "192.0.2.1", 1'000'000)
                                 .a("www.test.", "192.0.2.2", 0x80000001U)
                                 .bytes());
    EXPECT_EQ(shown(answer), "0 www.test. A 86400\n0 www.test. A 0\n");
    EXPECT_EQ(answer->lifetime, 0U);
}

TEST_F(AnswerReaderTest, MalformedAndEndlessOnesAreRefused) {
    const DnsQuery asked = query("www.test.");
    const std::string good = DnsReply(asked).a("www.test.", "192.0.2.1");
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(shown(read(Bytes(good).substr(0, size))), "refused") << size;
    DnsReply chain(asked);
    std::string from = "www.test.";
    for (int i = 0; i < 20; ++i) {
        const std::string to = "n" + std::to_string(i) + ".test.";
        chain.cname(from, to);
        from = to;
    }
    EXPECT_EQ(shown(read(chain.bytes())), "refused");
    EXPECT_EQ(
        shown(read(DnsReply(asked).cname("www.test.", "b.test.").cname("b.test.", "www.test.").bytes())),
        "0 www.test. CNAME 300\n0 b.test. CNAME 300\n"
    );
    std::string badLength = good;
    badLength[badLength.size() - 5] = 3; // an A record of three bytes, and one behind the message
    EXPECT_EQ(shown(read(badLength)), "refused");
}

TEST_F(AnswerReaderTest, WhatIsForOthersIsLeftOut) {
    const DnsQuery asked = query("www.test.", Type::ANY);
    const auto answer = read(DnsReply(asked)
                                 .a("www.test.", "192.0.2.1")
                                 .record(Section::answer, "www.test.", Type::TXT, 60, Bytes("\1x", 2))
                                 .a("other.test.", "192.0.2.1")
                                 .flags(Flag::aa | Flag::ad)
                                 .bytes());
    EXPECT_EQ(shown(answer), "0 www.test. A 300\n0 www.test. TXT 60\n");
    EXPECT_TRUE(answer->authenticated);
    EXPECT_EQ(get16(&answer->message[2]), Flag::qr | Flag::rd | Flag::ra);
    EXPECT_EQ(get16(&answer->message[0]), 0U);
}

} // namespace

} // namespace twistdpp::dns
