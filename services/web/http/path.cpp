// The second half of target.h: from a path that a stranger wrote to one that may be looked up, and back to a
// URL.
#include "twistdpp/http/target.h"
#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::http {

namespace {

constexpr Problem kMalformedPercent{400, "the path holds a % that is not followed by two hexadecimal digits"};

/// Decodes the byte at `at` of `path` and moves `at` behind it; -1 when it is a malformed "%".
int decodeByte(Bytes path, std::size_t& at) noexcept {
    if (path[at] != '%')
        return static_cast<unsigned char>(path[at++]);
    if (path.size() - at < 3)
        return -1;
    const int high = ascii::hexValue(path[at + 1]);
    const int low = ascii::hexValue(path[at + 2]);
    at += 3;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

Problem refuse(int byte, const PathRules& rules) noexcept {
    if (byte == 0)
        return {400, "the path holds a NUL byte"};
    if (byte == '\\' && !rules.allowBackslash)
        return {400, "the path holds a backslash"};
    if ((byte < 0x20 || byte == 0x7f) && !rules.allowControls)
        return {400, "the path holds a control byte"};
    return {};
}

/// `out` ends with a whole segment after its last '/': takes it away when it is a dot segment, with the one
/// before it when it is "..". False when that would leave the root.
bool endSegment(std::string& out) noexcept {
    const auto slash = out.rfind('/');
    const Bytes segment = Bytes(out).substr(slash + 1);
    if (segment == ".") {
        out.resize(slash + 1);
    } else if (segment == "..") {
        if (slash == 0)
            return false;
        out.resize(out.rfind('/', slash - 1) + 1);
    }
    return true;
}

std::string encode(Bytes text, chars::Class plain, Bytes alsoEncoded) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (chars::is(c, plain) && alsoEncoded.find(c) == Bytes::npos) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        }
    }
    return out;
}

} // namespace

Problem normalisePath(Bytes path, std::string& out, const PathRules& rules) {
    constexpr Problem aboveRoot{400, "the path leads above the root"};
    out.clear();
    if (path.empty() || path.front() != '/')
        return {400, "the path does not begin with /"};
    out += '/';
    for (std::size_t at = 1; at < path.size();) {
        const bool encoded = path[at] == '%';
        const int byte = decodeByte(path, at);
        if (byte < 0)
            return kMalformedPercent;
        if (const Problem problem = refuse(byte, rules))
            return problem;
        if (byte != '/') {
            out += static_cast<char>(byte);
            continue;
        }
        if (encoded && !rules.allowEncodedSlash)
            return {400, "the path holds an encoded /"};
        if (!endSegment(out))
            return aboveRoot;
        if (out.back() != '/')
            out += '/';
    }
    if (!endSegment(out))
        return aboveRoot;
    if (rules.requireUtf8 && !isUtf8(out))
        return {400, "the path is not UTF-8"};
    return {};
}

bool isUtf8(Bytes text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        if (lead < 0x80)
            continue;
        const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4 || text.size() - i < more)
            return false;
        // Only the second byte's range depends on the lead: no overlong form, no surrogate, nothing above
        // U+10FFFF.
        const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        const auto second = static_cast<unsigned char>(text[i]);
        if (second < low || second > high)
            return false;
        for (std::size_t k = 1; k < more; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80)
                return false;
        }
        i += more;
    }
    return true;
}

std::string encodePath(Bytes path) {
    return encode(path, chars::path, "");
}
std::string encodeSegment(Bytes segment) {
    return encode(segment, chars::path, "/:");
}
std::string encodeQueryPart(Bytes text) {
    return encode(text, chars::unreserved, "");
}

std::string redirectTarget(Bytes path, Bytes rawQuery) {
    while (!path.empty() && (path.front() == '/' || path.front() == '\\'))
        path.remove_prefix(1);
    std::string out = "/" + encodePath(path);
    if (!rawQuery.empty()) {
        out += '?';
        for (const char c : rawQuery) {
            if (chars::is(c, chars::query) || c == '%')
                out += c;
            else
                out += encode({&c, 1}, chars::query, "");
        }
    }
    return out;
}

} // namespace twistdpp::http
