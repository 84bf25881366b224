#pragma once
#include "twistdpp/http/head_parser.h"
#include "twistdpp/http/parse_result.h"
#include "twistdpp/http/request_head.h"

#include "twistdpp/base/bytes.h"

#include <cstdint>

namespace twistdpp::http {

enum class RequestState : std::uint8_t { start, emptyLine, method, target, version, fields, failed };

/// Parses the heads of the requests that arrive on one connection, one after the other (RFC 9112 2-7). It
/// copies nothing, looks at each byte once however the input is cut, and takes only what can be read in one
/// way: an error is to be answered with its status and followed by closing the connection.
///
///     while (!input.empty()) {
///         const ParseResult result = parser.parse(input);
///         if (result.needMore()) break;                      // keep `input`, show it again with what comes
///         next if (result.failed()) return refuse(result.status, result.reason);
///         input.remove_prefix(result.consumed);
///         answer(parser.head());                             // and take its body off `input`
///     }
///
/// Statuses: 400 malformed, 414 target too long, 417 an expectation other than 100-continue, 431 head or
/// field too large, 501 a transfer coding or a method of absurd length, 505 not HTTP/1. A method that is
/// merely unknown is no error.
class RequestParser : private HeadParser<RequestState> {
public:
    RequestParser() noexcept : RequestParser(HeadLimits{}) {}
    explicit RequestParser(const HeadLimits& limits) noexcept : HeadParser(limits) {}

    /// `input` begins with the first byte of a request (one empty line before it is skipped). After needMore
    /// it must begin with the same bytes again, wherever they are now. After an error every call says the
    /// same.
    ParseResult parse(Bytes input);

    /// The request that parse() has just completed. Valid until the next parse(), and as long as its input.
    const RequestHead& head() const noexcept { return head_; }

    /// Whether the bytes shown so far are the beginning of a request: if so, a peer that closes or falls
    /// silent has broken off (408), if not it was idle.
    bool midway() const noexcept { return state_ > State::emptyLine && at_ > head_.methodSpan_.at; }

    /// Back to the state of a new parser: for a connection that is used again for another peer.
    using HeadParser::reset;

private:
    using State = RequestState;

    ParseResult finish() noexcept;
    Problem checkTarget() noexcept;
    Problem checkFields() noexcept;
    Problem checkHost() noexcept;
    Problem checkExpectation() noexcept;

    RequestHead head_;
};

} // namespace twistdpp::http
