#include "twistdpp/http/chunked.h"

#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <charconv>

namespace twistdpp::http {

namespace {

constexpr unsigned kMostDigits = 16;

bool blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

/// Fields whose late arrival would change how the message or its body is understood (RFC 9110 6.5.1).
bool forbiddenInTrailer(Bytes name) noexcept {
    switch (knownHeader(name)) {
    case KnownHeader::authorization:
    case KnownHeader::cacheControl:
    case KnownHeader::connection:
    case KnownHeader::contentEncoding:
    case KnownHeader::contentLength:
    case KnownHeader::contentRange:
    case KnownHeader::contentType:
    case KnownHeader::cookie:
    case KnownHeader::expect:
    case KnownHeader::forwarded:
    case KnownHeader::host:
    case KnownHeader::ifMatch:
    case KnownHeader::ifModifiedSince:
    case KnownHeader::ifNoneMatch:
    case KnownHeader::ifRange:
    case KnownHeader::ifUnmodifiedSince:
    case KnownHeader::keepAlive:
    case KnownHeader::location:
    case KnownHeader::maxForwards:
    case KnownHeader::pragma:
    case KnownHeader::proxyAuthenticate:
    case KnownHeader::proxyAuthorization:
    case KnownHeader::proxyConnection:
    case KnownHeader::range:
    case KnownHeader::retryAfter:
    case KnownHeader::setCookie:
    case KnownHeader::te:
    case KnownHeader::trailer:
    case KnownHeader::transferEncoding:
    case KnownHeader::upgrade:
    case KnownHeader::vary:
    case KnownHeader::wwwAuthenticate:
    case KnownHeader::xForwardedFor:
        return true;
    default:
        return false;
    }
}

} // namespace

void ChunkedDecoder::reset() {
    *this = ChunkedDecoder(limits_);
}

ChunkedDecoder::Step ChunkedDecoder::fail(std::size_t consumed, const char* reason) noexcept {
    state_ = State::failed;
    reason_ = reason;
    Step step;
    step.consumed = consumed;
    step.reason = reason;
    return step;
}

ChunkedDecoder::Step ChunkedDecoder::decode(Bytes input) {
    Step step;
    std::size_t at = 0;
    if (state_ == State::failed)
        return fail(0, reason_);
    while (at < input.size() && state_ != State::done) {
        if (state_ == State::data) {
            const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - at));
            left_ -= piece;
            if (left_ == 0)
                state_ = State::dataReturn;
            step.data = input.substr(at, piece);
            step.consumed = at + piece;
            return step;
        }
        const char c = input[at++];
        const char* reason = nullptr;
        if (state_ < State::data) {
            reason = sizeLineByte(c);
        } else if (state_ == State::dataReturn) {
            reason = c == '\r' ? nullptr : "the data of a chunk is not followed by CR LF";
            state_ = State::dataLineFeed;
        } else if (state_ == State::dataLineFeed) {
            reason = c == '\n' ? nullptr : "the data of a chunk is not followed by CR LF";
            state_ = State::firstDigit;
        } else {
            reason = trailerByte(c);
        }
        if (reason)
            return fail(at, reason);
    }
    step.consumed = at;
    return step;
}

const char* ChunkedDecoder::sizeLineByte(char c) noexcept {
    constexpr const char* kSize = "a chunk size is not a hexadecimal number";
    constexpr const char* kExtension = "malformed chunk extension";
    if (++line_ > limits_.line)
        return "a chunk-size line is too long";
    if (state_ >= State::spaceBeforeExtension && state_ < State::sizeLineFeed &&
        ++extensions_ > limits_.extensions)
        return "too many chunk extensions";
    // What may follow a complete size, name or value.
    const auto endOfElement = [&](State onSpace) -> const char* {
        if (c == '\r')
            state_ = State::sizeLineFeed;
        else if (c == ';')
            state_ = State::spaceBeforeName;
        else if (blank(c))
            state_ = onSpace;
        else
            return kExtension;
        return nullptr;
    };
    switch (state_) {
    case State::firstDigit:
        left_ = 0;
        digits_ = 0;
        state_ = State::digits;
        if (ascii::hexValue(c) < 0)
            return kSize;
        [[fallthrough]];
    case State::digits:
        if (const int value = ascii::hexValue(c); value >= 0) {
            if (++digits_ > kMostDigits || left_ > (INT64_MAX >> 4))
                return "a chunk size is too large";
            left_ = left_ * 16 + static_cast<unsigned>(value);
            return nullptr;
        }
        return endOfElement(State::spaceBeforeExtension) ? kSize : nullptr;
    case State::spaceBeforeExtension: // only a ';' makes the space lawful (BWS)
        if (c == ';')
            state_ = State::spaceBeforeName;
        else if (!blank(c))
            return kSize;
        return nullptr;
    case State::spaceBeforeName:
        if (blank(c))
            return nullptr;
        state_ = State::name;
        return chars::is(c, chars::token) ? nullptr : kExtension;
    case State::name:
        if (chars::is(c, chars::token))
            return nullptr;
        if (c == '=') {
            state_ = State::spaceBeforeValue;
            return nullptr;
        }
        return endOfElement(State::spaceAfterName);
    case State::spaceAfterName:
        if (blank(c))
            return nullptr;
        if (c != '=' && c != ';')
            return kExtension;
        state_ = c == '=' ? State::spaceBeforeValue : State::spaceBeforeName;
        return nullptr;
    case State::spaceBeforeValue:
        if (blank(c))
            return nullptr;
        state_ = c == '"' ? State::quoted : State::token;
        return c == '"' || chars::is(c, chars::token) ? nullptr : kExtension;
    case State::token:
        return chars::is(c, chars::token) ? nullptr : endOfElement(State::spaceBeforeExtension);
    case State::quoted:
        if (c == '"')
            state_ = State::afterQuoted;
        else if (c == '\\')
            state_ = State::escaped;
        return chars::is(c, chars::fieldValue) ? nullptr : kExtension;
    case State::escaped:
        state_ = State::quoted;
        return chars::is(c, chars::fieldValue) ? nullptr : kExtension;
    case State::afterQuoted:
        return endOfElement(State::spaceBeforeExtension);
    default: // sizeLineFeed
        line_ = 0;
        state_ = left_ > 0 ? State::data : State::trailerStart;
        return c == '\n' ? nullptr : "a chunk-size line does not end in CR LF";
    }
}

const char* ChunkedDecoder::trailerByte(char c) {
    if (++trailerBytes_ > limits_.trailers)
        return "the trailer section is too large";
    switch (state_) {
    case State::trailerStart:
        if (c == '\r') {
            state_ = State::lastLineFeed;
            return nullptr;
        }
        trailer_.clear();
        state_ = State::trailerLine;
        [[fallthrough]];
    case State::trailerLine:
        if (c == '\r')
            state_ = State::trailerLineFeed;
        else if (chars::is(c, chars::fieldValue))
            trailer_ += c;
        else
            return "a control byte in a trailer, or LF without CR";
        return nullptr;
    case State::trailerLineFeed:
        state_ = State::trailerStart;
        return c == '\n' ? endTrailer() : "a CR that is not followed by LF";
    default: // lastLineFeed
        state_ = State::done;
        return c == '\n' ? nullptr : "a CR that is not followed by LF";
    }
}

const char* ChunkedDecoder::endTrailer() {
    if (++trailerCount_ > limits_.trailerFields)
        return "too many trailer fields";
    Bytes value = trailer_;
    const Bytes name = ascii::cut(value, ':');
    if (!isToken(name) || name.size() == trailer_.size())
        return "malformed trailer field";
    if (!forbiddenInTrailer(name))
        trailers_.add(name, ascii::trim(value));
    return nullptr;
}

Bytes chunkHeader(std::uint64_t size, ChunkHeaderBuffer& buffer) noexcept {
    char* end = std::to_chars(buffer.data(), buffer.data() + kMostDigits, size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

void appendChunk(std::string& out, Bytes data) {
    if (data.empty())
        return;
    ChunkHeaderBuffer buffer;
    out.append(chunkHeader(data.size(), buffer)).append(data).append(kChunkEnd);
}

void appendLastChunk(std::string& out, const HeaderList& trailers) {
    out += "0\r\n";
    trailers.appendTo(out);
    out += "\r\n";
}

} // namespace twistdpp::http
