#pragma once
#include "twistdpp/dns_wire/suffix_table.h"
#include "twistdpp/dns_wire/types.h"

#include <array>
#include <cstdint>
#include <span>

namespace twistdpp::dns {

/// Writes a message of RFC 1035 section 4 into memory of the caller's, with name compression and without an
/// allocation. Every writer function returns false, and leaves the message as it was, when what it was given
/// does not fit; the caller then truncates or goes on in another message. Names and rdata must be valid. Used
/// on the thread that made it, and not copied.
class MessageWriter {
public:
    /// What a message looked like at some moment; rollback() drops all that was written since.
    struct Mark {
        std::size_t size;
        unsigned names;
        std::array<std::uint16_t, 4> counts;
    };

    /// Writes at most `out.size()` bytes, which must be 12 at least; begins with an empty header.
    explicit MessageWriter(std::span<char> out) noexcept;
    /// Goes on with a copy of `begun`, a message of 12 bytes at least that fits; its names are not known to
    /// the compression.
    MessageWriter(std::span<char> out, Bytes begun) noexcept;
    MessageWriter(const MessageWriter&) = delete;
    MessageWriter& operator=(const MessageWriter&) = delete;

    void setId(std::uint16_t id) noexcept;
    void setFlags(std::uint16_t flags) noexcept;
    std::uint16_t flags() const noexcept { return flags_; }
    void addFlags(std::uint16_t flags) noexcept { setFlags(static_cast<std::uint16_t>(flags_ | flags)); }
    void setOpcode(Opcode code) noexcept;
    /// The lower four bits; OPT carries the others.
    void setRcode(Rcode code) noexcept;

    /// The question's name is copied as it is, in the asker's case, and stands at offset 12.
    bool question(Bytes name, Type type, Class klass) noexcept;
    bool
    record(Section section, Bytes owner, Type type, Class klass, std::uint32_t ttl, Bytes rdata) noexcept;
    /// The same with an owner that stands at `ownerAt` of the message already.
    bool recordAt(
        Section section, std::size_t ownerAt, Type type, Class klass, std::uint32_t ttl, Bytes rdata
    ) noexcept;
    /// Appends a record that is written already, for OPT and TSIG: no compression.
    bool raw(Section section, Bytes record) noexcept;
    /// Makes a name that stands in the message known to the compression.
    void learn(std::size_t offset) noexcept;

    /// Keeps `bytes` at the end free for what must still come (OPT, TSIG), until the next call.
    void reserve(std::size_t bytes) noexcept { limit_ = bytes < out_.size() ? out_.size() - bytes : 0; }
    /// Makes the message end at `bytes` at most; not above the memory.
    void limit(std::size_t bytes) noexcept { out_ = out_.first(bytes < out_.size() ? bytes : out_.size()); }

    std::size_t size() const noexcept { return size_; }
    std::uint16_t count(Section section) const noexcept {
        return counts_[1U + static_cast<unsigned>(section)];
    }
    Bytes bytes() const noexcept { return {out_.data(), size_}; }
    Mark mark() const noexcept { return {size_, names_, counts_}; }
    void rollback(const Mark& mark) noexcept;

private:
    /// Suffixes that the compression knows at most.
    static constexpr unsigned kKnown = 1024;

    bool name(Bytes wireName, bool compress) noexcept;
    bool suffixAt(std::size_t offset, Bytes suffix) const noexcept;
    void remember(const NameSuffixes& suffixes, unsigned count, std::size_t begin) noexcept;
    void cutBack(std::size_t size, unsigned names) noexcept;
    bool body(Type type, Class klass, std::uint32_t ttl, Bytes rdata) noexcept;
    bool finish(Section section, bool fits, std::size_t begin, unsigned names) noexcept;
    bool put(Bytes bytes) noexcept;
    void setCount(unsigned index, std::uint16_t count) noexcept;

    std::span<char> out_;
    std::size_t size_, limit_;
    std::uint16_t flags_ = 0;
    std::array<std::uint16_t, 4> counts_{};
    SuffixTable& table_;
    std::uint32_t generation_;
    std::array<std::uint16_t, kKnown> slots_; // of the table, in the order in which they were taken
    unsigned names_ = 0;
};

} // namespace twistdpp::dns
