#include "twistdpp/dns_resolver/own_address.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace twistdpp::dns {

namespace {

bool isAny(const Address& address) {
    return address == Address::anyIpv4(address.port()) || address == Address::anyIpv6(address.port());
}

bool onThisHost(const Address& address) {
    if (address.isLoopback() || isAny(address))
        return true;
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0)
        return false;
    bool found = false;
    for (const ifaddrs* at = all; at && !found; at = at->ifa_next) {
        if (!at->ifa_addr)
            continue;
        const int family = at->ifa_addr->sa_family;
        if (family == AF_INET || family == AF_INET6)
            found = Address::fromSockaddr(
                        at->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)
                    )
                        .ipBytes() == address.ipBytes();
    }
    freeifaddrs(all);
    return found;
}

} // namespace

bool reachesOwn(const Address& target, const Address& listening) {
    if (!target.isIp() || !listening.isIp() || target.port() != listening.port())
        return false;
    if (target.ipBytes() == listening.ipBytes())
        return true;
    return (isAny(listening) || isAny(target)) && onThisHost(target);
}

Result<void> refuseOwn(std::span<const Address> servers, std::span<const Address> listening) {
    for (const Address& server : servers) {
        for (const Address& own : listening) {
            if (reachesOwn(server, own))
                return Error(
                    "the server to forward to, " + server.toString() +
                    ", is this one itself, which listens on " + own.toString() + ": name another one"
                );
        }
    }
    return {};
}

} // namespace twistdpp::dns
