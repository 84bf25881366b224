#pragma once
#include "twistdpp/base/bytes.h"

#include <string>
#include <vector>

namespace twistdpp::words {

/// A message of several lines (IRCv3 "multiline"): what its lines have in common, and each line.
struct Multiline {
    struct Line {
        std::string text;
        bool joined; // goes on where the line before ended, with no line break between
    };
    std::string command; // PRIVMSG or NOTICE
    std::string target;
    std::vector<Line> lines;

    /// Bytes of all texts and of the line breaks between them.
    std::size_t size() const noexcept {
        std::size_t sum = 0;
        for (const Line& line : lines)
            sum += line.text.size() + (line.joined ? 0 : 1);
        return sum == 0 ? 0 : sum - 1;
    }
    bool blank() const noexcept {
        for (const Line& line : lines) {
            if (!line.text.empty())
                return false;
        }
        return true;
    }
};

} // namespace twistdpp::words
