#include "twistdpp/dns_server/cookies.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/dns_server/siphash.h"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace twistdpp::dns {
namespace {

TEST(SipHash, givesTheValueOfItsAuthors) {
    std::array<std::uint8_t, 16> key;
    std::string message;
    for (std::uint8_t i = 0; i < 16; ++i)
        key[i] = i;
    for (char i = 0; i < 15; ++i)
        message += i;
    EXPECT_EQ(sipHash24(key, message), 0xa129ca6149be45e5U);
}

class CookieFile : public testing::Test {
protected:
    void SetUp() override { path_ = "/tmp/twistdpp-cookies-" + std::to_string(::getpid()); }
    void TearDown() override { std::remove(path_.c_str()); }
    Result<Cookies> read(const std::string& text) {
        std::ofstream(path_) << text;
        return Cookies::fromFile(path_);
    }
    std::string path_;
};

std::string
made(const Cookies& cookies, const std::string& client, const std::string& address, std::uint32_t time) {
    std::array<char, Cookies::kSize> cookie;
    cookies.make(*fromHex(client), Address::parse(address, 53).value(), time, cookie);
    return toHex({cookie.data(), cookie.size()});
}

TEST_F(CookieFile, makesTheCookieOfTheRfc) { // RFC 9018 appendix A.1
    const Cookies cookies = read("e5e973e5a6b2a43f48e7dc849e37bfcf\n").value();
    EXPECT_EQ(
        made(cookies, "2464c4abcf10c957", "198.51.100.100", 1559731985),
        "2464c4abcf10c957010000005cf79f111f8130c3eee29480"
    );
}

TEST_F(CookieFile, acceptsItsOwnForAnHourAndForThatAddressAlone) {
    const Cookies cookies;
    const Address client = Address::parse("2001:db8::1", 1).value(),
                  other = Address::parse("2001:db8::2", 1).value();
    std::array<char, Cookies::kSize> memory;
    cookies.make("12345678", client, 1'000'000, memory);
    const Bytes cookie(memory.data(), memory.size());
    EXPECT_TRUE(cookies.valid(cookie, client, 1'000'000));
    EXPECT_TRUE(cookies.valid(cookie, client, 1'003'600));
    EXPECT_FALSE(cookies.valid(cookie, client, 1'003'601));
    EXPECT_TRUE(cookies.valid(cookie, client, 999'701)) << "a server whose clock is a little behind";
    EXPECT_FALSE(cookies.valid(cookie, client, 999'000));
    EXPECT_FALSE(cookies.valid(cookie, other, 1'000'000));
    EXPECT_FALSE(cookies.valid(cookie.substr(0, 8), client, 1'000'000));
    EXPECT_FALSE(Cookies().valid(cookie, client, 1'000'000)) << "another server's";
}

TEST_F(CookieFile, stillAcceptsTheSecretBefore) {
    const Cookies before = read("000102030405060708090a0b0c0d0e0f").value();
    const Cookies now =
        read("# rotated\nffffffffffffffffffffffffffffffff\n000102030405060708090a0b0c0d0e0f\n").value();
    const Address client = Address::loopback(1);
    std::array<char, Cookies::kSize> memory;
    before.make("12345678", client, 5000, memory);
    EXPECT_TRUE(now.valid({memory.data(), memory.size()}, client, 5001));
}

TEST_F(CookieFile, saysWhatIsWrongWithAFile) {
    EXPECT_EQ(read("abc\n").error().message(), path_ + ":1: a cookie secret is 32 hexadecimal digits");
    EXPECT_NE(read("\n").error().message().find("holds no cookie secret"), std::string::npos);
    EXPECT_NE(Cookies::fromFile("/nowhere/secret").error().message().find("No such file"), std::string::npos);
}

} // namespace
} // namespace twistdpp::dns
