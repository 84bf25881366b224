#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/uv/loop.h"
#include "twistdpp/uv/uv_poller.h"
#include "twistdpp/uv/uv_reactor.h"

#include <algorithm>
#include <memory>
#include <netdb.h>
#include <optional>

namespace twistdpp::uv {

namespace {

/// One look-up in libuv's threads. libuv owns it from start to callback.
struct LookUp final : PendingOperation {
    LookUp(UvPoller& l, std::string h)
        : loop(l), host(std::move(h)), promise(std::in_place, [this] { cancel(); }) {
        request.data = this;
    }

    void cancel() {
        uv_cancel(reinterpret_cast<uv_req_t*>(&request)); // false while it runs: the late answer is dropped
    }

    void reactorEnds() override {
        Promise<std::vector<Address>> last = std::move(*promise);
        promise.reset();
        cancel();
        last.errback(DNSLookupError(host, "the reactor ends"));
    }

    static void answered(uv_getaddrinfo_t* request, int status, addrinfo* found) {
        const std::unique_ptr<LookUp> self(static_cast<LookUp*>(request->data));
        if (!self->promise) {
            uv_freeaddrinfo(found);
            return;
        }
        self->loop.beginTurn();
        std::vector<Address> addresses;
        for (const addrinfo* at = found; at; at = at->ai_next) {
            Address address = Address::fromSockaddr(at->ai_addr, at->ai_addrlen).withPort(0);
            if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
                addresses.push_back(std::move(address));
        }
        uv_freeaddrinfo(found);
        Promise<std::vector<Address>> promise = std::move(*self->promise);
        if (status != 0)
            promise.errback(DNSLookupError(self->host, uv_strerror(status)));
        else if (addresses.empty())
            promise.errback(DNSLookupError(self->host, "it has no address"));
        else
            promise.callback(std::move(addresses));
    }

    uv_getaddrinfo_t request{};
    UvPoller& loop;
    std::string host;
    std::optional<Promise<std::vector<Address>>> promise; // empty: nobody waits any more
};

} // namespace

Deferred<std::vector<Address>> lookUp(UvReactor& reactor, std::string host, Family family) {
    if (host.find('\0') != std::string::npos) // the system would see only what stands before it
        return fail<std::vector<Address>>(DNSLookupError(host.c_str(), "there is a zero byte in the name"));
    auto* request = new LookUp(reactor.loop(), std::move(host));
    auto result = request->promise->deferred();
    reactor.track(*request);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = family == Family::ipv4 ? AF_INET : family == Family::ipv6 ? AF_INET6 : AF_UNSPEC;
    // Who asks for one family gets it, also where the loopback alone has such an address.
    hints.ai_flags = family == Family::any ? AI_ADDRCONFIG : 0;
    const int error = uv_getaddrinfo(
        reactor.loop().loop(), &request->request, LookUp::answered, request->host.c_str(), nullptr, &hints
    );
    if (error != 0) {
        const std::unique_ptr<LookUp> refused(request);
        request->promise->errback(DNSLookupError(request->host, uv_strerror(error)));
    }
    return result;
}

} // namespace twistdpp::uv
