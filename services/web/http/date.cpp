#include "twistdpp/http/date.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <chrono>

namespace twistdpp::http {

namespace {

constexpr std::array<Bytes, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
constexpr Bytes kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr UnixSeconds kFirst = -62167219200; // year 0
constexpr UnixSeconds kLast = 253402300799;  // end of 9999
constexpr UnixSeconds kDay = 86400;

void putDigits(char* to, int count, unsigned value) noexcept {
    while (count-- > 0) {
        to[count] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

/// Matches `text` against a pattern in which a small letter stands for a digit or letter of a part (all of
/// one letter make one part) and everything else for itself.
struct Parts {
    int day = 0, year = 0, hour = 0, minute = 0, second = 0;
    char month[3] = {};
};

bool match(Bytes text, Bytes pattern, Parts& parts) noexcept {
    if (text.size() != pattern.size())
        return false;
    std::size_t letters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int* number = nullptr;
        switch (pattern[i]) {
        case 'd':
            number = &parts.day;
            break;
        case 'y':
            number = &parts.year;
            break;
        case 'h':
            number = &parts.hour;
            break;
        case 'm':
            number = &parts.minute;
            break;
        case 's':
            number = &parts.second;
            break;
        case 'b':
            parts.month[letters++] = text[i];
            continue;
        default:
            if (text[i] != pattern[i])
                return false;
            continue;
        }
        if (!ascii::isDigit(text[i]))
            return false;
        *number = *number * 10 + (text[i] - '0');
    }
    return true;
}

std::optional<UnixSeconds> toSeconds(const Parts& parts) noexcept {
    const auto monthAt = kMonths.find(Bytes(parts.month, 3));
    if (monthAt == Bytes::npos || monthAt % 3 != 0)
        return std::nullopt;
    const std::chrono::year_month_day date(
        std::chrono::year(parts.year), std::chrono::month(static_cast<unsigned>(monthAt / 3 + 1)),
        std::chrono::day(static_cast<unsigned>(parts.day))
    );
    // A leap second is 60.
    if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60)
        return std::nullopt;
    const UnixSeconds days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * kDay + parts.hour * 3600 + parts.minute * 60 + parts.second;
}

int yearOf(UnixSeconds time) noexcept {
    const std::chrono::sys_days day{std::chrono::days(std::clamp(time, kFirst, kLast) / kDay)};
    return static_cast<int>(std::chrono::year_month_day(day).year());
}

} // namespace

Bytes formatDate(UnixSeconds time, DateBuffer& buffer) noexcept {
    time = std::clamp(time, kFirst, kLast);
    const std::chrono::sys_seconds point{std::chrono::seconds(time)};
    const auto day = std::chrono::floor<std::chrono::days>(point);
    const std::chrono::year_month_day date(day);
    const auto rest = static_cast<unsigned>((point - day).count());
    char* to = buffer.data();
    kDays[std::chrono::weekday(day).c_encoding()].copy(to, 3);
    Bytes(", ").copy(to + 3, 2);
    putDigits(to + 5, 2, static_cast<unsigned>(date.day()));
    to[7] = ' ';
    kMonths.copy(to + 8, 3, (static_cast<unsigned>(date.month()) - 1) * 3);
    to[11] = ' ';
    putDigits(to + 12, 4, static_cast<unsigned>(static_cast<int>(date.year())));
    to[16] = ' ';
    putDigits(to + 17, 2, rest / 3600);
    to[19] = ':';
    putDigits(to + 20, 2, rest / 60 % 60);
    to[22] = ':';
    putDigits(to + 23, 2, rest % 60);
    Bytes(" GMT").copy(to + 25, 4);
    return {buffer.data(), buffer.size()};
}

std::string formatDate(UnixSeconds time) {
    DateBuffer buffer;
    return std::string(formatDate(time, buffer));
}

std::optional<UnixSeconds> parseDate(Bytes text, UnixSeconds now) noexcept {
    for (const Bytes day : kDays) {
        const Bytes abbreviation = day.substr(0, 3);
        if (!text.starts_with(abbreviation))
            continue;
        Parts fixed;
        if (match(text.substr(3), ", dd bbb yyyy hh:mm:ss GMT", fixed))
            return toSeconds(fixed);
        Parts asctime;
        if (match(text.substr(3), " bbb dd hh:mm:ss yyyy", asctime))
            return toSeconds(asctime);
        Parts shortDay;
        if (match(text.substr(3), " bbb  d hh:mm:ss yyyy", shortDay))
            return toSeconds(shortDay);
        Parts rfc850;
        if (text.starts_with(day) && match(text.substr(day.size()), ", dd-bbb-yy hh:mm:ss GMT", rfc850)) {
            const int thisYear = yearOf(now);
            rfc850.year += thisYear - thisYear % 100;
            if (rfc850.year > thisYear + 50)
                rfc850.year -= 100;
            return toSeconds(rfc850);
        }
    }
    return std::nullopt;
}

} // namespace twistdpp::http
