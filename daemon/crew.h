#pragma once
#include "twistdpp/app/metrics.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/reactor/hand_over.h"
#include "twistdpp/reactor/reactor.h"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace twistdpp {

/// One reactor with its services. All but the constructor and what is said to be otherwise is for its own
/// thread.
struct Shard {
    explicit Shard(unsigned number) : index(number) {}

    const unsigned index;
    Metrics metrics; // any thread
    std::unique_ptr<Reactor> reactor;
    /// What the services refer to; lives longer than they do.
    std::list<ServiceContext> contexts;
    std::unique_ptr<MultiService> root;
};

/// The reactors of the daemon: the first on the main thread, each other one on a thread of its own. Used on
/// the main thread, inside the first reactor's loop.
class Crew {
public:
    /// The first shard's reactor is made here. `handOver` outlives the crew.
    static Result<std::unique_ptr<Crew>> make(unsigned count, const std::string& reactor, HandOver& handOver);
    /// Ends the other threads; each shard is taken apart on its own thread, services first.
    ~Crew();

    Reactor& mainReactor() noexcept { return *shards_.front()->reactor; }
    const std::vector<std::unique_ptr<Shard>>& shards() const noexcept { return shards_; }
    std::vector<Metrics*> metrics() const;

    /// Starts the other threads with their reactors.
    Deferred<void> launch();
    using Work = std::function<Deferred<void>(Shard&)>;
    /// `work` on each shard's own thread, one after the other; the first failure ends it. Work that throws
    /// fails.
    Deferred<void> each(Work work);
    /// The same on all at once; fails with the first failure after all have ended.
    Deferred<void> all(Work work);
    /// Asks each shard to run `work` and does not wait. From any thread.
    void post(const std::function<void(Shard&)>& work);

private:
    explicit Crew(HandOver& handOver) : handOver_(handOver) {}
    void join(Reactor& reactor, unsigned index);
    Deferred<void> on(Shard& shard, Work work);
    void runThread(Shard& shard, Promise<void> ready);

    HandOver& handOver_;
    std::string reactorName_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::thread> threads_;
};

} // namespace twistdpp
