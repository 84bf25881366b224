#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::dns {
namespace {

Name name(Bytes text) {
    return *Name::parse(text);
}

/// Memory of a message and its writer.
struct Draft {
    explicit Draft(std::size_t size = 65535) : memory(size), writer(memory) {}

    bool add(Bytes owner, Type type, Bytes rdata, Section section = Section::answer) {
        return writer.record(section, name(owner), type, Class::in, 300, rdata);
    }
    bool addName(Bytes owner, Type type, Bytes target) { return add(owner, type, name(target).wire()); }

    std::vector<char> memory;
    MessageWriter writer;
};

/// All records as text; an empty list for a malformed message.
std::vector<std::string> records(Bytes message) {
    MessageReader reader(message);
    Question question;
    RecordView record;
    std::vector<std::string> lines;
    std::string rdata;
    while (reader.nextQuestion(question))
        lines.push_back(nameText(question.name) + " ? " + typeText(question.type));
    while (reader.nextRecord(record)) {
        if (!reader.expand(record, rdata))
            return {"bad rdata"};
        lines.push_back(
            nameText(record.owner) + ' ' + typeText(record.type) + ' ' + formatRdata(record.type, rdata)
        );
    }
    if (reader.malformed())
        return {};
    EXPECT_EQ(reader.position(), message.size());
    return lines;
}

TEST(Message, HeaderRoundTrip) {
    Draft draft;
    draft.writer.setId(0xabcd);
    draft.writer.setFlags(Flag::qr | Flag::rd);
    draft.writer.addFlags(Flag::aa);
    draft.writer.setOpcode(Opcode::notify);
    draft.writer.setRcode(Rcode::nxDomain);
    const MessageReader reader(draft.writer.bytes());
    EXPECT_EQ(reader.id(), 0xabcd);
    EXPECT_EQ(reader.opcode(), Opcode::notify);
    EXPECT_EQ(reader.rcode(), Rcode::nxDomain);
    EXPECT_EQ(reader.flags(), Flag::qr | Flag::rd | Flag::aa | 4U << 11 | 3U);
    EXPECT_FALSE(reader.malformed());
}

TEST(Message, RecordsRoundTripInTheirSections) {
    Draft draft;
    ASSERT_TRUE(draft.writer.question(name("WWW.example.com."), Type::A, Class::in));
    ASSERT_TRUE(draft.addName("www.example.com.", Type::CNAME, "host.example.com."));
    ASSERT_TRUE(draft.add("host.example.com.", Type::A, Bytes("\xc0\0\2\1", 4)));
    ASSERT_TRUE(draft.add("example.com.", Type::TXT, "\2hi", Section::authority));
    ASSERT_TRUE(draft.add(".", Type::AAAA, Bytes("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16), Section::additional)
    );
    MessageReader reader(draft.writer.bytes());
    EXPECT_EQ(reader.questions(), 1U);
    EXPECT_EQ(reader.count(Section::answer), 2U);
    EXPECT_EQ(reader.count(Section::authority), 1U);
    EXPECT_EQ(reader.count(Section::additional), 1U);
    EXPECT_EQ(
        records(draft.writer.bytes()),
        (std::vector<std::string>{
            "WWW.example.com. ? A", "WWW.example.com. CNAME host.example.com.",
            "host.example.com. A 192.0.2.1", "example.com. TXT \"hi\"", ". AAAA ::1"})
    );
}

TEST(Message, CompressesToTheLongestKnownSuffix) {
    Draft draft;
    draft.writer.question(name("www.example.com."), Type::NS, Class::in);
    EXPECT_EQ(draft.writer.size(), 12U + 17 + 4);
    const std::size_t at = draft.writer.size();
    draft.addName("www.EXAMPLE.com.", Type::NS, "ns.example.com.");
    const Bytes record = draft.writer.bytes().substr(at);
    EXPECT_EQ(record.substr(0, 2), Bytes("\xc0\x0c", 2)) << "the whole name, in any case of letters";
    EXPECT_EQ(record.substr(10), Bytes("\0\5\2ns\xc0\x10", 7)) << "the length is that of the compressed data";
}

TEST(Message, CompressesNoRdataOfLaterTypes) {
    Draft draft;
    draft.writer.question(name("example.com."), Type::SRV, Class::in);
    std::string srv("\0\1\0\2\0\3", 6);
    srv += name("example.com.").wire();
    ASSERT_TRUE(draft.add("example.com.", Type::SRV, srv));
    EXPECT_NE(draft.writer.bytes().find(srv), Bytes::npos);
    EXPECT_EQ(records(draft.writer.bytes())[1], "example.com. SRV 1 2 3 example.com.");
}

TEST(Message, AllCompressibleTypesComeBack) {
    Draft draft;
    std::vector<std::string> expected;
    for (unsigned number = 1; number < 262; ++number) {
        const auto type = static_cast<Type>(number);
        const CompressibleNames names = compressibleNames(type);
        if (names.count == 0)
            continue;
        std::string rdata(names.skip, '\1');
        for (unsigned i = 0; i < names.count; ++i)
            rdata += name("target.example.").wire();
        if (type == Type::SOA)
            rdata += std::string(20, '\2');
        ASSERT_TRUE(validRdata(type, rdata)) << typeText(type);
        ASSERT_TRUE(draft.add("owner.example.", type, rdata));
        expected.push_back("owner.example. " + typeText(type) + ' ' + formatRdata(type, rdata));
    }
    EXPECT_EQ(expected.size(), 11U);
    EXPECT_EQ(records(draft.writer.bytes()), expected);
    EXPECT_EQ(draft.writer.bytes().find("target"), draft.writer.bytes().rfind("target"));
}

TEST(Message, LeavesItselfAloneWhenARecordDoesNotFit) {
    Draft whole;
    whole.writer.question(name("a.example."), Type::MX, Class::in);
    const std::size_t before = whole.writer.size();
    std::string mx("\0\1", 2);
    mx += name("mail.other.").wire();
    whole.add("b.example.", Type::MX, mx);
    const std::size_t after = whole.writer.size();
    for (std::size_t limit = before; limit < after; ++limit) {
        Draft draft;
        draft.writer.question(name("a.example."), Type::MX, Class::in);
        draft.writer.limit(limit);
        draft.writer.reserve(0);
        const std::string was(draft.writer.bytes());
        EXPECT_FALSE(draft.add("b.example.", Type::MX, mx)) << limit;
        EXPECT_EQ(draft.writer.bytes(), was) << limit;
        // Nothing of the refused record may be pointed to.
        draft.writer.limit(after);
    }
    Draft draft(after);
    draft.writer.question(name("a.example."), Type::MX, Class::in);
    EXPECT_TRUE(draft.add("b.example.", Type::MX, mx));
    EXPECT_EQ(draft.writer.bytes(), whole.writer.bytes());
}

TEST(Message, ForgetsTheNamesOfWhatDidNotFit) {
    Draft draft(60);
    draft.writer.question(name("a.example."), Type::TXT, Class::in);
    EXPECT_FALSE(draft.add("new.name.", Type::TXT, std::string(50, '\0')));
    ASSERT_TRUE(draft.add("new.name.", Type::TXT, Bytes("\0", 1)));
    EXPECT_EQ(records(draft.writer.bytes())[1], "new.name. TXT \"\"");
}

TEST(Message, RollsBack) {
    Draft draft;
    draft.writer.question(name("a.example."), Type::A, Class::in);
    const auto mark = draft.writer.mark();
    const std::string was(draft.writer.bytes());
    draft.addName("x.y.z.", Type::NS, "x.y.w.");
    draft.writer.rollback(mark);
    EXPECT_EQ(draft.writer.bytes(), was);
    draft.addName("q.", Type::NS, "x.y.z.");
    draft.addName("x.y.w.", Type::NS, "y.z.");
    EXPECT_EQ(
        records(draft.writer.bytes()),
        (std::vector<std::string>{"a.example. ? A", "q. NS x.y.z.", "x.y.w. NS y.z."})
    );
}

TEST(Message, ReservedRoomIsForWhatComesLast) {
    Draft draft(12 + 7 + 4 + 11);
    draft.writer.reserve(11);
    ASSERT_TRUE(draft.writer.question(name("a.bc."), Type::A, Class::in));
    const Bytes opt("\0\0\x29\4\xd0\0\0\0\0\0\0", 11);
    EXPECT_FALSE(draft.writer.raw(Section::additional, opt));
    draft.writer.reserve(0);
    EXPECT_TRUE(draft.writer.raw(Section::additional, opt));
    EXPECT_EQ(draft.writer.count(Section::additional), 1U);
}

TEST(Message, LearnsANameThatStandsThere) {
    Draft draft;
    draft.writer.question(name("www.example."), Type::A, Class::in);
    const Bytes raw("\4mail\xc0\x10\0\12\0\1\0\0\0\0\0\0", 17); // mail.example.
    const std::size_t at = draft.writer.size();
    ASSERT_TRUE(draft.writer.raw(Section::answer, raw));
    draft.writer.learn(at);
    const std::size_t next = draft.writer.size();
    ASSERT_TRUE(draft.add("mail.example.", Type::A, Bytes("\1\2\3\4", 4)));
    EXPECT_EQ(get16(draft.writer.bytes().data() + next), 0xc000U | at);
    draft.writer.learn(draft.writer.size() + 7); // where nothing stands: no effect
    EXPECT_EQ(records(draft.writer.bytes()).back(), "mail.example. A 1.2.3.4");
}

TEST(Message, OwnerByOffset) {
    Draft draft;
    draft.writer.question(name("www.example."), Type::A, Class::in);
    ASSERT_TRUE(draft.writer.recordAt(Section::answer, 12, Type::A, Class::in, 300, Bytes("\1\2\3\4", 4)));
    EXPECT_EQ(records(draft.writer.bytes()).back(), "www.example. A 1.2.3.4");
}

TEST(Message, PointsNoFurtherThan14Bits) {
    for (const std::size_t at : {0x3ffeU, 0x3fffU, 0x4000U}) {
        Draft draft;
        draft.add(".", Type::null, std::string(at - 12 - 11, 'x'));
        ASSERT_EQ(draft.writer.size(), at);
        ASSERT_TRUE(draft.addName("late.name.", Type::NS, "late.name."));
        EXPECT_EQ(records(draft.writer.bytes()).back(), "late.name. NS late.name.");
        const std::size_t size = draft.writer.size() - at;
        EXPECT_EQ(size, at <= 0x3fff ? 11U + 10 + 2 : 11U + 10 + 11) << at;
    }
}

TEST(Message, ThousandsOfNames) {
    Draft draft;
    std::vector<std::string> expected;
    std::size_t plain = 12;
    for (unsigned i = 0;; ++i) {
        const std::string host = "host" + std::to_string(i) + ".zone" + std::to_string(i % 7) + ".example.";
        if (!draft.addName(host, Type::CNAME, "other." + host))
            break;
        expected.push_back(host + " CNAME other." + host);
        plain += 2 * (host.size() + 1) + 6 + 10;
    }
    EXPECT_GT(expected.size(), 1500U);
    EXPECT_EQ(records(draft.writer.bytes()), expected);
    EXPECT_LT(draft.writer.size(), plain * 2 / 3);
}

TEST(Message, TwoWritersAtATimeDoNotMixTheirNames) {
    Draft a, b;
    std::vector<std::string> expected;
    for (unsigned i = 0; i < 500; ++i) {
        const std::string host = "host" + std::to_string(i) + ".example.";
        ASSERT_TRUE(a.addName(host, Type::NS, host));
        if (i % 2 == 0) {
            ASSERT_TRUE(b.addName("b." + host, Type::NS, host));
        }
        expected.push_back(host + " NS " + host);
    }
    EXPECT_EQ(records(a.writer.bytes()), expected);
    EXPECT_EQ(records(b.writer.bytes()).size(), 250U);
    EXPECT_EQ(records(b.writer.bytes())[7], "b.host14.example. NS host14.example.");
}

TEST(MessageReader, EveryCutIsMalformed) {
    Draft draft;
    draft.writer.question(name("www.example."), Type::NS, Class::in);
    draft.addName("www.example.", Type::NS, "ns.example.");
    draft.add("www.example.", Type::A, Bytes("\1\2\3\4", 4), Section::additional);
    const std::string whole(draft.writer.bytes());
    EXPECT_EQ(records(whole).size(), 3U);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        MessageReader reader(Bytes(whole).substr(0, size));
        Question question;
        RecordView record;
        while (reader.nextQuestion(question)) {
        }
        while (reader.nextRecord(record)) {
        }
        EXPECT_TRUE(reader.malformed()) << size;
    }
}

TEST(MessageReader, CountsThatPromiseMoreAreMalformed) {
    Draft draft;
    draft.add("a.", Type::A, Bytes("\1\2\3\4", 4));
    std::string message(draft.writer.bytes());
    put16(&message[6], 2);
    EXPECT_EQ(records(message), std::vector<std::string>{});
}

TEST(MessageReader, TellsWhereItEnded) {
    Draft draft;
    draft.add("a.", Type::A, Bytes("\1\2\3\4", 4));
    const std::string message = std::string(draft.writer.bytes()) + "trailing";
    MessageReader reader(message);
    RecordView record;
    EXPECT_TRUE(reader.nextRecord(record));
    EXPECT_EQ(record.begin, 12U);
    EXPECT_FALSE(reader.nextRecord(record));
    EXPECT_FALSE(reader.malformed());
    EXPECT_EQ(reader.position(), message.size() - 8);
}

} // namespace
} // namespace twistdpp::dns
