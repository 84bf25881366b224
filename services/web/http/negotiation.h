#pragma once
#include "twistdpp/http/header_block.h"

#include "twistdpp/base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// Choosing a content coding (RFC 9110 12.5.3).
namespace twistdpp::http {

enum class Coding : std::uint8_t { identity, gzip, brotli, zstd };
inline constexpr std::size_t kCodings = 4;

/// As in Content-Encoding: "gzip", "br", "zstd", "identity".
Bytes codingName(Coding coding) noexcept;

/// What a client's Accept-Encoding says of each coding.
class AcceptedCodings {
public:
    /// Without the field every coding is acceptable, but a client that does not ask for one is best served
    /// without: only identity is wanted. Elements that cannot be read are ignored.
    explicit AcceptedCodings(const HeaderBlock& headers) noexcept;
    /// From the one value of the field; an empty one wants identity only.
    explicit AcceptedCodings(Bytes value) noexcept;

    /// The weight in thousandths; 0 when the coding must not be used.
    int quality(Coding coding) const noexcept { return quality_[static_cast<std::size_t>(coding)]; }

    /// The best of the codings that the server can offer, which are listed in its order of preference: the
    /// one with the highest weight, and among equals the first. Identity counts even when it is not listed:
    /// it is chosen when it has a weight of its own above the others', or when nothing else is acceptable.
    /// Nothing at all is acceptable (406) only after "identity;q=0" or "*;q=0".
    std::optional<Coding> choose(std::span<const Coding> offered) const noexcept;

private:
    AcceptedCodings() noexcept;
    void read(Bytes list) noexcept;
    void settle() noexcept;

    std::array<int, kCodings> quality_;
    int others_ = -1; // the weight of "*"
};

} // namespace twistdpp::http
