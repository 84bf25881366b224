#pragma once
#include "twistdpp/reactor/address.h"

#include <array>

struct msghdr;

namespace twistdpp {

/// Makes the system tell which address of this host a datagram came to (IP_PKTINFO, RFC 3542 section 6).
/// False when the socket is bound to one address, where there is nothing to tell.
bool tellLocalAddresses(int fd, const Address& bound);

/// The control message of one datagram that carries such an address. It must stay where it is while the
/// message header is in use.
class LocalAddressBuffer {
public:
    /// Lends its memory to a header that is received with.
    void receiveInto(msghdr& header) noexcept;
    /// The address that a received header tells; Kind::none when it tells none.
    static Address receivedAt(const msghdr& header) noexcept;
    /// Makes a header that is sent with come from that address; from any when it is nullptr or none.
    void sendFrom(msghdr& header, const Address* from) noexcept;

private:
    alignas(8) std::array<char, 64> memory_;
};

} // namespace twistdpp
