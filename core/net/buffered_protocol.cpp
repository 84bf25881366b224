#include "twistdpp/net/buffered_protocol.h"

#include "twistdpp/reactor/errors.h"

#include <cassert>
#include <utility>

namespace twistdpp {

void BufferedProtocol::dataReceived(Bytes data) {
    if (paused_ || !tail_.empty()) {
        tail_.append(data); // also while paused: a layer below may have had some more on its way
        if (!paused_)
            parseTail();
        return;
    }
    const std::size_t used = parse(data);
    tail_.append(data.substr(used));
    checkBound();
}

std::size_t BufferedProtocol::parse(Bytes data) {
    std::size_t done = 0;
    busy_ = true;
    do {
        resumed_ = false;
        const std::size_t used = received(data.substr(done));
        assert(used <= data.size() - done);
        done += used;
        // Once more when it had stopped for a pause that is over by now.
    } while (resumed_ && !paused_ && done < data.size());
    busy_ = false;
    return done;
}

void BufferedProtocol::parseTail() {
    const std::size_t used = parse(tail_);
    tail_.erase(0, used);
    checkBound();
}

void BufferedProtocol::checkBound() {
    if (paused_ || tail_.size() <= maxBuffer_)
        return;
    tail_ = std::string();
    bufferExceeded();
}

void BufferedProtocol::bufferExceeded() {
    transport().abortConnection(Failure(
        ConnectionAborted("the peer sent more than " + std::to_string(maxBuffer_) + " bytes in one message")
    ));
}

void BufferedProtocol::pauseProducing() {
    if (paused_)
        return;
    paused_ = true;
    transport().pauseProducing();
}

void BufferedProtocol::resumeProducing() {
    if (!paused_)
        return;
    paused_ = false;
    if (busy_) {
        resumed_ = true;
        transport().resumeProducing();
        return;
    }
    if (!tail_.empty()) {
        const Corked corked(transport());
        parseTail();
    }
    if (!paused_)
        transport().resumeProducing();
}

std::string BufferedProtocol::takeBuffered() {
    return busy_ ? std::string() : std::exchange(tail_, {});
}

} // namespace twistdpp
