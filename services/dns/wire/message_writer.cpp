#include "twistdpp/dns_wire/message_writer.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"

#include <cstring>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kLastPointed = 0x3fff;

} // namespace

MessageWriter::MessageWriter(std::span<char> out) noexcept
    : out_(out), size_(kHeader), limit_(out.size()), table_(SuffixTable::ofThisThread()),
      generation_(table_.nextGeneration()) {
    std::memset(out.data(), 0, kHeader);
}

MessageWriter::MessageWriter(std::span<char> out, Bytes begun) noexcept : MessageWriter(out) {
    std::memcpy(out.data(), begun.data(), begun.size());
    size_ = begun.size();
    flags_ = get16(&begun[2]);
    for (unsigned i = 0; i < 4; ++i)
        counts_[i] = get16(&begun[4 + 2 * std::size_t{i}]);
}

void MessageWriter::setId(std::uint16_t id) noexcept {
    put16(out_.data(), id);
}

void MessageWriter::setFlags(std::uint16_t flags) noexcept {
    flags_ = flags;
    put16(out_.data() + 2, flags);
}

void MessageWriter::setOpcode(Opcode code) noexcept {
    setFlags(static_cast<std::uint16_t>((flags_ & ~Flag::opcodeMask) | static_cast<unsigned>(code) << 11));
}

void MessageWriter::setRcode(Rcode code) noexcept {
    setFlags(static_cast<std::uint16_t>(
        (flags_ & ~Flag::rcodeMask) | (static_cast<unsigned>(code) & Flag::rcodeMask)
    ));
}

void MessageWriter::setCount(unsigned index, std::uint16_t count) noexcept {
    counts_[index] = count;
    put16(out_.data() + 4 + 2 * std::size_t{index}, count);
}

void MessageWriter::rollback(const Mark& mark) noexcept {
    cutBack(mark.size, mark.names);
    for (unsigned i = 0; i < 4; ++i)
        setCount(i, mark.counts[i]);
}

bool MessageWriter::put(Bytes bytes) noexcept {
    if (size_ + bytes.size() > limit_)
        return false;
    std::memcpy(out_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return true;
}

/// Whether the name at `offset` of the message, pointers followed, is `suffix`.
bool MessageWriter::suffixAt(std::size_t offset, Bytes suffix) const noexcept {
    for (;;) {
        std::size_t length = get8(out_.data() + offset);
        while (length >= 0xc0) {
            offset = get16(out_.data() + offset) & kLastPointed;
            length = get8(out_.data() + offset);
        }
        if (length != get8(suffix.data()))
            return false;
        if (length == 0)
            return true;
        const Bytes label(out_.data() + offset + 1, length);
        if (std::memcmp(label.data(), suffix.data() + 1, length) != 0 && // mostly in the same case
            !ascii::equalsIgnoreCase(label, suffix.substr(1, length)))
            return false;
        offset += 1 + length;
        suffix.remove_prefix(1 + length);
    }
}

void MessageWriter::remember(const NameSuffixes& suffixes, unsigned count, std::size_t begin) noexcept {
    for (unsigned i = 0; i < count && names_ < kKnown; ++i) {
        const std::size_t offset = begin + suffixes.starts[i];
        if (offset > kLastPointed)
            return;
        const std::uint16_t slot = table_.insert(generation_, suffixes.hashes[i], offset);
        if (slot != SuffixTable::kNoSlot)
            slots_[names_++] = slot;
    }
}

void MessageWriter::cutBack(std::size_t size, unsigned names) noexcept {
    size_ = size;
    while (names_ > names)
        table_.remove(generation_, slots_[--names_]);
}

bool MessageWriter::name(Bytes wireName, bool compress) noexcept {
    const NameSuffixes suffixes(wireName);
    unsigned written = suffixes.labels; // labels to write out before the pointer
    std::size_t pointer = 0;
    for (unsigned i = 0; compress && i < suffixes.labels && pointer == 0; ++i) {
        const Bytes suffix = wireName.substr(suffixes.starts[i]);
        pointer = table_.find(generation_, suffixes.hashes[i], [&](std::size_t offset) {
            return suffixAt(offset, suffix);
        });
        if (pointer != 0)
            written = i;
    }
    const std::size_t begin = size_;
    if (pointer == 0) {
        if (!put(wireName))
            return false;
    } else {
        char two[2];
        put16(two, static_cast<std::uint16_t>(0xc000U | pointer));
        if (!put(wireName.substr(0, suffixes.starts[written])) || !put({two, 2})) {
            size_ = begin;
            return false;
        }
    }
    remember(suffixes, written, begin);
    return true;
}

void MessageWriter::learn(std::size_t offset) noexcept {
    NameBuffer read;
    std::size_t end = offset;
    if (!read.read(bytes(), end))
        return;
    // Only what stands there uncompressed has an offset of its own.
    unsigned written = 0;
    for (std::size_t at = offset; get8(&out_[at]) != 0 && get8(&out_[at]) <= kMaxLabel; ++written)
        at += 1U + get8(&out_[at]);
    remember(NameSuffixes(read), written, offset);
}

bool MessageWriter::question(Bytes name, Type type, Class klass) noexcept {
    const std::size_t begin = size_;
    const unsigned names = names_;
    char tail[4];
    put16(tail, static_cast<std::uint16_t>(type));
    put16(tail + 2, static_cast<std::uint16_t>(klass));
    if (!this->name(name, false) || !put({tail, 4})) {
        cutBack(begin, names);
        return false;
    }
    setCount(0, static_cast<std::uint16_t>(counts_[0] + 1));
    return true;
}

bool MessageWriter::body(Type type, Class klass, std::uint32_t ttl, Bytes rdata) noexcept {
    char head[10];
    put16(head, static_cast<std::uint16_t>(type));
    put16(head + 2, static_cast<std::uint16_t>(klass));
    put32(head + 4, ttl);
    put16(head + 8, static_cast<std::uint16_t>(rdata.size()));
    if (!put({head, 10}))
        return false;
    const CompressibleNames names = compressibleNames(type);
    if (names.count == 0)
        return put(rdata);
    const std::size_t lengthAt = size_ - 2;
    bool fits = put(rdata.substr(0, names.skip));
    Bytes rest = rdata.substr(names.skip);
    for (unsigned i = 0; fits && i < names.count; ++i) {
        const std::size_t size = wireNameSize(rest);
        fits = name(rest.substr(0, size), true);
        rest.remove_prefix(size);
    }
    fits = fits && put(rest);
    if (fits)
        put16(out_.data() + lengthAt, static_cast<std::uint16_t>(size_ - lengthAt - 2));
    return fits;
}

bool MessageWriter::finish(Section section, bool fits, std::size_t begin, unsigned names) noexcept {
    const unsigned index = 1U + static_cast<unsigned>(section);
    if (!fits || counts_[index] == 0xffff) {
        cutBack(begin, names);
        return false;
    }
    setCount(index, static_cast<std::uint16_t>(counts_[index] + 1));
    return true;
}

bool MessageWriter::record(
    Section section, Bytes owner, Type type, Class klass, std::uint32_t ttl, Bytes rdata
) noexcept {
    const std::size_t begin = size_;
    const unsigned names = names_;
    return finish(section, name(owner, true) && body(type, klass, ttl, rdata), begin, names);
}

bool MessageWriter::recordAt(
    Section section, std::size_t ownerAt, Type type, Class klass, std::uint32_t ttl, Bytes rdata
) noexcept {
    const std::size_t begin = size_;
    const unsigned names = names_;
    char pointer[2];
    put16(pointer, static_cast<std::uint16_t>(0xc000U | ownerAt));
    return finish(section, put({pointer, 2}) && body(type, klass, ttl, rdata), begin, names);
}

bool MessageWriter::raw(Section section, Bytes record) noexcept {
    const std::size_t begin = size_;
    return finish(section, put(record), begin, names_);
}

} // namespace twistdpp::dns
