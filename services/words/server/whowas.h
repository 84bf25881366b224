#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <deque>
#include <string>

namespace twistdpp::words {

class User;

/// Who was here: the last users that left or changed their nick, for WHOWAS. The oldest are forgotten first.
class WhowasList {
public:
    static constexpr std::size_t kMost = 1000;

    struct Entry {
        std::string nick, ident, host, realname, account;
        std::int64_t left;
    };
    /// Notes `user` under `nick`.
    void add(const User& user, const std::string& nick);
    /// Newest first.
    const std::deque<Entry>& entries() const noexcept { return entries_; }

private:
    std::deque<Entry> entries_;
};

} // namespace twistdpp::words
