#pragma once
#include "twistdpp/posix/poller.h"

#include <memory>

struct uv_loop_s;

namespace twistdpp::uv {

/// Poller over a libuv loop of its own.
class UvPoller final : public Poller {
public:
    explicit UvPoller(Turn& turn);
    ~UvPoller() override;

    Entry* watch(int fd, unsigned events, Handler& handler) override;
    void modify(Entry* entry, unsigned events) override;
    void unwatch(Entry* entry) override;
    void run() override;
    void stop() override;
    void wake() override;

    /// For the other parts of this folder, whose handles join the loop. They must be closed before the poller
    /// dies.
    uv_loop_s* loop() noexcept;
    /// Their libuv callbacks call it first, so that time and timers are up to date.
    void beginTurn();

private:
    struct Loop;
    std::unique_ptr<Loop> loop_;
};

} // namespace twistdpp::uv
