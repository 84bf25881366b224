#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata_field.h"

namespace twistdpp::dns {

namespace {

constexpr std::size_t kSize = 16;
constexpr std::uint32_t kMiddle = 1U << 31;     // equator and prime meridian
constexpr std::uint32_t kDegree = 3'600'000;    // thousandths of a second
constexpr std::uint32_t kSeaLevel = 10'000'000; // centimetres above the lowest altitude
constexpr std::uint64_t kMaxSize = 9'000'000'000;

bool onEarth(std::uint32_t angle, std::uint32_t degrees) noexcept {
    const std::uint32_t distance = angle >= kMiddle ? angle - kMiddle : kMiddle - angle;
    return distance <= degrees * kDegree;
}

bool goodSize(std::uint8_t size) noexcept {
    return size >> 4 <= 9 && (size & 15) <= 9;
}

/// "12" or "12.3" with at most `places` digits behind the point, in units of the last place.
std::optional<std::uint64_t> fixedPoint(Bytes text, unsigned places, std::uint64_t most) noexcept {
    const bool point = text.find('.') != Bytes::npos;
    const Bytes whole = ascii::cut(text, '.');
    const auto value = decimal(whole, 0xffffffff);
    if (!value || (point && text.empty()) || text.size() > places)
        return std::nullopt;
    std::uint64_t scale = 1;
    for (unsigned i = 0; i < places; ++i)
        scale *= 10;
    std::uint64_t total = *value * scale;
    if (point) {
        const auto part = decimal(text, 0xffffffff);
        if (!part)
            return std::nullopt;
        std::uint64_t fraction = *part;
        for (std::size_t i = text.size(); i < places; ++i)
            fraction *= 10;
        total += fraction;
    }
    if (total > most)
        return std::nullopt;
    return total;
}

/// Degrees, minutes and seconds up to the letter of the hemisphere.
bool parseAngle(RdataWords& words, const char* what, std::uint32_t degrees, char positive, char negative) {
    constexpr std::uint32_t kUnits[] = {kDegree, 60'000, 1};
    std::uint64_t total = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const Token* word = words.next(what);
        if (word == nullptr)
            return false;
        const char letter = word->text.size() == 1 ? ascii::upper(word->text[0]) : '\0';
        if (i > 0 && (letter == positive || letter == negative)) {
            if (total > std::uint64_t{degrees} * kDegree)
                return words.fail(
                    std::string("the ") + what + " is more than " + std::to_string(degrees) + " degrees"
                );
            const auto distance = static_cast<std::uint32_t>(total);
            append32(words.to(), letter == positive ? kMiddle + distance : kMiddle - distance);
            return true;
        }
        std::optional<std::uint64_t> part;
        if (i == 2)
            part = fixedPoint(word->text, 3, 59'999);
        else if (i < 2)
            part = decimal(word->text, i == 0 ? degrees : 59);
        if (!part)
            return words.fail(
                what, word->text,
                i == 0   ? "is no number of degrees"
                : i == 1 ? "is no number of minutes and no hemisphere"
                : i == 2 ? "is no number of seconds and no hemisphere"
                         : "is no hemisphere"
            );
        total += *part * kUnits[i];
    }
    return false;
}

Bytes withoutUnit(Bytes text) noexcept {
    if (!text.empty() && ascii::lower(text.back()) == 'm')
        text.remove_suffix(1);
    return text;
}

bool parseAltitude(RdataWords& words) {
    const Token* word = words.next("altitude");
    if (word == nullptr)
        return false;
    Bytes text = withoutUnit(word->text);
    const bool below = text.starts_with('-');
    if (below || text.starts_with('+'))
        text.remove_prefix(1);
    const auto value = fixedPoint(text, 2, below ? kSeaLevel : 0xffffffffU - kSeaLevel);
    if (!value)
        return words.fail("altitude", word->text, "is no number of metres from -100000 to 42849672.95");
    const auto distance = static_cast<std::uint32_t>(*value);
    append32(words.to(), below ? kSeaLevel - distance : kSeaLevel + distance);
    return true;
}

/// One digit and a power of ten, in centimetres; smaller digits are dropped.
bool parseSize(RdataWords& words, const char* what, std::string& sizes, std::size_t at) {
    const Token* word = words.next(what);
    auto value = fixedPoint(withoutUnit(word->text), 2, kMaxSize + kMaxSize / 9);
    if (!value || *value >= kMaxSize + kMaxSize / 9)
        return words.fail(what, word->text, "is no number of metres from 0 to 90000000");
    unsigned exponent = 0;
    for (; *value > 9; *value /= 10)
        ++exponent;
    sizes[at] = static_cast<char>(*value << 4 | exponent);
    return true;
}

void appendFixedPoint(std::uint64_t value, unsigned places, std::string& to) {
    std::uint64_t scale = 1;
    for (unsigned i = 0; i < places; ++i)
        scale *= 10;
    to += std::to_string(value / scale);
    to += '.';
    const std::string fraction = std::to_string(value % scale);
    to.append(places - fraction.size(), '0');
    to += fraction;
}

void appendAngle(std::uint32_t angle, char positive, char negative, std::string& to) {
    const std::uint32_t distance = angle >= kMiddle ? angle - kMiddle : kMiddle - angle;
    appendNumber(distance / kDegree, to);
    to += ' ';
    appendNumber(distance / 60'000 % 60, to);
    to += ' ';
    appendFixedPoint(distance % 60'000, 3, to);
    to += ' ';
    to += angle >= kMiddle ? positive : negative;
    to += ' ';
}

} // namespace

std::size_t locationSize(Bytes rest) noexcept {
    if (rest.empty())
        return kBadField;
    if (rest[0] != 0) // another version: nothing is known about its data
        return rest.size();
    if (rest.size() != kSize || !goodSize(get8(&rest[1])) || !goodSize(get8(&rest[2])) ||
        !goodSize(get8(&rest[3])) || !onEarth(get32(&rest[4]), 90) || !onEarth(get32(&rest[8]), 180))
        return kBadField;
    return kSize;
}

bool parseLocation(RdataWords& words, const char* what) {
    std::string& to = words.to();
    const std::size_t begin = to.size();
    to.append({'\0', '\x12', '\x16', '\x13'}); // 1 m, 10000 m, 10 m unless told otherwise
    if (!parseAngle(words, what, 90, 'N', 'S') || !parseAngle(words, "longitude", 180, 'E', 'W') ||
        !parseAltitude(words))
        return false;
    constexpr const char* kSizes[] = {"size", "horizontal precision", "vertical precision"};
    for (std::size_t i = 0; i < 3 && words.left() > 0; ++i) {
        if (!parseSize(words, kSizes[i], to, begin + 1 + i))
            return false;
    }
    return true;
}

bool formatLocation(Bytes field, std::string& to) {
    if (field[0] != 0)
        return false;
    for (std::size_t i = 1; i <= 3; ++i) {
        if (get8(&field[i]) >> 4 == 0 && field[i] != 0) // nothing, in tens: has no text of its own
            return false;
    }
    appendAngle(get32(&field[4]), 'N', 'S', to);
    appendAngle(get32(&field[8]), 'E', 'W', to);
    const std::uint32_t altitude = get32(&field[12]);
    if (altitude < kSeaLevel)
        to += '-';
    appendFixedPoint(altitude < kSeaLevel ? kSeaLevel - altitude : altitude - kSeaLevel, 2, to);
    to += 'm';
    for (std::size_t i = 1; i <= 3; ++i) {
        std::uint64_t size = get8(&field[i]) >> 4;
        for (unsigned exponent = get8(&field[i]) & 15; exponent > 0; --exponent)
            size *= 10;
        to += ' ';
        appendFixedPoint(size, 2, to);
        to += 'm';
    }
    return true;
}

} // namespace twistdpp::dns
