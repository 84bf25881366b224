#pragma once
#include "twistdpp/http/known_header.h"

#include "twistdpp/base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace twistdpp::http {

/// A piece of a message head as a distance from its first byte, so that it outlives a move of those bytes.
struct Span {
    std::uint32_t at = 0;
    std::uint32_t size = 0;

    Bytes in(const char* base) const noexcept { return {base + at, size}; }
};

/// The header fields of one parsed message, in order, as pieces of the bytes they were parsed from; it owns
/// none of them. Reused for message after message, it allocates only when one has more fields than any
/// before. Repeated fields stay apart, as joining them would need memory: see each().
class HeaderBlock {
public:
    struct Field {
        Bytes name;
        Bytes value; ///< without the white space around it
        KnownHeader known;
    };

    /// Forgets the fields and keeps the memory; at first, makes room for what most messages have.
    void clear() {
        if (entries_.capacity() == 0)
            entries_.reserve(16);
        entries_.clear();
        present_ = 0;
        repeated_ = 0;
    }
    /// The first byte that spans are counted from. Set again after the bytes have moved.
    void rebase(const char* base) noexcept { base_ = base; }
    /// Adds a field at the end. The name is one that has been checked, `known` its value under knownHeader().
    void append(Span name, Span value, KnownHeader known) {
        if (known != KnownHeader::none) {
            const std::uint64_t bit = bitOf(known);
            if (!(present_ & bit))
                first_[static_cast<std::size_t>(known)] = static_cast<std::uint16_t>(entries_.size());
            else
                repeated_ |= bit;
            present_ |= bit;
        }
        entries_.push_back({name.at, value.at, value.size, static_cast<std::uint16_t>(name.size), known});
    }

    std::size_t size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return entries_.empty(); }
    Field operator[](std::size_t index) const noexcept {
        const Entry& entry = entries_[index];
        return {
            {base_ + entry.nameAt, entry.nameSize}, {base_ + entry.valueAt, entry.valueSize}, entry.known};
    }

    bool has(KnownHeader header) const noexcept { return (present_ & bitOf(header)) != 0; }
    /// The value of the first field of that name.
    std::optional<Bytes> find(KnownHeader header) const noexcept {
        if (!has(header))
            return std::nullopt;
        return (*this)[first_[static_cast<std::size_t>(header)]].value;
    }
    /// Likewise by any name, in any case.
    std::optional<Bytes> find(Bytes name) const noexcept;
    /// Whether more than one field has that name.
    bool repeated(KnownHeader header) const noexcept { return (repeated_ & bitOf(header)) != 0; }

    /// Calls visit(Bytes value) for each field of that name, in order: a list may be spread over several
    /// fields.
    template <class Visitor>
    void each(KnownHeader header, Visitor visit) const {
        if (!has(header))
            return;
        const std::size_t first = first_[static_cast<std::size_t>(header)];
        const std::size_t end = repeated(header) ? entries_.size() : first + 1;
        for (std::size_t i = first; i < end; ++i) {
            if (entries_[i].known == header)
                visit((*this)[i].value);
        }
    }

private:
    struct Entry {
        std::uint32_t nameAt;
        std::uint32_t valueAt;
        std::uint32_t valueSize;
        std::uint16_t nameSize;
        KnownHeader known;
    };
    static constexpr std::uint64_t bitOf(KnownHeader header) noexcept {
        return std::uint64_t{1} << static_cast<unsigned>(header);
    }

    const char* base_ = nullptr;
    std::uint64_t present_ = 0;
    std::uint64_t repeated_ = 0;
    std::array<std::uint16_t, kKnownHeaders> first_{}; // valid where present_ has the bit
    std::vector<Entry> entries_;
};

} // namespace twistdpp::http
