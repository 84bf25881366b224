#include "twistdpp/sim/sim_datagram_port.h"

#include "twistdpp/sim/sim_network.h"
#include "twistdpp/sim/sim_reactor.h"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace twistdpp {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kLargestDatagram = 65507; // IPv4: 65535 less the headers

bool isMulticast(const Address& address) {
    const auto first = address.ipBytes().empty() ? 0U : static_cast<unsigned char>(address.ipBytes()[0]);
    return address.kind() == Address::Kind::ipv4 ? (first & 0xF0U) == 0xE0U : first == 0xFFU;
}

bool isBroadcast(const Address& address) {
    return address.kind() == Address::Kind::ipv4 && address.ipBytes() == Bytes("\xFF\xFF\xFF\xFF");
}

Address loopbackOf(const Address& address) {
    return address.kind() == Address::Kind::ipv6 ? Address::parse("::1", address.port()).value()
                                                 : Address::loopback(address.port());
}

} // namespace

SimDatagramPort::SimDatagramPort(
    SimReactor& reactor, SimNetwork& network, const Address& address, const DatagramSpec& spec,
    DatagramProtocol& protocol
)
    : reactor_(reactor), network_(&network), address_(address), protocol_(protocol),
      largest_(spec.maxPacketSize), dualStack_(spec.dualStack), reusePort_(spec.reusePort),
      arrival_(reactor.timers(), [this] { arrived(); }) {}

SimDatagramPort::~SimDatagramPort() {
    SimDatagramPort::stopListening();
}

Reactor& SimDatagramPort::reactor() const noexcept {
    return reactor_;
}

void SimDatagramPort::stopListening() {
    if (SimNetwork* network = std::exchange(network_, nullptr)) {
        arrival_.stop();
        underWay_.clear();
        network->forget(*this);
        protocol_.stopProtocol();
    }
}

// The simulated host has one address of each family: there is no other to come from.
void SimDatagramPort::write(Bytes data, const Address& to, const Address*) {
    if (!network_)
        return;
    reactor_.note("datagram", address_.toString(), to.toString(), std::to_string(data.size()));
    if (data.size() > kLargestDatagram || (isBroadcast(to) && !broadcast_)) {
        ++dropped_;
        return;
    }
    if (isBroadcast(to) || isMulticast(to)) {
        for (SimDatagramPort* port : network_->datagramPortsOf(to, isBroadcast(to)))
            sendTo(*port, data);
    } else if (SimDatagramPort* port = network_->datagramPortAt(to); port && !network_->unreachable(to)) {
        sendTo(*port, data);
    }
}

void SimDatagramPort::sendTo(SimDatagramPort& port, Bytes data) {
    SimRandom& random = reactor_.random();
    const SimOptions& options = reactor_.options();
    if (random.chance(options.loss)) {
        reactor_.note("lost", port.address_.toString());
        return;
    }
    // Who is bound to all addresses sends from the one that the way out has.
    const bool any =
        address_ == Address::anyIpv4(address_.port()) || address_ == Address::anyIpv6(address_.port());
    const Address from = any ? loopbackOf(address_) : address_;
    const int copies = random.chance(options.duplicate) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        TimePoint due = reactor_.now() + reactor_.latency();
        if (random.chance(options.reorder))
            due += options.maxLatency * 2;
        else
            due = port.lastDue_ = std::max(due, port.lastDue_);
        port.expect({due, std::string(data), from});
    }
}

void SimDatagramPort::expect(Packet packet) {
    const auto place = std::upper_bound(
        underWay_.begin(), underWay_.end(), packet.due,
        [](TimePoint due, const Packet& other) { return due < other.due; }
    );
    underWay_.insert(place, std::move(packet));
    arrival_.start(underWay_.front().due - reactor_.now());
}

void SimDatagramPort::arrived() {
    std::vector<Packet> packets;
    while (!underWay_.empty() && underWay_.front().due <= reactor_.now() && packets.size() < kBatch) {
        if (underWay_.front().data.size() <= largest_)
            packets.push_back(std::move(underWay_.front()));
        underWay_.pop_front();
    }
    if (!underWay_.empty())
        arrival_.start(underWay_.front().due - reactor_.now());
    if (packets.empty())
        return;
    std::vector<Datagram> batch;
    batch.reserve(packets.size());
    for (const Packet& packet : packets)
        batch.push_back({packet.data, &packet.from});
    reactor_.note("received", address_.toString(), std::to_string(batch.size()));
    protocol_.datagramsReceived(batch);
}

std::span<char> SimDatagramPort::reserve(std::size_t most) {
    reserved_.resize(most);
    return reserved_;
}

void SimDatagramPort::commit(std::size_t size, const Address& to, const Address* from) {
    write(Bytes(reserved_).substr(0, size), to, from);
}

Result<void> SimDatagramPort::joinGroup(const Address& group) {
    if (!isMulticast(group))
        return Error::fromErrno(EINVAL, "cannot join group " + group.host());
    groups_.insert(group.withPort(0));
    return {};
}

Result<void> SimDatagramPort::leaveGroup(const Address& group) {
    if (groups_.erase(group.withPort(0)) == 0)
        return Error::fromErrno(EADDRNOTAVAIL, "cannot leave group " + group.host());
    return {};
}

Result<void> SimDatagramPort::setBroadcast(bool allowed) {
    broadcast_ = allowed;
    return {};
}

} // namespace twistdpp
