#include "twistdpp/http/response_parser.h"

#include "twistdpp/http/byte_scan.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp::http {

namespace {

constexpr std::uint32_t kVersionAndCode = 12; // "HTTP/1.1 200"

/// What is wrong with the beginning of "HTTP/1.x 200", of which `text` may be only a part.
const char* checkVersionAndCode(Bytes text) noexcept {
    constexpr Bytes kPattern = "HTTP/1.d ddd";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 9               ? text[i] < '1' || text[i] > '5'
            : kPattern[i] == 'd' ? !ascii::isDigit(text[i])
                                 : text[i] != kPattern[i])
            return i < 9 ? "the response does not begin with HTTP/1 and a version" : "malformed status code";
    }
    return nullptr;
}

} // namespace

ParseResult ResponseParser::fail(const char* reason) noexcept {
    return HeadParser::fail({502, reason});
}

ParseResult ResponseParser::parse(Bytes input) {
    const char* base = input.data();
    const std::uint32_t end = endIn(input);
    std::uint32_t at = at_;
    const auto more = [&](State state) {
        return suspend(state, at, end, {502, "the response head is too large"});
    };

    switch (state_) {
    case State::start:
        head_.headers_.clear();
        at = 0;
        if (at == end)
            return more(State::start);
        [[fallthrough]];
    case State::version: {
        const Bytes text(base, std::min(end, kVersionAndCode));
        if (const char* problem = checkVersionAndCode(text))
            return fail(problem);
        if (text.size() < kVersionAndCode)
            return more(State::version);
        head_.minor_ = text[7] == '0' ? 0 : 1;
        head_.status_ = (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
        at = kVersionAndCode;
        [[fallthrough]];
    }
    case State::code:
        if (at == end)
            return more(State::code);
        if (base[at] != ' ' && base[at] != '\r')
            return fail("malformed status code");
        if (base[at] == ' ')
            ++at;
        head_.reason_.at = at;
        [[fallthrough]];
    case State::reason:
        at = scan::fieldValueEnd(base, at, end);
        if (at - head_.reason_.at > limits_.fieldLine)
            return fail("the status line is too long");
        if (at == end)
            return more(State::reason);
        if (base[at] != '\r')
            return fail("a control byte in the status line, or LF without CR");
        head_.reason_.size = at - head_.reason_.at;
        ++at;
        [[fallthrough]];
    case State::lineFeed:
        if (at == end)
            return more(State::lineFeed);
        if (base[at] != '\n')
            return fail("a CR that is not followed by LF");
        fields_.start(++at);
        [[fallthrough]];
    case State::fields:
        switch (fields_.run(base, end, limits_, head_.headers_)) {
        case FieldScanner::Outcome::needMore:
            return more(State::fields);
        case FieldScanner::Outcome::bad:
            return fail(fields_.problem().reason);
        case FieldScanner::Outcome::done:
            break;
        }
        head_.size_ = fields_.position();
        head_.base_ = base;
        head_.headers_.rebase(base);
        return finish();
    case State::failed:
        break;
    }
    return failure_;
}

ParseResult ResponseParser::finish() noexcept {
    if (const char* problem = decideBody())
        return fail(problem);
    head_.keepAlive_ = persists(readConnection(head_.headers_), head_.minor_) && !head_.switches_ &&
                       head_.framing_.body != BodyKind::untilClose;
    return complete(head_.size_);
}

const char* ResponseParser::decideBody() noexcept {
    const HeaderBlock& headers = head_.headers_;
    const int status = head_.status_;
    const bool tunnel = method_ == Method::connect && status / 100 == 2;
    head_.switches_ = status == 101 || tunnel;
    if (const Problem problem = readFraming(headers, head_.minor_, head_.framing_))
        return problem.reason;

    const bool neverBody = status < 200 || status == 204 || tunnel;
    if (neverBody && head_.framing_.body != BodyKind::none)
        return "a body is announced where there can be none";
    if (neverBody || status == 304 || method_ == Method::head) {
        head_.framing_ = {};
        return nullptr;
    }
    if (head_.framing_.body == BodyKind::none && !headers.has(KnownHeader::contentLength))
        head_.framing_.body = BodyKind::untilClose;
    return nullptr;
}

} // namespace twistdpp::http
