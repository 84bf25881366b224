#include "twistdpp/words_store/store.h"

#include "twistdpp/words_store/file_history.h"
#include "twistdpp/words_store/layout.h"
#include "twistdpp/words_store/memory_history.h"

#include "twistdpp/sqlite/job_queue.h"

namespace twistdpp::words {

Store::Store(HistoryLimits limits) : Store(nullptr, limits) {}

Store::Store(std::unique_ptr<sqlite::JobQueue> file, HistoryLimits limits)
    : file_(std::move(file)), accounts_(file_.get()), channels_(file_.get()), markers_(file_.get()),
      metadata_(file_.get()), bans_(file_.get()) {
    if (file_)
        history_ = std::make_unique<FileHistory>(*file_, limits);
    else
        history_ = std::make_unique<MemoryHistory>(limits);
}

Store::~Store() = default;

Result<std::unique_ptr<Store>>
Store::open(Reactor& reactor, const std::string& path, HistoryLimits limits, Observer observer) {
    auto database = sqlite::Database::open(path, databaseLayout());
    if (!database)
        return std::move(database).error();
    sqlite::Database& file = **database;
    // The queue takes the database, and nothing runs before this returns.
    auto queue = std::make_unique<sqlite::JobQueue>(
        reactor, *std::move(database),
        [observer = std::move(observer)](const sqlite::SqliteError* trouble) mutable {
            observer(trouble ? Bytes(trouble->what()) : Bytes());
        }
    );
    std::unique_ptr<Store> store(new Store(std::move(queue), limits));
    try {
        store->accounts_.load(file);
        store->channels_.load(file);
        store->markers_.load(file);
        store->metadata_.load(file);
        store->bans_.load(file);
    } catch (const sqlite::SqliteError& error) {
        return Error(error.what());
    }
    return store;
}

Deferred<void> Store::finish() {
    return file_ ? file_->finish() : succeed();
}

} // namespace twistdpp::words
