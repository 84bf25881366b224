#pragma once
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/reactor.h"

#include <atomic>
#include <memory>
#include <optional>

namespace twistdpp::ftp {

/// The socket of a data connection that no transport has any more, so that a thread of the pool can read it
/// while the bytes are still in its processor's cache. Non-blocking. Shared by all who use it, on any thread,
/// one reader at a time; closed by the last of them.
class RawSocket {
public:
    explicit RawSocket(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

    int fd() const noexcept { return fd_.get(); }
    /// Ends it at once: whoever reads it, or waits for it, finds an end, and the peer a reset.
    void abort() noexcept;
    /// Whether that was done, so that the end is not the peer's.
    bool aborted() const noexcept { return aborted_; }

private:
    UniqueFd fd_;
    std::atomic<bool> aborted_ = false;
};

/// Waits for bytes of a socket, or its end. Belongs to the reactor's thread; the socket outlives it.
class SocketWaiter {
public:
    /// For a reactor that can wait for descriptors (Reactor::fds()).
    SocketWaiter(Reactor& reactor, int fd) noexcept : reactor_(reactor), fd_(fd) {}
    SocketWaiter(const SocketWaiter&) = delete;
    SocketWaiter& operator=(const SocketWaiter&) = delete;

    /// One at a time.
    Deferred<void> readable();

private:
    Reactor& reactor_;
    int fd_;
    std::unique_ptr<FdHandle> watch_;
    std::optional<Promise<void>> waiting_;
};

} // namespace twistdpp::ftp
