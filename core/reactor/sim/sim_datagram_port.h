#pragma once
#include "twistdpp/reactor/datagram.h"
#include "twistdpp/reactor/reactor.h"

#include <deque>
#include <set>
#include <string>

namespace twistdpp {

class SimNetwork;
class SimReactor;

/// A simulated datagram socket. What is under way to it stands here.
class SimDatagramPort final : public DatagramPort {
public:
    SimDatagramPort(
        SimReactor& reactor, SimNetwork& network, const Address& address, const DatagramSpec& spec,
        DatagramProtocol& protocol
    );
    ~SimDatagramPort() override;

    const Address& address() const noexcept override { return address_; }
    void write(Bytes data, const Address& to, const Address* from) override;
    std::span<char> reserve(std::size_t most) override;
    void commit(std::size_t size, const Address& to, const Address* from) override;
    std::size_t dropped() const noexcept override { return dropped_; }
    Result<void> joinGroup(const Address& group) override;
    Result<void> leaveGroup(const Address& group) override;
    Result<void> setBroadcast(bool allowed) override;
    void stopListening() override;
    Reactor& reactor() const noexcept override;

    bool dualStack() const noexcept { return dualStack_; }
    bool reusePort() const noexcept { return reusePort_; }
    bool memberOf(const Address& group) const { return groups_.contains(group.withPort(0)); }

private:
    struct Packet {
        TimePoint due;
        std::string data;
        Address from;
    };
    void sendTo(SimDatagramPort& port, Bytes data);
    void expect(Packet packet);
    void arrived();

    SimReactor& reactor_;
    SimNetwork* network_; // null once closed
    Address address_;
    DatagramProtocol& protocol_;
    const std::size_t largest_;
    const bool dualStack_;
    const bool reusePort_;
    bool broadcast_ = false;
    std::size_t dropped_ = 0;
    std::string reserved_;
    std::set<Address> groups_;
    std::deque<Packet> underWay_; // by due time
    TimePoint lastDue_{};         // of those that keep their order
    TimerNode arrival_;
};

} // namespace twistdpp
