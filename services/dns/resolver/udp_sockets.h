#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <vector>

namespace twistdpp::dns {

class QueryRandom;
class UdpSocket;

/// Who waits for a response at a socket.
class UdpUser {
public:
    /// A datagram came from the server that it asked, with the id of its query; borrowed for the call. It may
    /// give back its lease and die in it.
    virtual void responseReceived(Bytes message) = 0;

protected:
    ~UdpUser() = default;
};

/// The right to send one query from a socket and to get what comes back; ends when it dies.
class UdpLease {
public:
    UdpLease() noexcept = default;
    UdpLease(std::shared_ptr<UdpSocket> socket, UdpUser& user) noexcept;
    UdpLease(UdpLease&& other) noexcept = default;
    UdpLease& operator=(UdpLease&& other) noexcept;
    ~UdpLease() { reset(); }

    explicit operator bool() const noexcept { return socket_ != nullptr; }
    void send(Bytes query);
    void reset() noexcept;

private:
    std::shared_ptr<UdpSocket> socket_;
    UdpUser* user_ = nullptr;
};

/// The sockets that queries leave from: a new one on an unpredictable port for each query (RFC 5452 section
/// 9.2), closed when its query is over. With `most` open at a time further queries share one of these, chosen
/// by chance.
class UdpSockets {
public:
    UdpSockets(Reactor& reactor, std::size_t most);
    ~UdpSockets();

    /// A socket for one query with that id to `server`.
    Result<UdpLease> lease(UdpUser& user, const Address& server, std::uint16_t id, const QueryRandom& random);
    /// Whether a query of this id is under way from that port, for finding forwarding loops.
    bool sent(std::uint16_t port, std::uint16_t id) const noexcept;
    std::size_t open() const noexcept;

private:
    std::shared_ptr<UdpSocket> shared(const Address& server, const QueryRandom& random) const;

    Reactor& reactor_;
    std::size_t most_;
    std::vector<std::weak_ptr<UdpSocket>> sockets_;
};

} // namespace twistdpp::dns
