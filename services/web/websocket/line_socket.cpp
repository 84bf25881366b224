#include "twistdpp/websocket/line_socket.h"

#include "twistdpp/base/utf8.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"

namespace twistdpp::websocket {

LineSocket::LineSocket(std::unique_ptr<Protocol> inner, std::shared_ptr<const LineSocketOptions> options)
    : ProtocolWrapper(std::move(inner)), options_(std::move(options)) {}

LineSocket::~LineSocket() = default;

void LineSocket::connectionMade() {
    timeout_ = lower().reactor().callLater(options_->handshakeTime, [this] { lower().abortConnection(); });
}

void LineSocket::dataReceived(Bytes data) {
    if (state_ == State::closed)
        return;
    in_.append(data);
    if (state_ == State::handshake && !shakeHands())
        return;
    while (state_ == State::open && takeFrame()) {
    }
}

bool LineSocket::shakeHands() {
    http::RequestParser parser;
    const http::ParseResult result = parser.parse(in_);
    if (result.needMore())
        return false;
    Handshake answer;
    if (result.complete())
        answer = answerHandshake(parser.head(), options_->handshake);
    else
        answer.response = "HTTP/1.1 " + std::to_string(result.status) + " Error\r\nConnection: close\r\n\r\n";
    lower().write(Bytes(answer.response));
    timeout_ = Timer();
    if (!answer.accepted) {
        state_ = State::closed;
        lower().loseConnection();
        return false;
    }
    in_.erase(0, result.consumed);
    state_ = State::open;
    if (answer.protocol == options_->binaryProtocol)
        lines_ = Opcode::binary;
    ProtocolWrapper::connectionMade();
    return true;
}

bool LineSocket::takeFrame() {
    FrameHeader frame;
    const FrameStatus status = parseFrameHeader(in_, frame);
    if (status == FrameStatus::needMore)
        return false;
    const bool control = frame.opcode >= Opcode::close;
    const bool begins = frame.opcode == Opcode::text || frame.opcode == Opcode::binary;
    // A client masks (section 5.1); a message is ended before another begins.
    if (status == FrameStatus::malformed || !frame.masked ||
        (!control && begins != (kind_ == Opcode::continuation)))
        return close(CloseCode::protocolError), false;
    if (!control && frame.size + message_.size() > options_->longest)
        return close(CloseCode::tooBig), false;
    if (in_.size() - frame.headerSize < frame.size)
        return false;
    std::string payload = in_.substr(frame.headerSize, frame.size);
    in_.erase(0, frame.headerSize + frame.size);
    applyMask(payload, frame.mask);
    if (control) {
        this->control(frame.opcode, payload);
        return true;
    }
    if (begins)
        kind_ = frame.opcode;
    message_ += payload;
    if (frame.last)
        message();
    return true;
}

void LineSocket::control(Opcode opcode, const std::string& payload) {
    if (opcode == Opcode::ping)
        return sendFrame(Opcode::pong, payload);
    if (opcode == Opcode::pong)
        return;
    std::uint16_t code = CloseCode::normal;
    if (payload.size() >= 2) {
        const unsigned given = static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8U |
                               static_cast<unsigned char>(payload[1]);
        code = static_cast<std::uint16_t>(given);
        if (!isCloseCode(given))
            code = CloseCode::protocolError;
        else if (!utf8::isValid(Bytes(payload).substr(2)))
            code = CloseCode::badData;
    } else if (payload.size() == 1) {
        code = CloseCode::protocolError;
    }
    close(code);
}

void LineSocket::message() {
    std::string line = std::exchange(message_, {});
    const Opcode kind = std::exchange(kind_, Opcode::continuation);
    if (kind == Opcode::text && !utf8::isValid(line))
        return close(CloseCode::badData);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.pop_back();
    line += "\r\n";
    inner()->dataReceived(line);
}

void LineSocket::sendFrame(Opcode opcode, Bytes payload) {
    std::array<char, kMaxServerHeader> header;
    std::string frame(header.data(), writeFrameHeader(header, opcode, payload.size()));
    lower().write(Bytes(frame.append(payload)));
}

void LineSocket::sendLine(Bytes line, const Buffer* shared) {
    if (line.empty())
        return;
    if (lines_ == Opcode::text && !utf8::isValid(line))
        return sendFrame(lines_, utf8::replaceInvalid(line));
    if (!shared)
        return sendFrame(lines_, line);
    std::array<char, kMaxServerHeader> header;
    lower().write(Bytes(header.data(), writeFrameHeader(header, lines_, line.size())));
    lower().write(shared->slice(static_cast<std::size_t>(line.data() - shared->data()), line.size()));
}

void LineSocket::write(Bytes data) {
    if (state_ != State::open)
        return;
    while (!data.empty()) {
        const auto end = data.find('\n');
        out_.append(data.substr(0, end));
        if (end == Bytes::npos)
            return;
        data.remove_prefix(end + 1);
        if (!out_.empty() && out_.back() == '\r')
            out_.pop_back();
        sendLine(out_, nullptr);
        out_.clear();
    }
}

void LineSocket::write(Buffer data) {
    if (state_ != State::open)
        return;
    if (!out_.empty())
        return write(data.bytes());
    for (Bytes rest = data.bytes(); !rest.empty();) {
        const auto end = rest.find('\n');
        if (end == Bytes::npos)
            return write(rest);
        Bytes line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        // Lines are shared between many connections: they are not copied for each.
        sendLine(line, &data);
    }
}

void LineSocket::close(std::uint16_t code) {
    if (state_ == State::open) {
        const char text[2] = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
        sendFrame(Opcode::close, {text, 2});
    }
    state_ = State::closed;
    lower().loseConnection();
}

void LineSocket::loseConnection() {
    close(CloseCode::normal);
}

void LineSocket::readConnectionLost() {
    state_ == State::open ? ProtocolWrapper::readConnectionLost() : lower().loseConnection();
}

void LineSocket::writable() {
    if (state_ == State::open)
        ProtocolWrapper::writable();
}

void LineSocket::connectionLost(const Failure& reason) {
    timeout_ = Timer();
    state_ = State::closed;
    if (inner()->connected())
        ProtocolWrapper::connectionLost(reason);
}

void LineSocket::drain() {
    auto* drainable = dynamic_cast<Drainable*>(inner());
    if (state_ == State::open && drainable)
        return drainable->drain();
    close(CloseCode::normal);
}

void LineSocket::abort() {
    lower().abortConnection();
}

namespace {

class LineSockets final : public Factory {
public:
    LineSockets(std::shared_ptr<Factory> inner, std::shared_ptr<const LineSocketOptions> options)
        : inner_(std::move(inner)), options_(std::move(options)) {}

    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override {
        auto protocol = inner_->buildProtocol(peer);
        return protocol ? std::make_unique<LineSocket>(std::move(protocol), options_) : nullptr;
    }

private:
    std::shared_ptr<Factory> inner_;
    std::shared_ptr<const LineSocketOptions> options_;
};

} // namespace

std::shared_ptr<Factory>
makeLineSockets(std::shared_ptr<Factory> inner, std::shared_ptr<const LineSocketOptions> options) {
    return std::make_shared<LineSockets>(std::move(inner), std::move(options));
}

} // namespace twistdpp::websocket
