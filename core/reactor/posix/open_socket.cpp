#include "twistdpp/posix/open_socket.h"

#include <cerrno>
#include <fcntl.h>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp {

namespace {

void setOption(int fd, int level, int name, int value) {
    ::setsockopt(fd, level, name, &value, sizeof value);
}

int familyOf(const Address& address) {
    switch (address.kind()) {
    case Address::Kind::ipv6:
        return AF_INET6;
    case Address::Kind::unixPath:
        return AF_UNIX;
    default:
        return AF_INET;
    }
}

/// Writes are gathered here, so the system need not wait for more; and it need not take more than it can soon
/// send: what stands in its queue has left the caches when its turn comes, which costs a large file two
/// thirds of its throughput.
constexpr int kMostUnsent = 128 * 1024;

/// A path left behind by a process that is gone is removed; one that somebody answers on is not.
Result<void> clearStalePath(const Address& address) {
    const std::string path(address.path());
    struct stat info {};
    if (path.empty() || path[0] == '\0' || ::lstat(path.c_str(), &info) != 0)
        return {};
    if (!S_ISSOCK(info.st_mode))
        return Error("cannot listen on unix:" + path + ": the path is there already and is no socket");
    UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_storage name{};
    const auto size = static_cast<socklen_t>(address.toSockaddr(name));
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0 || errno == EAGAIN)
        return Error::fromErrno(EADDRINUSE, "cannot listen on unix:" + path);
    if (errno == ECONNREFUSED)
        ::unlink(path.c_str());
    return {};
}

Result<void> bindTo(int fd, const Address& address, const std::string& what) {
    sockaddr_storage name{};
    const auto size = static_cast<socklen_t>(address.toSockaddr(name));
    if (size == 0)
        return Error(what + ": the path is empty or too long for a unix socket");
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&name), size) != 0)
        return Error::fromErrno(errno, what);
    return {};
}

/// The path must never be there with more rights than asked for, not even for a moment. The mask is the whole
/// process's: two reactors that changed it at once would leave it changed.
Result<void> bindWithMode(int fd, const Address& address, int mode, const std::string& what) {
    static std::mutex one;
    const std::lock_guard lock(one);
    const mode_t before = ::umask(0777 & ~static_cast<mode_t>(mode));
    auto bound = bindTo(fd, address, what);
    ::umask(before);
    return bound;
}

/// Whether an IPv6 socket takes IPv4 too is settled when it is bound.
Result<void> checkDualStack(int fd, const Address& address, bool dualStack) {
    int only = 0;
    socklen_t size = sizeof only;
    if (address.kind() != Address::Kind::ipv6 ||
        ::getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) != 0 || (only == 0) == dualStack)
        return {};
    return Error(
        "cannot go on with the socket of " + address.toString() + ": it takes " +
        (dualStack ? "IPv6 only" : "IPv4 too") + ", which only a restart changes"
    );
}

} // namespace

Result<void> makeNonBlocking(int fd, const std::string& what) {
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return Error::fromErrno(errno, what);
    return {};
}

void tuneStream(int fd) {
    setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMostUnsent);
}

Address boundAddress(int fd) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0)
        return {};
    return Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), size);
}

Result<UniqueFd> openListener(ListenSpec& spec) {
    if (spec.fd) {
        const std::string what = "cannot listen on descriptor " + std::to_string(spec.fd.get());
        int listening = 0;
        socklen_t size = sizeof listening;
        if (::getsockopt(spec.fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0)
            return Error::fromErrno(errno, what);
        if (listening == 0 && ::listen(spec.fd.get(), spec.backlog) != 0)
            return Error::fromErrno(errno, what);
        if (auto done = makeNonBlocking(spec.fd.get(), what); !done)
            return std::move(done).error();
        return std::move(spec.fd);
    }
    const Address& address = spec.address;
    const std::string what = "cannot listen on " + address.toString();
    const bool isUnix = address.kind() == Address::Kind::unixPath;
    if (isUnix) {
        if (auto clear = clearStalePath(address); !clear)
            return std::move(clear).error();
    }
    UniqueFd fd(::socket(familyOf(address), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return Error::fromErrno(errno, what);
    if (!isUnix) {
        setOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
        // Accepted sockets inherit these: no system call a connection.
        tuneStream(fd.get());
    }
    if (spec.reusePort)
        setOption(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (spec.freeBind)
        setOption(fd.get(), IPPROTO_IP, IP_FREEBIND, 1);
    if (address.kind() == Address::Kind::ipv6)
        setOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, spec.dualStack ? 0 : 1);

    const bool named = isUnix && !address.path().empty() && address.path()[0] != '\0';
    const auto bound =
        named ? bindWithMode(fd.get(), address, spec.unixMode, what) : bindTo(fd.get(), address, what);
    if (!bound)
        return bound.error();
    if (::listen(fd.get(), spec.backlog) != 0)
        return Error::fromErrno(errno, what);
    return fd;
}

Result<void> fitListener(int fd, const ListenSpec& spec) {
    if (auto fits = checkDualStack(fd, spec.address, spec.dualStack); !fits)
        return fits;
    const std::string what = "cannot go on listening on " + spec.address.toString();
    if (::listen(fd, spec.backlog) != 0)
        return Error::fromErrno(errno, what);
    const std::string path(spec.address.path());
    struct stat info {};
    if (path.empty() || path[0] == '\0' || ::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode) ||
        (info.st_mode & 0777) == static_cast<mode_t>(spec.unixMode))
        return {};
    if (::chmod(path.c_str(), static_cast<mode_t>(spec.unixMode)) != 0)
        return Error::fromErrno(errno, what + " with another mode");
    return {};
}

Result<void> fitDatagramSocket(int fd, const DatagramSpec& spec) {
    if (spec.receiveBuffer > 0)
        setOption(fd, SOL_SOCKET, SO_RCVBUF, spec.receiveBuffer);
    return checkDualStack(fd, spec.address, spec.dualStack);
}

Result<UniqueFd> openDatagramSocket(DatagramSpec& spec) {
    if (spec.fd) {
        if (auto done = makeNonBlocking(
                spec.fd.get(), "cannot receive on descriptor " + std::to_string(spec.fd.get())
            );
            !done)
            return std::move(done).error();
        return std::move(spec.fd);
    }
    const Address& address = spec.address;
    const std::string what = "cannot receive datagrams on " + address.toString();
    UniqueFd fd(::socket(familyOf(address), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return Error::fromErrno(errno, what);
    if (spec.reusePort)
        setOption(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (spec.receiveBuffer > 0)
        setOption(fd.get(), SOL_SOCKET, SO_RCVBUF, spec.receiveBuffer);
    if (address.kind() == Address::Kind::ipv6)
        setOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, spec.dualStack ? 0 : 1);
    if (auto bound = bindTo(fd.get(), address, what); !bound)
        return std::move(bound).error();
    return fd;
}

} // namespace twistdpp
