#pragma once
#include "twistdpp/dns_wire/rdata.h"

#include <vector>

namespace twistdpp::dns::test {

inline const Bytes kRoot("\0", 1);
inline const Bytes kExample("\7example\3com\0", 13);

/// The words of a line as the zone reader finds them: blanks between, a word in double quotes is quoted, and
/// quotes within a word stay in it.
inline std::vector<Token> words(Bytes line) {
    std::vector<Token> found;
    for (std::size_t at = 0; at < line.size();) {
        if (line[at] == ' ') {
            ++at;
            continue;
        }
        const bool quoted = line[at] == '"';
        const std::size_t begin = quoted ? ++at : at;
        bool inside = quoted;
        for (; at < line.size() && (inside || line[at] != ' '); ++at) {
            if (line[at] == '\\')
                ++at;
            else if (line[at] == '"' && quoted)
                break;
            else if (line[at] == '"')
                inside = !inside;
        }
        found.push_back({line.substr(begin, at - begin), quoted});
        if (quoted)
            ++at;
    }
    return found;
}

/// The wire data of a line, or the error's text in "!...".
inline std::string wire(Type type, Bytes line, Bytes origin = kExample) {
    std::string to = "kept";
    const auto tokens = words(line);
    const auto result = parseRdata(type, tokens, origin, to);
    if (!result)
        return to == "kept" ? "!" + result.error().message() : "not as it was";
    return to.substr(4);
}

} // namespace twistdpp::dns::test
