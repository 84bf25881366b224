#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/reactor/address.h"

#include <cstddef>
#include <memory>
#include <span>

namespace twistdpp {

class Reactor;

/// One datagram that came in; borrowed for the call.
struct Datagram {
    Bytes data;
    const Address* from;
    /// The address of this host that it was sent to, without a port; nullptr unless DatagramSpec::tellLocal
    /// asked for it and the socket is bound to all addresses.
    const Address* to = nullptr;
};

/// An open datagram socket. Dropping it, or stopListening(), closes it and calls stopProtocol().
class DatagramPort {
public:
    virtual ~DatagramPort() = default;
    virtual const Address& address() const noexcept = 0;
    /// Sends one datagram; those of one event leave together. When the system's buffer is full it is dropped,
    /// as the network may do with any datagram, and counted.
    /// `from` is the address of this host that it is to come from (Datagram::to); nullptr: the system
    /// chooses.
    virtual void write(Bytes data, const Address& to, const Address* from = nullptr) = 0;
    /// Room for a datagram of up to `most` bytes that is written in place; commit() sends its first `size`
    /// bytes.
    virtual std::span<char> reserve(std::size_t most) = 0;
    virtual void commit(std::size_t size, const Address& to, const Address* from = nullptr) = 0;
    virtual std::size_t dropped() const noexcept = 0;
    virtual Result<void> joinGroup(const Address& group) = 0;
    virtual Result<void> leaveGroup(const Address& group) = 0;
    virtual Result<void> setBroadcast(bool allowed) = 0;
    virtual void stopListening() = 0;
    virtual Reactor& reactor() const noexcept = 0;
};

/// What datagrams are given to. Not owned by the port; it must outlive it.
class DatagramProtocol {
public:
    virtual ~DatagramProtocol() = default;
    virtual void startProtocol(DatagramPort& port) { port_ = &port; }
    /// All that one wake-up brought, at most 64. The default hands them on one by one.
    virtual void datagramsReceived(std::span<const Datagram> batch) {
        DatagramPort* const port = port_;
        for (const Datagram& one : batch) {
            if (port_ != port)
                return; // closed by the one before
            datagramReceived(one.data, *one.from);
        }
    }
    virtual void datagramReceived(Bytes data, const Address& from) {
        static_cast<void>(data);
        static_cast<void>(from);
    }
    /// The socket was closed. The last call.
    virtual void stopProtocol() { port_ = nullptr; }

    /// Only between startProtocol() and stopProtocol().
    DatagramPort& port() const noexcept { return *port_; }

private:
    DatagramPort* port_ = nullptr;
};

} // namespace twistdpp
