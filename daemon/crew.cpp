#include "twistdpp/daemon/crew.h"

#include "twistdpp/app/service_error.h"
#include "twistdpp/daemon/profiler.h"
#include "twistdpp/defer/promise.h"

#include <optional>
#include <pthread.h>

namespace twistdpp {

namespace {

Deferred<void> guarded(const Crew::Work& work, Shard& shard) {
    try {
        return work(shard);
    } catch (const std::exception&) {
        return fail(Failure::current());
    }
}

void takeApart(Shard& shard) {
    shard.root.reset();
    shard.contexts.clear();
    shard.reactor.reset();
}

} // namespace

Result<std::unique_ptr<Crew>> Crew::make(unsigned count, const std::string& reactor, HandOver& handOver) {
    auto made = makeReactor(reactor);
    if (!made)
        return std::move(made).error();
    std::unique_ptr<Crew> crew(new Crew(handOver));
    crew->reactorName_ = reactor;
    for (unsigned i = 0; i < count; ++i)
        crew->shards_.push_back(std::make_unique<Shard>(i));
    crew->join(**made, 0);
    crew->shards_.front()->reactor = std::move(*made);
    return crew;
}

void Crew::join(Reactor& reactor, unsigned index) {
    if (HandOverSeat* seat = reactor.handOver())
        seat->join(handOver_, index, static_cast<unsigned>(shards_.size()));
}

Crew::~Crew() {
    for (std::size_t i = 1; i < shards_.size(); ++i) {
        if (Reactor* reactor = shards_[i]->reactor.get())
            reactor->callFromThread([reactor] { reactor->stop(); });
    }
    for (std::thread& thread : threads_)
        thread.join();
    takeApart(*shards_.front());
}

std::vector<Metrics*> Crew::metrics() const {
    std::vector<Metrics*> all;
    for (const auto& shard : shards_)
        all.push_back(&shard->metrics);
    return all;
}

Deferred<void> Crew::launch() {
    for (std::size_t i = 1; i < shards_.size(); ++i) {
        Promise<void> promise;
        auto ready = promise.deferred();
        Shard& shard = *shards_[i];
        threads_.emplace_back([this, &shard, promise = std::move(promise)]() mutable {
            runThread(shard, std::move(promise));
        });
        co_await std::move(ready);
    }
}

void Crew::runThread(Shard& shard, Promise<void> ready) {
    ::pthread_setname_np(::pthread_self(), ("twistdpp/" + std::to_string(shard.index)).c_str());
    CpuProfiler::enterThread();
    auto made = makeReactor(reactorName_);
    if (!made) {
        mainReactor().callFromThread([ready = std::move(ready), error = made.error()]() mutable {
            Promise<void> last = std::move(ready);
            last.errback(ServiceError(error));
        });
        return;
    }
    Reactor& reactor = **made;
    join(reactor, shard.index);
    // The main thread sees the reactor by the time it is told.
    mainReactor().callFromThread([&shard, ready = std::move(ready), made = std::move(*made)]() mutable {
        shard.reactor = std::move(made);
        Promise<void> last = std::move(ready);
        last.callback();
    });
    reactor.run();
    takeApart(shard);
}

Deferred<void> Crew::on(Shard& shard, Work work) {
    if (shard.index == 0)
        return guarded(work, shard);
    // The Promise belongs to the main thread: the other one only carries it there and back.
    Promise<void> promise;
    auto done = promise.deferred();
    shard.reactor->callFromThread([&shard, &main = mainReactor(), work = std::move(work),
                                   promise = std::move(promise)]() mutable {
        guarded(work, shard)
            .addBoth([&main, promise = std::move(promise)](Outcome<void> outcome) mutable {
                main.callFromThread([promise = std::move(promise), outcome = std::move(outcome)]() mutable {
                    Promise<void> last = std::move(promise);
                    last.fireOutcome(std::move(outcome));
                });
            })
            .detach();
    });
    return done;
}

Deferred<void> Crew::each(Work work) {
    for (const auto& shard : shards_)
        co_await on(*shard, work);
}

Deferred<void> Crew::all(Work work) {
    std::vector<Deferred<void>> running;
    for (const auto& shard : shards_) {
        if (shard->reactor)
            running.push_back(on(*shard, work));
    }
    std::optional<Failure> first;
    for (Deferred<void>& each : running) {
        auto outcome = co_await std::move(each).outcome();
        if (!outcome.ok() && !first)
            first = outcome.failure();
    }
    if (first)
        co_return co_await fail(*first);
}

void Crew::post(const std::function<void(Shard&)>& work) {
    for (const auto& shard : shards_) {
        if (shard->reactor)
            shard->reactor->callFromThread([&shard = *shard, work] { work(shard); });
    }
}

} // namespace twistdpp
