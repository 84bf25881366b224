#pragma once
#include "twistdpp/words_store/account_store.h"
#include "twistdpp/words_store/ban_store.h"
#include "twistdpp/words_store/channel_store.h"
#include "twistdpp/words_store/history.h"
#include "twistdpp/words_store/marker_store.h"
#include "twistdpp/words_store/metadata_store.h"

#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_function.h"

#include <memory>
#include <string>

namespace twistdpp {
class Reactor;
}
namespace twistdpp::sqlite {
class JobQueue;
}

namespace twistdpp::words {

/// All that the chat server keeps, in a database file or in memory. Belongs to the reactor's thread.
class Store {
public:
    /// Is told when the file takes no more, with the reason, and when it does again, with nothing.
    using Observer = UniqueFunction<void(Bytes trouble)>;

    /// In memory only.
    explicit Store(HistoryLimits limits);
    /// In the file at `path`; reads all but the history. The error names the file and what to do.
    static Result<std::unique_ptr<Store>>
    open(Reactor& reactor, const std::string& path, HistoryLimits limits, Observer observer);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    AccountStore& accounts() noexcept { return accounts_; }
    ChannelStore& channels() noexcept { return channels_; }
    MarkerStore& markers() noexcept { return markers_; }
    MetadataStore& metadata() noexcept { return metadata_; }
    BanStore& bans() noexcept { return bans_; }
    History& history() noexcept { return *history_; }
    /// Whether it outlives the process.
    bool lasting() const noexcept { return file_ != nullptr; }
    /// Fires when all changes so far are in the file.
    Deferred<void> finish();

private:
    Store(std::unique_ptr<sqlite::JobQueue> file, HistoryLimits limits);

    std::unique_ptr<sqlite::JobQueue> file_;
    AccountStore accounts_;
    ChannelStore channels_;
    MarkerStore markers_;
    MetadataStore metadata_;
    BanStore bans_;
    std::unique_ptr<History> history_;
};

} // namespace twistdpp::words
