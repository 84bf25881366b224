#include "twistdpp/words_server/wall_clock.h"

#include "twistdpp/base/ascii.h"

#include <chrono>
#include <ctime>

namespace twistdpp::words {

std::int64_t unixTime() noexcept {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t unixMilliseconds() noexcept {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string timestampOf(std::int64_t milliseconds) {
    const auto time = static_cast<std::time_t>(milliseconds / 1000);
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
    std::string out(text.data(), size);
    const std::string fraction = std::to_string(milliseconds % 1000);
    return out.append(3 - fraction.size(), '0').append(fraction).append("Z");
}

std::optional<std::int64_t> parseTimestamp(Bytes text) noexcept {
    // "YYYY-MM-DDThh:mm:ss" and a fraction of any length.
    constexpr Bytes kShape = "dddd-dd-ddTdd:dd:dd";
    if (text.size() <= kShape.size() || text.size() > 40 || text.back() != 'Z')
        return std::nullopt;
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        if (kShape[i] == 'd' ? !ascii::isDigit(text[i]) : text[i] != kShape[i])
            return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t count) {
        int value = 0;
        for (std::size_t i = at; i < at + count; ++i)
            value = value * 10 + (text[i] - '0');
        return value;
    };
    std::tm parts{};
    parts.tm_year = number(0, 4) - 1900;
    parts.tm_mon = number(5, 2) - 1;
    parts.tm_mday = number(8, 2);
    parts.tm_hour = number(11, 2);
    parts.tm_min = number(14, 2);
    parts.tm_sec = number(17, 2);
    std::int64_t milliseconds = 0;
    const Bytes rest = text.substr(kShape.size(), text.size() - kShape.size() - 1);
    if (!rest.empty()) {
        if (rest.front() != '.' || rest.size() < 2)
            return std::nullopt;
        for (std::size_t i = 1; i < rest.size(); ++i) {
            if (!ascii::isDigit(rest[i]))
                return std::nullopt;
        }
        for (std::size_t i = 1; i <= 3; ++i)
            milliseconds = milliseconds * 10 + (i < rest.size() ? rest[i] - '0' : 0);
    }
    const std::time_t seconds = ::timegm(&parts);
    return static_cast<std::int64_t>(seconds) * 1000 + milliseconds;
}

Bytes WallClock::timestamp(std::int64_t* milliseconds) noexcept {
    const std::int64_t now = unixMilliseconds();
    if (milliseconds)
        *milliseconds = now;
    if (now / 1000 != second_) {
        second_ = now / 1000;
        const auto time = static_cast<std::time_t>(second_);
        std::tm parts{};
        ::gmtime_r(&time, &parts);
        std::strftime(text_.data(), text_.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    }
    const auto milli = static_cast<int>(now % 1000);
    text_[20] = static_cast<char>('0' + milli / 100);
    text_[21] = static_cast<char>('0' + milli / 10 % 10);
    text_[22] = static_cast<char>('0' + milli % 10);
    return {text_.data(), 24};
}

} // namespace twistdpp::words
