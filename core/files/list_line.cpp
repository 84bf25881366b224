#include "twistdpp/files/list_line.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace twistdpp::files {

namespace {

using Kind = FileInfo::Kind;

constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kHalfAYear = 182LL * 86400;
// What a year of four digits can say.
constexpr std::int64_t kEarliest = -62'167'219'200, kLatest = 253'402'300'799;

} // namespace

std::string modeText(const FileInfo& info) {
    std::string out;
    out += info.kind == Kind::folder ? 'd'
           : info.kind == Kind::link ? 'l'
           : info.kind == Kind::file ? '-'
                                     : 'b';
    constexpr Bytes kLetters = "rwxrwxrwx";
    for (std::size_t i = 0; i < kLetters.size(); ++i)
        out += (info.mode & (0400U >> i)) != 0 ? kLetters[i] : '-';
    return out;
}

std::string listLine(const std::string& name, const FileInfo& info, std::int64_t now) {
    const std::time_t when = std::clamp(info.modified, kEarliest, kLatest);
    std::tm time{};
    ::gmtime_r(&when, &time);
    const bool recent = info.modified > now - kHalfAYear && info.modified < now + 86400;
    std::array<char, 160> out{};
    const auto print = [&](const char* format, auto... last) {
        return std::snprintf(
            out.data(), out.size(), format, modeText(info).c_str(),
            static_cast<unsigned long long>(info.links), static_cast<unsigned>(info.uid),
            static_cast<unsigned>(info.gid), static_cast<unsigned long long>(info.size),
            kMonths.at(static_cast<std::size_t>(time.tm_mon)), time.tm_mday, last...
        );
    };
    if (recent)
        print("%s %4llu %-8u %-8u %8llu %s %2d %02d:%02d ", time.tm_hour, time.tm_min);
    else
        print("%s %4llu %-8u %-8u %8llu %s %2d %5d ", time.tm_year + 1900);
    return out.data() + name;
}

} // namespace twistdpp::files
