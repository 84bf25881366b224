#include "twistdpp/posix/datagram_port.h"

#include "twistdpp/posix/local_address.h"
#include "twistdpp/posix/open_socket.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace twistdpp {

namespace {
constexpr unsigned kBatch = 64;
constexpr int kRoundsPerWakeUp = 4;
} // namespace

/// The memory of one batch each way. What is never touched of it costs nothing: large blocks come from the
/// system page by page.
struct PosixDatagramPort::Batches {
    explicit Batches(std::size_t packet)
        : stride(packet), incoming(std::make_unique_for_overwrite<char[]>(kBatch * packet)) {
        for (unsigned i = 0; i < kBatch; ++i) {
            inVectors[i] = {incoming.get() + i * stride, stride};
            inMessages[i] = {};
            inMessages[i].msg_hdr.msg_name = &inNames[i];
            inMessages[i].msg_hdr.msg_iov = &inVectors[i];
            inMessages[i].msg_hdr.msg_iovlen = 1;
            outMessages[i] = {};
            outMessages[i].msg_hdr.msg_name = &outNames[i];
            outMessages[i].msg_hdr.msg_iov = &outVectors[i];
            outMessages[i].msg_hdr.msg_iovlen = 1;
        }
    }

    std::size_t stride;
    std::unique_ptr<char[]> incoming;
    std::array<mmsghdr, kBatch> inMessages;
    std::array<iovec, kBatch> inVectors;
    std::array<sockaddr_storage, kBatch> inNames;
    std::array<Address, kBatch> from;
    std::array<Datagram, kBatch> datagrams;

    // Datagrams on their way out stand one behind the other; their places are filled in when they leave, as
    // the memory may move while more come.
    std::vector<char> outgoing;
    std::array<std::size_t, kBatch> outSizes;
    std::array<mmsghdr, kBatch> outMessages;
    std::array<iovec, kBatch> outVectors;
    std::array<sockaddr_storage, kBatch> outNames;
    unsigned outCount = 0;
    std::size_t outEnd = 0;

    /// Where each datagram came to and is to come from; only when that is asked for.
    struct Local {
        std::array<LocalAddressBuffer, kBatch> in, out;
        std::array<Address, kBatch> addresses;
    };
    std::unique_ptr<Local> local;
};

PosixDatagramPort::PosixDatagramPort(
    PosixReactor& reactor, UniqueFd socket, DatagramProtocol& protocol, const DatagramSpec& spec,
    HandOver::Entry entry
)
    : reactor_(reactor), protocol_(protocol), fd_(std::move(socket)), address_(boundAddress(fd_.get())),
      handOver_(std::move(entry)), batches_(std::make_shared<Batches>(spec.maxPacketSize)) {
    if (spec.tellLocal && !spec.dualStack && tellLocalAddresses(fd_.get(), address_))
        batches_->local = std::make_unique<Batches::Local>();
    if (HandOverSeat& seat = *reactor.handOver(); handOver_.inherited() && !seat.serving())
        seat.wait(*this);
    else
        serve();
    protocol_.startProtocol(*this);
}

void PosixDatagramPort::serve() {
    entry_ = reactor_.poller().watch(fd_.get(), FdEvents::readable, *this);
}

PosixDatagramPort::~PosixDatagramPort() {
    PosixDatagramPort::stopListening();
    if (gone_)
        *gone_ = true;
}

void PosixDatagramPort::stopListening() {
    if (!fd_)
        return;
    flush();
    reactor_.forget(*this);
    if (entry_)
        reactor_.poller().unwatch(std::exchange(entry_, nullptr));
    unlink();
    handOver_ = {};
    fd_.reset();
    protocol_.stopProtocol();
}

void PosixDatagramPort::ready(unsigned events) {
    // After an error (the answer to something sent before) the poller watches no more.
    if ((events & FdEvents::hangup) != 0)
        reactor_.poller().modify(entry_, FdEvents::readable);
    bool gone = false; // the protocol may drop the port
    gone_ = &gone;
    inEvent_ = true;
    for (int i = 0; i < kRoundsPerWakeUp; ++i) {
        const bool more = receiveOnce();
        if (gone)
            return;
        if (!more || !entry_)
            break;
    }
    gone_ = nullptr;
    inEvent_ = false;
    flush();
}

bool PosixDatagramPort::receiveOnce() {
    const auto kept = batches_; // what is being read outlives a port that is dropped meanwhile
    Batches& b = *kept;
    for (unsigned i = 0; i < kBatch; ++i) {
        b.inMessages[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
        if (b.local)
            b.local->in[i].receiveInto(b.inMessages[i].msg_hdr);
    }
    const int count = ::recvmmsg(fd_.get(), b.inMessages.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (count <= 0)
        return false; // nothing there, or an ICMP error of an earlier send: the next datagram is not touched
                      // by it
    std::size_t whole = 0;
    for (unsigned i = 0; i < static_cast<unsigned>(count); ++i) {
        const mmsghdr& message = b.inMessages[i];
        if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0)
            continue; // its end was lost: half a message is none
        b.from[whole] = Address::fromSockaddr(
            reinterpret_cast<const sockaddr*>(&b.inNames[i]), message.msg_hdr.msg_namelen
        );
        b.datagrams[whole] = {
            Bytes(static_cast<const char*>(b.inVectors[i].iov_base), message.msg_len), &b.from[whole]};
        if (b.local) {
            b.local->addresses[whole] = LocalAddressBuffer::receivedAt(message.msg_hdr);
            b.datagrams[whole].to = &b.local->addresses[whole];
        }
        ++whole;
    }
    if (whole > 0) {
        const bool& gone = *gone_;
        protocol_.datagramsReceived({b.datagrams.data(), whole});
        if (gone)
            return false;
    }
    flush();
    return static_cast<unsigned>(count) == kBatch;
}

void PosixDatagramPort::write(Bytes data, const Address& to, const Address* from) {
    const std::span<char> room = reserve(data.size());
    if (!data.empty())
        std::memcpy(room.data(), data.data(), data.size());
    commit(data.size(), to, from);
}

std::span<char> PosixDatagramPort::reserve(std::size_t most) {
    Batches& b = *batches_;
    if (b.outCount == kBatch)
        flush();
    if (b.outgoing.size() < b.outEnd + most)
        b.outgoing.resize(std::max(b.outEnd + most, b.outgoing.size() * 2));
    return {b.outgoing.data() + b.outEnd, most};
}

void PosixDatagramPort::commit(std::size_t size, const Address& to, const Address* from) {
    Batches& b = *batches_;
    if (!fd_)
        return;
    if (b.local)
        b.local->out[b.outCount].sendFrom(b.outMessages[b.outCount].msg_hdr, from);
    b.outMessages[b.outCount].msg_hdr.msg_namelen =
        static_cast<socklen_t>(to.toSockaddr(b.outNames[b.outCount]));
    b.outSizes[b.outCount++] = size;
    b.outEnd += size;
    if (!inEvent_ && !dirty)
        reactor_.markDirty(*this);
}

void PosixDatagramPort::flush() {
    Batches& b = *batches_;
    std::size_t at = 0;
    for (unsigned i = 0; i < b.outCount; ++i) {
        b.outVectors[i] = {b.outgoing.data() + at, b.outSizes[i]};
        at += b.outSizes[i];
    }
    for (unsigned sent = 0; sent < b.outCount;) {
        const int count = ::sendmmsg(fd_.get(), b.outMessages.data() + sent, b.outCount - sent, MSG_NOSIGNAL);
        if (count > 0) {
            sent += static_cast<unsigned>(count);
        } else {
            ++dropped_; // this one cannot leave (no room, no route): the ones behind it may
            ++sent;
        }
    }
    b.outCount = 0;
    b.outEnd = 0;
}

Result<void> PosixDatagramPort::membership(const Address& group, bool join) {
    // A membership is the socket's: one that came with it is there already, and one that another process
    // goes on with stays.
    if (!join && !handOver_.ours())
        return {};
    const std::string what = (join ? "cannot join group " : "cannot leave group ") + group.host();
    int done = -1;
    if (group.kind() == Address::Kind::ipv4) {
        ip_mreqn request{};
        std::memcpy(&request.imr_multiaddr, group.ipBytes().data(), 4);
        done = ::setsockopt(
            fd_.get(), IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request, sizeof request
        );
    } else if (group.kind() == Address::Kind::ipv6) {
        ipv6_mreq request{};
        std::memcpy(&request.ipv6mr_multiaddr, group.ipBytes().data(), 16);
        done = ::setsockopt(
            fd_.get(), IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request, sizeof request
        );
    } else {
        return Error(what + ": not an IP address");
    }
    if (done != 0 && !(join && handOver_.inherited() && errno == EADDRINUSE))
        return Error::fromErrno(errno, what);
    return {};
}

Result<void> PosixDatagramPort::joinGroup(const Address& group) {
    return membership(group, true);
}
Result<void> PosixDatagramPort::leaveGroup(const Address& group) {
    return membership(group, false);
}

Result<void> PosixDatagramPort::setBroadcast(bool allowed) {
    const int value = allowed ? 1 : 0;
    if (::setsockopt(fd_.get(), SOL_SOCKET, SO_BROADCAST, &value, sizeof value) != 0)
        return Error::fromErrno(errno, "cannot set broadcast");
    return {};
}

} // namespace twistdpp
