#include "twistdpp/sim/sim_network.h"

#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_connector.h"
#include "twistdpp/sim/sim_datagram_port.h"
#include "twistdpp/sim/sim_port.h"
#include "twistdpp/sim/sim_reactor.h"

#include <cerrno>

namespace twistdpp {

namespace {

constexpr std::uint16_t kFirstEphemeral = 49152;

Address anyOf(const Address& address) {
    return address.kind() == Address::Kind::ipv6 ? Address::anyIpv6(address.port())
                                                 : Address::anyIpv4(address.port());
}

bool isAny(const Address& address) {
    return address.isIp() && address == anyOf(address);
}

/// Whether sockets on both addresses would get the same packets.
bool overlap(const Address& a, const Address& b) {
    if (a == b)
        return true;
    return a.isIp() && a.kind() == b.kind() && a.port() == b.port() && (isAny(a) || isAny(b));
}

/// The one of `ports` that `address` reaches: bound to it, or to all addresses of its family, or to those of
/// both. Of several that share an address, chance takes one.
template <class P>
P* reached(const std::multimap<Address, P*>& ports, const Address& address, SimRandom& random) {
    const auto pick = [&](const Address& bound, bool dual) -> P* {
        const auto [begin, end] = ports.equal_range(bound);
        std::vector<P*> found;
        for (auto at = begin; at != end; ++at) {
            if (!dual || at->second->dualStack())
                found.push_back(at->second);
        }
        if (found.empty())
            return nullptr;
        return found.size() == 1 ? found[0] : found[random.between(0, found.size() - 1)];
    };
    P* port = pick(address, false);
    if (!port && address.isIp())
        port = pick(anyOf(address), false);
    if (!port && address.kind() == Address::Kind::ipv4)
        port = pick(Address::anyIpv6(address.port()), true);
    return port;
}

template <class P>
void forgetIn(std::multimap<Address, P*>& ports, const P& port) noexcept {
    std::erase_if(ports, [&](const auto& entry) { return entry.second == &port; });
}

} // namespace

bool SimNetwork::portFree(const Address& address, bool datagram, bool shared) const {
    const auto free = [&](const auto& ports) {
        for (const auto& [bound, port] : ports) {
            if (overlap(bound, address) && !(shared && port->reusePort()))
                return false;
        }
        return true;
    };
    return datagram ? free(datagramPorts_) : free(ports_);
}

std::uint16_t SimNetwork::ephemeralPort(const Address& address, bool datagram) {
    for (int tries = 0; tries <= 0xFFFF - kFirstEphemeral; ++tries) {
        lastEphemeral_ =
            lastEphemeral_ == 0xFFFF ? kFirstEphemeral : static_cast<std::uint16_t>(lastEphemeral_ + 1);
        if (portFree(address.withPort(lastEphemeral_), datagram, false))
            return lastEphemeral_;
    }
    return 0;
}

Result<Address> SimNetwork::boundTo(const Address& wanted, bool datagram, bool shared) {
    const std::string context = "cannot listen on " + wanted.toString();
    if (wanted.kind() == Address::Kind::none)
        return Error("cannot listen: no address was given, and a simulated network takes over no descriptors"
        );
    Address address = wanted;
    if (wanted.isIp() && wanted.port() == 0)
        address = wanted.withPort(ephemeralPort(wanted, datagram));
    if ((address.isIp() && address.port() == 0) || !portFree(address, datagram, shared))
        return Error::fromErrno(EADDRINUSE, context);
    return address;
}

Result<std::unique_ptr<Port>> SimNetwork::listen(ListenSpec spec, std::shared_ptr<Factory> factory) {
    auto address = boundTo(spec.address, false, spec.reusePort);
    if (!address)
        return std::move(address).error();
    auto port = std::make_unique<SimPort>(reactor_, *this, *address, spec, std::move(factory));
    ports_.emplace(*address, port.get());
    reactor_.note("listen", address->toString());
    return std::unique_ptr<Port>(std::move(port));
}

Deferred<Transport*> SimNetwork::connect(ConnectSpec spec, std::shared_ptr<Factory> factory) {
    if (spec.address.kind() == Address::Kind::none)
        return fail<Transport*>(ConnectError(std::make_error_code(std::errc::invalid_argument), "no address")
        );
    return startSimConnecting(reactor_, std::move(spec), std::move(factory));
}

Result<std::unique_ptr<DatagramPort>> SimNetwork::bind(DatagramSpec spec, DatagramProtocol& protocol) {
    auto address = boundTo(spec.address, true, spec.reusePort);
    if (!address)
        return std::move(address).error();
    auto port = std::make_unique<SimDatagramPort>(reactor_, *this, *address, spec, protocol);
    datagramPorts_.emplace(*address, port.get());
    reactor_.note("bind", address->toString());
    protocol.startProtocol(*port);
    return std::unique_ptr<DatagramPort>(std::move(port));
}

void SimNetwork::setUnreachable(const Address& address, bool unreachable) {
    if (unreachable)
        unreachable_.insert(address);
    else
        unreachable_.erase(address);
}

bool SimNetwork::unreachable(const Address& address) const {
    return unreachable_.contains(address) || (address.isIp() && unreachable_.contains(address.withPort(0)));
}

SimPort* SimNetwork::portAt(const Address& address) {
    return reached(ports_, address, reactor_.random());
}

SimDatagramPort* SimNetwork::datagramPortAt(const Address& address) {
    return reached(datagramPorts_, address, reactor_.random());
}

std::vector<SimDatagramPort*> SimNetwork::datagramPortsOf(const Address& group, bool everyone) {
    std::vector<SimDatagramPort*> found;
    for (const auto& [bound, port] : datagramPorts_) {
        if (bound.port() == group.port() && bound.kind() == group.kind() &&
            (everyone || port->memberOf(group)))
            found.push_back(port);
    }
    return found;
}

void SimNetwork::forget(SimPort& port) noexcept {
    forgetIn(ports_, port);
}

void SimNetwork::forget(SimDatagramPort& port) noexcept {
    forgetIn(datagramPorts_, port);
}

Address SimNetwork::sourceFor(const Address& target, const Address& wanted) {
    if (!target.isIp())
        return wanted;
    const Address& from = wanted.kind() == target.kind() ? wanted : target;
    if (&from == &wanted && wanted.port() != 0)
        return wanted;
    return from.withPort(ephemeralPort(from, false));
}

std::pair<SimConnection*, SimConnection*> SimNetwork::makePair(const Address& client, const Address& server) {
    auto* const near = new SimConnection(reactor_, *this, ++connections_, client, server);
    auto* const far = new SimConnection(reactor_, *this, ++connections_, server, client);
    SimConnection::join(*near, *far);
    open_.pushBack(*near);
    open_.pushBack(*far);
    return {near, far};
}

void SimNetwork::finishTurn() {
    while (SimDirtyHook* hook = dirty_.popFront())
        static_cast<SimConnection*>(hook)->flush();
    while (!ended_.empty()) {
        const auto dead = std::exchange(ended_, {});
        for (SimConnection* connection : dead)
            connection->finish();
        for (SimConnection* connection : dead)
            delete connection;
    }
}

void SimNetwork::endEach(const Failure& reason) {
    std::vector<SimConnection*> all;
    open_.forEach([&](SimOpenHook& hook) { all.push_back(static_cast<SimConnection*>(&hook)); });
    for (SimConnection* connection : all)
        connection->end(reason, true);
}

void SimNetwork::dropConnections() {
    endEach(ConnectionLost(std::make_error_code(std::errc::network_unreachable)));
}

void SimNetwork::endAll() {
    endEach(ConnectionAborted("the reactor ends"));
    finishTurn();
}

} // namespace twistdpp
