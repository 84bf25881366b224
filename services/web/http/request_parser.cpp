#include "twistdpp/http/request_parser.h"

#include "twistdpp/http/byte_scan.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <cstring>

namespace twistdpp::http {

namespace {

constexpr std::uint32_t kLongestMethod = 32;
constexpr std::uint32_t kVersionSize = 10; // "HTTP/1.1\r\n"
constexpr char kTlsHandshake = 0x16;

const char* problemInMethod(char c, bool first) noexcept {
    if (first && c == kTlsHandshake)
        return "this port speaks plain HTTP, but a TLS handshake came";
    if (first)
        return "the request does not begin with a method";
    return c == '\r' || c == '\n' ? "a request line of one word" : "a character that no method may hold";
}

const char* problemInTarget(char c) noexcept {
    switch (c) {
    case '\r':
    case '\n':
        return "a request line without a version (HTTP/0.9 is not spoken)";
    case '#':
        return "the request-target holds a fragment";
    case '\t':
        return "a tab in the request line";
    default:
        return static_cast<unsigned char>(c) >= 0x80
                   ? "the request-target holds a byte that must be sent as %XX"
                   : "a control byte in the request-target";
    }
}

/// What is wrong with the beginning of "HTTP/1.x" CR LF, of which `text` may be only a part.
Problem checkVersion(Bytes text) noexcept {
    constexpr Bytes kName = "HTTP/";
    if (!kName.substr(0, text.size()).starts_with(text.substr(0, kName.size())))
        return {400, "what follows the request-target is not HTTP/ and a version"};
    if (text.size() > 5 && text[5] != '1') {
        if (ascii::isDigit(text[5]))
            return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
        return {400, "malformed HTTP version"};
    }
    if ((text.size() > 6 && text[6] != '.') || (text.size() > 7 && !ascii::isDigit(text[7])))
        return {400, "malformed HTTP version"};
    if (text.size() > 8 && text[8] != '\r')
        return {400, text[8] == '\n' ? "a line ends in LF without CR" : "malformed HTTP version"};
    if (text.size() > 9 && text[9] != '\n')
        return {400, "a CR that is not followed by LF"};
    return {};
}

} // namespace

ParseResult RequestParser::parse(Bytes input) {
    const char* base = input.data();
    const std::uint32_t end = endIn(input);
    std::uint32_t at = at_;
    const auto more = [&](State state) {
        return suspend(state, at, end, {431, "the request head is too large"});
    };

    switch (state_) {
    case State::start:
        head_.headers_.clear();
        at = 0;
        if (end == 0)
            return more(State::start);
        [[fallthrough]];
    case State::emptyLine: // one is forgiven before a request line (RFC 9112 2.2)
        if (base[0] == '\r') {
            if (end == 1)
                return more(State::emptyLine);
            if (base[1] != '\n')
                return fail({400, "a CR that is not followed by LF"});
            at = 2;
        }
        head_.methodSpan_.at = at;
        [[fallthrough]];
    case State::method: {
        const std::uint32_t begin = head_.methodSpan_.at;
        while (at < end && chars::is(base[at], chars::token) && at - begin <= kLongestMethod)
            ++at;
        if (at - begin > kLongestMethod)
            return fail({501, "no method has so long a name"});
        if (at == end)
            return more(State::method);
        if (base[at] != ' ' || at == begin)
            return fail({400, problemInMethod(base[at], at == begin)});
        head_.methodSpan_.size = at - begin;
        head_.method_ = methodOf({base + begin, at - begin});
        head_.targetSpan_.at = ++at;
        [[fallthrough]];
    }
    case State::target: {
        const std::uint32_t begin = head_.targetSpan_.at;
        at = scan::targetEnd(base, at, end);
        if (at - begin > limits_.target)
            return fail({414, "the request-target is too long"});
        if (at == end)
            return more(State::target);
        if (base[at] != ' ')
            return fail({400, problemInTarget(base[at])});
        if (at == begin)
            return fail({400, "more than one space between method and request-target"});
        head_.targetSpan_.size = at - begin;
        ++at;
        [[fallthrough]];
    }
    case State::version: {
        const Bytes text(base + at, std::min(end - at, kVersionSize));
        if (const Problem problem = checkVersion(text))
            return fail(problem);
        if (text.size() < kVersionSize)
            return more(State::version);
        head_.minor_ = text[7] == '0' ? 0 : 1;
        at += kVersionSize;
        fields_.start(at);
        [[fallthrough]];
    }
    case State::fields:
        switch (fields_.run(base, end, limits_, head_.headers_)) {
        case FieldScanner::Outcome::needMore:
            return more(State::fields);
        case FieldScanner::Outcome::bad:
            return fail(fields_.problem());
        case FieldScanner::Outcome::done:
            break;
        }
        head_.size_ = fields_.position();
        head_.rebase(base);
        return finish();
    case State::failed:
        break;
    }
    return failure_;
}

ParseResult RequestParser::finish() noexcept {
    Problem problem = checkTarget();
    if (!problem)
        problem = checkFields();
    if (problem)
        return fail(problem);
    return complete(head_.size_);
}

Problem RequestParser::checkTarget() noexcept {
    head_.authoritySpan_ = {};
    head_.form_ = TargetForm::origin;
    const Bytes text = head_.target();
    if (text.front() == '/' && head_.method_ != Method::connect)
        return {};
    const std::optional<Target> target = http::splitTarget(head_.method_, text);
    if (!target)
        return {400, "the request-target has no form that this method may have"};
    head_.form_ = target->form;
    if (!target->authority.empty()) {
        const auto offset = static_cast<std::uint32_t>(target->authority.data() - head_.base_);
        head_.authoritySpan_ = {offset, static_cast<std::uint32_t>(target->authority.size())};
    }
    return {};
}

Problem RequestParser::checkFields() noexcept {
    const HeaderBlock& headers = head_.headers_;
    if (const Problem problem = checkHost())
        return problem;
    if (const Problem problem = readFraming(headers, head_.minor_, head_.framing_))
        return problem;
    const bool framed = headers.has(KnownHeader::contentLength) || headers.has(KnownHeader::transferEncoding);
    if (framed && (head_.method_ == Method::connect || head_.method_ == Method::trace))
        return {400, "a body with a method that has none"};
    if (headers.has(KnownHeader::connection)) {
        const ConnectionOptions options = readConnection(headers);
        head_.keepAlive_ = persists(options, head_.minor_);
        head_.upgrade_ = options.upgrade && headers.has(KnownHeader::upgrade);
    } else {
        head_.keepAlive_ = head_.minor_ >= 1;
        head_.upgrade_ = false;
    }
    return checkExpectation();
}

Problem RequestParser::checkHost() noexcept {
    const HeaderBlock& headers = head_.headers_;
    const std::optional<Bytes> host = headers.find(KnownHeader::host);
    if (!host) {
        if (head_.minor_ >= 1)
            return {400, "no Host field"};
        return {};
    }
    if (headers.repeated(KnownHeader::host))
        return {400, "more than one Host field"};
    if (!parseAuthority(*host))
        return {400, "Host is not a host and port"};
    if (head_.authoritySpan_.size == 0) {
        const auto offset = static_cast<std::uint32_t>(host->data() - head_.base_);
        head_.authoritySpan_ = {offset, static_cast<std::uint32_t>(host->size())};
    }
    return {};
}

Problem RequestParser::checkExpectation() noexcept {
    head_.expectContinue_ = false;
    // RFC 9110 10.1.1: a client of HTTP/1.0 cannot mean it.
    if (head_.minor_ == 0 || !head_.headers_.has(KnownHeader::expect))
        return {};
    bool unknown = false;
    head_.headers_.each(KnownHeader::expect, [&](Bytes list) {
        ListReader reader(list);
        while (const auto expectation = reader.next())
            unknown |= !ascii::equalsIgnoreCase(*expectation, "100-continue");
    });
    if (unknown)
        return {417, "an expectation other than 100-continue"};
    head_.expectContinue_ = head_.framing_.body != BodyKind::none;
    return {};
}

} // namespace twistdpp::http
