#include "twistdpp/websocket/handshake.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"

#include <algorithm>
#include <array>
#include <openssl/evp.h>

namespace twistdpp::websocket {

namespace {

Handshake refuse(Bytes status, const std::string& text, Bytes more = {}) {
    Handshake out;
    out.response.append("HTTP/1.1 ").append(status).append("\r\n").append(more);
    out.response.append("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: ");
    out.response.append(std::to_string(text.size() + 1)).append("\r\n\r\n").append(text).append("\n");
    return out;
}

bool listHas(Bytes list, Bytes wanted) {
    while (!list.empty()) {
        if (ascii::equalsIgnoreCase(ascii::trim(ascii::cut(list, ',')), wanted))
            return true;
    }
    return false;
}

std::string chooseProtocol(const http::HeaderBlock& headers, const std::vector<std::string>& ours) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto field = headers[i];
        if (!ascii::equalsIgnoreCase(field.name, "Sec-WebSocket-Protocol"))
            continue;
        for (Bytes rest = field.value; !rest.empty();) {
            const Bytes asked = ascii::trim(ascii::cut(rest, ','));
            const auto found = std::find(ours.begin(), ours.end(), asked);
            if (found != ours.end())
                return *found;
        }
    }
    return {};
}

} // namespace

std::string acceptKey(Bytes key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    return toBase64(Bytes(reinterpret_cast<const char*>(digest.data()), size));
}

Handshake answerHandshake(const http::RequestHead& request, const HandshakeOptions& options) {
    const http::HeaderBlock& headers = request.headers();
    if (request.method() != http::Method::get)
        return refuse("405 Method Not Allowed", "Only GET leads anywhere here.", "Allow: GET\r\n");
    const auto upgrade = headers.find(http::KnownHeader::upgrade);
    if (!request.wantsUpgrade() || !upgrade || !listHas(*upgrade, "websocket"))
        return refuse(
            "426 Upgrade Required", options.page, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        );
    const auto version = headers.find("Sec-WebSocket-Version");
    if (!version || *version != "13")
        return refuse(
            "426 Upgrade Required", "Version 13 of WebSocket is spoken here.", "Sec-WebSocket-Version: 13\r\n"
        );
    const auto key = headers.find("Sec-WebSocket-Key");
    const auto decoded = key ? fromBase64(*key) : std::nullopt;
    constexpr std::size_t kKeySize = 16;
    if (!decoded || decoded->size() != kKeySize || request.minorVersion() == 0 ||
        request.body() != http::BodyKind::none)
        return refuse(
            "400 Bad Request", "Sec-WebSocket-Key has to be 16 bytes in base64, and the request HTTP/1.1."
        );
    const auto origin = headers.find(http::KnownHeader::origin);
    if (origin && !options.origins.empty() &&
        std::find(options.origins.begin(), options.origins.end(), *origin) == options.origins.end())
        return refuse("403 Forbidden", "Pages from there may not connect.");
    Handshake out;
    out.accepted = true;
    out.protocol = chooseProtocol(headers, options.protocols);
    out.response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: " +
                   acceptKey(*key) + "\r\n";
    if (!out.protocol.empty())
        out.response += "Sec-WebSocket-Protocol: " + out.protocol + "\r\n";
    out.response += "\r\n";
    return out;
}

} // namespace twistdpp::websocket
