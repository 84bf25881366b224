#pragma once
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/dns_resolver/cache.h"
#include "twistdpp/dns_resolver/reply_writer.h"
#include "twistdpp/dns_resolver/resolver.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace twistdpp::dns {

/// A client's question, borrowed for the call.
struct ForwardQuery {
    ForwardQuery(std::uint16_t number, const Asked& question) noexcept : id(number), asked(question) {}

    std::uint16_t id;
    Asked asked;                     // the name in the client's case; DO and CD as the client set them
    bool recursionDesired = true;    // RD
    bool wantsAuthenticated = false; // AD
    const Address* from = nullptr;   // where it came from, to notice loops
};

/// Codes of RFC 8914 that a forwarder gives.
enum class Ede : std::uint16_t {
    other = 0,
    staleAnswer = 3,
    cachedError = 13,
    notReady = 14,
    staleNxdomain = 19,
    notAuthoritative = 20,
    notSupported = 21,
    noReachableAuthority = 22,
    networkError = 23,
};

/// What to send to the client. OPT, and truncation to what the client takes, are the server's to add.
struct ForwardReply {
    Bytes message;                // without OPT; borrowed for the call, until forward() is called again
    Rcode rcode = Rcode::noError; // with the upper bits, for OPT
    std::optional<Ede> ede;       // an extended error for OPT
    bool cached = false;
};

struct ForwarderOptions {
    CacheLimits cache;
    std::vector<Address> listening; // where the server itself listens: never to be forwarded to
    bool trustUpstream = false;     // believe AD, and pass it on to those who want it
    Duration staleAfter =
        std::chrono::milliseconds(1800); // a client waits so long before it gets an old answer
    std::size_t maxClients = 10000;      // that wait at a time; others get SERVFAIL
};

/// Counts since the beginning.
struct ForwarderStatistics {
    std::uint64_t hits = 0, misses = 0, stale = 0, failures = 0, loops = 0, refused = 0;
};

/// Answers clients from a cache and through a Resolver: the whole of a forwarding name server but its
/// sockets. Answers past their time are given when no server answers (RFC 8767), with TTL 30.
class Forwarder {
public:
    using Done = UniqueFunction<void(const ForwardReply&)>;

    /// The error says which server is this one itself.
    static Result<std::unique_ptr<Forwarder>>
    make(std::shared_ptr<Resolver> resolver, ForwarderOptions options);
    /// Clients that still wait hear nothing more.
    ~Forwarder();
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    /// Writes the reply into `out` when it needs nobody else: an answer that is kept, a refusal. This is all
    /// there is to a hit, and allocates nothing. `reply.message` is then a part of `out`; false when the
    /// question must go out, or when `out` is too small.
    bool answerNow(const ForwardQuery& query, std::span<char> out, ForwardReply& reply);
    /// `done` is called once, perhaps at once, and may destroy the forwarder.
    void forward(const ForwardQuery& query, Done done);

    Cache& cache() noexcept { return cache_; }
    const ForwarderStatistics& statistics() const noexcept { return statistics_; }
    std::size_t waiting() const noexcept { return waiting_; }

private:
    struct Client;

    Forwarder(std::shared_ptr<Resolver> resolver, ForwarderOptions options);
    ReplyHead head(const ForwardQuery& query, bool authenticated) const noexcept;
    void empty(const ForwardQuery& query, Rcode rcode, Ede ede, std::span<char> out, ForwardReply& reply);
    bool fromCache(const ForwardQuery& query, const Cached& found, std::span<char> out, ForwardReply& reply);
    bool stale(Client& client);
    void resolved(Client& client, Outcome<AnswerRef> outcome);
    static void tell(Client& client, const ForwardReply& reply);

    std::shared_ptr<Resolver> resolver_;
    ForwarderOptions options_;
    Cache cache_;
    ForwarderStatistics statistics_;
    std::unique_ptr<char[]> memory_; // one reply at a time stands in it
    std::span<char> scratch_;
    IntrusiveList<Client> clients_;
    std::size_t waiting_ = 0;
};

} // namespace twistdpp::dns
