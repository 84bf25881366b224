#pragma once
#include "twistdpp/base/time.h"

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>

namespace twistdpp::detail {

/// One key for session tickets (RFC 5077 section 4).
struct TicketKey {
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher; // AES-256-CBC
    std::array<unsigned char, 32> mac;    // HMAC-SHA256
};

/// The keys of one server: the newest encrypts, the one before it still decrypts. They change by themselves
/// when they are used after their time. For any thread.
class TicketKeys {
public:
    explicit TicketKeys(Duration rotation) noexcept : rotation_(rotation) {}
    ~TicketKeys();
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;

    /// What to encrypt with now; nothing when the system gives no random bytes.
    std::optional<TicketKey> newest(TimePoint now);
    struct Found {
        TicketKey key;
        bool renew = false; // an older one: give the client a new ticket
    };
    /// The key of that name, unless its time is over.
    std::optional<Found> find(std::span<const unsigned char, 16> name, TimePoint now);
    /// Makes the next key at once.
    void rotate(TimePoint now);

private:
    struct Aged {
        TicketKey key;
        TimePoint made;
    };
    bool makeNewest(TimePoint now);
    void dropOld(TimePoint now);

    const Duration rotation_;
    std::mutex mutex_;
    std::deque<Aged> keys_; // newest first, two at most
};

} // namespace twistdpp::detail
