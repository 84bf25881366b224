#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/reactor.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace twistdpp {

/// Threads of one reactor for work that would block its loop. They start when there is work for them. The
/// queue is bounded: run() fails when more than kMostWaiting pieces wait, or when there is no thread and the
/// system gives none.
class ThreadPool {
public:
    static constexpr std::size_t kMostWaiting = 10'000;

    ThreadPool(Reactor& reactor, unsigned most) : reactor_(reactor), most_(most) {}
    /// Waits for what runs; what has not begun is dropped and its Deferred fails with an AbandonedError.
    ~ThreadPool();

    Deferred<void> run(UniqueFunction<void()> work);

private:
    struct Job;

    bool startThread();
    void serve();

    Reactor& reactor_;
    unsigned most_;
    std::vector<std::thread> threads_;
    std::vector<std::shared_ptr<Job>> unfinished_; // the loop's thread alone

    std::mutex mutex_; // guards what follows
    std::condition_variable wanted_;
    std::deque<std::shared_ptr<Job>> waiting_;
    unsigned idle_ = 0;
    bool ending_ = false;
};

} // namespace twistdpp
