// The part towards the inner protocol: what it writes, and how it closes. See tls_transport.cpp.
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/tls/context_state.h"
#include "twistdpp/tls/tls_errors.h"
#include "twistdpp/tls/tls_transport.h"

#include <algorithm>
#include <type_traits>

namespace twistdpp {

namespace {
/// Encrypted bytes that may wait below before encryption pauses: enough to keep a fast peer busy.
constexpr std::size_t kLowerHigh = 64 * 1024;

/// The transport below may send, and then call writable(), while it is given a record.
class Encrypting {
public:
    explicit Encrypting(bool& flag) noexcept : flag_(flag) { flag_ = true; }
    ~Encrypting() { flag_ = false; }
    Encrypting(const Encrypting&) = delete;
    Encrypting& operator=(const Encrypting&) = delete;

private:
    bool& flag_;
};
} // namespace

bool TlsProtocol::canWrite() const noexcept {
    return !losing_ && !writeLost_ && (phase_ == Phase::handshaking || phase_ == Phase::open);
}

template <class Item>
void TlsProtocol::queue(Item item) {
    if (!canWrite())
        return;
    if constexpr (std::is_same_v<Item, Bytes>) {
        // Nothing to wait for: no copy.
        const bool direct = corks_ == 0 && !encrypting_ && phase_ == Phase::open && plain_.empty();
        while (direct && !lowerFull_ && !item.empty()) {
            const Encrypting guard(encrypting_);
            if (!sent(records_.writeSome(item, now())))
                return;
        }
        if (item.empty())
            return afterWrite();
    }
    plain_.append(std::move(item));
    afterWrite();
}

void TlsProtocol::write(Bytes data) {
    if (!data.empty())
        queue(data);
}

void TlsProtocol::write(Buffer data) {
    if (!data.empty())
        queue(std::move(data));
}

void TlsProtocol::writeFile(FileRange range) {
    if (range.length > 0)
        queue(std::move(range));
}

void TlsProtocol::afterWrite() {
    if (limits_.hard > 0 && queued() > limits_.hard)
        return abortConnection(Failure(ConnectionAborted(
            "the peer does not read, and more than " + std::to_string(limits_.hard) + " bytes wait for it"
        )));
    if (corks_ == 0)
        pump();
}

bool TlsProtocol::sent(detail::RecordWriter::Result result) {
    using Result = detail::RecordWriter::Result;
    // Only a record of ours that filled the queue below makes sure that writable() will come.
    lowerFull_ = lower().queued() > lowerHigh_;
    if (result == Result::failed)
        fail(engine_.failure(lower().peer()));
    else if (result == Result::fileTooShort)
        abortConnection(Failure(ConnectionAborted("a file became shorter while it was being sent")));
    return result == Result::ok;
}

void TlsProtocol::pump() {
    // Who is told that there is room may queue more, or close.
    do {
        if (phase_ != Phase::open || encrypting_ || !encryptQueued())
            return;
    } while (tellWritable() || serveWaiters());
    if (full_ && !lowerFull_)
        watchLower();
}

void TlsProtocol::watchLower() {
    if (watchingLower_)
        return;
    watchingLower_ = true;
    lower()
        .drained()
        .addBoth([weak = std::weak_ptr(self())](const Outcome<void>& outcome) {
            const auto here = weak.lock();
            if (!here)
                return;
            (*here)->watchingLower_ = false;
            if (outcome.ok())
                (*here)->writable();
        })
        .detach();
}

bool TlsProtocol::encryptQueued() {
    const Encrypting guard(encrypting_);
    while (!plain_.empty() && !lowerFull_) {
        if (!sent(records_.writeHead(plain_, now())))
            return false;
    }
    if (plain_.empty()) {
        if ((losing_ || writeLost_) && !notified_) {
            notified_ = true;
            engine_.sendCloseNotify();
        }
        if (notified_ && (peerNotified_ || (losing_ && lowerEof_))) {
            closeLower();
            return false;
        }
        if (losing_ && !lowerWriteLost_) {
            lowerWriteLost_ = true;
            lower().loseWriteConnection();
        }
    }
    return true;
}

void TlsProtocol::writable() {
    lowerFull_ = false;
    if (encrypting_)
        return; // it goes on by itself
    const Corked event(*this);
}

bool TlsProtocol::tellWritable() {
    const std::size_t size = queued();
    if (size > limits_.high)
        full_ = true;
    if (!full_ || size > limits_.low)
        return false;
    full_ = false;
    if (losing_ || writeLost_)
        return false;
    const Corked event(*this);
    inner_->writable();
    return true;
}

bool TlsProtocol::serveWaiters() {
    if (!waiters_ || !plain_.empty())
        return false;
    lower()
        .drained()
        .addBoth([waiters = std::exchange(waiters_, nullptr)](Outcome<void> outcome) {
            if (!outcome.ok())
                return waiters->failAll(outcome.failure());
            while (!waiters->empty()) {
                Promise<void> next = waiters->next();
                next.callback();
            }
        })
        .detach();
    return true;
}

Deferred<void> TlsProtocol::drained() {
    pump();
    if (plain_.empty())
        return lower().drained();
    if (!waiters_)
        waiters_ = std::make_shared<Waiters<void>>();
    return waiters_->wait();
}

std::size_t TlsProtocol::queued() const noexcept {
    return plain_.size() + lower().queued();
}

void TlsProtocol::setWriteLimits(const WriteLimits& limits) {
    limits_ = limits;
    lowerHigh_ = std::min(limits.high, kLowerHigh);
    WriteLimits below;
    below.high = lowerHigh_;
    below.low = std::min(limits.low, lowerHigh_);
    below.pauseReading = limits.pauseReading;
    lower().setWriteLimits(below);
}

void TlsProtocol::cork() noexcept {
    ++corks_;
    lower().cork();
}

void TlsProtocol::uncork() {
    if (corks_ == 1)
        pump(); // still corked, so that what writable() queues waits for the loop in there
    --corks_;
    lower().uncork();
}

void TlsProtocol::loseConnection() {
    if (losing_ || phase_ == Phase::finishing || phase_ == Phase::ended)
        return;
    losing_ = true;
    if (phase_ != Phase::open) {
        if (plain_.empty())
            closeLower();
        return;
    }
    lastQueued_ = queued();
    timer_->start(context_->settings.closeTimeout);
    paused_ = false; // the peer's close_notify is waited for
    lower().resumeProducing();
    if (!held_.empty() && !busy_)
        processHeldSoon();
    if (corks_ == 0)
        pump();
}

void TlsProtocol::loseWriteConnection() {
    if (!canWrite())
        return;
    writeLost_ = true;
    if (corks_ == 0)
        pump();
}

void TlsProtocol::abortConnection(Failure reason) {
    if (phase_ == Phase::ended)
        return;
    phase_ = Phase::finishing;
    plain_.clear();
    held_.clear();
    if (!reason_)
        reason_ = std::move(reason);
    lower().abortConnection(*reason_);
}

} // namespace twistdpp
