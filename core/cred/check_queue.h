#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/semaphore.h"
#include "twistdpp/reactor/reactor.h"

#include <cstddef>
#include <memory>

namespace twistdpp {

/// Runs what a checker must not do on the reactor's thread (password hashes, files, the user database) on a
/// pool, a few at a time: someone who tries passwords in bulk shall neither take all cores nor make the
/// queue grow. Belongs to one reactor's thread.
class CheckQueue : public std::enable_shared_from_this<CheckQueue> {
public:
    /// Runs the job elsewhere and fires, on the reactor's thread, when it is done.
    using Run = UniqueFunction<Deferred<void>(UniqueFunction<void()>)>;

    struct Limits {
        Limits(std::size_t most, std::size_t row) : atOnce(most), waiting(row) {}
        std::size_t atOnce;  // jobs on the pool
        std::size_t waiting; // jobs behind them
    };

    /// The queue that all checkers of `reactor` share for that pool.
    static std::shared_ptr<CheckQueue> of(Reactor& reactor, Pool pool);
    /// A queue of its own, over any way of running jobs.
    static std::shared_ptr<CheckQueue> over(Run run, Limits limits = Limits(2, 256));

    /// Fires when `job` has run. Fails with CheckerUnavailable when too many wait, and with what the job
    /// throws. Cancelling takes a job back that has not begun.
    Deferred<void> run(UniqueFunction<void()> job);

private:
    CheckQueue(Run run, Limits limits) : run_(std::move(run)), limits_(limits), tokens_(limits.atOnce) {}
    static Deferred<void> work(std::shared_ptr<CheckQueue> self, UniqueFunction<void()> job);

    Run run_;
    Limits limits_;
    Semaphore tokens_;
    std::size_t waiting_ = 0;
};

} // namespace twistdpp
