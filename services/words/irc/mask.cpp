#include "twistdpp/irc/mask.h"

#include "twistdpp/irc/utf8.h"

namespace twistdpp::irc {

bool matchMask(Bytes mask, Bytes text, Casemapping mapping) noexcept {
    std::size_t m = 0;
    std::size_t t = 0;
    std::size_t star = Bytes::npos; // the last '*' seen, and where in the text its run ends so far
    std::size_t runEnd = 0;
    while (t < text.size()) {
        if (m < mask.size() && mask[m] == '*') {
            star = m++;
            runEnd = t;
        } else if (m < mask.size() && (mask[m] == '?' || foldByte(mask[m], mapping) == foldByte(text[t], mapping))) {
            ++m;
            ++t;
        } else if (star != Bytes::npos) {
            m = star + 1;
            t = ++runEnd;
        } else {
            return false;
        }
    }
    while (m < mask.size() && mask[m] == '*')
        ++m;
    return m == mask.size();
}

std::string completeMask(Bytes text) {
    const auto at = text.rfind('@');
    const auto bang = text.substr(0, at).find('!');
    Bytes nick = "*";
    Bytes user = "*";
    Bytes host = "*";
    if (at != Bytes::npos)
        host = text.substr(at + 1);
    if (bang != Bytes::npos) {
        nick = text.substr(0, bang);
        user = text.substr(0, at).substr(bang + 1);
    } else if (at != Bytes::npos) {
        user = text.substr(0, at);
    } else {
        nick = text;
    }
    const auto orAny = [](Bytes part) { return part.empty() ? Bytes("*") : part; };
    std::string out;
    for (const Bytes part : {orAny(nick), Bytes("!"), orAny(user), Bytes("@"), orAny(host)}) {
        for (const char c : part) {
            if (c != '*' || out.empty() || out.back() != '*')
                out += c;
        }
    }
    out.resize(utf8Boundary(out, kMaxMask));
    return out;
}

} // namespace twistdpp::irc
