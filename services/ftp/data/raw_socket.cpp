#include "twistdpp/ftp_data/raw_socket.h"

#include <stdexcept>
#include <sys/socket.h>
#include <utility>

namespace twistdpp::ftp {

void RawSocket::abort() noexcept {
    if (aborted_.exchange(true))
        return;
    const linger reset{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::shutdown(fd_.get(), SHUT_RDWR);
}

Deferred<void> SocketWaiter::readable() {
    if (!watch_) {
        auto made = reactor_.fds()->watch(fd_, FdEvents::readable, [this](unsigned) {
            watch_->modify(0);
            if (auto waiting = std::exchange(waiting_, std::nullopt))
                waiting->callback();
        });
        if (!made)
            return fail(std::runtime_error(made.error().message()));
        watch_ = *std::move(made);
    } else {
        watch_->modify(FdEvents::readable);
    }
    waiting_.emplace([this] { waiting_.reset(); });
    return waiting_->deferred();
}

} // namespace twistdpp::ftp
