#pragma once
#include "twistdpp/sqlite/database.h"

#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"

#include <memory>
#include <optional>
#include <vector>

namespace twistdpp {
class Reactor;
}

namespace twistdpp::sqlite {

/// A database that a reactor uses without waiting for it: jobs run one after another, in the order in which
/// they were given, on a thread of the pool. Those that came while others ran share one transaction, so that
/// the more there is to do, the less each one costs. Belongs to the reactor's thread.
class JobQueue {
public:
    using Job = UniqueFunction<void(Database&)>;
    /// What becomes of jobs that nobody waits for: `nullptr` once it works again.
    using Observer = UniqueFunction<void(const SqliteError* trouble)>;

    /// The reactor outlives it. `observer` is called when a transaction fails for the medium's sake (full,
    /// not writable), and when the next one succeeds.
    JobQueue(Reactor& reactor, std::unique_ptr<Database> database, Observer observer);
    /// What is running goes on; what waits is dropped. See finish().
    ~JobQueue();

    /// Fires when `job` has run and its transaction is committed: what it wrote outlives the process then.
    /// Fails with what it threw, its writes undone, or with why the transaction failed.
    Deferred<void> run(Job job);
    /// The same for a job with a value.
    template <class F>
    auto get(F f) {
        using R = std::invoke_result_t<F&, Database&>;
        auto value = std::make_shared<std::optional<R>>();
        return run([value, f = std::move(f)](Database& database) mutable { value->emplace(f(database)); }
        ).addCallback([value] { return std::move(**value); });
    }
    /// Jobs that have not been committed.
    std::size_t waiting() const noexcept;
    /// Fires when all jobs given so far are done.
    Deferred<void> finish();

private:
    struct Entry {
        Job job;
        Promise<void> done;
        std::optional<Failure> failure;
    };
    struct State;
    static void next(const std::shared_ptr<State>& state);
    static void transact(Database& database, std::vector<Entry>& entries);

    std::shared_ptr<State> state_;
};

} // namespace twistdpp::sqlite
