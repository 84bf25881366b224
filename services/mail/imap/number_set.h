#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::imap {

/// A set of sequence numbers or UIDs: "1:4,7,9:*" (RFC 3501 section 9, sequence-set). A value.
class NumberSet {
public:
    /// Nothing when it is none: numbers count from 1. At most kMostRanges.
    static std::optional<NumberSet> parse(Bytes text);
    static constexpr std::size_t kMostRanges = 10'000;

    /// Adds a number; those that are larger than all before are put together into ranges.
    void add(std::uint32_t number);
    /// `last`: what "*" is now. "9:*" has the last one, too, when that is less than 9.
    bool contains(std::uint32_t number, std::uint32_t last) const noexcept;
    /// The same numbers as ranges that grow and do not touch, up to what fits 32 bits.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> resolve(std::uint32_t last) const;
    bool empty() const noexcept { return ranges_.empty(); }
    /// "1:4,7"
    std::string toString() const;

private:
    static constexpr std::uint32_t kStar = 0;
    struct Range {
        std::uint32_t from, to;
    };
    std::vector<Range> ranges_;
};

} // namespace twistdpp::imap
