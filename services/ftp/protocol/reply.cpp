#include "twistdpp/ftp/reply.h"

#include <algorithm>

namespace twistdpp::ftp {

namespace {

/// On one line, whatever is in it.
std::string harmless(Bytes text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, '?'
    );
    return out;
}

} // namespace

std::string Reply::toString() const {
    const std::string number = std::to_string(code);
    std::string out = number + (lines.size() > 1 ? "-" : " ") + harmless(lines.front()) + "\r\n";
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const bool last = i + 1 == lines.size();
        out += (last ? number + " " : " ") + harmless(lines[i]) + "\r\n";
    }
    return out;
}

std::string quotedPath(Bytes path) {
    std::string out = "\"";
    for (const char c : path) {
        out += c;
        if (c == '"')
            out += c;
    }
    return out + "\"";
}

std::string unquotedPath(Bytes text) {
    std::string out;
    std::size_t at = text.find('"');
    if (at == Bytes::npos)
        return out;
    for (++at; at < text.size(); ++at) {
        if (text[at] == '"' && (at + 1 >= text.size() || text[++at] != '"'))
            return out;
        out += text[at];
    }
    return std::string();
}

} // namespace twistdpp::ftp
