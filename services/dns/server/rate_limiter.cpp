#include "twistdpp/dns_server/rate_limiter.h"

#include "twistdpp/dns_wire/octets.h"

#include <algorithm>
#include <random>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kBuckets = std::size_t{1} << 16;
constexpr unsigned kSlip = 2; // of how many answers above the limit one goes out truncated

std::uint32_t networkHash(const Address& client) noexcept {
    static const std::uint32_t seed = std::random_device()();
    const Bytes ip = client.ipBytes();
    const std::size_t size = ip.size() == 4 ? 3 : std::min<std::size_t>(ip.size(), 7);
    std::uint32_t hash = seed;
    for (const char c : ip.substr(0, size))
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x01000193U;
    return hash;
}

} // namespace

RateLimiter::RateLimiter(unsigned perSecond)
    : perSecond_(perSecond), buckets_(perSecond == 0 ? 0 : kBuckets) {}

RateLimiter::Verdict
RateLimiter::check(const Address& client, std::uint32_t kind, std::uint32_t seconds) noexcept {
    if (perSecond_ == 0 || client.isLoopback())
        return Verdict::send;
    std::uint32_t who = (networkHash(client) ^ kind) * 0x9e3779b1U;
    Bucket& bucket = buckets_[(who ^ who >> 16) % kBuckets];
    if (bucket.who != who || bucket.second != seconds) {
        // Half of what was too much in the last second still counts: a steady flood gets no fresh start every
        // second.
        const bool carried = bucket.who == who && seconds - bucket.second == 1 && bucket.count > perSecond_;
        bucket = {who, seconds, carried ? perSecond_ / 2 : 0};
    }
    if (++bucket.count <= perSecond_)
        return Verdict::send;
    return (bucket.count - perSecond_) % kSlip == 0 ? Verdict::truncate : Verdict::drop;
}

} // namespace twistdpp::dns
