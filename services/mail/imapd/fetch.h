#pragma once
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap/message_text.h"
#include "twistdpp/imap_server/account.h"

#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// What FETCH asks of each message (RFC 9051 section 6.4.5).
struct FetchItem {
    enum class What : std::uint8_t {
        flags,
        uid,
        modseq,
        time,
        size,
        envelope,
        body,
        bodyStructure,
        section,
        binary,
        binarySize
    };
    What what = What::flags;
    Section section;   // of the last three
    std::string label; // of those: what the answer calls it, "BODY[1]<0>"
    bool peek = true;  // the message is not seen by that
    std::optional<std::uint64_t> begin;
    std::uint64_t length = 0; // with begin: most that is given
};

struct FetchRequest {
    std::vector<FetchItem> items;
    std::uint64_t changedSince = 0; // only messages with a higher modseq (RFC 7162 section 3.1.4.1)

    bool asks(FetchItem::What what) const noexcept;
    /// Adds an item at the front, unless it is there.
    void include(FetchItem::What what);
    /// Whether it is a change, too: who reads a text has seen the message.
    bool sees() const noexcept;

    /// What has to be read for it. `whole`: all of it, which is given as it is, in one item.
    enum class Needs : std::uint8_t { nothing, header, all, whole };
    Needs needs() const noexcept;

    /// Reads what stands behind the set, "(FLAGS BODY[]) (CHANGEDSINCE 5)" or "ALL"; nothing for what is
    /// none.
    static std::optional<FetchRequest> parse(Cursor& cursor);
};

/// A message that is told of.
struct FetchSubject {
    std::uint32_t sequence = 0;
    const MessageInfo& info;
    const Keywords& keywords;
};
struct FetchLine {
    std::string text;  // "* 3 FETCH (...)" and CRLF
    bool known = true; // false: it has NIL for a part whose transfer coding nobody knows
};
/// `message`: as much of it as is needed.
FetchLine fetchLine(const FetchSubject& subject, const std::vector<FetchItem>& items, Bytes message);

/// The same line in pieces, for a message that is not in memory: of a request that needs `whole`.
struct FetchFrame {
    std::string before;                  // up to the text
    std::uint64_t begin = 0, length = 0; // which bytes of the message come then
    std::string after;
};
FetchFrame
fetchFrame(const FetchSubject& subject, const std::vector<FetchItem>& items, std::uint64_t messageSize);

/// A date and a time as IMAP has them, in UTC: "27-Nov-2026 10:00:00 +0000"; and read, nothing for what is
/// none.
std::string dateTime(std::int64_t unixSeconds);
std::optional<std::int64_t> parseDateTime(Bytes text);
/// Days since 1970 of "27-Nov-2026".
std::optional<std::int64_t> parseDay(Bytes text);

} // namespace twistdpp::imap
