#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/answer.h"
#include "twistdpp/dns_resolver/answer_reader.h"
#include "twistdpp/dns_resolver/errors.h"
#include "twistdpp/dns_resolver/exchange.h"
#include "twistdpp/dns_resolver/probe.h"
#include "twistdpp/dns_resolver/resolver_options.h"
#include "twistdpp/dns_resolver/udp_sockets.h"
#include "twistdpp/dns_resolver/upstream_server.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace twistdpp::dns {

class Lookup;

/// A stub resolver (RFC 1035 section 5.3.1): asks one of several servers, another one when that is late or
/// fails, and takes the first answer there is. Questions that are equal share one look-up. It keeps no
/// answers; for that see Cache. Belongs to the reactor's thread, and must not outlive the reactor; look-ups
/// under way when it dies fail with an AbandonedError.
class Resolver {
public:
    /// The error says what is wrong with the options, for example that there is no server.
    static Result<std::shared_ptr<Resolver>> make(Reactor& reactor, ResolverOptions options);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// The answer, whatever its rcode; SERVFAIL and the like only when no server gave a better one. Fails
    /// with a NoAnswerError. Cancelling gives the look-up up when nobody else waits for it.
    Deferred<AnswerRef> query(Name name, Type type, Class klass = Class::in);
    Deferred<AnswerRef> query(const Asked& asked);

    Reactor& reactor() const noexcept { return reactor_; }
    const ResolverOptions& options() const noexcept { return options_; }
    /// Look-ups under way.
    std::size_t pending() const noexcept { return lookups_.size(); }
    /// Whether a query that came in from this port with this id is one that went out here: a loop.
    bool sent(std::uint16_t port, std::uint16_t id) const noexcept { return sockets_.sent(port, id); }
    /// As they are known now, in the order of the options.
    const std::vector<std::unique_ptr<UpstreamServer>>& servers() const noexcept { return servers_; }

private:
    friend class Lookup;
    Resolver(Reactor& reactor, ResolverOptions options);
    /// The servers in the order in which they should be asked now.
    std::vector<UpstreamServer*> order();
    /// Asks those servers too of which it is time to know whether they are back.
    void probe(const Asked& asked);

    Reactor& reactor_;
    ResolverOptions options_;
    UdpSockets sockets_;
    AnswerReader reader_;
    std::vector<std::unique_ptr<UpstreamServer>> servers_;
    std::vector<std::unique_ptr<Probe>> probes_;                       // one a server at most
    std::size_t next_ = 0;                                             // with ServerOrder::rotate
    std::unordered_map<std::string, std::shared_ptr<Lookup>> lookups_; // by AskedKey
};

} // namespace twistdpp::dns
