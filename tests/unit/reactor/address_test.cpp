#include "twistdpp/reactor/address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace twistdpp {

namespace {

Address ip(const char* text, std::uint16_t port = 0) {
    return Address::parse(text, port).value();
}

Address throughTheSystem(const Address& address) {
    sockaddr_storage storage{};
    const std::size_t size = address.toSockaddr(storage);
    return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&storage), size);
}

} // namespace

TEST(Address, ParsesNumericAddressesOnly) {
    EXPECT_EQ(ip("127.0.0.1", 80).toString(), "127.0.0.1:80");
    EXPECT_EQ(ip("::1", 80).toString(), "[::1]:80");
    EXPECT_EQ(ip("2001:DB8:0:0::1").host(), "2001:db8::1");
    for (const char* wrong :
         {"", "localhost", "1.2.3", "1.2.3.4.5", "256.0.0.1", "127.0.0.1 ", ":::", "::1%", "[::1]"})
        EXPECT_FALSE(Address::parse(wrong, 1).ok()) << wrong;
    EXPECT_NE(Address::parse("localhost", 1).error().message().find("'localhost'"), std::string::npos);
    EXPECT_FALSE(Address::parse(Bytes("127.0.0.1\0x", 11), 1).ok()) << "a zero byte hides nothing";
}

TEST(Address, AnIpv4AddressInAnIpv6OneIsIpv4HoweverItCame) {
    EXPECT_EQ(ip("::ffff:127.0.0.1", 80), ip("127.0.0.1", 80));
    EXPECT_EQ(ip("::FFFF:c000:0201").host(), "192.0.2.1");
    EXPECT_TRUE(ip("::ffff:10.1.2.3").inPrefix(ip("10.0.0.0"), 8)) << "a rule for IPv4 is not got round";
    EXPECT_EQ(ip("::127.0.0.1").kind(), Address::Kind::ipv6) << "only the mapped ones";
}

TEST(Address, APathWithAZeroByteInItIsNone) {
    sockaddr_storage storage{};
    EXPECT_EQ(Address::unixPath(std::string("/run/a\0b", 8)).toSockaddr(storage), 0U);
    EXPECT_NE(Address::unixPath(std::string("\0a\0b", 4)).toSockaddr(storage), 0U);
}

TEST(Address, ScopesOfLinkLocalAddresses) {
    const Address scoped = ip("fe80::1%1", 5);
    EXPECT_EQ(throughTheSystem(scoped), scoped);
    EXPECT_NE(scoped, ip("fe80::1", 5));
    EXPECT_FALSE(Address::parse("fe80::1%no-such-interface", 5).ok());
}

TEST(Address, PrintsEachKind) {
    EXPECT_EQ(Address().toString(), "-");
    EXPECT_EQ(Address::unixPath("/run/x.sock").toString(), "unix:/run/x.sock");
    EXPECT_EQ(Address::unixPath(std::string("\0name", 5)).host(), "@name");
    EXPECT_EQ(Address::anyIpv4(7).toString(), "0.0.0.0:7");
    EXPECT_EQ(Address::anyIpv6(7).toString(), "[::]:7");
}

TEST(Address, SurvivesTheSystemsForm) {
    for (const Address& address :
         {ip("192.0.2.7", 1234), ip("2001:db8::7", 65535), Address::unixPath("/tmp/s"),
          Address::unixPath(std::string("\0abc", 4))})
        EXPECT_EQ(throughTheSystem(address), address) << address.toString();
    sockaddr_storage storage{};
    EXPECT_EQ(Address().toSockaddr(storage), 0U);
    EXPECT_EQ(Address::unixPath(std::string(200, 'x')).toSockaddr(storage), 0U);
    EXPECT_EQ(Address::fromSockaddr(nullptr, 0).kind(), Address::Kind::none);
}

TEST(Address, ShowsMappedIpv4AsIpv4) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(80);
    in.sin6_addr.s6_addr[10] = in.sin6_addr.s6_addr[11] = 0xFF;
    in.sin6_addr.s6_addr[12] = 192;
    in.sin6_addr.s6_addr[15] = 1;
    const Address address = Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&in), sizeof in);
    EXPECT_EQ(address, ip("192.0.0.1", 80));
}

TEST(Address, KnowsLocalNetworks) {
    for (const char* local : {"127.0.0.1", "127.9.9.9", "::1"})
        EXPECT_TRUE(ip(local).isLoopback()) << local;
    for (const char* far : {"128.0.0.1", "::2", "::"})
        EXPECT_FALSE(ip(far).isLoopback()) << far;
    for (const char* local :
         {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.9.9", "169.254.1.1", "fc00::1", "fdff::1",
          "fe80::1", "127.0.0.1", "::1"})
        EXPECT_TRUE(ip(local).isLocal()) << local;
    for (const char* far : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1", "2001:db8::1", "fec0::1"})
        EXPECT_FALSE(ip(far).isLocal()) << far;
    EXPECT_TRUE(Address::unixPath("/x").isLocal());
    EXPECT_FALSE(Address().isLocal());
}

TEST(Address, MatchesPrefixesBitByBit) {
    EXPECT_TRUE(ip("10.1.2.3").inPrefix(ip("10.0.0.0"), 8));
    EXPECT_FALSE(ip("11.0.0.0").inPrefix(ip("10.0.0.0"), 8));
    EXPECT_TRUE(ip("11.0.0.0").inPrefix(ip("10.0.0.0"), 7));
    EXPECT_TRUE(ip("192.0.2.129").inPrefix(ip("192.0.2.128"), 25));
    EXPECT_FALSE(ip("192.0.2.127").inPrefix(ip("192.0.2.128"), 25));
    EXPECT_TRUE(ip("1.2.3.4").inPrefix(ip("9.9.9.9"), 0));
    EXPECT_TRUE(ip("1.2.3.4").inPrefix(ip("1.2.3.4"), 32));
    EXPECT_FALSE(ip("1.2.3.5").inPrefix(ip("1.2.3.4"), 32));
    EXPECT_FALSE(ip("1.2.3.4").inPrefix(ip("1.2.3.4"), 33));
    EXPECT_TRUE(ip("2001:db8:ffff::1").inPrefix(ip("2001:db8::"), 32));
    EXPECT_FALSE(ip("2001:db9::1").inPrefix(ip("2001:db8::"), 32));
    EXPECT_FALSE(ip("::1").inPrefix(ip("0.0.0.1"), 0)) << "families never match";
}

TEST(Address, ComparesByValue) {
    EXPECT_EQ(ip("1.2.3.4", 5), ip("1.2.3.4", 5));
    EXPECT_NE(ip("1.2.3.4", 5), ip("1.2.3.4", 6));
    EXPECT_NE(ip("1.2.3.4", 5), Address());
    EXPECT_LT(ip("1.2.3.4", 5), ip("1.2.3.5", 1));
    EXPECT_LT(ip("1.2.3.4", 5), ip("1.2.3.4", 6));
    EXPECT_EQ(Address::unixPath("/a"), Address::unixPath("/a"));
    EXPECT_LT(Address::unixPath("/a"), Address::unixPath("/b"));
    EXPECT_EQ(ip("1.2.3.4", 5).withPort(6), ip("1.2.3.4", 6));
}

} // namespace twistdpp
