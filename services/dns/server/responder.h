#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/dns_answer/catalog.h"
#include "twistdpp/dns_answer/query.h"
#include "twistdpp/dns_answer/trace.h"
#include "twistdpp/dns_server/cookies.h"
#include "twistdpp/dns_server/query_log.h"
#include "twistdpp/dns_server/rate_limiter.h"
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/tsig.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// Extended errors (RFC 8914) that we send.
struct ExtendedError {
    static constexpr std::uint16_t none = 0xffff;
    static constexpr std::uint16_t staleAnswer = 3, notReady = 14, prohibited = 18, notAuthoritative = 20,
                                   notSupported = 21, noReachableAuthority = 22, networkError = 23;
};

/// How a Responder behaves; the same for all reactors.
struct ResponderSettings {
    std::uint16_t udpSize = 1232; // the largest UDP answer, in bytes
    std::string nsid;             // RFC 5001; empty: none
    unsigned rateLimit = 0;       // like answers a second and network over UDP; 0: no limit
    Cookies cookies;
    std::shared_ptr<const TsigKeys> keys; // that requests may be signed with; nullptr: none
    Duration tcpIdle = std::chrono::seconds(30);
};

/// Makes the answer to a message, without a socket and without an allocation: from zones and hosts at once,
/// and with whom to turn to for all else. One a reactor; its thread only.
class Responder {
public:
    enum class Fate {
        answered, // the answer is written
        dropped,  // there is none
        forward,  // recursion is wanted: an upstream must be asked
        transfer, // AXFR or IXFR of a zone
        notify,   // NOTIFY (RFC 1996)
    };

    /// `log` outlives it.
    Responder(const ResponderSettings& settings, QueryLog& log);

    /// Other settings from now on; the UDP size of open ports stays.
    void configure(const ResponderSettings& settings);
    void setCatalog(std::shared_ptr<const Catalog> catalog) noexcept { catalog_ = std::move(catalog); }
    const Catalog& catalog() const noexcept { return *catalog_; }
    /// Whether recursion is offered to an address; none until it is set.
    void setRecursion(UniqueFunction<bool(const Address&)> allowed) noexcept {
        recursion_ = std::move(allowed);
    }

    /// `out` must have room for a whole answer: udpSize() for UDP, 65,535 for streams. With `answered` the
    /// first size() bytes of it are the answer. With the other fates query() tells what was asked until the
    /// next call, and finish() or refuse() completes what the caller writes.
    Fate respond(
        Bytes message, const Address& from, Carrier carrier, std::span<char> out, Trace* trace = nullptr
    ) noexcept;
    std::size_t size() const noexcept { return size_; }
    const Query& query() const noexcept { return query_; }
    /// The signature of query() when it is a good one, else nullptr. Its key belongs to settings().keys.
    const TsigRequest* signature() const noexcept { return tsig_ && tsig_->good() ? &*tsig_ : nullptr; }

    /// Begins the answer to query() in a fresh writer: id, flags, question. The room that finish() needs is
    /// kept free.
    void begin(MessageWriter& writer) noexcept;
    /// Puts OPT behind an answer that begin() began, and signs it when the request was signed (RFC 8945);
    /// returns its size.
    std::size_t finish(MessageWriter& out, std::uint16_t extendedError = ExtendedError::none) noexcept;
    /// The OPT alone, of an answer that the caller signs himself.
    void appendOpt(MessageWriter& out, std::uint16_t extendedError = ExtendedError::none) noexcept;
    /// A whole answer that holds nothing but a response code.
    std::size_t
    fail(std::span<char> out, Rcode code, std::uint16_t extendedError = ExtendedError::none) noexcept;

    /// Takes a message up again whose answer has come from elsewhere meanwhile: query() is that of `message`.
    void resume(Bytes message, const Address& from, Carrier carrier) noexcept;
    /// Makes the answer out of a whole message that somebody else made without OPT: puts OPT behind it and
    /// signs it as finish() does, or truncates it to what the client takes. `out` must not overlap it.
    /// Returns the size.
    std::size_t
    complete(Bytes answer, Rcode rcode, std::uint16_t extendedError, std::span<char> out) noexcept;

    const ResponderSettings& settings() const noexcept { return settings_; }
    /// Room for the largest message behind its length, lent for the length of an event.
    std::span<char> scratch() {
        scratch_.resize(2 + 65'535);
        return scratch_;
    }

private:
    Fate decide(std::span<char> out, Trace* trace) noexcept;
    Fate failed(std::span<char> out, Rcode code, std::uint16_t extendedError = ExtendedError::none) noexcept;
    Fate done(MessageWriter& out, std::uint16_t extendedError = ExtendedError::none) noexcept;
    Fate limited(Fate fate, std::span<char> out) noexcept;
    bool verify() noexcept;
    std::size_t optSize() const noexcept;
    /// What the client takes, in bytes.
    std::size_t room() const noexcept;

    ResponderSettings settings_;
    std::shared_ptr<const Catalog> catalog_;
    UniqueFunction<bool(const Address&)> recursion_;
    RateLimiter limiter_;
    Query query_;
    std::optional<TsigRequest> tsig_; // of a signed request
    // Of the message in hand:
    const Address* from_ = nullptr;
    Carrier carrier_ = Carrier::udp;
    std::size_t size_ = 0;
    std::uint16_t extendedRcode_ = 0;
    bool offersRecursion_ = false;
    std::uint32_t kind_ = 0; // for the rate limit
    std::vector<char> scratch_;
    QueryLog& log_;
};

} // namespace twistdpp::dns
