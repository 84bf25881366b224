#include "twistdpp/imap_server/search.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/imap_server/fetch.h"

#include <algorithm>
#include <array>

namespace twistdpp::imap {

namespace {

using Kind = SearchKey::Kind;

constexpr std::size_t kDeepest = 50;
constexpr std::size_t kMostKeys = 1000;

struct FlagWord {
    Bytes word;
    Kind kind;
    unsigned flags;
};
constexpr std::array<FlagWord, 14> kFlagWords{{
    {"ALL", Kind::all, 0},
    {"ANSWERED", Kind::flags, Flag::answered},
    {"DELETED", Kind::flags, Flag::deleted},
    {"DRAFT", Kind::flags, Flag::draft},
    {"FLAGGED", Kind::flags, Flag::flagged},
    {"SEEN", Kind::flags, Flag::seen},
    {"UNANSWERED", Kind::noFlags, Flag::answered},
    {"UNDELETED", Kind::noFlags, Flag::deleted},
    {"UNDRAFT", Kind::noFlags, Flag::draft},
    {"UNFLAGGED", Kind::noFlags, Flag::flagged},
    {"UNSEEN", Kind::noFlags, Flag::seen},
    // No message is recent here (RFC 9051 has done away with it): all are old.
    {"NEW", Kind::none, 0},
    {"RECENT", Kind::none, 0},
    {"OLD", Kind::all, 0},
}};

struct Word {
    Bytes word;
    Kind kind;
};
constexpr std::array<Word, 6> kDays{
    {{"BEFORE", Kind::before},
     {"ON", Kind::on},
     {"SINCE", Kind::since},
     {"SENTBEFORE", Kind::sentBefore},
     {"SENTON", Kind::sentOn},
     {"SENTSINCE", Kind::sentSince}}};
constexpr std::array<Bytes, 5> kFields{"BCC", "CC", "FROM", "SUBJECT", "TO"};

class Parser {
public:
    explicit Parser(Cursor& cursor) : cursor_(cursor) {}

    bool list(SearchKey& into, std::size_t depth) {
        into.kind = Kind::both;
        do {
            SearchKey key;
            if (!one(key, depth))
                return false;
            into.parts.push_back(std::move(key));
        } while (cursor_.space());
        return true;
    }

private:
    bool one(SearchKey& into, std::size_t depth) {
        if (depth > kDeepest || ++count_ > kMostKeys)
            return false;
        if (cursor_.take('('))
            return list(into, depth + 1) && cursor_.take(')');
        if (cursor_.takeWord("NOT")) {
            into.kind = Kind::neither;
            into.parts.emplace_back();
            return cursor_.space() && one(into.parts[0], depth + 1);
        }
        if (cursor_.takeWord("OR")) {
            into.kind = Kind::either;
            into.parts.resize(2);
            return cursor_.space() && one(into.parts[0], depth + 1) && cursor_.space() &&
                   one(into.parts[1], depth + 1);
        }
        return keyword(into, false) || keyword(into, true) || flagWord(into) || dated(into) || sized(into) ||
               modseq(into) || worded(into) || numbered(into);
    }
    bool keyword(SearchKey& into, bool un) {
        if (!cursor_.takeWord(un ? "UNKEYWORD" : "KEYWORD"))
            return false;
        std::optional<std::string> name;
        if (cursor_.space())
            name = cursor_.flag();
        into.kind = un ? Kind::noKeyword : Kind::keyword;
        into.name = name.value_or(std::string());
        return name.has_value();
    }
    bool flagWord(SearchKey& into) {
        for (const FlagWord& each : kFlagWords) {
            if (!cursor_.takeWord(each.word))
                continue;
            into.kind = each.kind;
            into.flags = each.flags;
            return true;
        }
        return false;
    }
    bool dated(SearchKey& into) {
        for (const Word& each : kDays) {
            if (!cursor_.takeWord(each.word))
                continue;
            into.kind = each.kind;
            std::optional<std::string> text;
            if (cursor_.space())
                text = cursor_.astring();
            const auto day = text ? parseDay(*text) : std::nullopt;
            into.day = day.value_or(0);
            return day.has_value();
        }
        return false;
    }
    bool sized(SearchKey& into) {
        const bool larger = cursor_.takeWord("LARGER");
        if (!larger && !cursor_.takeWord("SMALLER"))
            return false;
        into.kind = larger ? Kind::larger : Kind::smaller;
        std::optional<std::uint64_t> size;
        if (cursor_.space())
            size = cursor_.number64();
        into.size = size.value_or(0);
        return size.has_value();
    }
    /// "MODSEQ 5", or with whose flag it is about, which is the message's as well here (RFC 7162).
    bool modseq(SearchKey& into) {
        if (!cursor_.takeWord("MODSEQ") || !cursor_.space())
            return false;
        into.kind = Kind::modseq;
        if (cursor_.rest().starts_with('"')) {
            const bool good =
                cursor_.string() && cursor_.space() &&
                (cursor_.takeWord("all") || cursor_.takeWord("priv") || cursor_.takeWord("shared")) &&
                cursor_.space();
            if (!good)
                return false;
        }
        const auto least = cursor_.number64();
        into.size = least.value_or(0);
        return least.has_value();
    }
    bool worded(SearchKey& into) {
        into.kind = Kind::header;
        for (const Bytes field : kFields) {
            if (cursor_.takeWord(field)) {
                into.name = field;
                return words(into);
            }
        }
        if (cursor_.takeWord("HEADER")) {
            std::optional<std::string> name;
            if (cursor_.space())
                name = cursor_.astring();
            if (!name)
                return false;
            into.name = *name;
            return words(into);
        }
        const bool body = cursor_.takeWord("BODY");
        if (!body && !cursor_.takeWord("TEXT"))
            return false;
        into.kind = body ? Kind::body : Kind::text;
        return words(into);
    }
    bool words(SearchKey& into) {
        std::optional<std::string> text;
        if (cursor_.space())
            text = cursor_.astring();
        if (!text)
            return false;
        into.words = ascii::toLower(*text);
        return true;
    }
    bool numbered(SearchKey& into) {
        into.kind = Kind::saved;
        if (cursor_.take('$'))
            return true;
        const bool uid = cursor_.takeWord("UID");
        if (uid && !cursor_.space())
            return false;
        into.kind = uid ? Kind::uids : Kind::numbers;
        auto set = cursor_.numberSet();
        if (!set)
            return false;
        into.set = *std::move(set);
        return true;
    }

    Cursor& cursor_;
    std::size_t count_ = 0;
};

bool contains(const std::string& text, const std::string& words) {
    return words.empty() || ascii::toLower(text).find(words) != std::string::npos;
}

bool headerHas(const mime::Part& message, const std::string& name, const std::string& words) {
    return std::any_of(message.fields.begin(), message.fields.end(), [&](const mime::Field& field) {
        return (name.empty() || ascii::equalsIgnoreCase(field.name, name)) &&
               contains(mime::decodeWords(mime::unfold(field.value)), words);
    });
}

bool bodyHas(const mime::Part& part, const std::string& words) {
    if (!part.parts.empty())
        return std::any_of(part.parts.begin(), part.parts.end(), [&](const mime::Part& each) {
            return bodyHas(each, words);
        });
    return part.type.value.starts_with("text/") && contains(part.text(), words);
}

/// The day of the Date field, which is written as "Fri, 27 Nov 2026 10:00:00 +0000"; the zone does not count.
std::optional<std::int64_t> sentDay(const mime::Part& message) {
    const std::string text = mime::fieldOf(message.fields, "Date").value_or(std::string());
    Bytes rest = text;
    if (const std::size_t comma = rest.find(','); comma != Bytes::npos)
        rest.remove_prefix(comma + 1);
    std::array<std::string, 3> words;
    for (std::string& word : words) {
        rest = ascii::trim(rest);
        word = ascii::cut(rest, ' ');
    }
    return parseDay(words[0] + "-" + words[1] + "-" + words[2]);
}

std::int64_t dayOf(std::int64_t time) noexcept {
    return time >= 0 ? time / 86400 : (time - 86399) / 86400;
}

} // namespace

std::optional<SearchKey> SearchKey::parse(Cursor& cursor) {
    SearchKey out;
    if (!Parser(cursor).list(out, 0))
        return std::nullopt;
    return out;
}

std::optional<Extent> SearchKey::needs() const noexcept {
    switch (kind) {
    case Kind::body:
    case Kind::text:
        return Extent::all;
    case Kind::sentBefore:
    case Kind::sentOn:
    case Kind::sentSince:
    case Kind::header:
        return Extent::header;
    default:
        break;
    }
    std::optional<Extent> out;
    for (const SearchKey& part : parts)
        out = std::max(out, part.needs());
    return out;
}

bool SearchKey::has(Kind which) const noexcept {
    return kind == which ||
           std::any_of(parts.begin(), parts.end(), [&](const SearchKey& part) { return part.has(which); });
}

bool SearchKey::matches(const Candidate& candidate) const {
    const MessageInfo& info = candidate.info;
    const auto matched = [&](const SearchKey& part) { return part.matches(candidate); };
    switch (kind) {
    case Kind::all:
        return true;
    case Kind::none:
        return false;
    case Kind::flags:
        return (info.flags & flags) != 0;
    case Kind::noFlags:
        return (info.flags & flags) == 0;
    case Kind::keyword:
        return (info.flags & flagOf(name, candidate.keywords)) != 0;
    case Kind::noKeyword:
        return (info.flags & flagOf(name, candidate.keywords)) == 0;
    case Kind::modseq:
        return info.modseq >= size;
    case Kind::saved:
        return candidate.saved;
    case Kind::numbers:
        return set.contains(candidate.sequence, candidate.lastSequence);
    case Kind::uids:
        return set.contains(info.uid, candidate.lastUid);
    case Kind::larger:
        return info.size > size;
    case Kind::smaller:
        return info.size < size;
    case Kind::before:
        return dayOf(info.time) < day;
    case Kind::on:
        return dayOf(info.time) == day;
    case Kind::since:
        return dayOf(info.time) >= day;
    case Kind::either:
        return std::any_of(parts.begin(), parts.end(), matched);
    case Kind::neither:
        return std::none_of(parts.begin(), parts.end(), matched);
    case Kind::both:
        return std::all_of(parts.begin(), parts.end(), matched);
    default:
        break;
    }
    if (!candidate.message)
        return false;
    const mime::Part& message = *candidate.message;
    const auto sent = sentDay(message);
    switch (kind) {
    case Kind::sentBefore:
        return sent && *sent < day;
    case Kind::sentOn:
        return sent == day;
    case Kind::sentSince:
        return sent && *sent >= day;
    case Kind::header:
        return headerHas(message, name, words);
    case Kind::body:
        return bodyHas(message, words);
    default:
        return headerHas(message, {}, words) || bodyHas(message, words);
    }
}

namespace {

/// "(MIN COUNT)" behind RETURN.
bool parseResults(Cursor& cursor, SearchRequest& into) {
    if (!cursor.take('('))
        return false;
    while (!cursor.take(')')) {
        if (cursor.takeWord("MIN"))
            into.min = true;
        else if (cursor.takeWord("MAX"))
            into.max = true;
        else if (cursor.takeWord("COUNT"))
            into.count = true;
        else if (cursor.takeWord("ALL"))
            into.all = true;
        else if (cursor.takeWord("SAVE"))
            into.save = true;
        else
            return false;
        cursor.space();
    }
    into.extended = true;
    if (!into.min && !into.max && !into.count && !into.save)
        into.all = true;
    return true;
}

} // namespace

std::optional<SearchRequest> SearchRequest::parse(Cursor& cursor) {
    SearchRequest out;
    if (!cursor.space())
        return std::nullopt;
    if (cursor.takeWord("RETURN") && (!cursor.space() || !parseResults(cursor, out) || !cursor.space()))
        return std::nullopt;
    if (cursor.takeWord("CHARSET")) {
        const auto name = cursor.space() ? cursor.astring() : std::nullopt;
        if (!name || !cursor.space())
            return std::nullopt;
        out.charset = ascii::equalsIgnoreCase(*name, "UTF-8") || ascii::equalsIgnoreCase(*name, "US-ASCII");
        if (!out.charset)
            return out;
    }
    auto key = SearchKey::parse(cursor);
    if (!key || !cursor.atEnd())
        return std::nullopt;
    out.key = *std::move(key);
    return out;
}

std::string searchLine(
    const SearchRequest& request, const std::string& tag, bool byUid, const std::vector<SearchHit>& hits,
    bool modseq
) {
    // Of those that are told: the ends alone, when nothing else was asked for.
    const bool ends = (request.min || request.max) && !request.all && !request.count;
    std::uint64_t latest = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) {
        if (!ends || (request.min && i == 0) || (request.max && i + 1 == hits.size()))
            latest = std::max(latest, hits[i].modseq);
    }
    std::string out = "* SEARCH";
    if (!request.extended) {
        for (const SearchHit& hit : hits)
            out += " " + std::to_string(hit.number);
        if (modseq && !hits.empty())
            out += " (MODSEQ " + std::to_string(latest) + ")";
        return out;
    }
    out = "* ESEARCH (TAG ";
    appendString(out, tag);
    out += byUid ? ") UID" : ")";
    if (request.min && !hits.empty())
        out += " MIN " + std::to_string(hits.front().number);
    if (request.max && !hits.empty())
        out += " MAX " + std::to_string(hits.back().number);
    if (request.count)
        out += " COUNT " + std::to_string(hits.size());
    if (request.all && !hits.empty()) {
        NumberSet set;
        for (const SearchHit& hit : hits)
            set.add(hit.number);
        out += " ALL " + set.toString();
    }
    if (modseq && !hits.empty())
        out += " MODSEQ " + std::to_string(latest);
    return out;
}

} // namespace twistdpp::imap
