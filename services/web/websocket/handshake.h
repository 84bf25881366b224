#pragma once
#include "twistdpp/http/request_head.h"

#include "twistdpp/base/bytes.h"

#include <string>
#include <vector>

namespace twistdpp::websocket {

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2).
std::string acceptKey(Bytes key);

/// Which clients are taken.
struct HandshakeOptions {
    std::vector<std::string> protocols; // that can be spoken, the best first
    std::vector<std::string> origins;   // of pages ("https://chat.example.org"); empty: any
    std::string page;                   // one sentence for who comes with a browser alone
};

/// What a request is answered with.
struct Handshake {
    bool accepted = false;
    std::string protocol; // of those offered; empty: the client asked for none
    std::string response; // ready to be sent; when not accepted, the connection ends behind it
};

/// Judges a request (RFC 6455 section 4.2.1): 101, or 400 with the mistake, 403 for a page from elsewhere,
/// 405, 426 for another version or for a request that is none of WebSocket. Of the client's protocols the
/// first one that can be spoken is taken; one that asks for others only is let in without, as the standard
/// has it.
Handshake answerHandshake(const http::RequestHead& request, const HandshakeOptions& options);

} // namespace twistdpp::websocket
