#include "twistdpp/imap/number_set.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>

namespace twistdpp::imap {

namespace {

std::string text(std::uint32_t number) {
    return number == 0 ? "*" : std::to_string(number);
}

} // namespace

std::optional<NumberSet> NumberSet::parse(Bytes text) {
    NumberSet out;
    const auto number = [](Bytes word) -> std::optional<std::uint32_t> {
        if (word == "*")
            return kStar;
        const auto value = parseUnsigned<std::uint32_t>(word);
        return value == 0U ? std::nullopt : value;
    };
    bool more = true;
    while (more) {
        const std::size_t comma = text.find(',');
        Bytes range = text.substr(0, comma);
        more = comma != Bytes::npos;
        text.remove_prefix(more ? comma + 1 : text.size());
        const bool two = range.find(':') != Bytes::npos;
        const auto from = number(ascii::cut(range, ':'));
        const auto to = two ? number(range) : from;
        if (!from || !to || out.ranges_.size() >= kMostRanges)
            return std::nullopt;
        out.ranges_.push_back({*from, *to});
    }
    return out;
}

void NumberSet::add(std::uint32_t number) {
    if (!ranges_.empty() && ranges_.back().to != kStar && ranges_.back().to + 1 == number)
        ranges_.back().to = number;
    else
        ranges_.push_back({number, number});
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> NumberSet::resolve(std::uint32_t last) const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
    for (const Range& range : ranges_) {
        const std::uint32_t from = range.from == kStar ? last : range.from;
        const std::uint32_t to = range.to == kStar ? last : range.to;
        out.emplace_back(std::min(from, to), std::max(from, to));
    }
    std::sort(out.begin(), out.end());
    std::size_t kept = 0;
    for (std::size_t i = 1; i < out.size(); ++i) {
        if (std::uint64_t{out[kept].second} + 1 >= out[i].first)
            out[kept].second = std::max(out[kept].second, out[i].second);
        else
            out[++kept] = out[i];
    }
    out.resize(std::min(out.size(), kept + 1));
    return out;
}

bool NumberSet::contains(std::uint32_t number, std::uint32_t last) const noexcept {
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
        const std::uint32_t from = range.from == kStar ? last : range.from;
        const std::uint32_t to = range.to == kStar ? last : range.to;
        return number >= std::min(from, to) && number <= std::max(from, to);
    });
}

std::string NumberSet::toString() const {
    std::string out;
    for (const Range& range : ranges_) {
        if (!out.empty())
            out += ',';
        out += text(range.from);
        if (range.from != range.to)
            out += ":" + text(range.to);
    }
    return out;
}

} // namespace twistdpp::imap
