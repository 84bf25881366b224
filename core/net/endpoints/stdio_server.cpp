#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/socket_listener.h"
#include "twistdpp/endpoints/stdio_pump.h"
#include "twistdpp/reactor/errors.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <utility>

namespace twistdpp {

namespace {

/// Nothing more comes of it than the one connection that is there.
class StdioPort final : public Port {
public:
    const Address& address() const noexcept override { return none_; }
    void stopListening() override {}
    void pauseAccepting() override {}
    void resumeAccepting() override {}

private:
    Address none_;
};

class StdioEndpoint final : public ServerEndpoint {
public:
    explicit StdioEndpoint(Reactor& reactor) : reactor_(reactor) {}

    Deferred<std::unique_ptr<Port>>
    listenBelow(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) override {
        auto protocol = detail::wrapped(std::move(factory), lowest)->buildProtocol(Address());
        if (!protocol)
            return Failure(CannotListenError("the service takes no connection from standard input"));
        UniqueFd input(::fcntl(0, F_DUPFD_CLOEXEC, 3));
        UniqueFd output(::fcntl(1, F_DUPFD_CLOEXEC, 3));
        if (!input || !output)
            return Failure(CannotListenError(
                std::string("standard input and output cannot be used: ") + std::strerror(errno)
            ));
        auto socket = detail::makeSocketOf(std::move(input), std::move(output));
        if (!socket)
            return Failure(CannotListenError("standard input and output: " + socket.error().message()));
        auto adopted = reactor_.adopt(std::move(*socket), std::move(protocol));
        if (!adopted)
            return Failure(CannotListenError("standard input and output: " + adopted.error().message()));
        return Deferred<std::unique_ptr<Port>>(std::make_unique<StdioPort>());
    }

private:
    Reactor& reactor_;
};

Result<std::unique_ptr<ServerEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    EndpointString given = text;
    if (given.positional == std::vector<std::string>{""}) // "stdio:" as Twisted writes it
        given.positional.clear();
    const ArgumentReader reader(context, given, {});
    if (reader.error())
        return *reader.error();
    return std::unique_ptr<ServerEndpoint>(std::make_unique<StdioEndpoint>(context.reactor));
}

TWISTDPP_SERVER_ENDPOINT(stdio, "one connection: standard input and output", "stdio:", {}, &make);

} // namespace

} // namespace twistdpp
