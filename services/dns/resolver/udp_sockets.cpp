#include "twistdpp/dns_resolver/udp_sockets.h"

#include "twistdpp/dns_resolver/random.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>
#include <utility>

namespace twistdpp::dns {

namespace {
constexpr std::uint16_t kFirstPort = 16384; // below are ports that others may want to listen on
constexpr std::size_t kLargest = 4096;      // more than was ever offered to a server
} // namespace

/// One open socket and who waits at it. The leases own it; it outlives each of its own callbacks.
class UdpSocket final : public DatagramProtocol, public std::enable_shared_from_this<UdpSocket> {
public:
    struct Waiting {
        UdpUser* user;
        Address server;
        std::uint16_t id;
    };

    Result<void> bind(Reactor& reactor, const Address& server, const QueryRandom& random) {
        for (unsigned i = 0; i <= QueryRandom::kPorts; ++i) {
            // After some ports that were taken the system may choose.
            const std::uint16_t number = i < QueryRandom::kPorts ? random.port(i, kFirstPort) : 0;
            DatagramSpec spec(
                server.kind() == Address::Kind::ipv6 ? Address::anyIpv6(number) : Address::anyIpv4(number)
            );
            spec.maxPacketSize = kLargest;
            auto opened = reactor.bind(std::move(spec), *this);
            if (opened) {
                port_ = *std::move(opened);
                return {};
            }
            if (i == QueryRandom::kPorts)
                return std::move(opened).error();
        }
        return {};
    }

    void datagramsReceived(std::span<const Datagram> batch) override {
        const auto keep = shared_from_this();
        for (const Datagram& one : batch) {
            if (one.data.size() < 12)
                continue;
            const auto to = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& waiting) {
                return waiting.id == get16(one.data.data()) && waiting.server == *one.from;
            });
            if (to != waiting_.end())
                to->user->responseReceived(one.data);
        }
    }

    const Address& address() const noexcept { return port_->address(); }
    void send(Bytes query, const Address& to) { port_->write(query, to); }
    std::vector<Waiting>& waiting() noexcept { return waiting_; }

private:
    std::unique_ptr<DatagramPort> port_;
    std::vector<Waiting> waiting_;
};

UdpLease::UdpLease(std::shared_ptr<UdpSocket> socket, UdpUser& user) noexcept
    : socket_(std::move(socket)), user_(&user) {}

UdpLease& UdpLease::operator=(UdpLease&& other) noexcept {
    if (this != &other) {
        reset();
        socket_ = std::move(other.socket_);
        user_ = other.user_;
    }
    return *this;
}

void UdpLease::reset() noexcept {
    if (const auto socket = std::move(socket_))
        std::erase_if(socket->waiting(), [this](const auto& waiting) { return waiting.user == user_; });
}

void UdpLease::send(Bytes query) {
    for (const UdpSocket::Waiting& waiting : socket_->waiting()) {
        if (waiting.user == user_)
            return socket_->send(query, waiting.server);
    }
}

UdpSockets::UdpSockets(Reactor& reactor, std::size_t most) : reactor_(reactor), most_(most) {}
UdpSockets::~UdpSockets() = default;

Result<UdpLease>
UdpSockets::lease(UdpUser& user, const Address& server, std::uint16_t id, const QueryRandom& random) {
    std::erase_if(sockets_, [](const auto& socket) { return socket.expired(); });
    std::shared_ptr<UdpSocket> socket;
    if (sockets_.size() >= most_)
        socket = shared(server, random);
    if (!socket) {
        socket = std::make_shared<UdpSocket>();
        if (auto bound = socket->bind(reactor_, server, random); !bound)
            return std::move(bound).error();
        sockets_.push_back(socket);
    }
    socket->waiting().push_back({&user, server, id});
    return UdpLease(std::move(socket), user);
}

std::shared_ptr<UdpSocket> UdpSockets::shared(const Address& server, const QueryRandom& random) const {
    const std::size_t start = random.below(sockets_.size());
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
        auto socket = sockets_[(start + i) % sockets_.size()].lock();
        if (socket && socket->address().kind() == server.kind())
            return socket;
    }
    return nullptr;
}

bool UdpSockets::sent(std::uint16_t port, std::uint16_t id) const noexcept {
    for (const auto& weak : sockets_) {
        const auto socket = weak.lock();
        if (!socket || socket->address().port() != port)
            continue;
        for (const UdpSocket::Waiting& waiting : socket->waiting()) {
            if (waiting.id == id)
                return true;
        }
    }
    return false;
}

std::size_t UdpSockets::open() const noexcept {
    return static_cast<std::size_t>(std::count_if(sockets_.begin(), sockets_.end(), [](const auto& socket) {
        return !socket.expired();
    }));
}

} // namespace twistdpp::dns
