#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/inherited_socket.h"

#include <cstdlib>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace twistdpp {

namespace {

constexpr EndpointArgument kArguments[] = {
    {"domain", "INET, INET6 or UNIX"},
    {"index", "which of the sockets, from 0"},
    {"name", "its FileDescriptorName=; with index: which of those of that name"},
};

int familyOf(const std::string& domain) {
    return domain == "INET" ? AF_INET : domain == "INET6" ? AF_INET6 : domain == "UNIX" ? AF_UNIX : AF_UNSPEC;
}

Result<std::unique_ptr<ServerEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kArguments);
    const std::string domain = reader.required("domain", "the domain");
    const int family = familyOf(domain);
    if (family == AF_UNSPEC)
        reader.fail("domain: '" + domain + "' is none of INET, INET6 and UNIX");
    const bool byName = reader.has("name");
    if (!byName)
        reader.required("index", "an index or a name of the socket");
    const std::uint32_t index = reader.number("index", 0, 0, 1024);
    if (reader.error())
        return *reader.error();

    auto sockets = detail::listenFds(
        std::getenv("LISTEN_PID"), std::getenv("LISTEN_FDS"), std::getenv("LISTEN_FDNAMES"), ::getpid()
    );
    if (!sockets)
        return endpointError(context, sockets.error().message());
    const std::string name = reader.text("name");
    std::uint32_t seen = 0;
    for (const auto& [fd, itsName] : *sockets) {
        if ((byName && itsName != name) || seen++ != index)
            continue;
        if (const auto why = detail::whyNotListening(fd, family))
            return endpointError(context, *why + ", asked for " + domain + ",");
        return detail::makeInheritedEndpoint(context.reactor, fd);
    }
    return endpointError(
        context, byName
                     ? "systemd passed on " + std::to_string(seen) + " socket(s) of the name '" + name + "'"
                     : "systemd passed on " + std::to_string(seen) + " socket(s), none of index " +
                           std::to_string(index)
    );
}

TWISTDPP_SERVER_ENDPOINT(
    systemd, "a socket of a systemd .socket unit", "systemd:domain=INET:index=0", kArguments, &make
);

} // namespace

} // namespace twistdpp
