#pragma once
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"

#include <deque>

namespace twistdpp::test {

/// A reactor that a test turns by hand: work for threads waits until runJobs(), time stands until advance().
/// It has no network, which cred does not use.
class HandReactor final : public Reactor {
public:
    std::deque<std::pair<Pool, UniqueFunction<void()>>> jobs; // handed to runInThread, not run yet

    void runJobs() {
        while (!jobs.empty()) {
            auto [pool, job] = std::move(jobs.front());
            jobs.pop_front();
            Promise<void> promise = std::move(promises_.front());
            promises_.pop_front();
            try {
                job();
            } catch (...) {
                promise.errback(Failure::current());
                continue;
            }
            promise.callback();
        }
    }
    void advance(Duration by) { clock_.advance(by); }

    void run() override {}
    void stop() override {}
    void callFromThread(UniqueFunction<void()> f) override { f(); }
    TimerQueue& timers() const noexcept override { return clock_; }
    void callSoon(UniqueFunction<void()> f) override { f(); }
    Deferred<void> runInThread(Pool pool, UniqueFunction<void()> f) override {
        jobs.emplace_back(pool, std::move(f));
        return promises_.emplace_back().deferred();
    }
    const LoopStatistics& statistics() const noexcept override { return statistics_; }

    Result<std::unique_ptr<Port>> listen(ListenSpec, std::shared_ptr<Factory>) override { return none(); }
    Deferred<Transport*> connect(ConnectSpec, std::shared_ptr<Factory>) override { return absent(); }
    Result<Transport*> adopt(UniqueFd, std::unique_ptr<Protocol>) override { return none(); }
    Result<std::unique_ptr<DatagramPort>> bind(DatagramSpec, DatagramProtocol&) override { return none(); }
    Deferred<std::vector<Address>> resolveBySystem(std::string, Family) override { return absent(); }
    Result<std::unique_ptr<Process>> spawn(ProcessSpec, ProcessProtocol&) override { return none(); }
    Result<Watch> onSignal(int, UniqueFunction<void()>) override { return none(); }
    Result<Watch> watchFile(const std::string&, UniqueFunction<void()>) override { return none(); }

private:
    class Clock final : public TimerQueue {
    public:
        TimePoint now() const noexcept override { return now_; }
        void advance(Duration by) {
            const TimePoint until = now_ + by;
            for (;;) {
                TimerNode* next = nullptr;
                armed_.forEach([&](TimerNode& node) {
                    if (node.due() <= until && (!next || node.due() < next->due()))
                        next = &node;
                });
                if (!next)
                    break;
                now_ = next->due();
                next->unlink();
                next->fire();
            }
            now_ = until;
        }

    private:
        void arm(TimerNode& node) noexcept override { armed_.pushBack(node); }
        void disarm(TimerNode& node) noexcept override { node.unlink(); }
        TimePoint now_{std::chrono::hours(1)};
        IntrusiveList<TimerNode> armed_;
    };
    static Error none() { return Error("this reactor has no network"); }
    static Failure absent() { return UnsupportedError("this reactor has no network"); }

    mutable Clock clock_;
    std::deque<Promise<void>> promises_;
    LoopStatistics statistics_;
};

} // namespace twistdpp::test
