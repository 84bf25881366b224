// The test vectors of RFC 9460 appendix D, and the rules of its sections 2 and 7.
#include "support/dns_rdata_words.h"
#include "twistdpp/base/hex.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

using test::wire;

std::string hex(Bytes text) {
    const std::string data = wire(Type::SVCB, text, test::kRoot);
    return data.starts_with('!') ? data : toHex(data);
}

std::string again(Bytes text) {
    return formatRdata(Type::SVCB, wire(Type::SVCB, text, test::kRoot));
}

const std::string kFoo = "03666f6f076578616d706c6503636f6d00";

TEST(Svcb, VectorsOfRfc9460) {
    EXPECT_EQ(hex("0 foo.example.com."), "0000" + kFoo);
    EXPECT_EQ(hex("1 ."), "000100");
    EXPECT_EQ(hex("16 foo.example.com. port=53"), "0010" + kFoo + "000300020035");
    EXPECT_EQ(hex("1 foo.example.com. key667=hello"), "0001" + kFoo + "029b000568656c6c6f");
    EXPECT_EQ(
        hex("1 foo.example.com. key667=\"hello\\210qoo\""), "0001" + kFoo + "029b000968656c6c6fd2716f6f"
    );
    EXPECT_EQ(
        hex("1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\""),
        "0001" + kFoo + "0006002020010db800000000000000000000000120010db8000000000000000000530001"
    );
    EXPECT_EQ(
        hex("1 example.com. ipv6hint=\"2001:db8:122:344::192.0.2.33\""),
        "0001076578616d706c6503636f6d000006001020010db8012203440000"
        "0000c0000221"
    );
    EXPECT_EQ(
        hex("16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1"),
        "001003666f6f076578616d706c65036f72670000000004000100040001000902683205"
        "68332d313900040004c0000201"
    );
    const std::string escaped = "001003666f6f076578616d706c65036f726700"
                                "0001000c08665c6f6f2c626172"
                                "026832";
    EXPECT_EQ(hex("16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\""), escaped);
    EXPECT_EQ(hex("16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2"), escaped);
}

TEST(Svcb, TextOfAllKeys) {
    const Bytes texts[] = {
        "1 . mandatory=alpn,port alpn=\"h2,h3\" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 "
        "ech=AQID "
        "ipv6hint=2001:db8::1 dohpath=\"/dns-query{?dns}\" ohttp tls-supported-groups=29,23 "
        "key65333=\"a\\255\\\"b\"",
        "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"", "1 . key65000", "0 a."};
    for (const Bytes text : texts)
        EXPECT_EQ(again(text), text);
    EXPECT_EQ(again("1 . port=53 alpn=h2"), "1 . alpn=\"h2\" port=53") << "in the order of the keys";
    EXPECT_EQ(again("1 . key3=\\000\\053"), "1 . port=53") << "a known key by its number takes raw bytes";
    EXPECT_EQ(again("1 . \"alpn=h2\""), "1 . alpn=\"h2\"");
    EXPECT_EQ(again("1 . ALPN=h2"), "1 . alpn=\"h2\"");
    EXPECT_EQ(wire(Type::HTTPS, "1 . alpn=h2"), wire(Type::SVCB, "1 . alpn=h2"));
}

TEST(Svcb, RefusesBadParameters) {
    const Bytes texts[] = {
        "1 . key123=abc key123=def",
        "1 . mandatory",
        "1 . alpn",
        "1 . port",
        "1 . ipv4hint",
        "1 . ipv6hint",
        "1 . no-default-alpn=abc",
        "1 . mandatory=key123",
        "1 . mandatory=mandatory",
        "1 . mandatory=key123,key123 key123=abc",
        "1 . no-default-alpn",
        "1 . alpn=",
        "1 . alpn=h2,",
        "1 . alpn=,h2",
        "1 . port=65536",
        "1 . port=x",
        "1 . port=1,2",
        "1 . ipv4hint=1.2.3",
        "1 . ipv4hint=1.2.3.4,",
        "1 . ipv6hint=1.2.3.4",
        "1 . ech=*",
        "1 . ech=",
        "1 . nosuch=1",
        "1 . key65536=1",
        "1 . key01=1",
        "1 . key=1",
        "1 . key3=1",
        "1 . ohttp=1",
        "1 . dohpath=",
        "1 . tls-supported-groups=",
        "1 . port=1 port=2",
        "1 . alpn=\\300",
        "1",
        "x .",
    };
    for (const Bytes text : texts)
        EXPECT_EQ(hex(text).substr(0, 1), "!") << text << " -> " << hex(text);
    EXPECT_EQ(hex("1 . port=1 port=2"), "!the parameter 'port=2' has a key that stands there twice");
    EXPECT_EQ(hex("1 . nosuch=1"), "!the parameter 'nosuch=1' begins with no known key, nor one as key65333");
    EXPECT_EQ(hex("1 . port=x"), "!the parameter 'port=x' has a value that does not fit its key");
}

} // namespace
} // namespace twistdpp::dns
