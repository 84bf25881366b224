#include "twistdpp/tls/ticket_keys.h"

#include <algorithm>
#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace twistdpp::detail {

TicketKeys::~TicketKeys() {
    for (Aged& one : keys_)
        OPENSSL_cleanse(&one.key, sizeof one.key);
}

bool TicketKeys::makeNewest(TimePoint now) {
    Aged next{{}, now};
    if (RAND_bytes(next.key.name.data(), 16) != 1 || RAND_priv_bytes(next.key.cipher.data(), 32) != 1 ||
        RAND_priv_bytes(next.key.mac.data(), 32) != 1)
        return false;
    keys_.push_front(next);
    OPENSSL_cleanse(&next.key, sizeof next.key);
    if (keys_.size() > 2) {
        OPENSSL_cleanse(&keys_.back().key, sizeof(TicketKey));
        keys_.pop_back();
    }
    return true;
}

void TicketKeys::dropOld(TimePoint now) {
    while (!keys_.empty() && now - keys_.back().made >= 2 * rotation_) {
        OPENSSL_cleanse(&keys_.back().key, sizeof(TicketKey));
        keys_.pop_back();
    }
}

std::optional<TicketKey> TicketKeys::newest(TimePoint now) {
    const std::lock_guard lock(mutex_);
    dropOld(now);
    if ((keys_.empty() || now - keys_.front().made >= rotation_) && !makeNewest(now))
        return std::nullopt;
    return keys_.front().key;
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, 16> name, TimePoint now) {
    const std::lock_guard lock(mutex_);
    dropOld(now);
    for (const Aged& one : keys_) {
        if (std::equal(name.begin(), name.end(), one.key.name.begin()))
            return Found{one.key, &one != &keys_.front() || now - one.made >= rotation_};
    }
    return std::nullopt;
}

void TicketKeys::rotate(TimePoint now) {
    const std::lock_guard lock(mutex_);
    makeNewest(now);
}

} // namespace twistdpp::detail
