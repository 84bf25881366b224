#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::words {

/// Something that was said or that happened. A value. Times are milliseconds since 1970.
struct HistoryItem {
    enum class Kind : std::uint8_t {
        message, // PRIVMSG and NOTICE
        tags,    // TAGMSG
        event,   // JOIN, MODE and the like: only for who asks for these (IRCv3 "event-playback")
    };
    std::string id;     // msgid
    std::string target; // whose history it belongs to: a folded channel's name, or conversation()
    std::int64_t time = 0;
    Kind kind = Kind::message;
    std::string account; // of who did it; empty: none
    bool bot = false;
    std::string tags; // client-only tags
    std::string body; // the line ":nick!user@host COMMAND ..."; of several lines without the text
    struct Line {
        std::string text;
        bool joined;
    };
    std::vector<Line> lines; // of a message of several lines

    /// What was said; empty for other things and for a message of several lines.
    Bytes text() const noexcept {
        const auto at = body.find(" :");
        return kind == Kind::message && at != std::string::npos ? Bytes(body).substr(at + 2) : Bytes();
    }
    /// Whether it was said with these words in it, in any case of ASCII letters.
    bool mentions(Bytes words) const;
};

/// Where in a history: behind a message or a moment.
struct HistoryBound {
    std::string id; // empty: by time
    std::int64_t time = 0;
};

/// A question to a history (IRCv3 "chathistory").
struct HistoryQuery {
    enum class Selector : std::uint8_t { latest, before, after, around, between };
    std::string target;
    Selector selector = Selector::latest;
    std::optional<HistoryBound> from; // none with latest: from the end
    std::optional<HistoryBound> to;   // of between
    std::size_t limit = 50;
    bool events = false; // tags and events too
};

/// Someone that an account has talked with, and when last.
struct Correspondent {
    std::string name; // folded
    std::int64_t time = 0;
};

/// The name of the history of two who talk in private; both are folded accounts.
inline std::string conversation(const std::string& one, const std::string& other) {
    return one < other ? one + ' ' + other : other + ' ' + one;
}

/// What was said. What is asked comes in the order in which it was said, and sees all that was appended
/// before. Belongs to the reactor's thread.
class History {
public:
    History() = default;
    History(const History&) = delete;
    History& operator=(const History&) = delete;
    virtual ~History() = default;

    virtual void append(HistoryItem item) = 0;
    /// That two have talked in private, for correspondents(). Both are folded accounts.
    virtual void met(const std::string& one, const std::string& other, std::int64_t time) = 0;
    virtual Deferred<std::vector<HistoryItem>> query(HistoryQuery query) = 0;
    /// Whom `account` has talked with between two times, the one who was heard of last at the end.
    virtual Deferred<std::vector<Correspondent>>
    correspondents(std::string account, std::int64_t from, std::int64_t to, std::size_t limit) = 0;
    /// The time of the last message in each of `targets` that has one between two times.
    virtual Deferred<std::vector<Correspondent>>
    lastIn(std::vector<std::string> targets, std::int64_t from, std::int64_t to) = 0;
    /// One message; nothing when there is none with that id.
    virtual Deferred<std::optional<HistoryItem>> find(std::string target, std::string id) = 0;
    /// Takes a message away for good.
    virtual void redact(const std::string& target, const std::string& id) = 0;
    /// The last messages that have `text` in them, in any case of ASCII letters.
    virtual Deferred<std::vector<HistoryItem>>
    search(std::string target, std::string text, std::size_t limit) = 0;
    /// Takes all of a target away.
    virtual void forget(const std::string& target) = 0;
};

/// How much of it is kept.
struct HistoryLimits {
    HistoryLimits() = default;
    std::size_t messages = 200; // of one target; 0: nothing is kept
    std::size_t targets = 2000; // in memory
    std::int64_t seconds = 0;   // age; 0: any
};

} // namespace twistdpp::words
