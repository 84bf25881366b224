#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/socket_listener.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/file_lock.h"
#include "twistdpp/reactor/hand_over.h"
#include "twistdpp/reactor/reactor.h"

#include <cerrno>
#include <optional>
#include <utility>

namespace twistdpp {

namespace {

constexpr EndpointArgument kArguments[] = {
    {"address", "the socket's path; @NAME is in the abstract namespace"},
    {"mode", "who may connect, octal, default 660"},
    {"backlog", "connections that may wait to be accepted, default 4096"},
    {"lockfile", "0: without PATH.lock, which keeps a second server out"},
};

/// Keeps the lock as long as the port is there.
class LockedPort final : public Port {
public:
    LockedPort(FileLock lock, std::unique_ptr<Port> port) : lock_(std::move(lock)), port_(std::move(port)) {}
    ~LockedPort() override { port_.reset(); } // before the lock
    const Address& address() const noexcept override { return port_->address(); }
    void stopListening() override {
        port_->stopListening();
        lock_.reset();
    }
    void pauseAccepting() override { port_->pauseAccepting(); }
    void resumeAccepting() override { port_->resumeAccepting(); }

private:
    std::optional<FileLock> lock_;
    std::unique_ptr<Port> port_;
};

class UnixServerEndpoint final : public ServerEndpoint {
public:
    UnixServerEndpoint(Reactor& reactor, std::string path) : reactor_(reactor), path_(std::move(path)) {}

    Deferred<std::unique_ptr<Port>>
    listenBelow(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) override {
        const bool abstract = path_[0] == '@';
        ListenSpec spec(Address::unixPath(abstract ? '\0' + path_.substr(1) : path_));
        spec.backlog = backlog;
        spec.unixMode = mode;
        if (abstract || !lock)
            return detail::openPort(reactor_, std::move(spec), std::move(factory), lowest);
        HandOverSeat* const seat = reactor_.handOver();
        auto held = FileLock::acquire(path_ + ".lock", seat ? seat->all() : nullptr);
        if (!held) {
            const bool link = held.error().code().value() == ELOOP;
            const Error why = std::move(held).error().within("cannot listen on unix:" + path_);
            return Failure(CannotListenError(
                why.message() + (link ? " (as Twisted makes them; remove it if no server runs)" : "")
            ));
        }
        auto opened = reactor_.listen(std::move(spec), detail::wrapped(std::move(factory), lowest));
        if (!opened)
            return Failure(CannotListenError(opened.error().message()));
        return Deferred<std::unique_ptr<Port>>(
            std::make_unique<LockedPort>(std::move(*held), std::move(*opened))
        );
    }

    int mode = 0660;
    int backlog = 4096;
    bool lock = true;

private:
    Reactor& reactor_;
    std::string path_;
};

Result<std::unique_ptr<ServerEndpoint>> make(const EndpointContext& context, const EndpointString& text) {
    ArgumentReader reader(context, text, kArguments);
    const std::string path = reader.required("address", "the path of the socket");
    if (path.size() > 107)
        reader.fail("the path '" + path + "' is longer than the 107 bytes a unix socket can have");
    auto endpoint = std::make_unique<UnixServerEndpoint>(context.reactor, path);
    const std::string mode = reader.text("mode", "660");
    const auto bits = parseUnsigned<unsigned>(mode, 8);
    if (!bits || *bits > 0777)
        reader.fail("mode: '" + mode + "' is not an octal number from 0 to 777");
    endpoint->mode = static_cast<int>(bits.value_or(0));
    endpoint->backlog = static_cast<int>(reader.number("backlog", 4096, 1, 1U << 20));
    endpoint->lock = reader.flag("lockfile", true);
    if (reader.error())
        return *reader.error();
    return std::unique_ptr<ServerEndpoint>(std::move(endpoint));
}

TWISTDPP_SERVER_ENDPOINT(
    unix, "a unix socket; one that a dead server left is replaced", "unix:PATH", kArguments, &make
);

} // namespace

} // namespace twistdpp
