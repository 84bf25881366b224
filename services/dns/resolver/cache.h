#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/dns_resolver/answer.h"
#include "twistdpp/dns_resolver/asked.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace twistdpp::dns {

/// How much a Cache keeps, and for how long beyond an answer's own life.
struct CacheLimits {
    std::size_t bytes = 16 * 1024 * 1024; // as the allocator counts them, the table included
    std::uint32_t maxStale = 86400;       // seconds; 0: nothing is kept past its time (RFC 8767)
    std::uint32_t failure = 5;            // seconds for which "nobody answers" is remembered (RFC 9520)
};

/// An answer that a Cache keeps; borrowed until the cache is changed.
struct Cached {
    enum class State { none, fresh, stale };
    State state = State::none;
    bool failure = false; // that there was no answer: `message` is empty
    bool authenticated = false;
    bool hold = false; // stale, and the servers were asked in vain a moment ago
    Rcode rcode = Rcode::noError;
    std::uint32_t age = 0; // seconds since it came
    Bytes message;         // as Answer::message
    std::span<const std::uint16_t> ttls;

    explicit operator bool() const noexcept { return state != State::none; }
};

/// Answers by their questions, whole messages in the form in which they are sent, so that a hit is a copy
/// and some TTLs. Nothing of a message answers any other question than its own. What was used longest ago
/// goes when the limit is reached. Looking up allocates nothing.
class Cache {
public:
    explicit Cache(const CacheLimits& limits = CacheLimits());
    ~Cache();
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;

    Cached find(const Asked& asked, TimePoint now) noexcept;
    /// Keeps the answer in place of what it has, if its lifetime is not 0.
    void put(const Asked& asked, const Answer& answer, TimePoint now);
    /// Remembers that nobody answers, unless an old answer is there: that is then given out for half a minute
    /// without asking again.
    void putFailure(const Asked& asked, TimePoint now);
    void clear() noexcept;

    std::size_t entries() const noexcept { return entries_; }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    struct Entry;

    Entry* lookUp(const AskedKey& key) const noexcept;
    void
    insert(const AskedKey& key, const Answer& answer, std::uint32_t lifetime, bool failure, TimePoint now);
    void touch(Entry& entry) noexcept;
    void unlink(Entry& entry) noexcept;
    void drop(Entry& entry) noexcept;
    void grow();

    CacheLimits limits_;
    std::vector<Entry*> buckets_; // a power of two of chains
    Entry* newest_ = nullptr;
    Entry* oldest_ = nullptr;
    std::size_t entries_ = 0, bytes_ = 0;
};

} // namespace twistdpp::dns
