#include "twistdpp/net/line_receiver.h"

#include <functional>
#include <utility>

namespace twistdpp {

namespace {

bool inside(Bytes part, Bytes whole) noexcept {
    const std::less_equal<> notAfter;
    return notAfter(whole.data(), part.data()) &&
           notAfter(part.data() + part.size(), whole.data() + whole.size());
}

} // namespace

void LineReceiver::dataReceived(Bytes data) {
    if (paused_)
        tail_.append(data);
    else
        feed(data);
}

void LineReceiver::feed(Bytes data) {
    rest_ = data;
    busy_ = true;
    while (!rest_.empty() && !paused_ && !transport().closing()) {
        if (raw_)
            giveRaw();
        else if (skipping_)
            skipLine();
        else
            takeLine();
    }
    busy_ = false;
    if (paused_)
        tail_.append(rest_);
    rest_ = {};
    extra_ = std::string();
}

void LineReceiver::giveRaw() {
    if (!tail_.empty()) {
        tail_.append(rest_);
        extra_ = std::exchange(tail_, {});
        rest_ = extra_;
    }
    chunk_ = std::exchange(rest_, {});
    rawDataReceived(chunk_);
}

void LineReceiver::takeLine() {
    const std::size_t end = findLineEnd(tail_, rest_, lineEnd_);
    if (end == Bytes::npos) {
        tail_.append(std::exchange(rest_, {}));
        if (withoutCr(tail_).size() > maxLength_)
            tooLong();
        return;
    }
    const Bytes head = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (tail_.empty()) {
        deliver(withoutCr(head));
    } else {
        tail_.append(head);
        const std::string whole = std::exchange(tail_, {});
        deliver(withoutCr(whole));
    }
}

void LineReceiver::deliver(Bytes line) {
    if (line.size() > maxLength_)
        lineLengthExceeded(line);
    else
        lineReceived(line);
}

void LineReceiver::tooLong() {
    const std::string beginning = std::exchange(tail_, {});
    if (beginning.back() == '\r')
        tail_ = "\r"; // the LF may be the next byte
    skipping_ = true;
    lineLengthExceeded(withoutCr(beginning));
}

void LineReceiver::skipLine() {
    const std::size_t end = findLineEnd(tail_, rest_, lineEnd_);
    if (end == Bytes::npos) {
        tail_ = rest_.back() == '\r' ? "\r" : "";
        rest_ = {};
    } else {
        tail_.clear();
        rest_.remove_prefix(end + 1);
        skipping_ = false;
    }
}

void LineReceiver::lineLengthExceeded(Bytes) {
    transport().loseConnection();
}

void LineReceiver::sendLine(Bytes line) {
    transport().write(line);
    transport().write(Bytes("\r\n"));
}

void LineReceiver::setLineMode(Bytes extra) {
    raw_ = false;
    if (extra.empty())
        return;
    if (!busy_) {
        dataReceived(extra);
    } else if (inside(extra, chunk_)) {
        rest_ = extra;
    } else {
        extra_ = std::string(extra);
        rest_ = extra_;
    }
}

void LineReceiver::pauseProducing() {
    if (std::exchange(paused_, true))
        return;
    transport().pauseProducing();
}

void LineReceiver::resumeProducing() {
    if (!std::exchange(paused_, false))
        return;
    if (!busy_ && !tail_.empty()) {
        const Corked corked(transport());
        const std::string held = std::exchange(tail_, {});
        feed(held);
    }
    if (!paused_)
        transport().resumeProducing();
}

std::string LineReceiver::clearLineBuffer() {
    std::string all = std::exchange(tail_, {});
    all.append(std::exchange(rest_, {}));
    return all;
}

} // namespace twistdpp
