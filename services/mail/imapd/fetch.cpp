#include "twistdpp/imap_server/fetch.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <tuple>
#include <utility>

namespace twistdpp::imap {

namespace {

using What = FetchItem::What;

constexpr std::array<Bytes, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kMostItems = 200;

FetchItem item(What what) {
    FetchItem out;
    out.what = what;
    return out;
}

FetchItem sectionItem(Section section, const std::string& label, bool peek) {
    FetchItem out = item(What::section);
    out.section = std::move(section);
    out.label = label;
    out.peek = peek;
    return out;
}

bool parseSection(Cursor& cursor, Section& out) {
    while (true) {
        if (const auto number = cursor.number()) {
            if (*number == 0 || out.parts.size() >= mime::kDeepest)
                return false;
            out.parts.push_back(*number);
            if (!cursor.take('.'))
                return true;
            continue;
        }
        break;
    }
    using Kind = Section::What;
    if (cursor.takeWord("HEADER.FIELDS.NOT"))
        out.what = Kind::notFields;
    else if (cursor.takeWord("HEADER.FIELDS"))
        out.what = Kind::fields;
    else if (cursor.takeWord("HEADER"))
        out.what = Kind::header;
    else if (cursor.takeWord("TEXT"))
        out.what = Kind::text;
    else if (!out.parts.empty() && cursor.takeWord("MIME"))
        out.what = Kind::mime;
    else
        return out.parts.empty();
    if (out.what != Kind::fields && out.what != Kind::notFields)
        return true;
    if (!cursor.space() || !cursor.take('('))
        return false;
    do {
        auto name = cursor.astring();
        if (!name || out.names.size() >= kMostItems)
            return false;
        out.names.push_back(*std::move(name));
    } while (cursor.space());
    return cursor.take(')');
}

/// "[section]<begin.length>" behind BODY, or BINARY, of which `what` tells.
bool parseBody(Cursor& cursor, What what, bool peek, std::vector<FetchItem>& into) {
    Section section;
    if (!cursor.take('[') || !parseSection(cursor, section) || !cursor.take(']'))
        return false;
    const bool binary = what != What::section;
    if (binary && section.what != Section::What::all)
        return false;
    const Bytes name = what == What::section ? "BODY[" : what == What::binary ? "BINARY[" : "BINARY.SIZE[";
    FetchItem out = sectionItem(section, std::string(name) + section.toString() + "]", peek);
    out.what = what;
    if (what != What::binarySize && cursor.take('<')) {
        out.begin = cursor.number64();
        if (!out.begin || !cursor.take('.'))
            return false;
        const auto length = cursor.number64();
        if (!length || *length == 0 || !cursor.take('>'))
            return false;
        out.length = *length;
        out.label += "<" + std::to_string(*out.begin) + ">";
    }
    into.push_back(std::move(out));
    return true;
}

bool parseItem(Cursor& cursor, std::vector<FetchItem>& into) {
    using Kind = Section::What;
    if (cursor.takeWord("FLAGS"))
        into.push_back(item(What::flags));
    else if (cursor.takeWord("UID"))
        into.push_back(item(What::uid));
    else if (cursor.takeWord("INTERNALDATE"))
        into.push_back(item(What::time));
    else if (cursor.takeWord("ENVELOPE"))
        into.push_back(item(What::envelope));
    else if (cursor.takeWord("BODYSTRUCTURE"))
        into.push_back(item(What::bodyStructure));
    else if (cursor.takeWord("RFC822.SIZE"))
        into.push_back(item(What::size));
    else if (cursor.takeWord("RFC822.HEADER"))
        into.push_back(sectionItem({{}, Kind::header, {}}, "RFC822.HEADER", true));
    else if (cursor.takeWord("RFC822.TEXT"))
        into.push_back(sectionItem({{}, Kind::text, {}}, "RFC822.TEXT", false));
    else if (cursor.takeWord("RFC822"))
        into.push_back(sectionItem({}, "RFC822", false));
    else if (cursor.takeWord("MODSEQ"))
        into.push_back(item(What::modseq));
    else if (cursor.takeWord("BINARY.SIZE"))
        return parseBody(cursor, What::binarySize, true, into);
    else if (cursor.takeWord("BINARY.PEEK"))
        return parseBody(cursor, What::binary, true, into);
    else if (cursor.takeWord("BINARY"))
        return parseBody(cursor, What::binary, false, into);
    else if (cursor.takeWord("BODY.PEEK"))
        return parseBody(cursor, What::section, true, into);
    else if (cursor.takeWord("BODY")) {
        if (cursor.rest().starts_with('['))
            return parseBody(cursor, What::section, false, into);
        into.push_back(item(What::body));
    } else {
        return false;
    }
    return true;
}

bool parseItems(Cursor& cursor, std::vector<FetchItem>& out) {
    for (const Bytes macro : {"FAST", "ALL", "FULL"}) {
        if (!cursor.takeWord(macro))
            continue;
        out = {item(What::flags), item(What::time), item(What::size)};
        if (macro != "FAST")
            out.push_back(item(What::envelope));
        if (macro == "FULL")
            out.push_back(item(What::body));
        return true;
    }
    if (!cursor.take('('))
        return parseItem(cursor, out);
    do {
        if (out.size() >= kMostItems || !parseItem(cursor, out))
            return false;
    } while (cursor.space());
    return cursor.take(')');
}

bool isWhole(const FetchItem& item) noexcept {
    return item.what == What::section && item.section.parts.empty() &&
           item.section.what == Section::What::all;
}

FetchRequest::Needs needsOf(const FetchItem& item) noexcept {
    using Needs = FetchRequest::Needs;
    switch (item.what) {
    case What::envelope:
        return Needs::header;
    case What::body:
    case What::bodyStructure:
    case What::binary:
    case What::binarySize:
        return Needs::all;
    case What::section: {
        using Kind = Section::What;
        const Kind what = item.section.what;
        const bool header = what == Kind::header || what == Kind::fields || what == Kind::notFields;
        return isWhole(item)                          ? Needs::whole
               : header && item.section.parts.empty() ? Needs::header
                                                      : Needs::all;
    }
    default:
        return Needs::nothing;
    }
}

void appendPlain(std::string& out, const FetchItem& item, const FetchSubject& subject) {
    const MessageInfo& info = subject.info;
    switch (item.what) {
    case What::flags:
        out += "FLAGS (" + flagsText(info.flags, subject.keywords) + ")";
        break;
    case What::uid:
        out += "UID " + std::to_string(info.uid);
        break;
    case What::modseq:
        out += "MODSEQ (" + std::to_string(info.modseq) + ")";
        break;
    case What::time:
        out += "INTERNALDATE \"" + dateTime(info.time) + "\"";
        break;
    default:
        out += "RFC822.SIZE " + std::to_string(info.size);
        break;
    }
}

/// The bytes that an item is about, of so many.
std::pair<std::uint64_t, std::uint64_t> rangeOf(const FetchItem& item, std::uint64_t size) noexcept {
    if (!item.begin)
        return {0, size};
    const std::uint64_t begin = std::min(*item.begin, size);
    return {begin, std::min(item.length, size - begin)};
}

std::string literalMark(std::uint64_t size, bool binary) {
    return (binary ? "~{" : "{") + std::to_string(size) + "}\r\n";
}

void appendLiteral(std::string& out, const FetchItem& item, Bytes text) {
    const auto [begin, length] = rangeOf(item, text.size());
    text = text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(length));
    out += item.label + " ";
    // No other literal may have a NUL in it (RFC 9051 section 4.3.1).
    out.append(literalMark(text.size(), item.what == What::binary && text.find('\0') != Bytes::npos));
    out.append(text);
}

/// What is in a message, read when something is first asked of it.
class Message {
public:
    explicit Message(Bytes text) : text_(text) {}
    Bytes text() const noexcept { return text_; }
    const mime::Part& parsed() {
        if (!parsed_)
            parsed_ = mime::parseMessage(text_);
        return *parsed_;
    }

private:
    Bytes text_;
    std::optional<mime::Part> parsed_;
};

/// False when a part's transfer coding is not known.
bool appendOfText(std::string& out, const FetchItem& item, Message& message) {
    if (isWhole(item)) {
        appendLiteral(out, item, message.text());
        return true;
    }
    if (item.what == What::section) {
        const auto made = sectionOf(message.parsed(), message.text(), item.section);
        made ? appendLiteral(out, item, *made) : static_cast<void>(out += item.label + " NIL");
        return true;
    }
    const Decoded made = decodedPart(message.parsed(), message.text(), item.section.parts);
    if (item.what == What::binarySize)
        out += item.label + " " + std::to_string(made.content ? made.content->size() : 0);
    else if (made.content)
        appendLiteral(out, item, *made.content);
    else
        out += item.label + " NIL";
    return made.known;
}

std::string beginningOf(const FetchSubject& subject) {
    return "* " + std::to_string(subject.sequence) + " FETCH (";
}

} // namespace

bool FetchRequest::asks(FetchItem::What what) const noexcept {
    return std::any_of(items.begin(), items.end(), [&](const FetchItem& each) { return each.what == what; });
}

void FetchRequest::include(FetchItem::What what) {
    if (!asks(what))
        items.insert(items.begin(), item(what));
}

bool FetchRequest::sees() const noexcept {
    return std::any_of(items.begin(), items.end(), [](const FetchItem& each) { return !each.peek; });
}

FetchRequest::Needs FetchRequest::needs() const noexcept {
    Needs out = Needs::nothing;
    for (const FetchItem& each : items) {
        const Needs one = needsOf(each);
        const bool both = out == Needs::whole || (one == Needs::whole && out != Needs::nothing);
        out = both && one != Needs::nothing ? Needs::all : std::max(out, one);
    }
    return out;
}

std::optional<FetchRequest> FetchRequest::parse(Cursor& cursor) {
    FetchRequest out;
    if (!parseItems(cursor, out.items))
        return std::nullopt;
    if (cursor.atEnd())
        return out;
    if (!cursor.space() || !cursor.take('(') || !cursor.takeWord("CHANGEDSINCE") || !cursor.space())
        return std::nullopt;
    const auto since = cursor.number64();
    if (!since || *since == 0 || !cursor.take(')'))
        return std::nullopt;
    out.changedSince = *since;
    out.include(What::modseq);
    return out;
}

FetchLine fetchLine(const FetchSubject& subject, const std::vector<FetchItem>& items, Bytes text) {
    FetchLine out;
    out.text = beginningOf(subject);
    Message message(text);
    for (const FetchItem& each : items) {
        if (out.text.back() != '(')
            out.text += ' ';
        switch (each.what) {
        case What::envelope:
            out.text += "ENVELOPE " + envelopeOf(message.parsed());
            break;
        case What::body:
            out.text += "BODY " + bodyStructureOf(message.parsed(), false);
            break;
        case What::bodyStructure:
            out.text += "BODYSTRUCTURE " + bodyStructureOf(message.parsed(), true);
            break;
        case What::section:
        case What::binary:
        case What::binarySize:
            out.known = appendOfText(out.text, each, message) && out.known;
            break;
        default:
            appendPlain(out.text, each, subject);
            break;
        }
    }
    out.text += ")\r\n";
    return out;
}

FetchFrame
fetchFrame(const FetchSubject& subject, const std::vector<FetchItem>& items, std::uint64_t messageSize) {
    FetchFrame out;
    out.before = beginningOf(subject);
    std::string* piece = &out.before;
    for (const FetchItem& each : items) {
        if (piece->empty() || piece->back() != '(')
            *piece += ' ';
        if (each.what != What::section) {
            appendPlain(*piece, each, subject);
            continue;
        }
        std::tie(out.begin, out.length) = rangeOf(each, messageSize);
        *piece += each.label + " " + literalMark(out.length, false);
        piece = &out.after;
    }
    out.after += ")\r\n";
    return out;
}

std::string dateTime(std::int64_t unixSeconds) {
    using namespace std::chrono;
    const sys_seconds time{seconds(unixSeconds)};
    const year_month_day date(floor<days>(time));
    const hh_mm_ss clock(time - floor<days>(time));
    std::array<char, 64> out{};
    std::snprintf(
        out.data(), out.size(), "%02u-%s-%04d %02d:%02d:%02d +0000", static_cast<unsigned>(date.day()),
        kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count())
    );
    return out.data();
}

std::optional<std::int64_t> parseDay(Bytes text) {
    const auto day = parseUnsigned<unsigned>(ascii::trim(ascii::cut(text, '-')));
    const Bytes name = ascii::cut(text, '-');
    const auto year = parseUnsigned<unsigned>(text);
    const auto* const month = std::find_if(kMonths.begin(), kMonths.end(), [&](Bytes each) {
        return ascii::equalsIgnoreCase(each, name);
    });
    if (!day || !year || month == kMonths.end() || *year > 9999)
        return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(*year)),
        std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1), std::chrono::day(*day)};
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<std::int64_t> parseDateTime(Bytes text) {
    text = ascii::trim(text);
    const auto day = parseDay(ascii::cut(text, ' '));
    Bytes clock = ascii::cut(text, ' ');
    if (!day || clock.size() != 8 || clock[2] != ':' || clock[5] != ':' || text.size() != 5 ||
        (text[0] != '+' && text[0] != '-'))
        return std::nullopt;
    const auto hours = parseUnsigned<unsigned>(clock.substr(0, 2));
    const auto minutes = parseUnsigned<unsigned>(clock.substr(3, 2));
    const auto seconds = parseUnsigned<unsigned>(clock.substr(6, 2));
    const auto zone = parseUnsigned<unsigned>(text.substr(1));
    if (!hours || !minutes || !seconds || !zone || *hours > 23 || *minutes > 59 || *seconds > 60)
        return std::nullopt;
    const std::int64_t offset = (*zone / 100) * 3600 + (*zone % 100) * 60;
    return *day * 86400 + *hours * 3600 + *minutes * 60 + *seconds + (text[0] == '+' ? -offset : offset);
}

} // namespace twistdpp::imap
