#include "twistdpp/posix/connector.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/posix/open_socket.h"
#include "twistdpp/reactor/errors.h"

#include <cerrno>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace twistdpp {

namespace {

Failure connectFailure(int error, const Address& target) {
    const std::string name = target.toString();
    if (error == ECONNREFUSED)
        return ConnectionRefusedError(name);
    if (error == ETIMEDOUT)
        return ConnectTimeoutError(name);
    return ConnectError(std::error_code(error, std::generic_category()), name);
}

/// One attempt; it destroys itself when it has ended.
class Attempt final : private Poller::Handler, public PendingOperation {
public:
    Attempt(PosixReactor& reactor, ConnectSpec spec, std::shared_ptr<Factory> factory)
        : reactor_(reactor), spec_(std::move(spec)), factory_(std::move(factory)),
          promise_([this] { cancelled(); }), timeout_(reactor.timers(), [this] { failed(ETIMEDOUT); }) {}
    ~Attempt() {
        if (entry_)
            reactor_.poller().unwatch(entry_);
    }

    Deferred<Transport*> start() {
        auto result = promise_.deferred();
        reactor_.track(*this);
        sockaddr_storage name{};
        const auto size = static_cast<socklen_t>(spec_.address.toSockaddr(name));
        const int family = reinterpret_cast<const sockaddr*>(&name)->sa_family;
        fd_.reset(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (size == 0 || !fd_ || !bindSource()) {
            failed(size == 0 ? EINVAL : errno);
            return result;
        }
        if (family != AF_UNIX)
            tuneStream(fd_.get());
        if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0) {
            // Through the loop all the same: nobody's connectionMade() comes before connect() has returned.
            entry_ = reactor_.poller().watch(fd_.get(), FdEvents::writable, *this);
        } else if (errno == EINPROGRESS) {
            entry_ = reactor_.poller().watch(fd_.get(), FdEvents::writable, *this);
            timeout_.start(spec_.timeout);
        } else {
            failed(errno);
        }
        return result;
    }

    void reactorEnds() override { failed(ECANCELED); }

private:
    bool bindSource() {
        if (spec_.bindAddress.kind() == Address::Kind::none)
            return true;
        sockaddr_storage name{};
        const auto size = static_cast<socklen_t>(spec_.bindAddress.toSockaddr(name));
        return ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0;
    }

    void ready(unsigned) override {
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
        if (error != 0)
            return failed(error);
        reactor_.poller().unwatch(entry_);
        entry_ = nullptr;
        timeout_.stop();
        // Both the factory and connectionMade() may cancel: this stays until they have returned.
        handingOver_ = true;
        auto protocol = factory_->buildProtocol(spec_.address);
        Transport* transport = nullptr;
        if (protocol && !cancelled_)
            transport = &reactor_.attach(std::move(fd_), spec_.address, std::move(protocol), false);
        if (transport && cancelled_)
            transport->abortConnection();
        Promise<Transport*> promise = std::move(promise_);
        const bool cancelled = cancelled_;
        const std::string name = spec_.address.toString();
        delete this;
        if (cancelled)
            return;
        if (transport)
            promise.callback(transport);
        else
            promise.errback(ConnectionAborted("the factory wants no connection to " + name));
    }

    void cancelled() {
        if (handingOver_)
            cancelled_ = true;
        else
            delete this;
    }

    void failed(int error) {
        Promise<Transport*> promise = std::move(promise_);
        Failure failure = connectFailure(error, spec_.address);
        delete this;
        promise.errback(std::move(failure));
    }

    PosixReactor& reactor_;
    ConnectSpec spec_;
    std::shared_ptr<Factory> factory_;
    Promise<Transport*> promise_;
    TimerNode timeout_;
    UniqueFd fd_;
    Poller::Entry* entry_ = nullptr;
    bool handingOver_ = false; // to the factory and its protocol
    bool cancelled_ = false;   // by one of these
};

} // namespace

Deferred<Transport*>
startConnecting(PosixReactor& reactor, ConnectSpec spec, std::shared_ptr<Factory> factory) {
    auto* attempt = new Attempt(reactor, std::move(spec), std::move(factory));
    return attempt->start();
}

} // namespace twistdpp
