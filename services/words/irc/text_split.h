#pragma once
#include "twistdpp/irc/utf8.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/bytes.h"

#include <algorithm>

namespace twistdpp::irc {

/// Calls f(piece) for each line of `text`, and for parts of at most `most` bytes of longer ones, cut at a
/// space where there is one in the later half and never inside a UTF-8 character. Empty lines are left out.
template <class F>
void forPieces(Bytes text, std::size_t most, F f) {
    while (!text.empty()) {
        Bytes line = ascii::cut(text, '\n');
        if (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        while (line.size() > most) {
            std::size_t end = std::max<std::size_t>(utf8Boundary(line, most), 1);
            const auto space = line.rfind(' ', end);
            const bool atSpace = space != Bytes::npos && space > most / 2;
            if (atSpace)
                end = space;
            f(line.substr(0, end));
            line.remove_prefix(end + (atSpace ? 1 : 0));
        }
        if (!line.empty())
            f(line);
    }
}

} // namespace twistdpp::irc
