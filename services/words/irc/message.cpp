#include "twistdpp/irc/message.h"

#include "twistdpp/irc/utf8.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::irc {

namespace {

void skipSpaces(Bytes& text) noexcept {
    const auto first = text.find_first_not_of(' ');
    text = first == Bytes::npos ? Bytes() : text.substr(first);
}

Bytes takeWord(Bytes& text) noexcept {
    const Bytes word = ascii::cut(text, ' ');
    skipSpaces(text);
    return word;
}

bool isCommand(Bytes word) noexcept {
    bool letters = true;
    bool digits = word.size() == 3;
    for (const char c : word) {
        letters = letters && ascii::isAlpha(c);
        digits = digits && ascii::isDigit(c);
    }
    return !word.empty() && (letters || digits);
}

} // namespace

ParseStatus parseMessage(Bytes line, Message& out, std::size_t maxTags) noexcept {
    out.tags = out.source = out.command = Bytes();
    out.count = 0;
    if (line.find_first_of(Bytes("\0\r\n", 3)) != Bytes::npos)
        return ParseStatus::malformed;
    if (!line.empty() && line.front() == '@') {
        const auto space = line.find(' ');
        if ((space == Bytes::npos ? line.size() : space + 1) > maxTags)
            return ParseStatus::tagsTooLong;
        out.tags = line.substr(1, space == Bytes::npos ? space : space - 1);
        line = space == Bytes::npos ? Bytes() : line.substr(space + 1);
    }
    line = line.substr(0, utf8Boundary(line, kMaxBody));
    skipSpaces(line);
    if (line.empty())
        return out.tags.empty() ? ParseStatus::empty : ParseStatus::malformed;
    if (line.front() == ':') {
        line.remove_prefix(1);
        out.source = takeWord(line);
    }
    out.command = takeWord(line);
    if (!isCommand(out.command))
        return ParseStatus::malformed;
    while (!line.empty()) {
        if (line.front() == ':' || out.count == kMaxParams - 1) {
            if (line.front() == ':')
                line.remove_prefix(1);
            out.params[out.count++] = line;
            break;
        }
        out.params[out.count++] = takeWord(line);
    }
    return ParseStatus::ok;
}

} // namespace twistdpp::irc
