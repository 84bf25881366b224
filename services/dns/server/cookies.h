#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/address.h"

#include <array>
#include <cstdint>
#include <string>

namespace twistdpp::dns {

/// Server cookies (RFC 7873) in the form that several servers of one name can share (RFC 9018): version 1,
/// SipHash-2-4. Keeps no state a client could fill. A value; copies of one secret accept each other's
/// cookies.
class Cookies {
public:
    static constexpr std::size_t kClientSize = 8, kServerSize = 16, kSize = kClientSize + kServerSize;

    /// With a secret of its own.
    Cookies();
    /// With the secret that the file holds as 32 hexadecimal digits; a second line is a secret that is still
    /// accepted.
    static Result<Cookies> fromFile(const std::string& path);

    /// Writes the whole option value: the client's 8 bytes and a server cookie made now. `seconds` is Unix
    /// time.
    void make(Bytes clientCookie, const Address& client, std::uint32_t seconds, std::array<char, kSize>& to)
        const noexcept;
    /// Whether the option value `cookie` holds a server cookie of ours for that client, at most an hour old.
    bool valid(Bytes cookie, const Address& client, std::uint32_t seconds) const noexcept;

private:
    using Secret = std::array<std::uint8_t, 16>;
    static std::uint64_t hash(const Secret& secret, Bytes head, const Address& client) noexcept;

    Secret current_{}, previous_{};
    bool hasPrevious_ = false;
};

} // namespace twistdpp::dns
