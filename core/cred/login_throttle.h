#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/time.h"
#include "twistdpp/reactor/address.h"

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace twistdpp {

class Reactor;

/// How patient a LoginThrottle is.
struct LoginLimits {
    LoginLimits() = default;
    Duration firstDelay = std::chrono::milliseconds(500); // doubled by each failure of the pair
    Duration longestDelay = std::chrono::seconds(16);
    unsigned pairFailures = 10;                 // then the pair is locked out
    unsigned clientFailures = 100;              // then the client is
    Duration lockout = std::chrono::minutes(5); // doubled each time, up to memory
    Duration memory = std::chrono::hours(1);    // failures as old as that do not count
    std::size_t entries = 16'384;               // pairs and clients remembered, each
};

/// Slows down who guesses passwords. Failures are counted for each pair of client and user, and for each
/// client over all users; a client is an IPv4 address, an IPv6 /64 network, or all of the local unix
/// sockets. Never for a user alone: anyone could lock others out then. A failure is answered the later the
/// more there were before, and at a limit nothing is looked at for a while. Memory is bounded: what was used
/// least recently is forgotten first. One for all protocols of a reactor; belongs to its thread.
class LoginThrottle {
public:
    explicit LoginThrottle(LoginLimits limits = LoginLimits()) : limits_(limits) {}
    /// The one that all services of `reactor` share, with the limits above.
    static std::shared_ptr<LoginThrottle> of(Reactor& reactor);

    /// How long nothing of this client for this user is looked at; zero: go on, and tell the result by
    /// failed() or succeeded(). A try that is under way counts as failed until then, so that a thousand at
    /// once are no way round.
    Duration begin(const Address& client, Bytes user, TimePoint now);
    /// The credentials were wrong. Returns how long to hold the answer back.
    Duration failed(const Address& client, Bytes user, TimePoint now);
    /// They were right; the pair's failures are forgotten, those of the client are not (who has an account
    /// of their own could clear them between two guesses).
    void succeeded(const Address& client, Bytes user);
    /// No verdict came, so that nothing counts.
    void abandoned(const Address& client, Bytes user);

    /// Entries in use, for tests and metrics.
    std::size_t remembered() const noexcept { return pairs_.size() + clients_.size(); }

private:
    struct Record {
        unsigned failures = 0;
        unsigned underWay = 0;
        unsigned lockouts = 0;
        TimePoint lastFailure{};
        TimePoint lockedUntil{};
    };
    /// Records by key, the one used least recently at the front.
    class Table {
    public:
        /// Makes the record when it is not there, and forgets another when there are `most` already.
        Record& touch(const std::string& key, std::size_t most);
        Record* find(const std::string& key);
        void erase(const std::string& key);
        std::size_t size() const noexcept { return places_.size(); }

    private:
        using Row = std::list<std::pair<std::string, Record>>;
        Row row_;
        std::unordered_map<std::string, Row::iterator> places_;
    };

    void forgetOld(Record& record, TimePoint now) const;
    void countFailure(Record& record, unsigned limit, TimePoint now) const;

    LoginLimits limits_;
    Table pairs_;
    Table clients_;
};

} // namespace twistdpp
