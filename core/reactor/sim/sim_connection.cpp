#include "twistdpp/sim/sim_connection.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_network.h"
#include "twistdpp/sim/sim_reactor.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace twistdpp {

namespace {

constexpr std::size_t kLargestSegment = 64 * 1024;
constexpr int kSegments = 16;

Failure wasReset() {
    return ConnectionLost(std::make_error_code(std::errc::connection_reset));
}

} // namespace

SimConnection::SimConnection(
    SimReactor& reactor, SimNetwork& network, std::uint64_t id, const Address& host, const Address& peer
)
    : reactor_(reactor), network_(network), id_(id), host_(host), peer_(peer), room_(
                                                                                   reactor.timers(),
                                                                                   [this] {
                                                                                       blocked_ = false;
                                                                                       flush();
                                                                                   }
                                                                               ),
      arrival_(reactor.timers(), [this] { arrived(); }), reading_(reactor.timers(), [this] { deliver(); }) {}

Reactor& SimConnection::reactor() const noexcept {
    return reactor_;
}

void SimConnection::begin(std::unique_ptr<Protocol> protocol) {
    protocol_ = std::move(protocol);
    begun_ = true;
    reactor_.note("begin", std::to_string(id_), host_.toString(), peer_.toString());
    cork();
    protocol_->makeConnection(*this);
    uncork();
    if (!ended_ && !underWay_.empty())
        arrival_.start(underWay_.front().due - reactor_.now());
}

// Sending

template <class Item>
void SimConnection::queue(Item item) {
    if (ended_ || shutdownAsked_)
        return;
    chain_.append(std::move(item));
    checkFill();
    if (corks_ == 0)
        markDirty();
}

void SimConnection::write(Bytes data) {
    if (!data.empty())
        queue(data);
}

void SimConnection::write(Buffer data) {
    if (!data.empty())
        queue(std::move(data));
}

void SimConnection::writeFile(FileRange range) {
    if (range.length > 0)
        queue(std::move(range));
}

void SimConnection::markDirty() {
    if (!ended_ && !SimDirtyHook::linked())
        network_.markDirty(*this);
}

void SimConnection::checkFill() {
    if (limits_.hard > 0 && queued() > limits_.hard)
        return abortConnection(ConnectionAborted(
            "the peer does not read, and more than " + std::to_string(limits_.hard) + " bytes wait for it"
        ));
    if (full_ || queued() <= limits_.high)
        return;
    full_ = true;
    // What can leave at once leaves, so that only a peer that really is slow stops the reading.
    if (!blocked_ && corks_ == 0)
        flush();
}

void SimConnection::uncork() {
    if (--corks_ == 0)
        flush();
}

std::size_t SimConnection::roomAtPeer() const noexcept {
    const std::size_t window = reactor_.options().window;
    const std::size_t taken = other_ ? other_->held_ : unheard_;
    return window > taken ? window - taken : 0;
}

/// Up to `most` bytes of the queue's head; nothing when a file turns out to be shorter than promised.
std::optional<std::string> SimConnection::takeQueued(std::size_t most) {
    std::string data;
    if (const FileRange* range = chain_.file()) {
        data.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most, range->length)));
        const ssize_t got =
            ::pread(range->file->get(), data.data(), data.size(), static_cast<off_t>(range->offset));
        if (got <= 0)
            return std::nullopt;
        data.resize(static_cast<std::size_t>(got));
    } else {
        iovec segments[kSegments];
        const int count = chain_.iov(segments, kSegments);
        for (int i = 0; i < count && data.size() < most; ++i)
            data.append(
                static_cast<const char*>(segments[i].iov_base),
                std::min(segments[i].iov_len, most - data.size())
            );
    }
    chain_.consume(data.size());
    return data;
}

void SimConnection::flush() {
    if (ended_)
        return;
    while (!blocked_ && !chain_.empty()) {
        const std::size_t room = roomAtPeer();
        if (room == 0) {
            blocked_ = true; // the other end says when it has room again
            break;
        }
        auto data = takeQueued(std::min(room, kLargestSegment));
        if (!data)
            return end(ConnectionAborted("a file became shorter while it was being sent"), true);
        send(*std::move(data));
        if (ended_)
            return;
        if (!chain_.empty() && reactor_.random().chance(reactor_.options().stall)) {
            blocked_ = true;
            room_.start(reactor_.latency());
        }
    }
    afterSending();
}

void SimConnection::send(std::string data) {
    SimRandom& random = reactor_.random();
    const SimOptions& options = reactor_.options();
    reactor_.note("send", std::to_string(id_), std::to_string(data.size()));
    if (!other_) {
        // Whoever is sent to has gone: its system answers with a reset.
        if (unheard_ == 0)
            expect(Kind::reset, reactor_.latency() + reactor_.latency());
        unheard_ += data.size();
        return;
    }
    if (random.chance(options.reset)) {
        reactor_.note("cut", std::to_string(id_));
        return end(wasReset(), true);
    }
    for (std::size_t at = 0; at < data.size();) {
        std::size_t size = data.size() - at;
        if (size > 1 && random.chance(options.cut))
            size = random.between(1, size - 1);
        other_->expect(Kind::data, reactor_.latency(), data.substr(at, size));
        at += size;
    }
}

void SimConnection::afterSending() {
    if (chain_.empty()) {
        if (loseWhenSent_)
            return end(ConnectionDone(), false);
        if (shutdownAsked_ && !shutdownDone_) {
            shutdownDone_ = true;
            if (other_)
                other_->expect(Kind::end, reactor_.latency());
            if (readClosed_)
                return end(ConnectionDone(), false);
        }
    }
    if (queued() > limits_.low)
        return;
    for (Promise<void>& promise : std::exchange(waiting_, {}))
        promise.callback();
    if (full_ && !ended_) {
        full_ = false;
        goOnReading();
        cork();
        protocol_->writable();
        uncork();
    }
}

void SimConnection::loseConnection() {
    if (ended_ || loseWhenSent_)
        return;
    loseWhenSent_ = true;
    shutdownAsked_ = true; // nothing more is taken
    goOnReading();         // to drop what comes, until all is sent
    if (corks_ > 0)
        return;
    if (chain_.empty())
        end(ConnectionDone(), false);
    else
        markDirty();
}

void SimConnection::loseWriteConnection() {
    if (ended_ || shutdownAsked_)
        return;
    shutdownAsked_ = true;
    if (corks_ == 0)
        markDirty();
}

Deferred<void> SimConnection::drained() {
    if (ended_)
        return fail(*reason_);
    if (queued() <= limits_.low)
        return succeed();
    return waiting_.emplace_back().deferred();
}

// Receiving

/// Something is under way to this end.
void SimConnection::expect(Kind kind, Duration after, std::string data) {
    if (ended_)
        return;
    lastDue_ = std::max(lastDue_, reactor_.now() + after);
    held_ += data.size();
    underWay_.push_back({lastDue_, kind, std::move(data)});
    if (begun_ && !arrival_.active())
        arrival_.start(underWay_.front().due - reactor_.now());
}

void SimConnection::arrived() {
    while (!underWay_.empty() && underWay_.front().due <= reactor_.now()) {
        const Segment segment = std::move(underWay_.front());
        underWay_.pop_front();
        if (segment.kind == Kind::reset)
            return end(wasReset(), true);
        if (segment.kind == Kind::end)
            endArrived_ = true;
        inbox_.append(segment.data);
    }
    if (!underWay_.empty())
        arrival_.start(underWay_.front().due - reactor_.now());
    deliver();
}

bool SimConnection::readable() const noexcept {
    if (ended_ || !begun_ || readClosed_ || (inbox_.size() == inboxBegin_ && !endArrived_))
        return false;
    return loseWhenSent_ || !(paused_ || (full_ && limits_.pauseReading));
}

void SimConnection::goOnReading() {
    if (readable() && !reading_.active())
        reading_.start(Duration(0));
}

void SimConnection::resumeProducing() {
    paused_ = false;
    goOnReading();
}

void SimConnection::deliver() {
    if (!readable())
        return;
    cork();
    if (inbox_.size() > inboxBegin_) {
        deliverBytes();
    } else {
        readClosed_ = true;
        reactor_.note("eof", std::to_string(id_));
        if (shutdownDone_)
            end(ConnectionDone(), false);
        else if (!loseWhenSent_)
            protocol_->readConnectionLost();
    }
    uncork();
    goOnReading();
}

void SimConnection::deliverBytes() {
    const SimOptions& options = reactor_.options();
    std::size_t size = std::min(inbox_.size() - inboxBegin_, kLargestSegment);
    if (options.bytewise)
        size = 1;
    else if (size > 1 && reactor_.random().chance(options.cut))
        size = reactor_.random().between(1, size - 1);
    // A copy that dies with the call: a protocol that keeps the bytes is found out by the sanitizers.
    const std::string data = inbox_.substr(inboxBegin_, size);
    inboxBegin_ += size;
    if (inboxBegin_ == inbox_.size()) {
        inbox_.clear();
        inboxBegin_ = 0;
    }
    held_ -= size;
    madeRoom();
    reactor_.note(loseWhenSent_ ? "drop" : "read", std::to_string(id_), std::to_string(size));
    if (!loseWhenSent_)
        protocol_->dataReceived(data);
}

void SimConnection::madeRoom() {
    // Half a window at a time, as real receivers announce it, and not byte by byte.
    if (other_ && other_->blocked_ && !other_->room_.active() && held_ <= reactor_.options().window / 2)
        other_->room_.start(reactor_.latency());
}

// The end

void SimConnection::end(Failure reason, bool cut) {
    if (ended_)
        return;
    ended_ = true;
    reason_ = std::make_unique<Failure>(std::move(reason));
    reactor_.note("end", std::to_string(id_), reason_->message());
    SimDirtyHook::unlink();
    room_.stop();
    arrival_.stop();
    reading_.stop();
    chain_.clear();
    if (SimConnection* other = std::exchange(other_, nullptr)) {
        other->other_ = nullptr;
        const bool unread = inbox_.size() > inboxBegin_;
        if (cut || unread) {
            other->expect(Kind::reset, reactor_.latency());
        } else {
            if (!shutdownDone_)
                other->expect(Kind::end, reactor_.latency());
            if (held_ > 0) // what still comes finds nobody
                other->expect(Kind::reset, underWay_.front().due - reactor_.now() + reactor_.latency());
        }
        if (other->blocked_ && !other->room_.active())
            other->room_.start(reactor_.latency());
    }
    network_.bury(*this);
}

void SimConnection::finish() {
    for (Promise<void>& promise : std::exchange(waiting_, {}))
        promise.errback(*reason_);
    if (begun_)
        protocol_->connectionLost(*reason_);
}

} // namespace twistdpp
