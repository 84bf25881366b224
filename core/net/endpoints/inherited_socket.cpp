#include "twistdpp/endpoints/inherited_socket.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/endpoints/socket_listener.h"
#include "twistdpp/reactor/errors.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

namespace twistdpp::detail {

namespace {

constexpr int kFirstFd = 3;
constexpr int kMostFds = 1024;

class InheritedEndpoint final : public ServerEndpoint {
public:
    InheritedEndpoint(Reactor& reactor, int fd) : reactor_(reactor), fd_(fd) {}

    Deferred<std::unique_ptr<Port>>
    listenBelow(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) override {
        UniqueFd copy(::fcntl(fd_, F_DUPFD_CLOEXEC, kFirstFd));
        if (!copy)
            return Failure(CannotListenError(
                "cannot listen on descriptor " + std::to_string(fd_) + ": " + std::strerror(errno)
            ));
        return openPort(reactor_, ListenSpec::adopt(std::move(copy)), std::move(factory), lowest);
    }

private:
    Reactor& reactor_;
    int fd_;
};

} // namespace

std::optional<std::string> whyNotListening(int fd, int family) {
    const std::string name = "descriptor " + std::to_string(fd);
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0)
        return name + (errno == EBADF ? " is not open" : " is not a socket");
    if (listens == 0)
        return name + " is not a listening socket";
    int domain = 0;
    size = sizeof domain;
    if (family != AF_UNSPEC && ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
        domain != family)
        return name + " is of another domain";
    return std::nullopt;
}

std::unique_ptr<ServerEndpoint> makeInheritedEndpoint(Reactor& reactor, int fd) {
    // It is not for the programs that this one starts.
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0)
        ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    return std::make_unique<InheritedEndpoint>(reactor, fd);
}

Result<std::vector<std::pair<int, std::string>>>
listenFds(const char* pid, const char* count, const char* names, pid_t self) {
    if (!pid || !count)
        return Error("no sockets were passed on by systemd (LISTEN_PID and LISTEN_FDS are not set)");
    if (parseUnsigned<std::uint32_t>(pid) != static_cast<std::uint32_t>(self))
        return Error(
            "the sockets of systemd are for process " + std::string(pid) + " (LISTEN_PID), not for this one"
        );
    const auto number = parseUnsigned<std::uint32_t>(count);
    if (!number || *number > kMostFds)
        return Error("LISTEN_FDS is '" + std::string(count) + "', which is no number of descriptors");
    std::vector<std::pair<int, std::string>> found;
    Bytes rest = names ? Bytes(names) : Bytes();
    for (std::uint32_t i = 0; i < *number; ++i) {
        const Bytes name = ascii::cut(rest, ':');
        found.emplace_back(kFirstFd + static_cast<int>(i), name.empty() ? "unknown" : std::string(name));
    }
    return found;
}

} // namespace twistdpp::detail
