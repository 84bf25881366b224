#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

struct evp_mac_ctx_st;

/// What the name server needs of cryptography below its services. Nothing here is thread-bound.
namespace twistdpp::dns {

enum class Hash : std::uint8_t { sha1, sha224, sha256, sha384, sha512 };

constexpr std::size_t kMaxDigest = 64;

/// Bytes of a digest: 20 to 64.
constexpr std::size_t digestSize(Hash hash) noexcept {
    constexpr std::uint8_t kSizes[] = {20, 28, 32, 48, 64};
    return kSizes[static_cast<unsigned>(hash)];
}

/// A message authentication code, or another digest. A value.
class Digest {
public:
    Digest() = default;
    /// At most kMaxDigest bytes of it.
    explicit Digest(Bytes bytes) noexcept { assign(bytes); }
    void assign(Bytes bytes) noexcept {
        size_ = static_cast<std::uint8_t>(bytes.copy(bytes_.data(), kMaxDigest));
    }
    void truncate(std::size_t size) noexcept {
        size_ = size < size_ ? static_cast<std::uint8_t>(size) : size_;
    }
    Bytes bytes() const noexcept { return {bytes_.data(), size_}; }
    std::size_t size() const noexcept { return size_; }

private:
    std::array<char, kMaxDigest> bytes_;
    std::uint8_t size_ = 0;
};

/// HMAC (RFC 2104) over parts that come one after the other.
class Hmac {
public:
    Hmac(Hash hash, Bytes key);
    ~Hmac();
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;

    void add(Bytes part) noexcept;
    /// Empty, which is equal to no code, when the library failed. Only once.
    Digest finish() noexcept;

private:
    evp_mac_ctx_st* context_;
    bool good_;
};

/// The hash of one buffer; empty when the library failed.
Digest digest(Hash hash, Bytes data) noexcept;

/// Whether both are the same, in a time that depends on their lengths only.
bool equalInConstantTime(Bytes a, Bytes b) noexcept;
/// Overwrites a secret that is needed no more.
void wipe(std::string& secret) noexcept;
/// Unpredictable bytes; ends the process when there are none, since nothing safe can follow.
void randomBytes(std::span<char> to) noexcept;

/// The hash of NSEC3 (RFC 5155 section 5): of a wire name in lower case, at most 255 bytes, and a salt of at
/// most 255 bytes, with `iterations` more rounds. Allocates nothing.
void nsec3Hash(Bytes name, Bytes salt, unsigned iterations, std::array<char, 20>& to) noexcept;

} // namespace twistdpp::dns
