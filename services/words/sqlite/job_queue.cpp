#include "twistdpp/sqlite/job_queue.h"

#include "twistdpp/reactor/reactor.h"

namespace twistdpp::sqlite {

namespace {

/// Jobs of one transaction: what comes later waits for the next, so that the first need not wait for long.
constexpr std::size_t kMostTogether = 1000;

const SqliteError* storageTrouble(const Failure& failure) {
    const auto* error = failure.as<SqliteError>();
    return error && error->storage() ? error : nullptr;
}

} // namespace

struct JobQueue::State {
    State(Reactor& r, std::unique_ptr<Database> d, Observer o)
        : reactor(r), database(std::move(d)), observer(std::move(o)) {}

    Reactor& reactor;
    std::shared_ptr<Database> database; // the running transaction holds it too
    Observer observer;
    std::vector<Entry> entries;
    std::size_t running = 0;
    bool alive = true;
    bool troubled = false;
    std::int64_t changes = 0; // rows changed so far
};

JobQueue::JobQueue(Reactor& reactor, std::unique_ptr<Database> database, Observer observer)
    : state_(std::make_shared<State>(reactor, std::move(database), std::move(observer))) {}

JobQueue::~JobQueue() {
    state_->alive = false;
    const std::vector<Entry> dropped = std::move(state_->entries);
}

std::size_t JobQueue::waiting() const noexcept {
    return state_->entries.size() + state_->running;
}

Deferred<void> JobQueue::run(Job job) {
    state_->entries.push_back({std::move(job), Promise<void>(), std::nullopt});
    Deferred<void> done = state_->entries.back().done.deferred();
    if (state_->running == 0)
        next(state_);
    return done;
}

Deferred<void> JobQueue::finish() {
    return run([](Database&) {});
}

void JobQueue::transact(Database& database, std::vector<Entry>& entries) {
    try {
        database.execute("BEGIN IMMEDIATE");
        for (Entry& entry : entries) {
            database.execute("SAVEPOINT job");
            try {
                entry.job(database);
                database.execute("RELEASE job");
            } catch (...) {
                entry.failure = Failure::current();
                if (database.idle())
                    throw; // the whole transaction has gone with it
                database.execute("ROLLBACK TO job; RELEASE job");
            }
        }
        database.execute("COMMIT");
    } catch (...) {
        const Failure why = Failure::current();
        try {
            if (!database.idle())
                database.execute("ROLLBACK");
        } catch (const SqliteError&) {
            // The first failure is the one to tell.
        }
        for (Entry& entry : entries)
            entry.failure = why;
        throw;
    }
}

void JobQueue::next(const std::shared_ptr<State>& state) {
    if (state->entries.empty())
        return;
    auto batch = std::make_shared<std::vector<Entry>>();
    if (state->entries.size() <= kMostTogether) {
        batch->swap(state->entries);
    } else {
        const auto end = state->entries.begin() + kMostTogether;
        batch->assign(std::make_move_iterator(state->entries.begin()), std::make_move_iterator(end));
        state->entries.erase(state->entries.begin(), end);
    }
    state->running = batch->size();
    state->reactor.runInThread(Pool::io, [batch, database = state->database] { transact(*database, *batch); })
        .addBoth([state, batch](const Outcome<void>& outcome) {
            state->running = 0;
            const SqliteError* trouble = outcome.ok() ? nullptr : storageTrouble(outcome.failure());
            for (const Entry& entry : *batch)
                trouble = trouble || !entry.failure ? trouble : storageTrouble(*entry.failure);
            // One that wrote nothing proves nothing.
            const std::int64_t changes = state->database->changes();
            const bool troubled = trouble || (state->troubled && changes == state->changes);
            state->changes = changes;
            if (std::exchange(state->troubled, troubled) != troubled && state->alive && state->observer)
                state->observer(trouble);
            for (Entry& entry : *batch) {
                if (!outcome.ok() && !entry.failure)
                    entry.failure = outcome.failure();
                Promise<void> done = std::move(entry.done);
                if (done.called())
                    continue; // nobody waits any more
                if (entry.failure)
                    done.errback(*entry.failure);
                else
                    done.callback();
            }
            if (state->alive)
                next(state);
        })
        .detach();
}

} // namespace twistdpp::sqlite
