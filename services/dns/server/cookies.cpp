#include "twistdpp/dns_server/cookies.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/dns_server/siphash.h"
#include "twistdpp/dns_wire/octets.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kHead =
    16; // client cookie, version, reserved bytes and time: what is hashed with the address
constexpr std::uint32_t kOldest = 3600,
                        kNewest = 300; // seconds into the past and the future (RFC 9018 section 4.3)

} // namespace

Cookies::Cookies() {
    std::random_device source;
    for (std::size_t i = 0; i < current_.size(); i += 4) {
        const std::uint32_t word = source();
        std::memcpy(current_.data() + i, &word, 4);
    }
}

Result<Cookies> Cookies::fromFile(const std::string& path) {
    std::ifstream file(path);
    if (!file)
        return Error::fromErrno(errno, "cookie secret " + path);
    Cookies cookies;
    std::string line;
    unsigned count = 0;
    for (unsigned number = 1; count < 2 && std::getline(file, line); ++number) {
        const Bytes digits = ascii::trim(line, " \t\r");
        if (digits.empty() || digits.front() == '#')
            continue;
        const auto secret = fromHex(digits);
        if (!secret || secret->size() != 16)
            return Error(path + ":" + std::to_string(number) + ": a cookie secret is 32 hexadecimal digits");
        std::memcpy((count == 0 ? cookies.current_ : cookies.previous_).data(), secret->data(), 16);
        ++count;
    }
    if (count == 0)
        return Error(path + ": holds no cookie secret; it is a line of 32 hexadecimal digits");
    cookies.hasPrevious_ = count == 2;
    return cookies;
}

std::uint64_t Cookies::hash(const Secret& secret, Bytes head, const Address& client) noexcept {
    std::array<char, kHead + 16> input;
    std::memcpy(input.data(), head.data(), kHead);
    const Bytes ip = client.ipBytes();
    std::memcpy(input.data() + kHead, ip.data(), ip.size());
    return sipHash24(secret, {input.data(), kHead + ip.size()});
}

void Cookies::make(
    Bytes clientCookie, const Address& client, std::uint32_t seconds, std::array<char, kSize>& to
) const noexcept {
    std::memcpy(to.data(), clientCookie.data(), kClientSize);
    put32(to.data() + 8, 0x01000000U); // the version and three bytes of zero
    put32(to.data() + 12, seconds);
    const std::uint64_t value = hash(current_, {to.data(), kHead}, client);
    std::memcpy(to.data() + kHead, &value, 8);
}

bool Cookies::valid(Bytes cookie, const Address& client, std::uint32_t seconds) const noexcept {
    if (cookie.size() != kSize || get8(&cookie[8]) != 1)
        return false;
    const std::uint32_t age = seconds - get32(&cookie[12]);
    if (age > kOldest && age < 0U - kNewest)
        return false;
    std::uint64_t got;
    std::memcpy(&got, &cookie[kHead], 8);
    return got == hash(current_, cookie, client) || (hasPrevious_ && got == hash(previous_, cookie, client));
}

} // namespace twistdpp::dns
