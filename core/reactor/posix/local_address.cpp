#include "twistdpp/posix/local_address.h"

#include <algorithm>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace twistdpp {

namespace {

template <class T>
void fill(msghdr& header, char* memory, int level, int type, const T& value) noexcept {
    static_assert(CMSG_SPACE(sizeof(T)) <= 64);
    header.msg_control = memory;
    header.msg_controllen = CMSG_SPACE(sizeof(T));
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(sizeof(T));
    std::memcpy(CMSG_DATA(control), &value, sizeof value);
}

} // namespace

bool tellLocalAddresses(int fd, const Address& bound) {
    const Bytes ip = bound.ipBytes();
    if (ip.empty() || std::any_of(ip.begin(), ip.end(), [](char c) { return c != 0; }))
        return false;
    const int on = 1;
    return bound.kind() == Address::Kind::ipv4
               ? ::setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0
               : ::setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) == 0;
}

void LocalAddressBuffer::receiveInto(msghdr& header) noexcept {
    header.msg_control = memory_.data();
    header.msg_controllen = memory_.size();
}

Address LocalAddressBuffer::receivedAt(const msghdr& header) noexcept {
    // The macros take no const.
    msghdr copy = header;
    for (cmsghdr* control = CMSG_FIRSTHDR(&copy); control; control = CMSG_NXTHDR(&copy, control)) {
        if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            in_pktinfo info;
            std::memcpy(&info, CMSG_DATA(control), sizeof info);
            sockaddr_in name{};
            name.sin_family = AF_INET;
            name.sin_addr = info.ipi_spec_dst; // not what it was sent to, which may be many hosts
            return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), sizeof name);
        }
        if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info;
            std::memcpy(&info, CMSG_DATA(control), sizeof info);
            if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
                return {};
            sockaddr_in6 name{};
            name.sin6_family = AF_INET6;
            name.sin6_addr = info.ipi6_addr;
            if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
                name.sin6_scope_id = info.ipi6_ifindex;
            return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), sizeof name);
        }
    }
    return {};
}

void LocalAddressBuffer::sendFrom(msghdr& header, const Address* from) noexcept {
    if (from && from->kind() == Address::Kind::ipv4) {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, from->ipBytes().data(), 4);
        return fill(header, memory_.data(), IPPROTO_IP, IP_PKTINFO, info);
    }
    if (from && from->kind() == Address::Kind::ipv6) {
        sockaddr_storage name{};
        from->toSockaddr(name);
        const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(name);
        in6_pktinfo info{};
        info.ipi6_addr = ipv6.sin6_addr;
        info.ipi6_ifindex = ipv6.sin6_scope_id;
        return fill(header, memory_.data(), IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
    header.msg_control = nullptr;
    header.msg_controllen = 0;
}

} // namespace twistdpp
