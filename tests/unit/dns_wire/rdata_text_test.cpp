// Every type's text, with the examples of its RFC where there are some: to wire, back to text, and to the
// same wire again.
#include "support/dns_rdata_words.h"
#include "twistdpp/base/hex.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <iterator>

namespace twistdpp::dns {
namespace {

using test::kExample;
using test::wire;

struct Case {
    Type type;
    Bytes text;
    Bytes canonical; // as formatRdata() writes it; empty for the same as `text`
    Bytes hex = {};  // wire data, where an RFC shows it or it is short
};

const Case kCases[] = {
    {Type::A, "192.0.2.1", "", "c0000201"},
    {Type::NS, "ns", "ns.example.com.", "026e73076578616d706c6503636f6d00"},
    {Type::MD, "a.", "", "016100"},
    {Type::MF, "a.", "", "016100"},
    {Type::CNAME, "@", "example.com.", "076578616d706c6503636f6d00"},
    {Type::SOA, "ns. admin\\.x.a. 2024010100 1h30m 15M 1w 1D",
     "ns. admin\\.x.a. 2024010100 5400 900 604800 86400",
     "026e73000761646d696e2e78016100"
     "78a3f174"
     "00001518"
     "00000384"
     "00093a80"
     "00015180"},
    {Type::MB, "a.", ""},
    {Type::MG, "a.", ""},
    {Type::MR, "a.", ""},
    {Type::null, "\\# 3 abCDef", "\\# 3 ABCDEF", "abcdef"},
    {Type::null, "\\# 0", ""},
    {Type::WKS, "10.0.0.1 TCP ftp smtp 80", "10.0.0.1 6 21 25 80", "0a000001060000044000000000000080"},
    {Type::WKS, "10.0.0.1 17", "", "0a00000111"},
    {Type::PTR, "host.example.net.", ""},
    {Type::HINFO, "VAX-11/780 UNIX", "\"VAX-11/780\" \"UNIX\"", "0a5641582d31312f37383004554e4958"},
    {Type::MINFO, "a. b.", ""},
    {Type::MX, "10 mail", "10 mail.example.com.", "000a046d61696c076578616d706c6503636f6d00"},
    {Type::TXT, "a \"b c\" \"\" \"q\\\"\\\\\\007;\"", "\"a\" \"b c\" \"\" \"q\\\"\\\\\\007;\"",
     "0161"
     "03622063"
     "00"
     "0571225c073b"},
    {Type::RP, "louie.trantor.umd.edu. lam1.people.test.", ""},
    {Type::AFSDB, "1 bigbird", "1 bigbird.example.com."},
    {Type::X25, "311061700956", "\"311061700956\""},
    {Type::ISDN, "150862028003217 004", "\"150862028003217\" \"004\""},
    {Type::ISDN, "150862028003217", "\"150862028003217\""},
    {Type::RT, "2 relay.prime.com.", ""},
    {Type::NSAP, "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00",
     "0x47000580005A0000000001E133FFFFFF00016100"},
    {Type::SIG, "A RSASHA1 2 3600 20030322173103 20030220173103 2642 example.com. AAECAw==",
     "A 5 2 3600 20030322173103 20030220173103 2642 example.com. AAECAw=="},
    {Type::KEY, "256 3 5 AQPS", ""},
    {Type::KEY, "49152 3 5", "", "c0000305"},
    {Type::PX, "10 net2.it. prmd-net2.admdb.c-it.", ""},
    {Type::GPOS, "-32.6882 116.8652 10.0", "\"-32.6882\" \"116.8652\" \"10.0\""},
    {Type::AAAA, "2001:DB8:0::1", "2001:db8::1", "20010db8000000000000000000000001"},
    {Type::AAAA, "::ffff:192.0.2.1", ""},
    {Type::LOC, "42 21 54 N 71 06 18 W -24m 30m",
     "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m",
     "00331613"
     "89172dd0"
     "70be15f0"
     "00988d20"},
    {Type::LOC, "42 21 43.952 N 71 5 6.344 W -24m 1m 200m",
     "42 21 43.952 N 71 5 6.344 W -24.00m 1.00m 200.00m 10.00m"},
    {Type::LOC, "52 14 05 N 00 08 50 E 10m", "52 14 5.000 N 0 8 50.000 E 10.00m 1.00m 10000.00m 10.00m"},
    {Type::LOC, "32 7 19 S 116 2 25 E 10m", "32 7 19.000 S 116 2 25.000 E 10.00m 1.00m 10000.00m 10.00m"},
    {Type::LOC, "90 S 180 W -100000.00 0 0.05 90000000",
     "90 0 0.000 S 180 0 0.000 W -100000.00m 0.00m 0.05m 90000000.00m"},
    {Type::NXT, "medium.foo.tld. A MX SIG NXT", "", "066d656469756d03666f6f03746c64004001008 2"},
    {Type::EID, "E32C 6F78163A9348", "E32C6F78163A9348"},
    {Type::NIMLOC, "32251A030067", ""},
    {Type::SRV, "0 1 9 old-slow-box.example.com.", ""},
    {Type::NAPTR, "100 50 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example.com!\" .", ""},
    {Type::KX, "10 kx", "10 kx.example.com."},
    {Type::CERT, "PGP 0 0 AQID", "", "00030000000102 03"},
    {Type::CERT, "65280 12345 RSASHA256 AQID", "65280 12345 8 AQID"},
    {Type::DNAME, "frobozz-division.acme.example.", ""},
    {Type::APL, "1:192.168.32.0/21 !1:192.168.38.0/28", "", "00011503c0a82000011c83c0a826"},
    {Type::APL, "1:224.0.0.0/4 2:FF00:0:0:0:0:0:0:0/8", "1:224.0.0.0/4 2:ff00::/8", "00010401e00002080 1ff"},
    {Type::APL, "", "", ""},
    {Type::DS, "60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )",
     "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"},
    {Type::SSHFP, "2 1 123456789abcdef67890123456789abcdef67890",
     "2 1 123456789ABCDEF67890123456789ABCDEF67890"},
    {Type::IPSECKEY, "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", ""},
    {Type::IPSECKEY, "10 0 2 . AQNR", ""},
    {Type::IPSECKEY, "10 3 2 mygateway AQNR", "10 3 2 mygateway.example.com. AQNR"},
    {Type::IPSECKEY, "10 2 2 2001:db8:0:8002::2000:1 AQNR", ""},
    {Type::IPSECKEY, "10 1 0 192.0.2.38", "", "0a0100c0000226"},
    {Type::RRSIG,
     "A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1W6WNGv+ldvQ3 WDG0MQkg5IEhjRip8WTr",
     "A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTr"},
    {Type::RRSIG, "TYPE1234 253 0 1h 1048354263 1045762263 0 . AA==",
     "TYPE1234 253 0 3600 20030322173103 20030220173103 0 . AA=="},
    {Type::NSEC, "host.example.com. A MX RRSIG NSEC TYPE1234", "",
     "04686f7374076578616d706c6503636f6d000006400100000003041b00000000000000000000000000000000000000000000000"
     "0000020"},
    {Type::DNSKEY, "256 3 ECDSAP256SHA256 AQPSKmynfzW4", "256 3 13 AQPSKmynfzW4"},
    {Type::DHCID, "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=", ""},
    {Type::NSEC3, "1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
     "1 1 12 AABBCCDD 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG"},
    {Type::NSEC3, "1 0 0 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S", "1 0 0 - 2vptu5timamqttgl4luu9kg21e0aor3s"},
    {Type::NSEC3PARAM, "1 0 12 aabbccdd", "1 0 12 AABBCCDD", "0100000c04aabbccdd"},
    {Type::NSEC3PARAM, "1 0 0 -", "", "0100000000"},
    {Type::TLSA, "3 1 1 0d6fce3320315023ff499ec3e0dc6c4cc6a4e9bc",
     "3 1 1 0D6FCE3320315023FF499EC3E0DC6C4CC6A4E9BC"},
    {Type::SMIMEA, "0 0 1 ABCD", ""},
    {Type::HIP, "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9 rvs1.example.com. rvs2",
     "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9 rvs1.example.com. rvs2.example.com."},
    {Type::HIP, "2 20 AwEA", ""},
    {Type::NINFO, "\"x\"", ""},
    {Type::RKEY, "0 1 2 AwEA", ""},
    {Type::TALINK, "a. b.", ""},
    {Type::CDS, "0 0 0 00", "", "0000000000"},
    {Type::CDNSKEY, "0 3 0 AA==", "", "0000030000"},
    {Type::OPENPGPKEY, "mQ EN BA==", "mQENBA=="},
    {Type::CSYNC, "66 3 A NS AAAA", "", "000000420003000460000008"},
    {Type::ZONEMD, "2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46CD69D6D2 9711E55217057BEE",
     "2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE"},
    {Type::SPF, "\"v=spf1 -all\"", ""},
    {Type::NID, "10 14:4fff:ff20:ee64", "10 0014:4FFF:FF20:EE64", "000a00144fffff20ee64"},
    {Type::L32, "10 10.1.2.0", "", "000a0a010200"},
    {Type::L64, "10 2001:0DB8:1140:1000", "", "000a20010db811401000"},
    {Type::LP, "10 l64-subnet1", "10 l64-subnet1.example.com."},
    {Type::EUI48, "00-00-5e-00-53-2a", "00-00-5E-00-53-2A", "00005e00532a"},
    {Type::EUI64, "00-00-5E-EF-10-00-00-2A", "", "00005eef1000002a"},
    {Type::URI, "10 1 \"ftp://ftp1.example.com/public\"", ""},
    {Type::CAA, "0 issue \"ca.example.net; policy=ev\"", ""},
    {Type::CAA, "128 tbs Unknown", "128 tbs \"Unknown\"", "8003746273556e6b6e6f776e"},
    {Type::AVC, "\"app-name:WOLFGANG|app-class:OAM\"", ""},
    {Type::AMTRELAY, "10 0 1 203.0.113.15", "", "0a01cb00710f"},
    {Type::AMTRELAY, "10 1 2 2001:db8::15", "", "0a8220010db8000000000000000000000015"},
    {Type::AMTRELAY, "128 1 3 amtrelays.example.com.", ""},
    {Type::AMTRELAY, "10 0 0 .", "", "0a00"},
    {Type::RESINFO, "\"qnamemin\" \"exterr=15-17\"", ""},
    {Type::TA, "1 2 3 04", ""},
    {Type::DLV, "1 2 3 04", ""},
    {static_cast<Type>(65280), "\\# 4 0A 00 00 01", "\\# 4 0A000001", "0a000001"},
    {Type::A, "\\# 4 0A000001", "10.0.0.1"},
};

std::string plain(Bytes hex) {
    std::string out;
    std::copy_if(hex.begin(), hex.end(), std::back_inserter(out), [](char c) { return c != ' '; });
    return out;
}

TEST(RdataText, ToWireAndBack) {
    for (const Case& each : kCases) {
        std::string line;
        for (const char c : each.text) // what the zone reader has taken out already
            line += c == '(' || c == ')' ? ' ' : c;
        SCOPED_TRACE(typeText(each.type) + " " + line);
        const std::string data = wire(each.type, line);
        if (!each.hex.empty()) {
            EXPECT_EQ(toHex(data), plain(each.hex));
        }
        EXPECT_TRUE(validRdata(each.type, data)) << data;
        const std::string text = formatRdata(each.type, data);
        EXPECT_EQ(text, each.canonical.empty() ? each.text : each.canonical);
        EXPECT_EQ(wire(each.type, text), data);
        std::string expanded;
        EXPECT_TRUE(expandRdata(each.type, data, 0, data.size(), expanded));
        EXPECT_EQ(expanded, data);
        std::string generic = "\\# " + std::to_string(data.size()) + " " + toHex(data);
        EXPECT_EQ(wire(each.type, generic), data);
    }
}

} // namespace
} // namespace twistdpp::dns
