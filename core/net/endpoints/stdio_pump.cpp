#include "twistdpp/endpoints/stdio_pump.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace twistdpp::detail {

namespace {

using Block = std::array<char, 16 * 1024>;

/// Waits until `fd` can be read; false when `other` was closed at its far end first.
bool waitReadable(int fd, int other) {
    pollfd both[2] = {{fd, POLLIN, 0}, {other, 0, 0}};
    while (::poll(both, 2, -1) < 0) {
        if (errno != EINTR)
            return false;
    }
    return (both[1].revents & (POLLHUP | POLLERR)) == 0;
}

bool writeAll(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t done = ::write(fd, data, size);
        if (done < 0 && errno == EAGAIN) {
            pollfd one{fd, POLLOUT, 0};
            ::poll(&one, 1, -1);
        } else if (done < 0 && errno != EINTR) {
            return false;
        } else if (done > 0) {
            data += done;
            size -= static_cast<std::size_t>(done);
        }
    }
    return true;
}

void copyIn(UniqueFd input, UniqueFd socket) {
    Block block;
    while (waitReadable(input.get(), socket.get())) {
        const ssize_t got = ::read(input.get(), block.data(), block.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0 || !writeAll(socket.get(), block.data(), static_cast<std::size_t>(got)))
            break;
    }
    ::shutdown(socket.get(), SHUT_WR);
}

void copyOut(UniqueFd socket, UniqueFd output) {
    Block block;
    for (;;) {
        const ssize_t got = ::read(socket.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            return; // all was said; the input may go on
        if (got < 0 || !writeAll(output.get(), block.data(), static_cast<std::size_t>(got)))
            break;
    }
    ::shutdown(socket.get(), SHUT_RDWR); // nobody reads any more: the protocol should know
}

} // namespace

Result<UniqueFd> makeSocketOf(UniqueFd input, UniqueFd output) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return Error::fromErrno(errno, "socketpair");
    UniqueFd ours(pair[0]);
    UniqueFd far(pair[1]);
    UniqueFd farToo(::fcntl(far.get(), F_DUPFD_CLOEXEC, 3));
    if (!farToo || ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0)
        return Error::fromErrno(errno, "fcntl");
    // Signals are for the thread of the loop, and a closed pipe is no reason to die.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread(&copyIn, std::move(input), std::move(far)).detach();
    std::thread(&copyOut, std::move(farToo), std::move(output)).detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return ours;
}

} // namespace twistdpp::detail
