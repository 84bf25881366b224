#pragma once
#include "twistdpp/websocket/frame.h"
#include "twistdpp/websocket/handshake.h"

#include "twistdpp/app/drainable.h"
#include "twistdpp/http/request_parser.h"
#include "twistdpp/net/protocol_wrapper.h"
#include "twistdpp/reactor/timer.h"

#include <memory>
#include <string>

namespace twistdpp::websocket {

/// How lines go over WebSocket.
struct LineSocketOptions {
    LineSocketOptions() = default;
    HandshakeOptions handshake;
    std::string binaryProtocol; // with this one frames are binary, else they are text
    std::size_t longest = 8192; // bytes of a message that a client may send
    Duration handshakeTime = std::chrono::seconds(10);
};

/// A server's WebSocket connection that is the transport of a protocol of lines: each message of the client
/// is a line to it, and each line that it writes, ended by CRLF, becomes a message without that. In a text
/// frame what is no UTF-8 is replaced (U+FFFD), since browsers would close. The protocol is told of the
/// connection once the handshake is done. Pings are answered; the protocol's own time-outs hold for the rest.
class LineSocket final : public ProtocolWrapper, public Drainable {
public:
    LineSocket(std::unique_ptr<Protocol> inner, std::shared_ptr<const LineSocketOptions> options);
    ~LineSocket() override;

    void connectionMade() override;
    void dataReceived(Bytes data) override;
    void readConnectionLost() override;
    void writable() override;
    void connectionLost(const Failure& reason) override;

    void write(Bytes data) override;
    void write(Buffer data) override;
    void loseConnection() override;

    void drain() override;
    void abort() override;

private:
    enum class State : std::uint8_t { handshake, open, closed };

    bool shakeHands();
    bool takeFrame();
    void control(Opcode opcode, const std::string& payload);
    void message();
    void sendFrame(Opcode opcode, Bytes payload);
    void sendLine(Bytes line, const Buffer* shared);
    /// Tells the peer why, and ends.
    void close(std::uint16_t code);

    std::shared_ptr<const LineSocketOptions> options_;
    State state_ = State::handshake;
    Opcode lines_ = Opcode::text;        // what lines are sent as
    std::string in_;                     // bytes of frames that are not complete
    std::string message_;                // of a message in several frames
    Opcode kind_ = Opcode::continuation; // of that message; continuation: there is none
    std::string out_;                    // a line that the protocol has begun
    Timer timeout_;
};

/// A factory of those, over a factory of protocols.
std::shared_ptr<Factory>
makeLineSockets(std::shared_ptr<Factory> inner, std::shared_ptr<const LineSocketOptions> options);

} // namespace twistdpp::websocket
