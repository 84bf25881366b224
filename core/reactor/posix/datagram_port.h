#pragma once
#include "twistdpp/posix/posix_reactor.h"
#include "twistdpp/reactor/datagram.h"
#include "twistdpp/reactor/hand_over.h"

#include <memory>
#include <vector>

struct mmsghdr;

namespace twistdpp {

/// A datagram socket that receives and sends in batches (recvmmsg, sendmmsg).
class PosixDatagramPort final : public DatagramPort, private Poller::Handler, private HandOverSeat::Waiting {
public:
    PosixDatagramPort(
        PosixReactor& reactor, UniqueFd socket, DatagramProtocol& protocol, const DatagramSpec& spec,
        HandOver::Entry entry
    );
    ~PosixDatagramPort() override;

    const Address& address() const noexcept override { return address_; }
    void write(Bytes data, const Address& to, const Address* from) override;
    std::span<char> reserve(std::size_t most) override;
    void commit(std::size_t size, const Address& to, const Address* from) override;
    std::size_t dropped() const noexcept override { return dropped_; }
    Result<void> joinGroup(const Address& group) override;
    Result<void> leaveGroup(const Address& group) override;
    Result<void> setBroadcast(bool allowed) override;
    void stopListening() override;
    Reactor& reactor() const noexcept override { return reactor_; }

    void flush();
    bool dirty = false; // stands in the reactor's list

private:
    struct Batches;

    void ready(unsigned events) override;
    void serve() override;
    bool receiveOnce();
    Result<void> membership(const Address& group, bool join);

    PosixReactor& reactor_;
    DatagramProtocol& protocol_;
    UniqueFd fd_;
    Address address_;
    HandOver::Entry handOver_;
    Poller::Entry* entry_ = nullptr;
    std::shared_ptr<Batches> batches_;
    std::size_t dropped_ = 0;
    bool inEvent_ = false;
    bool* gone_ = nullptr; // set for the length of an event
};

} // namespace twistdpp
