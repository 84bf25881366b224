// layers: websocket
// A server's connection over any bytes behind a good handshake: each line that its protocol gets came from
// the client, none is longer than allowed, and what it answers are frames of a server.
#include "twistdpp/websocket/line_socket.h"

#include "support/string_transport.h"
#include "twistdpp/base/utf8.h"
#include "unit/net/doubles.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

using namespace twistdpp;

void require(bool condition) {
    if (!condition)
        std::abort();
}

constexpr std::size_t kLongest = 300;

class Echo final : public Protocol {
public:
    void dataReceived(Bytes data) override {
        require(data.size() <= kLongest + 2 && data.substr(data.size() - 2) == "\r\n");
        transport().write(data);
        if (data.find("quit") != Bytes::npos)
            transport().loseConnection();
    }
};

void checkFrames(Bytes out) {
    while (!out.empty()) {
        websocket::FrameHeader frame;
        require(websocket::parseFrameHeader(out, frame) == websocket::FrameStatus::ok);
        require(!frame.masked && frame.last && out.size() - frame.headerSize >= frame.size);
        const Bytes payload = out.substr(frame.headerSize, frame.size);
        require(frame.opcode != websocket::Opcode::text || utf8::isValid(payload));
        out.remove_prefix(frame.headerSize + payload.size());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    test::ManualReactor reactor;
    websocket::LineSocketOptions options;
    options.longest = kLongest;
    test::StringTransport transport(reactor);
    transport.connect(std::make_unique<websocket::LineSocket>(
        std::make_unique<Echo>(), std::make_shared<const websocket::LineSocketOptions>(options)
    ));
    transport.receive("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    require(transport.takeValue().substr(0, 12) == "HTTP/1.1 101");
    const std::size_t cut = size == 0 ? 0 : data[0] % (size + 1);
    transport.receive(input.substr(0, cut));
    transport.receive(input.substr(cut));
    checkFrames(transport.value());
    return 0;
}
