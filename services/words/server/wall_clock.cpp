#include "twistdpp/words_server/wall_clock.h"

#include <chrono>
#include <ctime>

namespace twistdpp::words {

std::int64_t unixTime() noexcept {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

Bytes WallClock::timestamp() noexcept {
    using namespace std::chrono;
    const std::int64_t now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
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
