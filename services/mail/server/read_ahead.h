#pragma once
#include "twistdpp/mail_store/maildir.h"

#include "twistdpp/reactor/reactor.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// Messages of a Maildir for a client that asks for one after the other, which most do who read them all:
/// going to the pool costs more than reading a small one, so whoever has asked for the one before is given
/// the next ones along with it. Belongs to one session, on the reactor's thread.
class ReadAhead {
public:
    ReadAhead(Reactor& reactor, Maildir maildir) : reactor_(reactor), maildir_(std::move(maildir)) {}

    /// Whether a message is small enough to be read whole, which read() takes for granted.
    static bool fits(const Maildir::Entry& entry) noexcept { return entry.size <= kLargest; }
    /// All of entries[at], lines with CRLF; nothing when it is gone.
    Deferred<std::optional<std::string>> read(const std::vector<Maildir::Entry>& entries, std::size_t at);
    /// When the entries are others than before.
    void forget();

private:
    static constexpr std::size_t kLargest = 64 * 1024;
    static constexpr std::size_t kMost = 16;             // messages at a time
    static constexpr std::size_t kTogether = 256 * 1024; // bytes at a time

    Reactor& reactor_;
    Maildir maildir_;
    std::size_t expected_ = static_cast<std::size_t>(-1); // the one behind the last
    std::map<std::size_t, std::optional<std::string>> ready_;
};

} // namespace twistdpp::mail
