#include "twistdpp/posix/stream_port.h"

#include "twistdpp/base/log.h"
#include "twistdpp/posix/open_socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace twistdpp {

namespace {
constexpr int kAcceptsPerWakeUp = 64;
constexpr int kFullBurstsBeforeMore = 8;
constexpr Duration kFirstRetry = std::chrono::milliseconds(50);
constexpr Duration kLastRetry = std::chrono::seconds(1);
} // namespace

StreamPort::StreamPort(
    PosixReactor& reactor, UniqueFd socket, std::shared_ptr<Factory> factory,
    std::optional<HandOver::Entry> entry
)
    : reactor_(reactor), fd_(std::move(socket)), address_(boundAddress(fd_.get())),
      factory_(std::move(factory)), retry_(reactor.timers(), [this] { watch(!paused_); }),
      handOver_(std::move(entry)) {
    if (HandOverSeat& seat = *reactor.handOver(); handOver_ && handOver_->inherited() && !seat.serving()) {
        waits_ = true;
        seat.wait(*this);
    }
    watch(true);
}

StreamPort::~StreamPort() {
    StreamPort::stopListening();
    *gone_ = true;
}

void StreamPort::watch(bool on) {
    if (on && !entry_ && fd_ && !waits_)
        entry_ = reactor_.poller().watch(fd_.get(), FdEvents::readable, *this);
    else if (!on && entry_)
        reactor_.poller().unwatch(std::exchange(entry_, nullptr));
}

void StreamPort::stopListening() {
    if (!fd_)
        return;
    watch(false);
    retry_.stop();
    unlink();
    const bool ours = handOver_ && handOver_->ours();
    handOver_.reset();
    fd_.reset();
    if (const Bytes path = address_.path(); ours && !path.empty() && path[0] != '\0')
        ::unlink(std::string(path).c_str());
}

void StreamPort::serve() {
    waits_ = false;
    watch(!paused_);
}

void StreamPort::pauseAccepting() {
    paused_ = true;
    watch(false);
}

void StreamPort::resumeAccepting() {
    paused_ = false;
    if (!retry_.active())
        watch(true);
}

void StreamPort::ready(unsigned) {
    const auto gone = gone_;
    for (int i = 0; i < burst_; ++i) {
        const bool more = acceptOne();
        if (*gone || !entry_)
            return;
        if (!more) {
            burst_ = std::max(1, burst_ / 2);
            fullBursts_ = 0;
            return;
        }
    }
    if (++fullBursts_ % kFullBurstsBeforeMore == 0)
        burst_ = std::min(burst_ * 2, kAcceptsPerWakeUp);
}

/// False when none was there.
bool StreamPort::acceptOne() {
    sockaddr_storage name;
    socklen_t size = sizeof name;
    UniqueFd fd(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&name), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)
    );
    if (!fd) {
        acceptFailed(errno);
        return false;
    }
    if (std::exchange(starved_, false)) {
        retryAfter_ = {};
        logLine(LogLevel::info, "net.accept", "accepting again on " + address_.toString());
    }
    const Address peer = Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), size);
    // The factory may drop this port.
    const auto factory = factory_;
    PosixReactor& reactor = reactor_;
    if (auto protocol = factory->buildProtocol(peer))
        reactor.attach(std::move(fd), peer, std::move(protocol), true);
    return true;
}

void StreamPort::acceptFailed(int error) {
    switch (error) {
    case EAGAIN:
    case EINTR:
    case ECONNABORTED: // gone before we came: not our trouble
    case EPROTO:
    case EPERM:
        return;
    default:
        break;
    }
    // Out of descriptors or memory: the backlog would wake the loop for nothing. Wait for better times.
    if (!std::exchange(starved_, true))
        logLine(
            LogLevel::error, "net.accept",
            "cannot accept on " + address_.toString() + ": " + std::strerror(error) +
                "; waiting until that is over (raise the limit with ulimit -n or LimitNOFILE=)"
        );
    retryAfter_ = retryAfter_ == Duration{} ? kFirstRetry : std::min(retryAfter_ * 2, kLastRetry);
    watch(false);
    retry_.start(retryAfter_);
}

} // namespace twistdpp
