#pragma once
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/posix/poller.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <sys/epoll.h>
#include <vector>

namespace twistdpp {

/// A place in the table of an EpollSet. Free while `handler` is unset.
class Poller::Entry {
public:
    Handler* handler = nullptr;
    std::uint32_t generation = 0; // of this use of the place
    int fd = -1;
    unsigned asked = 0; // bits of FdEvents; 0: the system does not watch
};

namespace uv {

/// The watched descriptors of one loop: an epoll(7) set, level-triggered, and a table by descriptor number.
/// Used on the loop's thread only. A handler may unwatch and watch any descriptor while events are told: what
/// was reported for an earlier use of a place is told to nobody.
class EpollSet {
public:
    /// Throws std::runtime_error when the system gives no set.
    EpollSet();

    /// Throws std::runtime_error when the descriptor cannot be watched, or already is.
    Poller::Entry* watch(int fd, unsigned events, Poller::Handler& handler);
    /// Throws std::runtime_error when the system has no memory for it.
    void modify(Poller::Entry* entry, unsigned events);
    /// See Poller::unwatch.
    void unwatch(Poller::Entry* entry, Poller::Then then) noexcept;

    /// Waits until something is ready, a signal comes or the time is over; nothing: for ever.
    void wait(std::optional<Duration> most);
    /// Tells what the last wait() has found.
    void tell();

private:
    static constexpr std::size_t kBatch = 256;
    static constexpr std::size_t kChunk = 64;

    Poller::Entry& at(int fd);
    int set(Poller::Entry& entry, unsigned events) noexcept;
    void tellOne(const epoll_event& event);

    UniqueFd fd_;
    std::vector<std::unique_ptr<Poller::Entry[]>> table_; // chunks, so that an entry stays where it is
    std::uint32_t generation_ = 0;
    std::span<const epoll_event> found_;
    epoll_event batch_[kBatch];
};

} // namespace uv
} // namespace twistdpp
