#include "twistdpp/http/range.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <optional>

namespace twistdpp::http {

namespace {

/// A number of a range; one that is too large for us lies behind the end of anything.
std::optional<std::uint64_t> position(Bytes digits) noexcept {
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), ascii::isDigit))
        return std::nullopt;
    return parseUnsigned<std::uint64_t>(digits).value_or(UINT64_MAX);
}

/// Reads "a-b", "a-" or "-n" and adds what it selects, if anything. False when it is malformed.
bool addRange(Bytes spec, std::uint64_t size, std::vector<ByteRange>& ranges) {
    const auto dash = spec.find('-');
    if (dash == Bytes::npos)
        return false;
    const Bytes firstText = spec.substr(0, dash);
    const Bytes lastText = spec.substr(dash + 1);
    if (firstText.empty()) {
        const auto suffix = position(lastText);
        if (!suffix)
            return false;
        const std::uint64_t length = std::min(*suffix, size);
        if (length > 0)
            ranges.emplace_back(size - length, length);
        return true;
    }
    const auto first = position(firstText);
    const auto last = lastText.empty() ? UINT64_MAX : position(lastText);
    if (!first || !last || *first > *last)
        return false;
    if (*first < size)
        ranges.emplace_back(*first, std::min(*last, size - 1) - *first + 1);
    return true;
}

void joinTouching(std::vector<ByteRange>& ranges) {
    std::vector<ByteRange> sorted = ranges;
    std::sort(sorted.begin(), sorted.end(), [](const ByteRange& a, const ByteRange& b) {
        return a.offset < b.offset;
    });
    std::vector<ByteRange> joined;
    for (const ByteRange& range : sorted) {
        if (!joined.empty() && range.offset <= joined.back().end())
            joined.back().length = std::max(joined.back().end(), range.end()) - joined.back().offset;
        else
            joined.push_back(range);
    }
    if (joined.size() != ranges.size())
        ranges = std::move(joined);
}

} // namespace

RangeDecision resolveRange(Bytes header, std::uint64_t size, std::size_t mostRanges) {
    RangeDecision decision;
    const Bytes unit = ascii::cut(header, '=');
    if (size == 0 || !ascii::equalsIgnoreCase(unit, "bytes"))
        return decision;
    std::size_t count = 0;
    while (!header.empty()) {
        const Bytes spec = ascii::trim(ascii::cut(header, ','));
        if (spec.empty())
            continue;
        if (++count > mostRanges || !addRange(spec, size, decision.ranges)) {
            decision.ranges.clear();
            return decision;
        }
    }
    if (count == 0)
        return decision;
    decision.kind =
        decision.ranges.empty() ? RangeDecision::Kind::unsatisfiable : RangeDecision::Kind::partial;
    joinTouching(decision.ranges);
    return decision;
}

std::string contentRange(const ByteRange& range, std::uint64_t size) {
    return "bytes " + std::to_string(range.offset) + '-' + std::to_string(range.end() - 1) + '/' +
           std::to_string(size);
}

std::string unsatisfiedRange(std::uint64_t size) {
    return "bytes */" + std::to_string(size);
}

MultipartRanges::MultipartRanges(
    const std::vector<ByteRange>& ranges, std::uint64_t size, Bytes partType, Bytes boundary
)
    : contentType_("multipart/byteranges; boundary=" + std::string(boundary)) {
    const std::string delimiter = "--" + std::string(boundary);
    preambles_.reserve(ranges.size());
    for (const ByteRange& range : ranges) {
        std::string preamble = preambles_.empty() ? delimiter : "\r\n" + delimiter;
        preamble.append("\r\nContent-Type: ").append(partType);
        preamble.append("\r\nContent-Range: ").append(contentRange(range, size)).append("\r\n\r\n");
        contentLength_ += preamble.size() + range.length;
        preambles_.push_back(std::move(preamble));
    }
    closing_ = "\r\n" + delimiter + "--\r\n";
    contentLength_ += closing_.size();
}

} // namespace twistdpp::http
