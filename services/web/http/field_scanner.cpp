#include "twistdpp/http/field_scanner.h"

#include "twistdpp/http/byte_scan.h"
#include "twistdpp/http/tokens.h"

namespace twistdpp::http {

namespace {

bool blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

const char* problemAtLineStart(char c) noexcept {
    switch (c) {
    case ' ':
    case '\t':
        return "a header line begins with white space (line folding is not allowed)";
    case '\n':
        return "a line ends in LF without CR";
    case ':':
        return "a header field without a name";
    default:
        return "a header line begins with a character that no name may hold";
    }
}

const char* problemInName(char c) noexcept {
    switch (c) {
    case ' ':
    case '\t':
        return "white space before the colon of a header field";
    case '\r':
        return "a header line without a colon";
    case '\n':
        return "a line ends in LF without CR";
    default:
        return "a control byte in a header name";
    }
}

const char* problemInValue(char c) noexcept {
    switch (c) {
    case '\n':
        return "a line ends in LF without CR";
    case '\0':
        return "a NUL byte in a header value";
    default:
        return "a control byte in a header value";
    }
}

} // namespace

FieldScanner::Outcome
FieldScanner::run(const char* base, std::uint32_t end, const HeadLimits& limits, HeaderBlock& into) {
    std::uint32_t at = at_;
    State state = state_;
    const auto suspend = [&] {
        at_ = at;
        state_ = state;
        return Outcome::needMore;
    };
    for (;;) {
        switch (state) {
        case State::lineStart:
            if (at == end)
                return suspend();
            if (base[at] == '\r') {
                ++at;
                state = State::lastLineFeed;
                continue;
            }
            if (!chars::is(base[at], chars::token))
                return fail(400, problemAtLineStart(base[at]));
            if (into.size() >= limits.fields)
                return fail(431, "too many header fields");
            line_ = at;
            state = State::name;
            [[fallthrough]];
        case State::name:
            at = scan::fieldNameEnd(base, at, end);
            if (at - line_ > limits.fieldName)
                return fail(431, "a header name is too long");
            if (at == end)
                return suspend();
            if (base[at] != ':')
                return fail(400, problemInName(base[at]));
            nameSize_ = at - line_;
            known_ = knownHeader({base + line_, nameSize_}, end - line_);
            if (known_ == KnownHeader::none && !chars::all({base + line_, nameSize_}, chars::token))
                return fail(400, "a header name holds a character that is not allowed there");
            ++at;
            state = State::padding;
            [[fallthrough]];
        case State::padding:
            if (end - at >= 2 && base[at] == ' ' && !blank(base[at + 1])) {
                ++at; // as nearly all lines have it
            } else {
                while (at < end && blank(base[at]))
                    ++at;
            }
            if (at - line_ > limits.fieldLine)
                return fail(431, "a header line is too long");
            if (at == end)
                return suspend();
            value_ = at;
            state = State::value;
            [[fallthrough]];
        case State::value:
            at = scan::fieldValueEnd(base, at, end);
            if (at - line_ > limits.fieldLine)
                return fail(431, "a header line is too long");
            if (at == end)
                return suspend();
            if (base[at] != '\r')
                return fail(400, problemInValue(base[at]));
            ++at;
            state = State::lineFeed;
            [[fallthrough]];
        case State::lineFeed: {
            if (at == end)
                return suspend();
            if (base[at] != '\n')
                return fail(400, "a CR that is not followed by LF");
            std::uint32_t valueEnd = at - 1;
            while (valueEnd > value_ && blank(base[valueEnd - 1]))
                --valueEnd;
            into.append({line_, nameSize_}, {value_, valueEnd - value_}, known_);
            ++at;
            state = State::lineStart;
            continue;
        }
        case State::lastLineFeed:
            if (at == end)
                return suspend();
            if (base[at] != '\n')
                return fail(400, "a CR that is not followed by LF");
            at_ = at + 1;
            state_ = State::lineStart;
            return Outcome::done;
        }
    }
}

} // namespace twistdpp::http
