#pragma once
#include "twistdpp/net/line_end.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <cstddef>
#include <string>

namespace twistdpp {

/// Cuts the stream into lines, as Twisted's LineReceiver: lineReceived() gets each one without its end. In
/// raw mode the bytes go to rawDataReceived() as they come (a message's body). Lines that lie whole in what
/// has come are handed on without a copy; only the beginning of an incomplete line is kept.
class LineReceiver : public Protocol {
public:
    static constexpr std::size_t kMaxLength = 16384;

    /// `maxLength`: the longest line accepted, its end not counted.
    explicit LineReceiver(std::size_t maxLength = kMaxLength, LineEnd lineEnd = LineEnd::crlf) noexcept
        : maxLength_(maxLength), lineEnd_(lineEnd) {}

    void dataReceived(Bytes data) final;

    /// Writes the line and CRLF.
    void sendLine(Bytes line);

protected:
    /// One line, valid for the call. Nothing more is delivered once the transport is closing.
    virtual void lineReceived(Bytes line) = 0;
    /// Some bytes, in raw mode.
    virtual void rawDataReceived(Bytes data) { static_cast<void>(data); }
    /// A line is longer than maxLength(); `beginning` is what is known of it. Called once for it; its rest is
    /// skipped, so that an override may answer and go on. The default closes the connection.
    virtual void lineLengthExceeded(Bytes beginning);

    /// From the next byte on, rawDataReceived() is called.
    void setRawMode() noexcept { raw_ = true; }
    /// From now on lineReceived() is called. `extra` is the end of what rawDataReceived() was given that is
    /// not part of the raw data; it is read as lines.
    void setLineMode(Bytes extra = {});
    bool rawMode() const noexcept { return raw_; }
    void setMaxLength(std::size_t length) noexcept { maxLength_ = length; }
    std::size_t maxLength() const noexcept { return maxLength_; }

    /// No more calls until resumeProducing(), also for lines that are here already; in the middle of a
    /// lineReceived() too.
    void pauseProducing();
    void resumeProducing();
    bool paused() const noexcept { return paused_; }

    /// Takes out what has come and was not delivered yet. STARTTLS must do so and distrust it: it was sent
    /// before the encryption began.
    std::string clearLineBuffer();

private:
    void feed(Bytes data);
    void giveRaw();
    void takeLine();
    void skipLine();
    void deliver(Bytes line);
    void tooLong();

    std::string tail_;  // the beginning of a line, or what came while paused
    std::string extra_; // during feed(): holds rest_ when that is no part of what came
    Bytes rest_;        // during feed(): what is still to be looked at
    Bytes chunk_;       // during rawDataReceived(): its argument
    std::size_t maxLength_;
    LineEnd lineEnd_;
    bool raw_ = false;
    bool paused_ = false;
    bool busy_ = false;
    bool skipping_ = false;
};

} // namespace twistdpp
