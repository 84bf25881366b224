#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/inherited_socket.h"

#include <climits>
#include <sys/socket.h>

namespace twistdpp {

namespace {

constexpr EndpointArgument kArguments[] = {
    {"number", "of a listening socket that this process was started with"}};

Result<std::unique_ptr<ServerEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kArguments);
    reader.required("number", "the number of a descriptor");
    const auto fd = static_cast<int>(reader.number("number", 0, 0, INT_MAX));
    if (reader.error())
        return *reader.error();
    if (const auto why = detail::whyNotListening(fd, AF_UNSPEC))
        return endpointError(context, *why);
    return detail::makeInheritedEndpoint(context.reactor, fd);
}

TWISTDPP_SERVER_ENDPOINT(
    fd, "a socket that listens already, opened by whoever started us", "fd:NUMBER", kArguments, &make
);

} // namespace

} // namespace twistdpp
