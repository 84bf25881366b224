#pragma once
#include "twistdpp/base/bytes.h"

#include <algorithm>
#include <string>

namespace twistdpp::http {

/// Shows `input` to a head parser as a connection would that gets it in segments of `step` bytes: each time
/// all that has come so far, in memory that has moved since (and of exact size, for the address sanitizer).
/// `bytes` keeps what the parser's head borrows from.
template <class Parser>
auto feedInSteps(Parser& parser, Bytes input, std::size_t step, std::string& bytes) {
    auto result = parser.parse({});
    for (std::size_t shown = 0; result.needMore() && shown < input.size();) {
        shown = std::min(shown + step, input.size());
        std::string moved(input.substr(0, shown));
        moved.shrink_to_fit();
        bytes.swap(moved);
        result = parser.parse(bytes);
    }
    return result;
}

} // namespace twistdpp::http
