// What parseRdata() refuses and says, what expandRdata() makes of compressed and lying data, canonical form.
#include "support/dns_rdata_words.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/rdata_layout.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

using test::kExample;
using test::wire;

TEST(Rdata, SaysWhatIsWrong) {
    EXPECT_EQ(wire(Type::A, "1.2.3"), "!the address '1.2.3' is no IPv4 address");
    EXPECT_EQ(wire(Type::A, ""), "!the address is missing");
    EXPECT_EQ(wire(Type::A, "1.2.3.4 5"), "!has 1 word more than a A record has");
    EXPECT_EQ(wire(Type::MX, "x mail"), "!the preference 'x' is no number from 0 to 65535");
    EXPECT_EQ(wire(Type::MX, "65536 mail"), "!the preference '65536' is no number from 0 to 65535");
    EXPECT_EQ(wire(Type::MX, "10"), "!the mail server is missing");
    EXPECT_EQ(wire(Type::MX, "10 a b c"), "!has 2 words more than a MX record has");
    EXPECT_EQ(wire(Type::NS, "a..b"), "!the name server 'a..b' has an empty label");
    EXPECT_EQ(
        wire(Type::SOA, "a b 1 2x 3 4 5"),
        "!the refresh time '2x' is no time: seconds, or numbers with units as in 1h30m"
    );
    EXPECT_EQ(wire(Type::TXT, "a\\300"), "!the text 'a\\300' has an escape above \\255");
    EXPECT_EQ(
        wire(static_cast<Type>(65280), "x"), "!a TYPE65280 record's data must be written as '\\# length hex'"
    );
    EXPECT_EQ(wire(Type::A, "\\# 3 010203"), "!holds data that is no valid A record's");
    EXPECT_EQ(wire(Type::A, "\\# 3 01020304"), "!has 4 bytes of data where its length says 3");
    EXPECT_EQ(wire(Type::A, "\\# 4 0102030"), "!the data '0102030' is cut off");
    EXPECT_EQ(wire(Type::A, "\\# 4 010203zz"), "!the data '010203zz' is not hexadecimal");
    EXPECT_EQ(wire(Type::A, "\\#"), "!the length is missing");
    EXPECT_EQ(wire(Type::A, "\x1b[2J"), "!the address '\\027[2J' is no IPv4 address") << "fit for a terminal";
    EXPECT_LT(wire(Type::A, std::string(5000, 'x')).size(), 120U);
    const std::string longText = wire(Type::TXT, std::string(256, 'x'));
    EXPECT_NE(longText.find("is longer than the 255 bytes of one string"), std::string::npos) << longText;
}

TEST(Rdata, RefusesBadText) {
    const std::pair<Type, Bytes> cases[] = {
        {Type::A, "1.2.3.4.5"},
        {Type::A, "1.2.3.256"},
        {Type::A, "01.2.3.4"},
        {Type::A, "1.2.3."},
        {Type::A, "1..3.4"},
        {Type::AAAA, "1.2.3.4"},
        {Type::AAAA, "::1::"},
        {Type::AAAA, "2001:db8::g"},
        {Type::AAAA, "fe80::1%lo"},
        {Type::TXT, ""},
        {Type::TXT, "x\\"},
        {Type::TXT, "x\\1"},
        {Type::SOA, "a b -1 2 3 4 5"},
        {Type::SOA, "a b 1 2 3 4"},
        {Type::SOA, "a b 1h 2 3 4 5"},
        {Type::SOA, "a b 4294967296 2 3 4 5"},
        {Type::SOA, "a b 1 8000w 3 4 5"},
        {Type::SOA, "a b 1 h 3 4 5"},
        {Type::DS, "1 8 2"},
        {Type::DS, "1 8 2 abc"},
        {Type::DS, "1 8 2 xy"},
        {Type::DS, "1 NOSUCH 2 ab"},
        {Type::DNSKEY, "256 3 8 AQ="},
        {Type::DNSKEY, "256 3 8 AQ==AQ=="},
        {Type::DNSKEY, "256 3 8 AR=="},
        {Type::DNSKEY, "256 3 8 A==="},
        {Type::DNSKEY, "256 3 8"},
        {Type::DNSKEY, "256 3 8 A*=="},
        {Type::RRSIG, "A 8 2 60 20230230000000 20230101000000 1 a. AA=="},
        {Type::RRSIG, "A 8 2 60 20231301000000 20230101000000 1 a. AA=="},
        {Type::RRSIG, "A 8 2 60 21060207062816 20230101000000 1 a. AA=="},
        {Type::RRSIG, "NOSUCH 8 2 60 1 2 1 a. AA=="},
        {Type::NSEC, "a. A BOGUS"},
        {Type::NSEC3, "1 0 0 - abcz A"},
        {Type::NSEC3, "1 0 0 abc 00 A"},
        {Type::NSEC3, "1 0 0 - 0 A"},
        {Type::NSEC3PARAM, "1 0 0"},
        {Type::NXT, "a. TYPE128"},
        {Type::CAA, "0 is-sue x"},
        {Type::CAA, "0 \"\" x"},
        {Type::CAA, "256 issue x"},
        {Type::LOC, "91 N 0 E 0m"},
        {Type::LOC, "90 0 1 N 0 E 0m"},
        {Type::LOC, "1 60 N 0 E 0m"},
        {Type::LOC, "1 0 60 N 0 E 0m"},
        {Type::LOC, "1 N 2 E"},
        {Type::LOC, "1 N 2 N 0m"},
        {Type::LOC, "1 N 2 E -100000.01m"},
        {Type::LOC, "1 N 2 E 0.001m"},
        {Type::LOC, "1 N 2 E 42849672.96m"},
        {Type::LOC, "1 2 3 4 N 2 E 0m"},
        {Type::LOC, "1 N 2 E 0m 100000000m"},
        {Type::APL, "1:1.2.3.4/33"},
        {Type::APL, "3:1/1"},
        {Type::APL, "1:1.2.3.4"},
        {Type::APL, "1.2.3.4/8"},
        {Type::APL, "2:1.2.3.4/8"},
        {Type::EUI48, "00-00-5e-00-53"},
        {Type::EUI48, "00:00:5e:00:53:2a"},
        {Type::EUI48, "00-00-5e-00-53-2g"},
        {Type::EUI64, "00-00-5e-00-53-2a"},
        {Type::L64, "1 1:2:3"},
        {Type::L64, "1 1:2:3:45678"},
        {Type::L64, "1 1:2:3:"},
        {Type::NID, "1 1:2:3:4:5"},
        {Type::NSAP, "47000580"},
        {Type::NSAP, "0x"},
        {Type::NSAP, "0x123"},
        {Type::NSAP, "0x.."},
        {Type::IPSECKEY, "10 4 2 x AQ=="},
        {Type::IPSECKEY, "10 1 2 ::1 AQ=="},
        {Type::IPSECKEY, "10 0 2 x AQ=="},
        {Type::AMTRELAY, "10 2 1 1.2.3.4"},
        {Type::AMTRELAY, "10 0 4 x"},
        {Type::AMTRELAY, "10 0 0 x"},
        {Type::HIP, "2 2 AwEA"},
        {Type::HIP, "2 20"},
        {Type::HIP, "2 20 AwE"},
        {Type::HIP, "2 20 AwEA a..b"},
        {Type::WKS, "1.2.3.4 sctp 1"},
        {Type::WKS, "1.2.3.4 tcp 65536"},
        {Type::WKS, "1.2.3.4 tcp nosuch"},
        {Type::CERT, "NOSUCH 0 0 AQID"},
        {Type::ZONEMD, "1 1 1 0102030405060708090a0b"},
        {Type::CSYNC, "1 2 X"},
        {Type::ISDN, "a b c"},
        {Type::HINFO, "a"},
        {Type::NAPTR, "1 2 a b c"},
        {Type::NSEC, "a..b A"},
        {Type::OPT, "x"},
        {Type::TSIG, "x"},
    };
    for (const auto& [type, text] : cases) {
        const std::string result = wire(type, text);
        EXPECT_EQ(result.substr(0, 1), "!") << typeText(type) << ' ' << text << " -> " << toHex(result);
    }
}

TEST(Rdata, NoDataAbove65535Bytes) {
    std::string text;
    for (int i = 0; i < 256; ++i)
        text += std::string(255, 'x') + ' ';
    EXPECT_EQ(wire(Type::TXT, text), "!has 65536 bytes of data; 65535 are the most");
    EXPECT_EQ(wire(Type::TXT, text.substr(1)).size(), 65535U);
}

struct Wire {
    Type type;
    Bytes hex;
};

TEST(Rdata, ValidOrNot) {
    const Wire bad[] = {
        {Type::A, "010203"},
        {Type::A, "0102030405"},
        {Type::NS, ""},
        {Type::NS, "0161"},
        {Type::NS, "016100ff"},
        {Type::NS, "c00c"},
        {Type::SOA, "0000"},
        {Type::MX, "0001"},
        {Type::TXT, ""},
        {Type::TXT, "0261"},
        {Type::HINFO, "0161"},
        {Type::DS, "00010802"},
        {Type::DNSKEY, "01000308"},
        {Type::CAA, "0000"},
        {Type::CAA, "00012d"},
        {Type::NSEC, "00"
                     "0000"},
        {Type::NSEC, "00"
                     "000100"},
        {Type::NSEC, "00"
                     "00024000"},
        {Type::NSEC, "00"
                     "000140"
                     "000140"},
        {Type::NSEC, "00"
                     "010140"
                     "000140"},
        {Type::NSEC, "00"
                     "000240"},
        {Type::NSEC3, "0100000000"
                      "00"},
        {Type::NSEC3PARAM, "0100000001"},
        {Type::LOC, ""},
        {Type::LOC, "00"},
        {Type::LOC, "00a01613"
                    "89172dd0"
                    "70be15f0"
                    "00988d20"},
        {Type::LOC, "00331613"
                    "ffffffff"
                    "70be15f0"
                    "00988d20"},
        {Type::APL, "00012100"},
        {Type::APL, "00010805"
                    "0102030405"},
        {Type::APL, "000108"},
        {Type::IPSECKEY, "0a0400"},
        {Type::IPSECKEY, "0a0100c00002"},
        {Type::IPSECKEY, "0a030001"},
        {Type::AMTRELAY, "0a"},
        {Type::AMTRELAY, "0a04"},
        {Type::AMTRELAY, "0a0001"},
        {Type::HIP, "01020000ff"},
        {Type::HIP, "0102000"
                    "1ffffff"},
        {Type::WKS, "01020304"},
        {Type::EUI48, "0102030405"},
        {Type::NXT, "00"
                    "0102030405060708090a0b0c0d0e0f1011"},
        {Type::ZONEMD, "0000000101010102030405060708090a0b"},
        {Type::SVCB, "0001"},
        {Type::SVCB, "000100"
                     "00"},
        {Type::SVCB, "000100"
                     "00030001ff"},
        {Type::SVCB, "000100"
                     "0003000200500003"
                     "00020051"},
        {Type::SVCB, "000100"
                     "0003000200500001"
                     "0003026832"},
        {Type::SVCB, "000100"
                     "00020000"},
        {Type::SVCB, "000100"
                     "000000020001"},
        {Type::SVCB, "000100"
                     "0001000100"},
        {Type::SVCB, "000100"
                     "000400030a0000"},
        {Type::SVCB, "000100"
                     "00010000"},
    };
    for (const Wire& each : bad)
        EXPECT_FALSE(validRdata(each.type, *fromHex(each.hex))) << typeText(each.type) << ' ' << each.hex;
    EXPECT_TRUE(validRdata(static_cast<Type>(65280), "anything"));
    EXPECT_TRUE(validRdata(Type::null, ""));
}

TEST(Rdata, WritesWhatHasNoTextAsRfc3597) {
    const Wire cases[] = {
        {Type::A, "010203"},
        {Type::LOC, "01ffff"},
        {Type::LOC, "0005161389172dd070be15f000988d20"},
        {Type::APL, "00030800"},
        {Type::APL, "000108020a00"},
        {Type::WKS, "0a0000010600"},
        {Type::NXT, "0000"},
        {Type::TXT, ""},
    };
    for (const Wire& each : cases) {
        const std::string data = *fromHex(each.hex);
        const std::string text = formatRdata(each.type, data);
        EXPECT_EQ(text.substr(0, 3), "\\# ") << typeText(each.type) << ' ' << text;
        EXPECT_EQ(wire(each.type, text) == data, validRdata(each.type, data)) << typeText(each.type);
    }
}

/// Data behind a message of twelve bytes and the name "example.com.", so that c00c points to that name.
std::string expanded(Type type, Bytes hex, std::size_t cut = 0) {
    std::string message(12, '\0');
    message += kExample;
    const std::size_t at = message.size();
    message += *fromHex(hex);
    const std::size_t length = message.size() - at - cut;
    message += std::string("\3end\0", 5);
    std::string to = "kept";
    if (!expandRdata(type, message, at, length, to))
        return to == "kept" ? "refused" : "not as it was";
    return formatRdata(type, Bytes(to).substr(4));
}

TEST(Rdata, ExpandsTheNamesOfOldTypes) {
    EXPECT_EQ(expanded(Type::NS, "c00c"), "example.com.");
    EXPECT_EQ(
        expanded(
            Type::MX, "0005"
                      "0161c00c"
        ),
        "5 a.example.com."
    );
    EXPECT_EQ(
        expanded(
            Type::SOA, "c00c"
                       "0161c00c"
                       "0000000100000002000000030000000400000005"
        ),
        "example.com. a.example.com. 1 2 3 4 5"
    );
    EXPECT_EQ(expanded(Type::MINFO, "c00cc00c"), "example.com. example.com.");
    EXPECT_EQ(expanded(Type::SRV, "000100020003c00c"), "1 2 3 example.com.");
    EXPECT_EQ(
        expanded(
            Type::NAPTR, "00010002"
                         "0161"
                         "00"
                         "00"
                         "c00c"
        ),
        "1 2 \"a\" \"\" \"\" example.com."
    );
    EXPECT_EQ(expanded(Type::RP, "c00cc014"), "example.com. com.");
    EXPECT_EQ(expanded(Type::PX, "0001c00cc00c"), "1 example.com. example.com.");
    EXPECT_EQ(
        expanded(
            Type::NXT, "c00c"
                       "40"
        ),
        "example.com. A"
    );
    EXPECT_EQ(
        expanded(
            Type::SIG, "0001050200000e10"
                       "00000001"
                       "00000002"
                       "0003"
                       "c00c"
                       "00"
        ),
        "A 5 2 3600 19700101000001 19700101000002 3 example.com. AA=="
    );
}

TEST(Rdata, ExpandsNothingElse) {
    EXPECT_EQ(expanded(Type::DNAME, "c00c"), "refused");
    EXPECT_EQ(expanded(Type::KX, "0001c00c"), "refused");
    EXPECT_EQ(
        expanded(
            Type::NSEC, "c00c"
                        "000140"
        ),
        "refused"
    );
    EXPECT_EQ(expanded(Type::SVCB, "0001c00c"), "refused");
    EXPECT_EQ(expanded(static_cast<Type>(65280), "c00c"), "\\# 2 C00C");
}

TEST(Rdata, RefusesDataThatLies) {
    EXPECT_EQ(expanded(Type::NS, ""), "refused");
    EXPECT_EQ(expanded(Type::NS, "c00cff"), "refused") << "more than a name";
    EXPECT_EQ(expanded(Type::NS, "c00c", 1), "refused")
        << "half a pointer: the next byte is another record's";
    EXPECT_EQ(expanded(Type::NS, "0161", 0), "refused") << "a name that goes on behind the data";
    EXPECT_EQ(expanded(Type::NS, "c019"), "refused") << "a pointer to itself";
    EXPECT_EQ(expanded(Type::NS, "c0ff"), "refused") << "a pointer to nowhere";
    EXPECT_EQ(expanded(Type::MX, "00"), "refused");
    EXPECT_EQ(expanded(Type::TXT, "0561"), "refused");
    EXPECT_EQ(expanded(Type::A, "0102030405"), "refused");
}

TEST(Rdata, CanonicalNamesAreInLowerCase) {
    const auto canonical = [](Type type, Bytes text) {
        std::string to;
        appendCanonicalRdata(type, wire(type, text), to);
        return formatRdata(type, to);
    };
    EXPECT_EQ(canonical(Type::NS, "NS.Example."), "ns.example.");
    EXPECT_EQ(canonical(Type::SOA, "NS.A. H.A. 1 2 3 4 5"), "ns.a. h.a. 1 2 3 4 5");
    EXPECT_EQ(canonical(Type::SRV, "1 2 3 T.A."), "1 2 3 t.a.");
    EXPECT_EQ(canonical(Type::DNAME, "T.A."), "t.a.");
    EXPECT_EQ(canonical(Type::NAPTR, "1 2 \"U\" \"S\" \"R\" T.A."), "1 2 \"U\" \"S\" \"R\" t.a.");
    EXPECT_EQ(
        canonical(Type::RRSIG, "A 8 1 1 1 1 1 S.A. AA=="), "A 8 1 1 19700101000001 19700101000001 1 s.a. AA=="
    );
    // RFC 6840 section 5.1, and types that came later.
    EXPECT_EQ(canonical(Type::NSEC, "N.A. A"), "N.A. A");
    EXPECT_EQ(canonical(Type::SVCB, "1 T.A."), "1 T.A.");
    EXPECT_EQ(canonical(Type::TXT, "ABC"), "\"ABC\"");
    EXPECT_EQ(canonical(static_cast<Type>(65280), "\\# 1 41"), "\\# 1 41");
}

TEST(Rdata, CompressibleTypesAreThoseOfTheLayouts) {
    for (unsigned number = 0; number < 65536; ++number) {
        const auto type = static_cast<Type>(number);
        unsigned names = 0;
        for (const FieldInfo& field : layoutOf(type))
            names += field.kind == Field::compressedName ? 1 : 0;
        EXPECT_EQ(compressibleNames(type).count, names) << typeText(type);
    }
}

TEST(Rdata, EveryTypeWithANameHasALayout) {
    for (unsigned number = 1; number < 65536; ++number) {
        const auto type = static_cast<Type>(number);
        const bool named = typeText(type).substr(0, 4) != "TYPE";
        const bool opaque = isMetaType(type) || type == Type::null;
        EXPECT_EQ(layoutOf(type).empty(), !named || opaque) << typeText(type);
    }
}

} // namespace
} // namespace twistdpp::dns
