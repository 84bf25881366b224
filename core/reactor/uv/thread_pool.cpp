#include "twistdpp/uv/thread_pool.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace twistdpp {

/// The Promise belongs to the loop's thread; the work and its error to whichever thread runs it, and after
/// that to the loop again. The hand-over is the queue's lock and callFromThread.
struct ThreadPool::Job {
    UniqueFunction<void()> work;
    std::optional<Failure> error;
    std::optional<Promise<void>> promise;
    bool taken = false; // guarded by the pool's mutex
};

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        waiting_.clear();
    }
    wanted_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
    for (const auto& job : unfinished_)
        job->promise.reset();
}

Deferred<void> ThreadPool::run(UniqueFunction<void()> work) {
    auto job = std::make_shared<Job>();
    job->work = std::move(work);
    job->promise.emplace([this, weak = std::weak_ptr<Job>(job)] {
        const auto cancelled = weak.lock();
        UniqueFunction<void()> dropped; // with what it holds, outside of the lock
        const std::lock_guard lock(mutex_);
        if (cancelled && !cancelled->taken) {
            std::erase(waiting_, cancelled);
            dropped = std::move(cancelled->work);
        }
    });
    auto result = job->promise->deferred();
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= kMostWaiting) {
            Promise<void> refused = std::move(*job->promise);
            refused.errback(std::runtime_error("too much work waits for the thread pool"));
            return result;
        }
        if (idle_ < waiting_.size() + 1 && threads_.size() < most_ && !startThread() && threads_.empty()) {
            Promise<void> refused = std::move(*job->promise);
            refused.errback(std::runtime_error("no thread can be started for the thread pool"));
            return result;
        }
        waiting_.push_back(job);
    }
    std::erase_if(unfinished_, [](const auto& one) { return !one->promise || one->promise->called(); });
    unfinished_.push_back(std::move(job));
    wanted_.notify_one();
    return result;
}

/// False when the system has no thread to give.
bool ThreadPool::startThread() {
    // Signals are the loop's: a thread must not be where one is delivered.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool started = true;
    try {
        threads_.emplace_back([this] { serve(); });
    } catch (const std::system_error&) {
        started = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

void ThreadPool::serve() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        wanted_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        --idle_;
        if (ending_)
            return;
        std::shared_ptr<Job> job = std::move(waiting_.front());
        waiting_.pop_front();
        job->taken = true;
        lock.unlock();
        try {
            job->work();
        } catch (...) {
            job->error = Failure::current();
        }
        job->work.reset();
        reactor_.callFromThread([job = std::move(job)] {
            if (!job->promise)
                return;
            Promise<void> promise = std::move(*job->promise);
            job->promise.reset();
            if (job->error)
                promise.errback(std::move(*job->error));
            else
                promise.callback();
        });
        lock.lock();
    }
}

} // namespace twistdpp
