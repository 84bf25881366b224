#include "twistdpp/irc/casemapping.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::irc {

char foldByte(char c, Casemapping mapping) noexcept {
    if (c >= 'A' && c <= 'Z')
        return static_cast<char>(c + 0x20);
    if (mapping != Casemapping::ascii && c >= '[' && c <= (mapping == Casemapping::rfc1459 ? '^' : ']'))
        return static_cast<char>(c + 0x20);
    return c;
}

std::string fold(Bytes name, Casemapping mapping) {
    std::string out(name);
    for (char& c : out)
        c = foldByte(c, mapping);
    return out;
}

bool sameName(Bytes a, Bytes b, Casemapping mapping) noexcept {
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (foldByte(a[i], mapping) != foldByte(b[i], mapping))
            return false;
    }
    return true;
}

Bytes toString(Casemapping mapping) noexcept {
    switch (mapping) {
    case Casemapping::rfc1459:
        return "rfc1459";
    case Casemapping::strictRfc1459:
        return "strict-rfc1459";
    case Casemapping::ascii:
        break;
    }
    return "ascii";
}

Casemapping casemappingFrom(Bytes name, Casemapping fallback) noexcept {
    for (const auto mapping : {Casemapping::ascii, Casemapping::rfc1459, Casemapping::strictRfc1459}) {
        if (ascii::equalsIgnoreCase(name, toString(mapping)))
            return mapping;
    }
    return fallback;
}

} // namespace twistdpp::irc
