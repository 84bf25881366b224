#include "twistdpp/imap_server/list_request.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <map>

namespace twistdpp::imap {

namespace {

constexpr std::size_t kMostPatterns = 20;

/// Whether a mailbox's name fits a pattern of LIST: '*' is anything, '%' anything without a '/'.
bool fits(Bytes name, Bytes pattern) {
    // Where to go on when what was tried last does not fit: one more character for the last star.
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = Bytes::npos;
    std::size_t starAt = 0;
    std::size_t part = Bytes::npos;
    std::size_t partAt = 0;
    while (at < name.size() || in < pattern.size()) {
        if (in < pattern.size() && pattern[in] == '*') {
            star = in++;
            starAt = at;
            part = Bytes::npos;
        } else if (in < pattern.size() && pattern[in] == '%') {
            part = in++;
            partAt = at;
        } else if (in < pattern.size() && at < name.size() && pattern[in] == name[at]) {
            ++in;
            ++at;
        } else if (part != Bytes::npos && partAt < name.size() && name[partAt] != '/') {
            at = ++partAt;
            in = part + 1;
        } else if (star != Bytes::npos && starAt < name.size()) {
            at = ++starAt;
            in = star + 1;
            part = Bytes::npos;
        } else {
            return false;
        }
    }
    return true;
}

bool fitsAny(const std::string& name, const std::vector<std::string>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        if (fits(name, pattern))
            return true;
        // INBOX has any case.
        std::string upper = pattern;
        for (char& c : upper)
            c = ascii::upper(c);
        return name == "INBOX" && fits(name, upper);
    });
}

/// "(SUBSCRIBED RECURSIVEMATCH) " in front of the reference.
bool parseSelection(Cursor& cursor, ListRequest& into) {
    if (!cursor.take('('))
        return true;
    bool base = false;
    while (!cursor.take(')')) {
        if (cursor.takeWord("SUBSCRIBED"))
            into.subscribed = into.tellSubscribed = base = true;
        else if (cursor.takeWord("SPECIAL-USE"))
            into.special = base = true;
        else if (cursor.takeWord("RECURSIVEMATCH"))
            into.recursive = true;
        else if (!cursor.takeWord("REMOTE")) // none is
            return false;
        cursor.space();
    }
    return (base || !into.recursive) && cursor.space();
}

/// " RETURN (CHILDREN STATUS (MESSAGES))" behind the patterns. Children and uses are told in any case.
bool parseReturn(Cursor& cursor, ListRequest& into) {
    if (cursor.atEnd())
        return true;
    if (!cursor.space() || !cursor.takeWord("RETURN") || !cursor.space() || !cursor.take('('))
        return false;
    while (!cursor.take(')')) {
        if (cursor.takeWord("SUBSCRIBED")) {
            into.tellSubscribed = true;
        } else if (cursor.takeWord("STATUS")) {
            if (!cursor.space() || !(into.status = parseStatusItems(cursor)))
                return false;
        } else if (!cursor.takeWord("CHILDREN") && !cursor.takeWord("SPECIAL-USE")) {
            return false;
        }
        cursor.space();
    }
    return cursor.atEnd();
}

struct Found {
    MailboxName mailbox;
    bool children = false;
    bool subscribedBelow = false;
};

/// All names, and those above them that are no mailboxes.
std::map<std::string, Found> tree(const std::vector<MailboxName>& all) {
    std::map<std::string, Found> out;
    for (const MailboxName& each : all)
        out[each.name].mailbox = each;
    for (const MailboxName& each : all) {
        for (std::size_t at = each.name.rfind('/'); at != std::string::npos && at > 0;
             at = each.name.rfind('/', at - 1)) {
            const std::string name = each.name.substr(0, at);
            const auto [above, fresh] = out.try_emplace(name);
            if (fresh)
                above->second.mailbox = {name, {}, false, false};
            above->second.children = above->second.children || each.exists;
            above->second.subscribedBelow = above->second.subscribedBelow || each.subscribed;
        }
    }
    return out;
}

} // namespace

std::optional<ListRequest> ListRequest::parse(Cursor& cursor, bool lsub, const Manner& manner) {
    ListRequest out;
    out.lsub = out.subscribed = lsub;
    if (!cursor.space() || (!lsub && !parseSelection(cursor, out)))
        return std::nullopt;
    const auto reference = cursor.astring();
    if (!reference || !cursor.space())
        return std::nullopt;
    std::vector<std::string> written;
    if (!lsub && cursor.take('(')) {
        do {
            auto pattern = cursor.listMailbox();
            if (!pattern || written.size() >= kMostPatterns)
                return std::nullopt;
            written.push_back(*std::move(pattern));
        } while (cursor.space());
        if (!cursor.take(')'))
            return std::nullopt;
    } else if (auto pattern = cursor.listMailbox()) {
        // An empty one asks what divides the parts of a name.
        if (!pattern->empty())
            written.push_back(*std::move(pattern));
    } else {
        return std::nullopt;
    }
    for (const std::string& pattern : written)
        out.patterns.push_back(manner.decodeName(*reference + pattern).value_or(std::string()));
    return (lsub ? cursor.atEnd() : parseReturn(cursor, out)) ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<ListEntry> listed(const ListRequest& request, const std::vector<MailboxName>& all) {
    const bool steps =
        std::any_of(request.patterns.begin(), request.patterns.end(), [](const std::string& pattern) {
            return pattern.find('%') != std::string::npos;
        });
    std::vector<ListEntry> out;
    for (const auto& [name, found] : tree(all)) {
        const MailboxName& mailbox = found.mailbox;
        if (!fitsAny(name, request.patterns) || (request.special && mailbox.use.empty()))
            continue;
        ListEntry entry;
        const bool subscribed = mailbox.subscribed;
        if (request.subscribed) {
            // Who goes down step by step has to be told where to go (RFC 3501 section 6.3.9).
            entry.below =
                !subscribed && found.subscribedBelow && (request.recursive || (request.lsub && steps));
            if (!subscribed && !entry.below)
                continue;
        } else if (!mailbox.exists && !(steps && found.children)) {
            continue;
        }
        entry.name = name;
        entry.selectable = mailbox.exists && !(request.lsub && entry.below);
        entry.attributes = found.children ? "\\HasChildren" : "\\HasNoChildren";
        if (!mailbox.exists)
            entry.attributes += " \\NonExistent";
        if (!entry.selectable)
            entry.attributes += " \\Noselect";
        if (request.tellSubscribed && subscribed)
            entry.attributes += " \\Subscribed";
        if (!mailbox.use.empty())
            entry.attributes += " " + mailbox.use;
        entry.below = entry.below && request.recursive;
        out.push_back(std::move(entry));
    }
    return out;
}

} // namespace twistdpp::imap
