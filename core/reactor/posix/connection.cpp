#include "twistdpp/posix/connection.h"

#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <utility>

namespace twistdpp {

namespace {

constexpr int kSegments = 64;
constexpr int kReadsPerWakeUp = 4;
constexpr std::size_t kSentPerWakeUp = 128 * 1024; // no more than the socket takes (tuneStream), at least
constexpr WriteLimits kDefaultLimits{};

const Failure& cleanly() {
    static const Failure done{ConnectionDone()};
    return done;
}

Failure lost(int error) {
    return ConnectionLost(std::error_code(error, std::generic_category()));
}

int pendingError(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

} // namespace

Connection::Connection(
    PosixReactor& reactor, UniqueFd socket, const Address& peer, std::unique_ptr<Protocol> protocol
)
    : reactor_(reactor), protocol_(std::move(protocol)), peer_(peer), fd_(std::move(socket)) {
    reactor_.open_.pushBack(*this);
}

Connection::~Connection() {
    if (entry_)
        reactor_.poller().unwatch(entry_);
    if (chain_)
        reactor_.giveBack(std::move(chain_));
}

const WriteLimits& Connection::limits() const noexcept {
    return limits_ ? *limits_ : kDefaultLimits;
}

void Connection::begin(bool accepted) {
    begun_ = true;
    accepted_ = accepted;
    cork();
    protocol_->makeConnection(*this);
    if (accepted && !ended_ && !paused_ && !full_ && reactor_.firstRead().worthwhile())
        reactor_.firstRead().found(readable());
    uncork();
    watchFor();
}

void Connection::ready(unsigned events) {
    if (ended_)
        return;
    if ((events & FdEvents::hangup) != 0) {
        // Asked for only while reading is paused, and told with the rest when the socket has an error.
        if (const int error = pendingError(fd_.get())) {
            readWhatIsLeft();
            return ended_ ? void() : end(lost(error));
        }
        if ((events & FdEvents::readable) == 0) {
            // A half-close is found when reading goes on; asked for again, it would keep the loop spinning.
            hangupSeen_ = true;
            return watchFor();
        }
        watched_ = 0; // after an error event the poller watches no more
    }
    cork();
    if ((events & FdEvents::writable) != 0) {
        blocked_ = false;
        flush();
    }
    if ((events & FdEvents::readable) != 0)
        readable();
    uncork();
    watchFor();
}

bool Connection::wantsBytes() const noexcept {
    // Once it closes, what comes is read to be dropped.
    return loseWhenSent_ || (!paused_ && !(full_ && limits().pauseReading));
}

/// False when there was nothing to read.
bool Connection::readable() {
    for (int i = 0; i < kReadsPerWakeUp; ++i) {
        if (ended_ || readClosed_ || !wantsBytes())
            break;
        char* const buffer = reactor_.readBuffer();
        const ssize_t got = ::recv(fd_.get(), buffer, PosixReactor::kReadBuffer, 0);
        if (got > 0 && loseWhenSent_) {
            // Closing with unread bytes would reset the connection, and take what is still under way with it.
            continue;
        } else if (got > 0) {
            protocol_->dataReceived(Bytes(buffer, static_cast<std::size_t>(got)));
            if (static_cast<std::size_t>(got) < PosixReactor::kReadBuffer)
                break; // the socket was emptied
            flush();   // the answers to a full buffer leave before the next one is read
        } else {
            const int error = got == 0 ? 0 : errno;
            if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR)
                return i > 0;
            failedRead(error);
            break;
        }
    }
    return true;
}

/// What came before a reset came in order, and is told: a peer that closes with unread bytes of ours resets
/// the connection though all that it has sent is here (TLS 1.3's tickets are such bytes).
void Connection::readWhatIsLeft() {
    cork();
    while (!ended_ && !readClosed_ && wantsBytes()) {
        char* const buffer = reactor_.readBuffer();
        const ssize_t got = ::recv(fd_.get(), buffer, PosixReactor::kReadBuffer, 0);
        if (got <= 0)
            break;
        if (!loseWhenSent_)
            protocol_->dataReceived(Bytes(buffer, static_cast<std::size_t>(got)));
    }
    uncork();
}

void Connection::failedRead(int error) {
    if (error != 0)
        return end(lost(error));
    readClosed_ = true;
    if (shutdownDone_ || loseWhenSent_) {
        if (queued() == 0)
            end(cleanly());
        return;
    }
    protocol_->readConnectionLost();
}

template <class Item>
void Connection::queue(Item item) {
    if (!canWrite())
        return;
    if (!chain_)
        chain_ = reactor_.borrowChain();
    chain_->append(std::move(item));
    checkFill();
    if (corks_ == 0 && !DirtyHook::linked())
        reactor_.markDirty(*this);
}

void Connection::write(Bytes data) {
    if (!data.empty())
        queue(data);
}

void Connection::write(Buffer data) {
    if (!data.empty())
        queue(std::move(data));
}

void Connection::writeFile(FileRange range) {
    if (range.length > 0)
        queue(std::move(range));
}

void Connection::checkFill() {
    const WriteLimits& limit = limits();
    const std::size_t size = queued();
    if (limit.hard > 0 && size > limit.hard)
        return abortConnection(Failure(ConnectionAborted(
            "the peer does not read, and more than " + std::to_string(limit.hard) + " bytes wait for it"
        )));
    if (size > limit.high)
        full_ = true;
}

void Connection::uncork() {
    if (--corks_ > 0 || ended_)
        return;
    if (chain_ || loseWhenSent_ || shutdownAsked_)
        flush();
    else
        watchFor(); // reading may have been paused or resumed meanwhile
}

Connection::Sent Connection::sendBytes(std::size_t& budget) {
    iovec segments[kSegments];
    const int count = chain_->iov(segments, kSegments);
    msghdr message{};
    message.msg_iov = segments;
    message.msg_iovlen = static_cast<std::size_t>(count);
    std::size_t offered = 0;
    for (int i = 0; i < count; ++i)
        offered += segments[i].iov_len;
    // A header that a file follows waits for the file's first bytes, and the last bytes wait for the end of
    // the stream, which is told as soon as they are taken: one segment instead of two.
    const bool last = shutdownAsked_ && !shutdownDone_ && offered == chain_->size();
    const bool more = last || (offered < chain_->size() && chain_->fileFollows());
    const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    const ssize_t sent = count == 1 ? ::send(fd_.get(), segments[0].iov_base, segments[0].iov_len, flags)
                                    : ::sendmsg(fd_.get(), &message, flags);
    if (sent < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked
               : errno == EINTR                        ? Sent::some
                                                       : Sent::failed;
    chain_->consume(static_cast<std::size_t>(sent));
    budget -= std::min(budget, static_cast<std::size_t>(sent));
    return static_cast<std::size_t>(sent) == offered ? Sent::some : Sent::blocked;
}

Connection::Sent Connection::sendFile(std::size_t& budget) {
    const FileRange& range = *chain_->file();
    auto offset = static_cast<off_t>(range.offset);
    const std::size_t wanted = std::min<std::uint64_t>(range.length, budget);
    const ssize_t sent = ::sendfile(fd_.get(), range.file->get(), &offset, wanted);
    if (sent < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked
               : errno == EINTR                        ? Sent::some
                                                       : Sent::failed;
    if (sent == 0) {
        // The file has become shorter than what the peer was promised.
        abortConnection(ConnectionAborted("a file became shorter while it was being sent"));
        return Sent::failed;
    }
    chain_->consume(static_cast<std::size_t>(sent));
    budget -= static_cast<std::size_t>(sent);
    return Sent::some;
}

void Connection::flush() {
    // What is queued by those who are told below goes out in the same loop, not by recursion.
    if (ended_ || flushing_)
        return;
    flushing_ = true;
    std::size_t budget = std::max(kSentPerWakeUp, limits().high);
    do {
        if (!sendQueued(budget))
            break;
        afterSending();
    } while (!ended_ && !blocked_ && queued() > 0);
    flushing_ = false;
}

/// Sends until the queue is empty, the socket is full or this turn's share is used up; false when that ended
/// the connection.
bool Connection::sendQueued(std::size_t& budget) {
    while (!blocked_ && queued() > 0 && budget > 0) {
        const Sent result = chain_->file() ? sendFile(budget) : sendBytes(budget);
        if (result == Sent::failed) {
            if (!ended_)
                end(lost(errno));
            return false;
        }
        blocked_ = result == Sent::blocked;
    }
    if (queued() > 0)
        blocked_ = true; // it goes on when the others had their share
    return true;
}

void Connection::afterSending() {
    if (chain_ && chain_->empty())
        reactor_.giveBack(std::move(chain_));
    if (queued() == 0) {
        if (loseWhenSent_)
            return end(cleanly());
        if (shutdownAsked_ && !shutdownDone_) {
            shutdownDone_ = true;
            ::shutdown(fd_.get(), SHUT_WR);
            if (readClosed_)
                return end(cleanly());
        }
    }
    if (queued() <= limits().low) {
        if (waiting_) {
            const auto promises = std::move(waiting_);
            for (Promise<void>& promise : *promises)
                promise.callback();
        }
        if (full_ && !ended_) {
            full_ = false;
            ++corks_;
            protocol_->writable();
            --corks_;
        }
    }
    watchFor();
}

void Connection::watchFor() {
    if (ended_ || !begun_)
        return;
    unsigned events = 0;
    if (!readClosed_ && wantsBytes())
        events |= FdEvents::readable;
    else if (!readClosed_ && !hangupSeen_)
        events |= FdEvents::hangup;
    if (blocked_)
        events |= FdEvents::writable;
    if (events == watched_)
        return;
    watched_ = static_cast<std::uint8_t>(events);
    if (entry_)
        reactor_.poller().modify(entry_, events);
    else
        entry_ = reactor_.poller().watch(fd_.get(), events, *this);
}

void Connection::end(Failure reason) {
    if (ended_)
        return;
    ended_ = true;
    reason_ = std::make_unique<Failure>(std::move(reason));
    DirtyHook::unlink();
    if (entry_)
        reactor_.poller().unwatch(
            std::exchange(entry_, nullptr), accepted_ ? Poller::Then::closesHere : Poller::Then::keepsOpen
        );
    fd_.reset();
    if (chain_)
        reactor_.giveBack(std::move(chain_));
    reactor_.bury(*this);
}

void Connection::finish() {
    if (!reason_)
        return;
    if (waiting_) {
        const auto promises = std::move(waiting_);
        for (Promise<void>& promise : *promises)
            promise.errback(*reason_);
    }
    protocol_->connectionLost(*reason_);
}

void Connection::loseConnection() {
    if (ended_ || loseWhenSent_)
        return;
    loseWhenSent_ = true;
    shutdownAsked_ = true; // nothing more is taken
    if (corks_ == 0) {
        if (queued() == 0)
            end(cleanly());
        else if (!DirtyHook::linked())
            reactor_.markDirty(*this);
    }
}

void Connection::loseWriteConnection() {
    if (ended_ || shutdownAsked_)
        return;
    shutdownAsked_ = true;
    if (corks_ == 0 && !DirtyHook::linked())
        reactor_.markDirty(*this);
}

void Connection::abortConnection(Failure reason) {
    if (ended_)
        return;
    // The peer learns at once that the rest will not come, instead of taking a cut for an end.
    const linger reset{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    end(std::move(reason));
}

void Connection::pauseProducing() {
    paused_ = true;
    if (corks_ == 0)
        watchFor();
}

void Connection::resumeProducing() {
    paused_ = false;
    hangupSeen_ = false;
    if (corks_ == 0)
        watchFor();
}

void Connection::setWriteLimits(const WriteLimits& limits) {
    limits_ = std::make_unique<WriteLimits>(limits);
    // Who asks for a large queue has a lot to send, which is cheaper in large pieces.
    const int unsent = static_cast<int>(std::min<std::size_t>(limits.high, INT_MAX));
    if (limits.high > kSentPerWakeUp)
        ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

Deferred<void> Connection::drained() {
    if (ended_)
        return fail(*reason_);
    if (queued() <= limits().low)
        return succeed();
    if (!waiting_)
        waiting_ = std::make_unique<std::vector<Promise<void>>>();
    return waiting_->emplace_back().deferred();
}

Address Connection::host() const {
    sockaddr_storage name;
    socklen_t size = sizeof name;
    if (!fd_ || ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0)
        return {};
    return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), size);
}

std::unique_ptr<Protocol> Connection::switchProtocol(std::unique_ptr<Protocol> next) {
    return std::exchange(protocol_, std::move(next));
}

void Connection::setTcpNoDelay(bool on) {
    const int value = on ? 1 : 0;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &value, sizeof value);
}

void Connection::setTcpKeepAlive(bool on) {
    const int value = on ? 1 : 0;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value);
}

Result<UniqueFd> Connection::releaseFd() {
    if (ended_)
        return Error("the connection is closed");
    if (queued() > 0)
        return Error("bytes wait to be sent on this connection");
    UniqueFd socket = std::move(fd_);
    if (entry_)
        reactor_.poller().unwatch(std::exchange(entry_, nullptr));
    ended_ = true;
    DirtyHook::unlink();
    reactor_.bury(*this); // without a reason, so that nobody is told
    return socket;
}

} // namespace twistdpp
