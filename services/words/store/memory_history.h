#pragma once
#include "twistdpp/words_store/history.h"

#include <deque>
#include <list>
#include <unordered_map>

namespace twistdpp::words {

/// A history that lives as long as the process: the last messages of each target; of too many targets the one
/// that was quiet for longest is forgotten.
class MemoryHistory final : public History {
public:
    explicit MemoryHistory(HistoryLimits limits) : limits_(limits) {}

    void append(HistoryItem item) override;
    void met(const std::string& one, const std::string& other, std::int64_t time) override;
    Deferred<std::vector<HistoryItem>> query(HistoryQuery query) override;
    Deferred<std::vector<Correspondent>>
    correspondents(std::string account, std::int64_t from, std::int64_t to, std::size_t limit) override;
    Deferred<std::vector<Correspondent>>
    lastIn(std::vector<std::string> targets, std::int64_t from, std::int64_t to) override;
    Deferred<std::optional<HistoryItem>> find(std::string target, std::string id) override;
    void redact(const std::string& target, const std::string& id) override;
    Deferred<std::vector<HistoryItem>>
    search(std::string target, std::string text, std::size_t limit) override;
    void forget(const std::string& target) override;

private:
    struct Ring {
        std::deque<HistoryItem> items;
        std::list<std::string>::iterator place; // in quiet_
    };
    const std::deque<HistoryItem>& itemsOf(const std::string& target) const;

    HistoryLimits limits_;
    std::unordered_map<std::string, Ring> rings_;
    std::list<std::string> quiet_; // targets, the one that spoke last at the end
    std::unordered_map<std::string, std::unordered_map<std::string, std::int64_t>> met_;
};

} // namespace twistdpp::words
