#pragma once
#include "twistdpp/posix/poller.h"

#include <memory>

struct uv_loop_s;

namespace twistdpp::uv {

/// Poller over an epoll set, with a libuv loop in it: libuv's own descriptor is one of the set, and libuv is
/// turned when that is ready. So its signals, look-ups and file watching join, and a connection costs none of
/// it.
class UvPoller final : public Poller {
public:
    explicit UvPoller(Turn& turn);
    ~UvPoller() override;

    Entry* watch(int fd, unsigned events, Handler& handler) override;
    void modify(Entry* entry, unsigned events) override;
    void unwatch(Entry* entry, Then then) override;
    void run() override;
    void stop() override;
    void wake() override;

    /// For the other parts of this folder, whose handles join the loop. They must be closed before the poller
    /// dies. To be called before each start and close of one: libuv takes note of it when it is turned.
    uv_loop_s* loop() noexcept;
    /// Their libuv callbacks call it first, so that time and timers are up to date.
    void beginTurn();

private:
    struct Loop;
    std::unique_ptr<Loop> loop_;
};

} // namespace twistdpp::uv
