#pragma once
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap/number_set.h"

#include <optional>

namespace twistdpp::imap {

/// Which messages a command is for: numbers, or what a search has saved, which is written "$" (RFC 9051
/// section 6.4.4.1).
struct MessageSet {
    bool saved = false;
    NumberSet numbers;

    static std::optional<MessageSet> parse(Cursor& cursor) {
        MessageSet out;
        out.saved = cursor.take('$');
        if (out.saved)
            return out;
        auto numbers = cursor.numberSet();
        if (!numbers)
            return std::nullopt;
        out.numbers = *std::move(numbers);
        return out;
    }
};

} // namespace twistdpp::imap
