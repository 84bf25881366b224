#include "twistdpp/ftp/listing.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

namespace twistdpp::ftp {

namespace {

using files::FileInfo;
using Kind = FileInfo::Kind;

constexpr std::array<Bytes, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kLatest = 253'402'300'799; // of a year with four digits

struct FactName {
    unsigned fact;
    Bytes name;
};
constexpr std::array<FactName, 6> kFacts{
    {{Fact::type, "Type"},
     {Fact::size, "Size"},
     {Fact::modify, "Modify"},
     {Fact::perm, "Perm"},
     {Fact::unique, "Unique"},
     {Fact::unixMode, "UNIX.mode"}}};

struct Moment {
    int year;
    unsigned month, day, hour, minute, second;
};
Moment momentOf(std::int64_t time) {
    using namespace std::chrono;
    // What a year of four digits can say.
    time = std::clamp<std::int64_t>(time, -62'167'219'200, kLatest);
    const sys_seconds moment{seconds(time)};
    const year_month_day date(floor<days>(moment));
    const hh_mm_ss clock(moment - floor<days>(moment));
    return {
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<unsigned>(clock.hours().count()),
        static_cast<unsigned>(clock.minutes().count()),
        static_cast<unsigned>(clock.seconds().count())};
}

std::string permText(const FileInfo& info, bool writable) {
    if (info.kind == Kind::folder)
        return writable ? "flcdmpe" : "le";
    return writable ? "fadrw" : "r";
}

/// The next word, and the spaces behind it.
Bytes word(Bytes& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const Bytes out = text.substr(0, end);
    text = text.substr(std::min(text.find_first_not_of(' ', end), text.size()));
    return out;
}

bool isMonth(Bytes text) {
    return std::any_of(kMonths.begin(), kMonths.end(), [&](Bytes each) {
        return ascii::equalsIgnoreCase(each, text);
    });
}

/// "-rw-r--r-- 1 joe users 5 Nov 27 10:00 name"
std::optional<ListedFile> parseUnixLine(Bytes line) {
    ListedFile out;
    const Bytes mode = word(line);
    if (mode.size() < 10 || Bytes("-dlbcps").find(mode.front()) == Bytes::npos)
        return std::nullopt;
    out.kind = mode.front() == 'd'   ? Kind::folder
               : mode.front() == 'l' ? Kind::link
               : mode.front() == '-' ? Kind::file
                                     : Kind::other;
    // Links, owner and group: some servers leave one out. The size is in front of the month.
    Bytes before;
    for (int words = 0; words < 6 && !line.empty(); ++words) {
        const Bytes next = word(line);
        if (isMonth(next) && words > 0) {
            out.size = parseUnsigned<std::uint64_t>(before);
            const bool day = parseUnsigned<unsigned>(word(line)).has_value();
            // One space stands in front of the name; others are the name's.
            const std::size_t end = line.find(' ');
            if (!day || end == Bytes::npos)
                return std::nullopt;
            out.name = line.substr(end + 1);
            break;
        }
        before = next;
    }
    if (out.name.empty())
        return std::nullopt;
    const std::size_t arrow = out.name.find(" -> ");
    if (out.kind == Kind::link && arrow != std::string::npos && arrow > 0) {
        out.target = out.name.substr(arrow + 4);
        out.name.resize(arrow);
    }
    return out;
}

/// "11-27-26  10:00AM  <DIR>  name"
std::optional<ListedFile> parseWindowsLine(Bytes line) {
    ListedFile out;
    const Bytes date = word(line);
    const Bytes time = word(line);
    if (date.size() < 8 || date.find('-') == Bytes::npos || time.find(':') == Bytes::npos)
        return std::nullopt;
    const Bytes what = word(line);
    if (what == "<DIR>") {
        out.kind = Kind::folder;
    } else {
        out.size = parseUnsigned<std::uint64_t>(what);
        if (!out.size)
            return std::nullopt;
    }
    out.name = line;
    return out.name.empty() ? std::nullopt : std::optional(std::move(out));
}

} // namespace

std::string factNames(unsigned facts) {
    std::string out;
    for (const FactName& each : kFacts) {
        if ((facts & each.fact) != 0)
            out.append(each.name).append(";");
    }
    return out;
}

std::string factFeature(unsigned on) {
    std::string out;
    for (const FactName& each : kFacts)
        out.append(each.name).append((on & each.fact) != 0 ? "*;" : ";");
    return out;
}

unsigned parseFacts(Bytes names) {
    unsigned out = 0;
    while (!names.empty()) {
        const Bytes name = ascii::cut(names, ';');
        for (const FactName& each : kFacts)
            out |= ascii::equalsIgnoreCase(each.name, name) ? each.fact : 0U;
    }
    return out;
}

std::string
factLine(const std::string& name, const FileInfo& info, unsigned facts, bool writable, Bytes type) {
    std::string out;
    if ((facts & Fact::type) != 0) {
        const Bytes kind = info.kind == Kind::folder ? "dir"
                           : info.kind == Kind::file ? "file"
                           : info.kind == Kind::link ? "OS.unix=symlink"
                                                     : "OS.unix=other";
        out.append("type=").append(type.empty() ? kind : type).append(";");
    }
    if ((facts & Fact::size) != 0 && info.kind != Kind::folder)
        out += "size=" + std::to_string(info.size) + ";";
    if ((facts & Fact::modify) != 0)
        out += "modify=" + timeText(info.modified) + ";";
    if ((facts & Fact::perm) != 0)
        out += "perm=" + permText(info, writable) + ";";
    std::array<char, 48> text{};
    if ((facts & Fact::unique) != 0) {
        std::snprintf(
            text.data(), text.size(), "unique=%llxg%llx;", static_cast<unsigned long long>(info.device),
            static_cast<unsigned long long>(info.inode)
        );
        out += text.data();
    }
    if ((facts & Fact::unixMode) != 0) {
        std::snprintf(text.data(), text.size(), "UNIX.mode=%04o;", static_cast<unsigned>(info.mode));
        out += text.data();
    }
    return out + " " + name;
}

std::string timeText(std::int64_t time) {
    const Moment moment = momentOf(time);
    std::array<char, 64> out{};
    std::snprintf(
        out.data(), out.size(), "%04d%02u%02u%02u%02u%02u", moment.year, moment.month, moment.day,
        moment.hour, moment.minute, moment.second
    );
    return out.data();
}

std::optional<std::int64_t> parseTime(Bytes text) {
    using namespace std::chrono;
    const Bytes whole = ascii::cut(text, '.');
    if (whole.size() != 14 || !std::all_of(whole.begin(), whole.end(), ascii::isDigit))
        return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t size) {
        return parseUnsigned<unsigned>(whole.substr(at, size)).value_or(0);
    };
    const year_month_day date{year(static_cast<int>(number(0, 4))), month(number(4, 2)), day(number(6, 2))};
    if (!date.ok() || number(8, 2) > 23 || number(10, 2) > 59 || number(12, 2) > 60)
        return std::nullopt;
    const std::int64_t day = sys_days(date).time_since_epoch().count() * std::int64_t{86400};
    return std::min(kLatest, day + number(8, 2) * 3600 + number(10, 2) * 60 + number(12, 2));
}

std::optional<ListedFile> parseListLine(Bytes line) {
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    auto out = parseUnixLine(line);
    return out ? out : parseWindowsLine(line);
}

std::optional<ListedFile> parseFactLine(Bytes line) {
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    const std::size_t space = line.find(' ');
    if (space == Bytes::npos || (space > 0 && line[space - 1] != ';'))
        return std::nullopt;
    ListedFile out;
    out.name = line.substr(space + 1);
    for (Bytes rest = line.substr(0, space); !rest.empty();) {
        Bytes fact = ascii::cut(rest, ';');
        const std::string name = ascii::toLower(ascii::cut(fact, '='));
        if (!name.empty())
            out.facts[name] = fact;
    }
    const auto get = [&](const char* name) {
        const auto found = out.facts.find(name);
        return found == out.facts.end() ? std::string() : found->second;
    };
    const std::string type = ascii::toLower(get("type"));
    out.kind = type == "dir" || type == "cdir" || type == "pdir" ? Kind::folder
               : type == "file" || type.empty()                  ? Kind::file
               : type.find("link") != std::string::npos          ? Kind::link
                                                                 : Kind::other;
    out.size = parseUnsigned<std::uint64_t>(get("size"));
    out.modified = parseTime(get("modify"));
    if (out.name.empty())
        return std::nullopt;
    return out;
}

} // namespace twistdpp::ftp
