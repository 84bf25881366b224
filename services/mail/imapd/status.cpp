#include "twistdpp/imap_server/status.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace twistdpp::imap {

namespace {

struct Word {
    StatusItem item;
    Bytes name;
};
constexpr std::array<Word, 9> kWords{
    {{StatusItem::messages, "MESSAGES"},
     {StatusItem::recent, "RECENT"},
     {StatusItem::uidNext, "UIDNEXT"},
     {StatusItem::uidValidity, "UIDVALIDITY"},
     {StatusItem::unseen, "UNSEEN"},
     {StatusItem::deleted, "DELETED"},
     {StatusItem::size, "SIZE"},
     {StatusItem::highestModseq, "HIGHESTMODSEQ"},
     {StatusItem::appendLimit, "APPENDLIMIT"}}};
constexpr std::size_t kMostItems = 20;

std::optional<StatusItem> parseItem(Cursor& cursor) {
    for (const Word& each : kWords) {
        if (cursor.takeWord(each.name))
            return each.item;
    }
    return std::nullopt;
}

template <class Holds>
std::uint64_t count(const Mailbox& mailbox, Holds holds) {
    const auto& all = mailbox.messages();
    return static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), holds));
}

std::uint64_t valueOf(StatusItem item, const Mailbox& mailbox, std::uint64_t appendLimit) {
    const auto& all = mailbox.messages();
    switch (item) {
    case StatusItem::messages:
        return all.size();
    case StatusItem::uidNext:
        return mailbox.uidNext();
    case StatusItem::uidValidity:
        return mailbox.uidValidity();
    case StatusItem::unseen:
        return count(mailbox, [](const MessageInfo& each) { return (each.flags & Flag::seen) == 0; });
    case StatusItem::deleted:
        return count(mailbox, [](const MessageInfo& each) { return (each.flags & Flag::deleted) != 0; });
    case StatusItem::size:
        return std::accumulate(
            all.begin(), all.end(), std::uint64_t{0},
            [](std::uint64_t sum, const MessageInfo& each) { return sum + each.size; }
        );
    case StatusItem::highestModseq:
        return mailbox.highestModseq();
    case StatusItem::appendLimit:
        return appendLimit;
    case StatusItem::recent:
        break;
    }
    return 0; // no message is recent here: RFC 9051 has done away with it
}

} // namespace

std::optional<std::vector<StatusItem>> parseStatusItems(Cursor& cursor) {
    std::vector<StatusItem> out;
    if (!cursor.take('('))
        return std::nullopt;
    do {
        const auto item = parseItem(cursor);
        if (!item || out.size() >= kMostItems)
            return std::nullopt;
        out.push_back(*item);
    } while (cursor.space());
    return cursor.take(')') ? std::optional(std::move(out)) : std::nullopt;
}

std::string
statusText(const std::vector<StatusItem>& items, const Mailbox& mailbox, std::uint64_t appendLimit) {
    std::string out = "(";
    for (const StatusItem item : items) {
        const auto* const word =
            std::find_if(kWords.begin(), kWords.end(), [&](const Word& each) { return each.item == item; });
        if (out.size() > 1)
            out += ' ';
        out.append(word->name).append(" ") += std::to_string(valueOf(item, mailbox, appendLimit));
    }
    return out + ")";
}

} // namespace twistdpp::imap
