#include "twistdpp/net/policed_connection.h"

#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <sys/uio.h>
#include <utility>

namespace twistdpp {

namespace {

// Data that is held back leaves in portions of a twentieth of a second, not byte by byte.
constexpr std::uint64_t kPortionsPerSecond = 20;

} // namespace

PolicedConnection::PolicedConnection(
    std::shared_ptr<ConnectionPolicy> policy, const Address& peer, std::unique_ptr<Protocol> inner
)
    : ProtocolWrapper(std::move(inner)), policy_(std::move(policy)), counted_(peer),
      timer_(policy_->reactor_.timers(), [this] { timerRan(); }) {
    const PolicyLimits& limits = policy_->limits_;
    ++policy_->counters_.accepted;
    ++policy_->counters_.open;
    if (limits.maxPerAddress > 0)
        policy_->byAddress_.add(counted_);
    if (limits.maxPerPrefix > 0)
        policy_->byPrefix_.add(counted_);
    if (limits.readBytesPerSecond > 0)
        reads_.emplace(static_cast<double>(limits.readBytesPerSecond));
    if (limits.writeBytesPerSecond > 0)
        delayed_ = std::make_unique<Delayed>(static_cast<double>(limits.writeBytesPerSecond));
}

PolicedConnection::~PolicedConnection() {
    if (!over_)
        policy_->release(counted_);
}

void PolicedConnection::connectionMade() {
    began_ = lastByte_ = now();
    setTimer();
    ProtocolWrapper::connectionMade();
}

void PolicedConnection::dataReceived(Bytes data) {
    policy_->counters_.bytesRead += data.size();
    const TimePoint at = now();
    lastByte_ = at;
    heard_ = true;
    if (reads_) {
        reads_->take(data.size(), at);
        if (reads_->available(at) == 0 && !(pauses_ & byReadRate)) {
            setPause(byReadRate, true);
            setTimer();
        }
    }
    if (!delayed_ || !delayed_->thenClose) // closed as far as the protocol knows
        ProtocolWrapper::dataReceived(data);
}

void PolicedConnection::connectionLost(const Failure& reason) {
    timer_.stop();
    if (!std::exchange(over_, true))
        policy_->release(counted_);
    if (delayed_) {
        delayed_->pending.clear();
        delayed_->waiters.failAll(reason);
    }
    ProtocolWrapper::connectionLost(reason);
}

void PolicedConnection::setPause(PauseReason reason, bool on) {
    const bool before = pauses_ != 0;
    pauses_ = on ? pauses_ | reason : pauses_ & ~static_cast<unsigned>(reason);
    const bool after = pauses_ != 0;
    if (after && !before)
        lower().pauseProducing();
    else if (before && !after)
        lower().resumeProducing();
}

void PolicedConnection::pauseProducing() {
    setPause(byProtocol, true);
}
void PolicedConnection::resumeProducing() {
    setPause(byProtocol, false);
}

// ---- Time limits

void PolicedConnection::setTimer() {
    if (over_)
        return;
    const PolicyLimits& limits = policy_->limits_;
    const TimePoint at = now();
    Duration next = Duration::max();
    const auto consider = [&](Duration in) { next = std::min(next, in); };
    if (limits.handshakeTimeout > Duration::zero() && !heard_)
        consider(began_ + limits.handshakeTimeout - at);
    if (limits.idleTimeout > Duration::zero())
        consider(lastByte_ + limits.idleTimeout - at);
    if (limits.lifetime > Duration::zero())
        consider(began_ + limits.lifetime - at);
    if (pauses_ & byReadRate)
        consider(reads_->untilAvailable(1, at));
    if (delayed_ && !delayed_->pending.empty())
        consider(untilMayWrite());
    if (next == Duration::max())
        timer_.stop();
    else
        timer_.start(std::max<Duration>(next, std::chrono::milliseconds(1)));
}

void PolicedConnection::timerRan() {
    const PolicyLimits& limits = policy_->limits_;
    PolicyCounters& counters = policy_->counters_;
    const TimePoint at = now();
    if (limits.handshakeTimeout > Duration::zero() && !heard_ && at - began_ >= limits.handshakeTimeout)
        return end("the peer sent nothing in the time it has to begin", counters.handshakeTimeouts);
    if (limits.idleTimeout > Duration::zero() && at - lastByte_ >= limits.idleTimeout)
        return end("idle for too long", counters.idleTimeouts);
    if (limits.lifetime > Duration::zero() && at - began_ >= limits.lifetime)
        return end("open for longer than a connection may be", counters.lifetimeTimeouts);
    if ((pauses_ & byReadRate) && reads_->available(at) > 0)
        setPause(byReadRate, false);
    if (delayed_ && !delayed_->pending.empty()) {
        const Corked together(lower());
        sendDelayed();
    }
    setTimer();
}

void PolicedConnection::end(const char* why, std::uint64_t& counter) {
    ++counter;
    // In order when that takes no time; a peer that does not read could make it last for ever.
    if (queued() == 0)
        lower().loseConnection();
    else
        abortConnection(Failure(ConnectionAborted(why)));
}

// ---- Writing

void PolicedConnection::wrote(std::size_t bytes) {
    policy_->counters_.bytesWritten += bytes;
    lastByte_ = now();
}

void PolicedConnection::write(Bytes data) {
    if (delayed_) {
        delay(data, data.size());
    } else {
        wrote(data.size());
        lower().write(data);
    }
}

void PolicedConnection::write(Buffer data) {
    const std::size_t size = data.size();
    if (delayed_) {
        delay(std::move(data), size);
    } else {
        wrote(size);
        lower().write(std::move(data));
    }
}

void PolicedConnection::writeFile(FileRange range) {
    const std::size_t size = range.length;
    if (delayed_) {
        delay(std::move(range), size);
    } else {
        wrote(size);
        lower().writeFile(std::move(range));
    }
}

template <class Data>
void PolicedConnection::delay(Data data, std::size_t size) {
    if (closing() || over_ || size == 0)
        return;
    delayed_->pending.append(std::move(data));
    if (delayed_->limits.hard > 0 && queued() > delayed_->limits.hard) {
        abortConnection(Failure(
            ConnectionAborted("more than " + std::to_string(delayed_->limits.hard) + " bytes wait to be sent")
        ));
        return;
    }
    if (delayed_->pending.size() > size)
        return steerQueue(); // others wait already, and a timer for them
    sendDelayed();
    if (!delayed_->pending.empty())
        setTimer();
}

void PolicedConnection::sendDelayed() {
    const TimePoint at = now();
    while (!delayed_->pending.empty()) {
        const std::uint64_t allowed = delayed_->bucket.available(at);
        if (allowed == 0)
            break;
        sendHead(allowed, at);
    }
    steerQueue();
    finishDelayed();
}

void PolicedConnection::sendHead(std::size_t most, TimePoint at) {
    Chain& pending = delayed_->pending;
    std::size_t size = 0;
    if (const FileRange* const file = pending.file()) {
        FileRange part(*file);
        part.length = std::min<std::uint64_t>(part.length, most);
        size = part.length;
        lower().writeFile(std::move(part));
    } else {
        iovec head{};
        pending.iov(&head, 1);
        size = std::min(head.iov_len, most);
        lower().write(Bytes(static_cast<const char*>(head.iov_base), size));
    }
    pending.consume(size);
    delayed_->bucket.take(size, at);
    wrote(size);
}

Duration PolicedConnection::untilMayWrite() const noexcept {
    const std::uint64_t portion =
        std::max<std::uint64_t>(1, policy_->limits_.writeBytesPerSecond / kPortionsPerSecond);
    return delayed_->bucket.untilAvailable(std::min<std::uint64_t>(portion, delayed_->pending.size()), now());
}

void PolicedConnection::steerQueue() {
    const std::size_t size = delayed_->pending.size();
    if (!delayed_->overHigh && size > delayed_->limits.high) {
        delayed_->overHigh = true;
        if (delayed_->limits.pauseReading)
            setPause(byQueue, true);
    } else if (delayed_->overHigh && size <= delayed_->limits.low) {
        delayed_->overHigh = false;
        setPause(byQueue, false);
        ProtocolWrapper::writable();
    }
    while (delayed_->pending.size() <= delayed_->limits.low && !delayed_->waiters.empty()) {
        Promise<void> waiter = delayed_->waiters.next();
        waiter.callback();
    }
}

void PolicedConnection::finishDelayed() {
    if (!delayed_->pending.empty())
        return;
    if (std::exchange(delayed_->thenCloseWriting, false))
        lower().loseWriteConnection();
    if (std::exchange(delayed_->thenClose, false))
        lower().loseConnection();
}

void PolicedConnection::writable() {
    if (!delayed_ || !delayed_->overHigh)
        ProtocolWrapper::writable();
}

std::size_t PolicedConnection::queued() const noexcept {
    return lower().queued() + (delayed_ ? delayed_->pending.size() : 0);
}

void PolicedConnection::setWriteLimits(const WriteLimits& limits) {
    if (delayed_)
        delayed_->limits = limits;
    lower().setWriteLimits(limits);
}

Deferred<void> PolicedConnection::drained() {
    if (!delayed_ || delayed_->pending.size() <= delayed_->limits.low)
        return lower().drained();
    return delayed_->waiters.wait().addCallback([this] { return lower().drained(); });
}

void PolicedConnection::loseConnection() {
    if (delayed_ && !delayed_->pending.empty())
        delayed_->thenClose = true;
    else
        lower().loseConnection();
}

void PolicedConnection::loseWriteConnection() {
    if (delayed_ && !delayed_->pending.empty())
        delayed_->thenCloseWriting = true;
    else
        lower().loseWriteConnection();
}

void PolicedConnection::abortConnection(Failure reason) {
    if (delayed_)
        delayed_->pending.clear();
    lower().abortConnection(std::move(reason));
}

bool PolicedConnection::closing() const noexcept {
    return lower().closing() || (delayed_ && delayed_->thenClose);
}

} // namespace twistdpp
