#include "twistdpp/dns_resolver/cache.h"

#include <algorithm>
#include <cstring>
#include <malloc.h>
#include <new>
#include <utility>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kFirstBuckets = 64;
constexpr std::size_t kBlockHeader = sizeof(std::size_t); // what the allocator adds to a block
constexpr auto kHoldStale = std::chrono::seconds(30);     // RFC 8767 section 5

} // namespace

/// One block of memory: this, the places of TTLs, the key, the message.
struct Cache::Entry {
    Entry* chain;
    Entry* newer;
    Entry* older;
    TimePoint came, holdUntil;
    std::size_t block; // bytes that it takes
    std::uint32_t hash, lifetime;
    std::uint32_t messageSize;
    std::uint16_t keySize, ttlCount;
    Rcode rcode;
    bool failure, authenticated;

    std::uint16_t* ttls() noexcept { return reinterpret_cast<std::uint16_t*>(this + 1); }
    char* key() noexcept { return reinterpret_cast<char*>(ttls() + ttlCount); }
    char* message() noexcept { return key() + keySize; }
    std::int64_t age(TimePoint now) const noexcept {
        return std::chrono::duration_cast<std::chrono::seconds>(now - came).count();
    }
};

Cache::Cache(const CacheLimits& limits) : limits_(limits), buckets_(kFirstBuckets) {
    bytes_ = buckets_.capacity() * sizeof(Entry*);
}

Cache::~Cache() {
    clear();
}

void Cache::clear() noexcept {
    while (oldest_)
        drop(*oldest_);
}

Cache::Entry* Cache::lookUp(const AskedKey& key) const noexcept {
    for (Entry* at = buckets_[key.hash() & (buckets_.size() - 1)]; at; at = at->chain) {
        if (at->hash == key.hash() && Bytes(at->key(), at->keySize) == key.bytes())
            return at;
    }
    return nullptr;
}

Cached Cache::find(const Asked& asked, TimePoint now) noexcept {
    Cached found;
    Entry* const entry = lookUp(AskedKey(asked));
    if (!entry)
        return found;
    const std::int64_t age = entry->age(now);
    if (age >= entry->lifetime) {
        if (entry->failure || age >= std::int64_t{entry->lifetime} + limits_.maxStale) {
            drop(*entry);
            return found;
        }
        found.hold = now < entry->holdUntil;
    }
    touch(*entry);
    found.state = age < entry->lifetime ? Cached::State::fresh : Cached::State::stale;
    found.failure = entry->failure;
    found.authenticated = entry->authenticated;
    found.rcode = entry->rcode;
    found.age = static_cast<std::uint32_t>(age);
    found.message = Bytes(entry->message(), entry->messageSize);
    found.ttls = {entry->ttls(), entry->ttlCount};
    return found;
}

void Cache::put(const Asked& asked, const Answer& answer, TimePoint now) {
    if (answer.lifetime > 0)
        insert(AskedKey(asked), answer, answer.lifetime, false, now);
}

void Cache::putFailure(const Asked& asked, TimePoint now) {
    const AskedKey key(asked);
    if (Entry* const old = lookUp(key); old && !old->failure) {
        old->holdUntil = now + kHoldStale;
        return;
    }
    Answer nothing;
    nothing.rcode = Rcode::servFail;
    if (limits_.failure > 0)
        insert(key, nothing, limits_.failure, true, now);
}

void Cache::insert(
    const AskedKey& key, const Answer& answer, std::uint32_t lifetime, bool failure, TimePoint now
) {
    if (Entry* const old = lookUp(key))
        drop(*old);
    const std::size_t size = sizeof(Entry) + answer.ttls.size() * sizeof(std::uint16_t) + key.bytes().size() +
                             answer.message.size();
    if (size > limits_.bytes / 4)
        return; // one answer is not worth all the others
    auto* const entry = new (::operator new(size)) Entry{};
    entry->came = now;
    entry->holdUntil = now;
    entry->block = malloc_usable_size(entry) + kBlockHeader;
    entry->hash = key.hash();
    entry->lifetime = lifetime;
    entry->messageSize = static_cast<std::uint32_t>(answer.message.size());
    entry->keySize = static_cast<std::uint16_t>(key.bytes().size());
    entry->ttlCount = static_cast<std::uint16_t>(answer.ttls.size());
    entry->rcode = answer.rcode;
    entry->failure = failure;
    entry->authenticated = answer.authenticated;
    std::copy(answer.ttls.begin(), answer.ttls.end(), entry->ttls());
    std::memcpy(entry->key(), key.bytes().data(), key.bytes().size());
    if (!answer.message.empty())
        std::memcpy(entry->message(), answer.message.data(), answer.message.size());

    if (entries_ >= buckets_.size())
        grow();
    Entry*& bucket = buckets_[entry->hash & (buckets_.size() - 1)];
    entry->chain = std::exchange(bucket, entry);
    entry->older = newest_;
    (newest_ ? newest_->newer : oldest_) = entry;
    newest_ = entry;
    ++entries_;
    bytes_ += entry->block;
    while (bytes_ > limits_.bytes && oldest_ != entry)
        drop(*oldest_);
}

void Cache::grow() {
    std::vector<Entry*> larger(buckets_.size() * 2);
    for (Entry* entry : buckets_) {
        while (entry) {
            Entry* const next = entry->chain;
            Entry*& bucket = larger[entry->hash & (larger.size() - 1)];
            entry->chain = std::exchange(bucket, entry);
            entry = next;
        }
    }
    bytes_ += (larger.capacity() - buckets_.capacity()) * sizeof(Entry*);
    buckets_ = std::move(larger);
}

void Cache::unlink(Entry& entry) noexcept {
    (entry.newer ? entry.newer->older : newest_) = entry.older;
    (entry.older ? entry.older->newer : oldest_) = entry.newer;
}

void Cache::touch(Entry& entry) noexcept {
    if (newest_ == &entry)
        return;
    unlink(entry);
    entry.newer = nullptr;
    entry.older = newest_;
    newest_->newer = &entry;
    newest_ = &entry;
}

void Cache::drop(Entry& entry) noexcept {
    Entry** at = &buckets_[entry.hash & (buckets_.size() - 1)];
    while (*at != &entry)
        at = &(*at)->chain;
    *at = entry.chain;
    unlink(entry);
    --entries_;
    bytes_ -= entry.block;
    ::operator delete(&entry);
}

} // namespace twistdpp::dns
