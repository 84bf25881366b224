#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace twistdpp::dns {

/// Limits of RFC 1035 section 2.3.4, the lengths and the root label counted.
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxLabels = 127; // without the root

// A "wire name" in what follows: labels with their lengths, uncompressed, ended by the root label, at most
// 255 bytes. It is borrowed as Bytes; who passes one on has checked it.

/// Bytes of the wire name that `data` begins with, or 0 when it begins with none (too long, cut off, a
/// pointer).
std::size_t wireNameSize(Bytes data) noexcept;
/// Labels without the root.
unsigned labelCount(Bytes wireName) noexcept;
/// Without the case of ASCII letters (RFC 4343).
bool equalNames(Bytes a, Bytes b) noexcept;
/// Whether `name` is `ancestor` or stands below it.
bool isWithin(Bytes name, Bytes ancestor) noexcept;
/// Canonical order of RFC 4034 section 6.1: below, at or above 0.
int compareNames(Bytes a, Bytes b) noexcept;
/// What is left without the first label. Not for the root.
Bytes parentName(Bytes wireName) noexcept;
/// The rightmost `labels` labels and the root.
Bytes nameSuffix(Bytes wireName, unsigned labels) noexcept;
/// As in master files (RFC 1035 section 5.1), with the final dot: "a\.b.example.". The root is ".".
std::string nameText(Bytes wireName);

/// A name that owns its bytes; the case of the letters is kept. A value.
class Name {
public:
    /// The root.
    Name() : wire_(1, '\0') {}
    /// The wire name must be valid.
    explicit Name(Bytes wireName) : wire_(wireName) {}
    /// From a master file's or a person's text, with the escapes \X and \DDD. Without a final dot `origin`
    /// follows; a lone "@" is the origin. The error says what is wrong.
    static Result<Name> parse(Bytes text, Bytes origin = Bytes("\0", 1));

    Bytes wire() const noexcept { return wire_; }
    operator Bytes() const noexcept { return wire_; }
    bool isRoot() const noexcept { return wire_.size() == 1; }
    unsigned labels() const noexcept { return labelCount(wire_); }
    Name parent() const { return Name(parentName(wire_)); }
    std::string toString() const { return nameText(wire_); }

    friend bool operator==(const Name& a, const Name& b) noexcept { return equalNames(a.wire_, b.wire_); }
    /// Canonical order, for maps.
    friend bool operator<(const Name& a, const Name& b) noexcept {
        return compareNames(a.wire_, b.wire_) < 0;
    }

private:
    std::string wire_;
};

/// Appends the wire form of a master file's name to `to` without another allocation; the same rules as
/// Name::parse(). The error is a string literal, with `to` as it was; nullptr when all is well.
const char* appendName(Bytes text, Bytes origin, std::string& to);

/// Room for one wire name on the stack.
class NameBuffer {
public:
    Bytes wire() const noexcept { return {bytes_.data(), size_}; }
    operator Bytes() const noexcept { return wire(); }
    void assign(Bytes wireName) noexcept;
    /// `first` labels in front of `rest`; false when that is too long a name.
    bool join(Bytes first, Bytes rest) noexcept;
    /// Reads the name at `at` of a message and moves `at` behind it. Compression pointers must point
    /// backwards (RFC 1035 section 4.1.4), so there is an end to them. False, with `at` where it was, for
    /// anything else.
    bool read(Bytes message, std::size_t& at) noexcept;

private:
    std::array<char, kMaxName> bytes_;
    std::size_t size_ = 0;
};

/// A name made ready to be looked up: in lower case, with the place and the hash of every suffix. Hashes are
/// the same for equal names in the whole process (seeded once, so that nobody can choose names that collide).
class NameKey {
public:
    NameKey() = default;
    explicit NameKey(Bytes wireName) noexcept { assign(wireName); }
    void assign(Bytes wireName) noexcept;

    unsigned labels() const noexcept { return labels_; }
    Bytes wire() const noexcept { return {lower_.data(), size_}; }
    /// The rightmost `labels` labels and the root, in lower case.
    Bytes suffix(unsigned labels) const noexcept {
        const std::size_t at = starts_[labels_ - labels];
        return {lower_.data() + at, size_ - at};
    }
    /// Where that suffix begins within the name.
    std::size_t offset(unsigned labels) const noexcept { return starts_[labels_ - labels]; }
    std::uint32_t hash(unsigned labels) const noexcept {
        return static_cast<std::uint32_t>(chain_[labels] ^ chain_[labels] >> 32);
    }
    std::uint32_t hash() const noexcept { return hash(labels_); }
    /// The hash of `*` below the suffix of that many labels.
    std::uint32_t wildcardHash(unsigned labels) const noexcept;

private:
    std::array<char, kMaxName + 9> lower_; // hashed by words of eight
    std::array<std::uint8_t, kMaxLabels + 1> starts_;
    std::array<std::uint64_t, kMaxLabels + 1> chain_; // by the number of labels
    std::uint16_t size_ = 0;
    std::uint8_t labels_ = 0;
};

} // namespace twistdpp::dns
