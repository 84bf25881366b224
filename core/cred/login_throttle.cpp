#include "twistdpp/cred/login_throttle.h"

#include "twistdpp/cred/password_digest.h"
#include "twistdpp/cred/per_reactor.h"

#include <algorithm>

namespace twistdpp {

namespace {

// Who has an IPv6 address usually has the 2^64 beside it too.
std::string clientKey(const Address& client) {
    if (client.kind() == Address::Kind::ipv6)
        return std::string(client.ipBytes().substr(0, 8));
    return client.isIp() ? std::string(client.ipBytes()) : std::string("local");
}

// Names come from the network: a long one must not cost memory.
std::string pairKey(const std::string& client, Bytes user) {
    return client + ':' + (user.size() <= 64 ? std::string(user) : "#" + sha256(user));
}

Duration doubled(Duration first, unsigned times, Duration most) {
    Duration value = first;
    for (unsigned i = 0; i < times && value < most; ++i)
        value *= 2;
    return std::min(value, most);
}

} // namespace

std::shared_ptr<LoginThrottle> LoginThrottle::of(Reactor& reactor) {
    return perReactor<LoginThrottle>(reactor, 0, [] { return std::make_shared<LoginThrottle>(); });
}

LoginThrottle::Record& LoginThrottle::Table::touch(const std::string& key, std::size_t most) {
    if (const auto found = places_.find(key); found != places_.end()) {
        row_.splice(row_.end(), row_, found->second);
        return found->second->second;
    }
    if (!row_.empty() && places_.size() >= most) {
        places_.erase(row_.front().first);
        row_.pop_front();
    }
    row_.emplace_back(key, Record());
    places_.emplace(key, std::prev(row_.end()));
    return row_.back().second;
}

LoginThrottle::Record* LoginThrottle::Table::find(const std::string& key) {
    const auto found = places_.find(key);
    return found == places_.end() ? nullptr : &found->second->second;
}

void LoginThrottle::Table::erase(const std::string& key) {
    if (const auto found = places_.find(key); found != places_.end()) {
        row_.erase(found->second);
        places_.erase(found);
    }
}

void LoginThrottle::forgetOld(Record& record, TimePoint now) const {
    if (record.failures + record.lockouts > 0 && now >= record.lockedUntil &&
        now - std::max(record.lastFailure, record.lockedUntil) >= limits_.memory)
        record.failures = record.lockouts = 0;
}

Duration LoginThrottle::begin(const Address& client, Bytes user, TimePoint now) {
    const std::string who = clientKey(client);
    const std::string key = pairKey(who, user);
    Record& all = clients_.touch(who, limits_.entries);
    forgetOld(all, now);
    if (all.lockedUntil > now) {
        // It makes no record of a pair: a thousand names would push out those of others.
        const Record* known = pairs_.find(key);
        return std::max(all.lockedUntil, known ? known->lockedUntil : TimePoint{}) - now;
    }
    Record& pair = pairs_.touch(key, limits_.entries);
    forgetOld(pair, now);
    if (pair.lockedUntil > now)
        return pair.lockedUntil - now;
    // Who never failed may open many connections at once, as mail programs do.
    const bool many = (pair.failures > 0 && pair.failures + pair.underWay >= limits_.pairFailures) ||
                      (all.failures > 0 && all.failures + all.underWay >= limits_.clientFailures) ||
                      pair.underWay >= 4 * limits_.pairFailures;
    if (many)
        return limits_.firstDelay;
    ++pair.underWay;
    ++all.underWay;
    return Duration::zero();
}

void LoginThrottle::countFailure(Record& record, unsigned limit, TimePoint now) const {
    ++record.failures;
    record.lastFailure = now;
    if (record.failures < limit || record.lockedUntil > now)
        return;
    record.lockedUntil = now + doubled(limits_.lockout, record.lockouts, limits_.memory);
    ++record.lockouts;
    record.failures = 0;
}

Duration LoginThrottle::failed(const Address& client, Bytes user, TimePoint now) {
    abandoned(client, user);
    const std::string who = clientKey(client);
    Record& pair = pairs_.touch(pairKey(who, user), limits_.entries);
    Record& all = clients_.touch(who, limits_.entries);
    const unsigned before = std::max(pair.failures, pair.lockouts > 0 ? limits_.pairFailures : 0);
    countFailure(pair, limits_.pairFailures, now);
    countFailure(all, limits_.clientFailures, now);
    return doubled(limits_.firstDelay, before, limits_.longestDelay);
}

void LoginThrottle::abandoned(const Address& client, Bytes user) {
    const std::string who = clientKey(client);
    for (Record* record : {pairs_.find(pairKey(who, user)), clients_.find(who)}) {
        if (record && record->underWay > 0)
            --record->underWay;
    }
}

void LoginThrottle::succeeded(const Address& client, Bytes user) {
    abandoned(client, user);
    const std::string key = pairKey(clientKey(client), user);
    Record* pair = pairs_.find(key);
    if (pair && pair->underWay == 0)
        pairs_.erase(key);
    else if (pair)
        pair->failures = pair->lockouts = 0;
}

} // namespace twistdpp
