#pragma once
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <cstddef>
#include <string>

namespace twistdpp {

/// A protocol that parses the stream where it lies and keeps only what is not complete yet: received() says
/// how much it used, and the rest comes again in front of the next bytes. As long as the messages arrive
/// whole nothing is copied.
class BufferedProtocol : public Protocol {
public:
    static constexpr std::size_t kMaxBuffer = 64 * 1024;

    /// `maxBuffer` bounds what may be left over between two calls of received().
    explicit BufferedProtocol(std::size_t maxBuffer = kMaxBuffer) noexcept : maxBuffer_(maxBuffer) {}

    void dataReceived(Bytes data) final;

protected:
    /// All that has come and was not used yet. Returns how many bytes at the front are done with; a parser
    /// that finds nothing complete returns 0. It should stop early when paused() or when the transport is
    /// closing.
    virtual std::size_t received(Bytes data) = 0;
    /// More than the bound was left over. The default aborts the connection; what was left is dropped.
    virtual void bufferExceeded();

    /// Stops received() until resumeProducing(); what is here already is kept.
    void pauseProducing();
    /// Gives what was kept to received(), and lets the transport go on unless that paused again.
    void resumeProducing();
    bool paused() const noexcept { return paused_; }
    /// What was left over, taken out; for an upgrade to another protocol. Empty inside received(): there the
    /// rest is the argument's own.
    std::string takeBuffered();

private:
    /// Lets received() look at `data` and returns how much of it is done with.
    std::size_t parse(Bytes data);
    void parseTail();
    void checkBound();

    std::string tail_;
    std::size_t maxBuffer_;
    bool paused_ = false;
    bool busy_ = false;
    bool resumed_ = false;
};

} // namespace twistdpp
