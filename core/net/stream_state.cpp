#include "twistdpp/net/stream_state.h"

#include <utility>

namespace twistdpp::detail {

namespace {

// A stream that waits with empty hands keeps no more memory than this.
constexpr std::size_t kIdleMemory = 16 * 1024;
// Read bytes at the front of the buffer that are worth moving the rest for.
constexpr std::size_t kCompactFrom = 4096;

} // namespace

void StreamState::attach(Protocol& protocol) {
    protocol_ = &protocol;
    reactor_ = &protocol.transport().reactor();
    peer_ = protocol.transport().peer();
}

void StreamState::received(Bytes data) {
    const auto keep = shared_from_this();
    if (unread() == 0) {
        bytes_.clear();
        begin_ = 0;
    } else if (begin_ > kCompactFrom && begin_ > bytes_.size() / 2) {
        bytes_.erase(0, begin_);
        begin_ = 0;
    }
    bytes_.append(data);
    if (skipping_)
        skipRestOfLine();
    serve();
    steerReading();
}

void StreamState::readEnded() {
    const auto keep = shared_from_this();
    readEnded_ = true;
    serve();
}

void StreamState::lost(const Failure& reason) {
    const auto keep = shared_from_this();
    protocol_ = nullptr;
    reason_ = reason;
    serve();
}

void StreamState::serve() {
    const auto fire = [this](auto& promise, auto outcome) {
        if (!outcome)
            return;
        auto fired = std::move(promise);
        waiting_ = std::monostate();
        want_ = Want::nothing;
        fired.fireOutcome(std::move(*outcome));
    };
    if (auto* bytes = std::get_if<Promise<Bytes>>(&waiting_))
        fire(*bytes, trySome());
    else if (auto* text = std::get_if<Promise<std::string>>(&waiting_))
        fire(*text, tryText());
}

template <class T>
Deferred<T>
StreamState::start(Want want, std::size_t amount, std::optional<Outcome<T>> (StreamState::*attempt)()) {
    if (want_ != Want::nothing)
        return Failure(std::logic_error("a read of this stream is waiting already"));
    want_ = want;
    amount_ = amount;
    if (auto outcome = (this->*attempt)()) {
        want_ = Want::nothing;
        steerReading();
        return Deferred<T>(std::move(*outcome));
    }
    lent_ = std::string();
    if (unread() == 0 && bytes_.capacity() > kIdleMemory) {
        bytes_ = std::string();
        begin_ = 0;
    }
    Promise<T> promise([this] {
        waiting_ = std::monostate();
        want_ = Want::nothing;
    });
    auto result = promise.deferred();
    waiting_.emplace<Promise<T>>(std::move(promise));
    steerReading();
    return result;
}

Deferred<Bytes> StreamState::read() {
    return start<Bytes>(Want::some, 0, &StreamState::trySome);
}

Deferred<std::string> StreamState::readLine(std::size_t max, LineEnd lineEnd) {
    if (want_ == Want::nothing) {
        lineEnd_ = lineEnd;
        searched_ = 0;
    }
    return start<std::string>(Want::line, max, &StreamState::tryText);
}

Deferred<std::string> StreamState::readExactly(std::size_t count) {
    return start<std::string>(Want::exactly, count, &StreamState::tryText);
}

std::optional<Outcome<Bytes>> StreamState::trySome() {
    if (unread() > 0 && !skipping_) {
        lent_.swap(bytes_);
        bytes_.clear();
        return Bytes(lent_).substr(std::exchange(begin_, 0));
    }
    if (!ended())
        return std::nullopt;
    if (reason_ && !reason_->check<ConnectionDone>())
        return Outcome<Bytes>(*reason_);
    return Bytes();
}

std::optional<Outcome<std::string>> StreamState::tryText() {
    if (!skipping_) {
        if (want_ == Want::line) {
            if (auto line = tryLine())
                return line;
        } else if (unread() >= amount_) {
            return take(amount_, 0);
        }
    }
    if (ended())
        return Outcome<std::string>(endReason());
    return std::nullopt;
}

std::optional<Outcome<std::string>> StreamState::tryLine() {
    const Bytes text = Bytes(bytes_).substr(begin_);
    const std::size_t found = findLineEnd(text.substr(0, searched_), text.substr(searched_), lineEnd_);
    if (found == Bytes::npos) {
        searched_ = text.size();
        if (withoutCr(text).size() <= amount_)
            return std::nullopt;
        skipping_ = true;
        skipRestOfLine();
        return Outcome<std::string>(Failure(LineTooLong(amount_)));
    }
    const std::size_t end = std::exchange(searched_, 0) + found;
    const std::size_t length = withoutCr(text.substr(0, end)).size();
    if (length <= amount_)
        return take(length, end + 1 - length);
    begin_ += end + 1;
    return Outcome<std::string>(Failure(LineTooLong(amount_)));
}

void StreamState::skipRestOfLine() {
    const std::size_t found = findLineEnd({}, Bytes(bytes_).substr(begin_), lineEnd_);
    if (found != Bytes::npos) {
        begin_ += found + 1;
        skipping_ = false;
        return;
    }
    // A CR at the end may be half of the line's end.
    begin_ = bytes_.size() - (!bytes_.empty() && bytes_.back() == '\r' ? 1 : 0);
}

std::string StreamState::take(std::size_t count, std::size_t behind) {
    std::string text = bytes_.substr(begin_, count);
    begin_ += count + behind;
    return text;
}

Failure StreamState::endReason() const {
    if (reason_ && !reason_->check<ConnectionDone>())
        return *reason_;
    return EndOfStream();
}

void StreamState::steerReading() {
    Transport* const transport = this->transport();
    if (!transport)
        return;
    const bool wanted = want_ != Want::nothing;
    if (!stopped_ && !wanted && unread() > readMark_) {
        stopped_ = true;
        transport->pauseProducing();
    } else if (stopped_ && (wanted || unread() <= readMark_ / 2)) {
        stopped_ = false;
        transport->resumeProducing();
    }
}

Deferred<void> StreamState::drain() {
    if (protocol_)
        return transport()->drained();
    return reason_ ? *reason_ : Failure(ConnectionDone());
}

void StreamState::close() {
    if (protocol_)
        transport()->loseConnection();
}

void StreamState::setReadMark(std::size_t bytes) {
    readMark_ = bytes;
    steerReading();
}

} // namespace twistdpp::detail
