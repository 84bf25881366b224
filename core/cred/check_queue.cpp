#include "twistdpp/cred/check_queue.h"

#include "twistdpp/cred/errors.h"
#include "twistdpp/cred/per_reactor.h"

#include <string>

namespace twistdpp {

std::shared_ptr<CheckQueue> CheckQueue::of(Reactor& reactor, Pool pool) {
    return perReactor<CheckQueue>(reactor, static_cast<unsigned>(pool), [&] {
        return over([&reactor, pool](UniqueFunction<void()> job) {
            return reactor.runInThread(pool, std::move(job));
        });
    });
}

std::shared_ptr<CheckQueue> CheckQueue::over(Run run, Limits limits) {
    return std::shared_ptr<CheckQueue>(new CheckQueue(std::move(run), limits));
}

Deferred<void> CheckQueue::run(UniqueFunction<void()> job) {
    if (tokens_.available() == 0 && waiting_ >= limits_.waiting)
        return Failure(
            CheckerUnavailable(std::to_string(waiting_) + " logins wait to be checked already; try again")
        );
    return work(shared_from_this(), std::move(job));
}

Deferred<void> CheckQueue::work(std::shared_ptr<CheckQueue> self, UniqueFunction<void()> job) {
    struct Waiting {
        explicit Waiting(std::size_t& count) : count_(count) { ++count_; }
        ~Waiting() { --count_; }
        std::size_t& count_;
    };
    Semaphore::Permit permit;
    {
        const Waiting inRow(self->waiting_);
        permit = co_await self->tokens_.acquire();
    }
    co_await self->run_(std::move(job));
}

} // namespace twistdpp
