#pragma once
#include "twistdpp/http/framing.h"
#include "twistdpp/http/head_parser.h"
#include "twistdpp/http/header_block.h"
#include "twistdpp/http/method.h"
#include "twistdpp/http/parse_result.h"

#include "twistdpp/base/bytes.h"

#include <cstdint>

namespace twistdpp::http {

/// The head of one response, checked: what ResponseParser makes, borrowed from the bytes that were parsed.
class ResponseHead {
public:
    int status() const noexcept { return status_; }
    /// May be empty; means nothing.
    Bytes reason() const noexcept { return reason_.in(base_); }
    /// A 1xx: another head follows for the same request, but after 101, which ends HTTP on the connection.
    bool interim() const noexcept { return status_ < 200; }
    int minorVersion() const noexcept { return minor_; }

    const HeaderBlock& headers() const noexcept { return headers_; }
    BodyKind body() const noexcept { return framing_.body; }
    /// Of BodyKind::length: how many bytes of body follow. Else 0.
    std::uint64_t contentLength() const noexcept { return framing_.contentLength; }
    /// Whether the connection may be used again once the body is read. Never for untilClose, 101 and a
    /// tunnel.
    bool keepAlive() const noexcept { return keepAlive_; }
    /// Whether what follows is no longer HTTP: after 101, or a 2xx to CONNECT.
    bool switchesProtocol() const noexcept { return switches_; }

    /// All bytes of the head, the blank line included.
    Bytes raw() const noexcept { return {base_, size_}; }

private:
    friend class ResponseParser;

    const char* base_ = nullptr;
    std::uint32_t size_ = 0;
    int status_ = 0;
    int minor_ = 1;
    bool keepAlive_ = false;
    bool switches_ = false;
    Span reason_;
    Framing framing_;
    HeaderBlock headers_;
};

enum class ResponseState : std::uint8_t { start, version, code, reason, lineFeed, fields, failed };

/// Parses the response heads on one client connection (RFC 9112 2-7), as strictly as RequestParser: an origin
/// that can be read in two ways is not to be passed on. Used by the client and by the proxy. Every error has
/// status 502, which is what a gateway says; close the connection after one. A status line without a reason
/// and without the space before it is taken, as many servers send that and it can be read in one way only.
class ResponseParser : private HeadParser<ResponseState> {
public:
    ResponseParser() noexcept : ResponseParser(HeadLimits{}) {}
    explicit ResponseParser(const HeadLimits& limits) noexcept : HeadParser(limits) {}

    /// Says what the next response answers, as that decides about its body (RFC 9112 6.3). Call it once a
    /// request; it holds for the interim responses before the final one as well.
    void expect(Method requestMethod) noexcept { method_ = requestMethod; }

    /// As RequestParser::parse(); here no empty line is skipped.
    ParseResult parse(Bytes input);

    /// The response that parse() has just completed. Valid until the next parse(), and as long as its input.
    const ResponseHead& head() const noexcept { return head_; }

    /// Whether a part of a head has been seen: a peer that closes now has broken off.
    bool midway() const noexcept { return state_ != State::start; }

    using HeadParser::reset;

private:
    using State = ResponseState;

    ParseResult fail(const char* reason) noexcept;
    ParseResult finish() noexcept;
    const char* decideBody() noexcept;

    Method method_ = Method::get;
    ResponseHead head_;
};

} // namespace twistdpp::http
