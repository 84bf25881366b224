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

/// Cheap and good enough for the few names of one message; the case of letters does not matter.
std::uint16_t suffixHash(std::uint32_t rest, Bytes label) noexcept {
    std::uint32_t hash = rest * 31 + static_cast<std::uint32_t>(label.size());
    if (!label.empty()) {
        hash = hash * 131 + static_cast<unsigned char>(ascii::lower(label.front()));
        hash = hash * 131 + static_cast<unsigned char>(ascii::lower(label[label.size() / 2]));
        hash = hash * 131 + static_cast<unsigned char>(ascii::lower(label.back()));
    }
    return static_cast<std::uint16_t>(hash ^ hash >> 16);
}

} // namespace

MessageWriter::MessageWriter(std::span<char> out) noexcept : out_(out), size_(kHeader), limit_(out.size()) {
    std::memset(out.data(), 0, kHeader);
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
    size_ = mark.size;
    names_ = mark.names;
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
        if (!ascii::equalsIgnoreCase({out_.data() + offset + 1, length}, suffix.substr(1, length)))
            return false;
        offset += 1 + length;
        suffix.remove_prefix(1 + length);
    }
}

bool MessageWriter::name(Bytes wireName, bool compress) noexcept {
    std::array<std::uint8_t, kMaxLabels + 1> starts;
    std::array<std::uint16_t, kMaxLabels + 1> hashes;
    unsigned labels = 0;
    for (std::size_t at = 0; wireName[at] != 0; at += 1U + get8(&wireName[at]))
        starts[labels++] = static_cast<std::uint8_t>(at);
    std::uint32_t hash = 0;
    for (unsigned i = labels; i-- > 0;)
        hash = hashes[i] = suffixHash(hash, wireName.substr(starts[i] + 1U, get8(&wireName[starts[i]])));

    unsigned written = labels; // labels to write out before the pointer
    std::size_t pointer = 0;
    for (unsigned i = 0; compress && i < labels && pointer == 0; ++i) {
        for (unsigned k = 0; k < names_; ++k) {
            if (known_[k].hash == hashes[i] && suffixAt(known_[k].offset, wireName.substr(starts[i]))) {
                pointer = known_[k].offset;
                written = i;
                break;
            }
        }
    }
    const std::size_t begin = size_;
    const Bytes head = pointer != 0
                           ? wireName.substr(0, written < labels ? starts[written] : wireName.size() - 1)
                           : wireName;
    if (!put(head))
        return false;
    if (pointer != 0) {
        char two[2];
        put16(two, static_cast<std::uint16_t>(0xc000U | pointer));
        if (!put({two, 2})) {
            size_ = begin;
            return false;
        }
    }
    for (unsigned i = 0; i < written && names_ < kKnown; ++i) {
        const std::size_t offset = begin + starts[i];
        if (offset > kLastPointed)
            break;
        known_[names_++] = {static_cast<std::uint16_t>(offset), hashes[i]};
    }
    return true;
}

void MessageWriter::learn(std::size_t offset) noexcept {
    NameBuffer read;
    std::size_t at = offset;
    if (!read.read(bytes(), at))
        return;
    const Bytes wire = read;
    std::array<std::uint8_t, kMaxLabels + 1> starts;
    unsigned labels = 0;
    for (std::size_t i = 0; wire[i] != 0; i += 1U + get8(&wire[i]))
        starts[labels++] = static_cast<std::uint8_t>(i);
    std::uint32_t hash = 0;
    std::array<std::uint16_t, kMaxLabels + 1> hashes;
    for (unsigned i = labels; i-- > 0;)
        hash = hashes[i] = suffixHash(hash, wire.substr(starts[i] + 1U, get8(&wire[starts[i]])));
    // Only what stands there uncompressed has an offset of its own.
    for (unsigned i = 0; i < labels && names_ < kKnown; ++i) {
        const std::size_t place = offset + starts[i];
        if (place > kLastPointed || place >= at)
            break;
        known_[names_++] = {static_cast<std::uint16_t>(place), hashes[i]};
    }
}

bool MessageWriter::question(Bytes name, Type type, Class klass) noexcept {
    const std::size_t begin = size_;
    const unsigned names = names_;
    char tail[4];
    put16(tail, static_cast<std::uint16_t>(type));
    put16(tail + 2, static_cast<std::uint16_t>(klass));
    if (!this->name(name, false) || !put({tail, 4})) {
        size_ = begin;
        names_ = names;
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
        size_ = begin;
        names_ = names;
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
