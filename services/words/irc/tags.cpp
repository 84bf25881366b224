#include "twistdpp/irc/tags.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::irc {

bool TagReader::next(Tag& out) noexcept {
    while (!rest_.empty()) {
        Bytes part = ascii::cut(rest_, ';');
        out.key = ascii::cut(part, '=');
        out.value = part;
        if (!out.key.empty())
            return true;
    }
    return false;
}

std::optional<Bytes> findTag(Bytes tags, Bytes key) noexcept {
    std::optional<Bytes> found;
    TagReader reader(tags);
    for (Tag tag; reader.next(tag);) {
        if (tag.key == key)
            found = tag.value;
    }
    return found;
}

std::string unescapeTag(Bytes value) {
    std::string out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\') {
            out += value[i];
            continue;
        }
        if (++i == value.size())
            break;
        switch (value[i]) {
        case ':':
            out += ';';
            break;
        case 's':
            out += ' ';
            break;
        case 'r':
            out += '\r';
            break;
        case 'n':
            out += '\n';
            break;
        default:
            out += value[i];
        }
    }
    return out;
}

void appendEscapedTag(std::string& out, Bytes value) {
    for (const char c : value) {
        switch (c) {
        case ';':
            out += "\\:";
            break;
        case ' ':
            out += "\\s";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\n':
            out += "\\n";
            break;
        default:
            out += c;
        }
    }
}

} // namespace twistdpp::irc
