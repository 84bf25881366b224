#pragma once
#include "twistdpp/base/registry.h"
#include "twistdpp/endpoints/client_endpoint.h"
#include "twistdpp/endpoints/endpoint_string.h"
#include "twistdpp/endpoints/server_endpoint.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace twistdpp {

/// An argument of a kind. Arguments may be given by position, in the order of the kind's list, and by name.
struct EndpointArgument {
    std::string_view name;
    std::string_view help; // one line; "PORT: 0 to 65535"
    bool byNameOnly = false;
};

/// What an endpoint is made with.
struct EndpointContext {
    EndpointContext(Reactor& r, const EndpointOptions& o, std::string_view t)
        : reactor(r), options(o), text(t) {}

    Reactor& reactor;
    EndpointOptions options;
    std::string_view text; // the whole description, for messages
    unsigned depth = 0;    // how many endpoints this one is nested in
};

/// A kind of server endpoint that can be named in a description.
struct ServerEndpointKind {
    std::string_view name;
    std::string_view summary; // one line
    std::string_view usage;   // "tcp:PORT"
    std::span<const EndpointArgument> arguments;
    Result<std::unique_ptr<ServerEndpoint>> (*make
    )(const EndpointContext& context, const EndpointString& text);
};

/// As above, for clients.
struct ClientEndpointKind {
    std::string_view name;
    std::string_view summary;
    std::string_view usage;
    std::span<const EndpointArgument> arguments;
    Result<std::unique_ptr<ClientEndpoint>> (*make
    )(const EndpointContext& context, const EndpointString& text);
};

/// For kinds that wrap another one: the endpoint that `text` stands for, or the one that `description`, a
/// quoted value, describes.
Result<std::unique_ptr<ServerEndpoint>>
makeServerEndpoint(const EndpointContext& context, const EndpointString& text);
Result<std::unique_ptr<ServerEndpoint>>
makeNestedServer(const EndpointContext& context, const std::string& description);
Result<std::unique_ptr<ClientEndpoint>>
makeNestedClient(const EndpointContext& context, const std::string& description);

/// The kinds there are, a line each with their arguments below, for --help.
std::string describeServerEndpoints();
std::string describeClientEndpoints();

} // namespace twistdpp

/// Offers a kind by its name: TWISTDPP_SERVER_ENDPOINT(tcp, summary, usage, arguments, make) at namespace
/// scope of the kind's own file.
#define TWISTDPP_SERVER_ENDPOINT(kind, ...)                                                                  \
    static const ::twistdpp::Registry<::twistdpp::ServerEndpointKind>::Entry twistdppServerKind_##kind(      \
        ::twistdpp::ServerEndpointKind{#kind, __VA_ARGS__}                                                   \
    )
#define TWISTDPP_CLIENT_ENDPOINT(kind, ...)                                                                  \
    static const ::twistdpp::Registry<::twistdpp::ClientEndpointKind>::Entry twistdppClientKind_##kind(      \
        ::twistdpp::ClientEndpointKind{#kind, __VA_ARGS__}                                                   \
    )
