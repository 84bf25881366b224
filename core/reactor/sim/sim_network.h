#pragma once
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/sim/sim_connection.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace twistdpp {

class SimDatagramPort;
class SimPort;
class SimReactor;

/// Who listens where, and which connections there are. One to a reactor.
class SimNetwork {
public:
    explicit SimNetwork(SimReactor& reactor) noexcept : reactor_(reactor) {}

    Result<std::unique_ptr<Port>> listen(ListenSpec spec, std::shared_ptr<Factory> factory);
    Deferred<Transport*> connect(ConnectSpec spec, std::shared_ptr<Factory> factory);
    Result<std::unique_ptr<DatagramPort>> bind(DatagramSpec spec, DatagramProtocol& protocol);

    void setUnreachable(const Address& address, bool unreachable);
    bool unreachable(const Address& address) const;
    void dropConnections();

    /// The port that a connection to `address` reaches, or nullptr.
    SimPort* portAt(const Address& address);
    void forget(SimPort& port) noexcept;
    /// The datagram port that `address` reaches, or nullptr.
    SimDatagramPort* datagramPortAt(const Address& address);
    /// Those that a datagram to a group, or to all, reaches.
    std::vector<SimDatagramPort*> datagramPortsOf(const Address& group, bool everyone);
    void forget(SimDatagramPort& port) noexcept;

    /// A connected pair that has no protocols yet: the client's end and the server's.
    std::pair<SimConnection*, SimConnection*> makePair(const Address& client, const Address& server);
    /// The address of a client's end that connects to `target`.
    Address sourceFor(const Address& target, const Address& wanted);

    // The turn's end.
    void markDirty(SimDirtyHook& connection) noexcept { dirty_.pushBack(connection); }
    void bury(SimConnection& connection) { ended_.push_back(&connection); }
    void finishTurn();
    bool idle() noexcept { return dirty_.empty() && ended_.empty(); }
    void endAll();

private:
    bool portFree(const Address& address, bool datagram, bool shared) const;
    Result<Address> boundTo(const Address& wanted, bool datagram, bool shared);
    std::uint16_t ephemeralPort(const Address& address, bool datagram);
    void endEach(const Failure& reason);

    SimReactor& reactor_;
    std::multimap<Address, SimPort*> ports_;
    std::multimap<Address, SimDatagramPort*> datagramPorts_;
    std::set<Address> unreachable_;
    IntrusiveList<SimOpenHook> open_;
    IntrusiveList<SimDirtyHook> dirty_;
    std::vector<SimConnection*> ended_;
    std::uint16_t lastEphemeral_ = 49151;
    std::uint64_t connections_ = 0;
};

} // namespace twistdpp
