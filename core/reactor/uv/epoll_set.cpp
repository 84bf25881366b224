#include "twistdpp/uv/epoll_set.h"

#include "twistdpp/reactor/reactor.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <stdexcept>
#include <string>
#include <system_error>

namespace twistdpp::uv {

namespace {

constexpr unsigned kAll = FdEvents::readable | FdEvents::writable | FdEvents::hangup;

std::uint32_t toEpoll(unsigned events) noexcept {
    return ((events & FdEvents::readable) != 0 ? EPOLLIN : 0U) |
           ((events & FdEvents::writable) != 0 ? EPOLLOUT : 0U) |
           ((events & FdEvents::hangup) != 0 ? EPOLLRDHUP : 0U);
}

unsigned fromEpoll(std::uint32_t events) noexcept {
    return ((events & EPOLLIN) != 0 ? FdEvents::readable : 0U) |
           ((events & EPOLLOUT) != 0 ? FdEvents::writable : 0U) |
           ((events & EPOLLRDHUP) != 0 ? FdEvents::hangup : 0U);
}

std::runtime_error cannot(const std::string& what, int error) {
    return std::runtime_error(what + ": " + std::generic_category().message(error));
}

} // namespace

EpollSet::EpollSet() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!fd_)
        throw cannot("cannot make an event loop", errno);
}

Poller::Entry& EpollSet::at(int fd) {
    const std::size_t chunk = static_cast<std::size_t>(fd) / kChunk;
    if (chunk >= table_.size())
        table_.resize(chunk + 1);
    if (!table_[chunk])
        table_[chunk] = std::make_unique<Poller::Entry[]>(kChunk);
    return table_[chunk][static_cast<std::size_t>(fd) % kChunk];
}

/// An errno, or 0.
int EpollSet::set(Poller::Entry& entry, unsigned events) noexcept {
    if (events == entry.asked)
        return 0;
    epoll_event event{};
    event.events = toEpoll(events);
    event.data.u64 = std::uint64_t{entry.generation} << 32 | static_cast<std::uint32_t>(entry.fd);
    // Asked for nothing, the system would still tell errors and hang-ups, again and again.
    const int operation = events == 0 ? EPOLL_CTL_DEL : entry.asked == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    entry.asked = events;
    return ::epoll_ctl(fd_.get(), operation, entry.fd, &event) == 0 ? 0 : errno;
}

Poller::Entry* EpollSet::watch(int fd, unsigned events, Poller::Handler& handler) {
    const std::string what = "cannot watch descriptor ";
    if (fd < 0)
        throw cannot(what + std::to_string(fd), EBADF);
    Poller::Entry& entry = at(fd);
    if (entry.handler)
        throw cannot(what + std::to_string(fd), EEXIST);
    entry = {};
    entry.generation = ++generation_;
    entry.fd = fd;
    if (const int error = set(entry, events))
        throw cannot(what + std::to_string(fd), error);
    entry.handler = &handler;
    return &entry;
}

void EpollSet::modify(Poller::Entry* entry, unsigned events) {
    if (const int error = set(*entry, events))
        throw cannot("cannot watch descriptor " + std::to_string(entry->fd), error);
}

void EpollSet::unwatch(Poller::Entry* entry, Poller::Then then) noexcept {
    entry->handler = nullptr;
    if (then == Poller::Then::keepsOpen)
        set(*entry, 0);
}

void EpollSet::wait(std::optional<Duration> most) {
    int milliseconds = -1;
    if (most) {
        const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(*most).count();
        milliseconds = static_cast<int>(std::clamp<std::int64_t>(rounded, 0, INT_MAX));
    }
    const int count = ::epoll_wait(fd_.get(), batch_, kBatch, milliseconds);
    found_ = {batch_, static_cast<std::size_t>(std::max(count, 0))}; // a signal may end the wait
}

void EpollSet::tell() {
    for (const epoll_event& event : found_)
        tellOne(event);
    found_ = {};
}

void EpollSet::tellOne(const epoll_event& event) {
    Poller::Entry& entry = at(static_cast<int>(event.data.u64 & 0xffffffffU));
    if (!entry.handler || entry.generation != event.data.u64 >> 32)
        return;
    if ((event.events & EPOLLERR) != 0) {
        set(entry, 0);
        return entry.handler->ready(kAll);
    }
    unsigned told = fromEpoll(event.events) & entry.asked;
    if (told == 0 && (event.events & EPOLLHUP) != 0)
        told = entry.asked; // both directions are closed: whatever is tried now ends at once
    if (told != 0)
        entry.handler->ready(told);
}

} // namespace twistdpp::uv
