#include "twistdpp/net/proxy_header.h"

#include "twistdpp/net/crc32c.h"

#include <gtest/gtest.h>
#include <string>

namespace twistdpp {

namespace {

ProxyHeader ipv4() {
    return ProxyHeader(*Address::parse("192.0.2.1", 56324), *Address::parse("198.51.100.2", 443));
}
ProxyHeader ipv6() {
    return ProxyHeader(*Address::parse("2001:db8::1", 1), *Address::parse("2001:db8::2", 65535));
}

/// "done N", "more", or the error.
std::string verdict(Bytes data) {
    const auto parsed = parseProxyHeader(data);
    if (!parsed)
        return parsed.error().message();
    return *parsed ? "done " + std::to_string((*parsed)->size) : "more";
}

/// Complete, and incomplete everywhere before its end.
void expectWhole(const std::string& text) {
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_EQ(verdict(Bytes(text).substr(0, size)), "more") << size << " bytes of " << text;
    EXPECT_EQ(verdict(text), "done " + std::to_string(text.size()));
    EXPECT_EQ(verdict(text + "GET / HTTP/1.1\r\n"), "done " + std::to_string(text.size()));
}

std::string v2(unsigned char command, unsigned char family, const std::string& body) {
    std::string text("\r\n\r\n\0\r\nQUIT\n", 12);
    text += static_cast<char>(command);
    text += static_cast<char>(family);
    text += static_cast<char>(body.size() >> 8);
    text += static_cast<char>(body.size() & 0xff);
    return text + body;
}

const std::string addresses("\x7f\0\0\1\x7f\0\0\2\0\1\0\2", 12);

} // namespace

TEST(ProxyHeader, ReadsVersion1) {
    const std::string text = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";
    expectWhole(text);
    const auto parsed = parseProxyHeader(text);
    EXPECT_EQ((*parsed)->version, ProxyVersion::v1);
    EXPECT_EQ((*parsed)->header.source.toString(), "192.0.2.1:56324");
    EXPECT_EQ((*parsed)->header.destination.toString(), "198.51.100.2:443");
    EXPECT_FALSE((*parsed)->header.local);
    EXPECT_EQ(formatProxyV1((*parsed)->header), text);
    expectWhole("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n");
    expectWhole("PROXY UNKNOWN\r\n");
    expectWhole("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n");
}

TEST(ProxyHeader, RefusesWhatIsNoVersion1) {
    for (const char* wrong :
         {"PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 56324 65536\r\n",
          "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 \r\n", "PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n",
          "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n",
          "PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n",
          "PROXY TCP6 fe80::1%lo fe80::2 1 2\r\n", "PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n", "PROXY \r\n",
          "PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n"})
        EXPECT_NE(verdict(wrong).find("version 1"), std::string::npos) << wrong;
    EXPECT_EQ(verdict("PROXY " + std::string(100, 'x')), "more");
    EXPECT_NE(verdict("PROXY " + std::string(101, 'x')).find("longer than 107"), std::string::npos);
}

TEST(ProxyHeader, RefusesAnyOtherBeginningAtItsFirstByte) {
    for (const char* wrong : {"G", "PROXX", "\r\nA", "\x16\x03\x01"})
        EXPECT_EQ(verdict(wrong), "PROXY header: there is none") << wrong;
}

TEST(ProxyHeader, Version2ComesBackAsItWasWritten) {
    for (const ProxyHeader& header : {ipv4(), ipv6()}) {
        for (const bool checksum : {false, true}) {
            const std::string text = formatProxyV2(header, checksum);
            expectWhole(text);
            const auto parsed = parseProxyHeader(text);
            EXPECT_EQ((*parsed)->version, ProxyVersion::v2);
            EXPECT_EQ((*parsed)->header.source, header.source);
            EXPECT_EQ((*parsed)->header.destination, header.destination);
        }
    }
}

TEST(ProxyHeader, Version2CarriesMore) {
    ProxyHeader header = ipv4();
    header.alpn = "h2";
    header.authority = "www.example.org";
    header.uniqueId = std::string("\0\1id", 4);
    header.networkNamespace = "blue";
    header.tls = true;
    header.certificateVerified = true;
    header.tlsVersion = "TLSv1.3";
    header.tlsCipher = "TLS_AES_128_GCM_SHA256";
    header.certificateName = "alice";
    const std::string text = formatProxyV2(header, true);
    expectWhole(text);
    const auto parsed = parseProxyHeader(text);
    const ProxyHeader& read = (*parsed)->header;
    EXPECT_EQ(read.alpn, "h2");
    EXPECT_EQ(read.serverName(), "www.example.org");
    EXPECT_EQ(read.uniqueId, header.uniqueId);
    EXPECT_EQ(read.networkNamespace, "blue");
    EXPECT_TRUE(read.tls);
    EXPECT_TRUE(read.certificateVerified);
    EXPECT_EQ(read.tlsVersion, "TLSv1.3");
    EXPECT_EQ(read.tlsCipher, "TLS_AES_128_GCM_SHA256");
    EXPECT_EQ(read.certificateName, "alice");
}

TEST(ProxyHeader, Version2KnowsUnixSockets) {
    const ProxyHeader header(Address::unixPath("/run/a"), Address::unixPath(std::string("\0b\0c", 4)));
    const auto parsed = parseProxyHeader(formatProxyV2(header));
    EXPECT_EQ((*parsed)->header.source, header.source);
    EXPECT_EQ((*parsed)->header.destination, header.destination);
}

TEST(ProxyHeader, ALocalConnectionKeepsItsOwnAddresses) {
    for (const std::string& text :
         {v2(0x20, 0x00, ""), v2(0x20, 0x11, addresses), v2(0x21, 0x00, "whatever")}) {
        const auto parsed = parseProxyHeader(text);
        ASSERT_TRUE(parsed && *parsed);
        EXPECT_TRUE((*parsed)->header.local);
        EXPECT_EQ((*parsed)->size, text.size());
    }
    ProxyHeader header;
    header.local = true;
    EXPECT_EQ(formatProxyV2(header), v2(0x20, 0x00, ""));
    EXPECT_EQ(formatProxyV1(header), "PROXY UNKNOWN\r\n");
}

TEST(ProxyHeader, RefusesWhatIsNoVersion2) {
    const auto expectError = [](const std::string& text, const char* part) {
        EXPECT_NE(verdict(text).find(part), std::string::npos) << verdict(text);
    };
    expectError(v2(0x31, 0x11, addresses), "version is neither");
    expectError(v2(0x22, 0x11, addresses), "command is neither");
    expectError(v2(0x21, 0x41, addresses), "family is unknown");
    expectError(v2(0x21, 0x13, addresses), "family is unknown");
    expectError(v2(0x21, 0x11, addresses.substr(1)), "too short for its addresses");
    expectError(v2(0x21, 0x21, addresses), "too short for its addresses");
    expectError(v2(0x21, 0x11, addresses + "\x01"), "cut off");
    expectError(v2(0x21, 0x11, addresses + std::string("\x01\0\3h2", 5)), "cut off");
    expectError(v2(0x21, 0x11, addresses + std::string("\x20\0\1\1", 4)), "values on TLS");
    expectError(v2(0x21, 0x11, addresses + std::string("\x03\0\2ab", 5)), "four bytes");
    expectError(
        v2(0x21, 0x11, addresses + std::string("\x05\0\x81", 3) + std::string(129, 'x')), "unique id"
    );
    expectError(v2(0x21, 0x11, std::string(4096, 'x')), "longer than 4096");
    std::string sum = formatProxyV2(ipv4(), true);
    sum[20] = static_cast<char>(sum[20] ^ 1);
    expectError(sum, "checksum is wrong");
}

TEST(Crc32c, KnownValues) {
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U); // RFC 3720's check value
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c("6789", crc32c("12345")), crc32c("123456789"));
}

} // namespace twistdpp
