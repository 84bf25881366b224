#pragma once
#include "twistdpp/words_store/history.h"

#include <unordered_map>

namespace twistdpp::sqlite {
class JobQueue;
}

namespace twistdpp::words {

/// A history in the database. What is appended is in the file some milliseconds later, many at a time. When
/// the file takes no more, it is lost, and the queue's observer has told so.
class FileHistory final : public History {
public:
    /// `file` outlives it.
    FileHistory(sqlite::JobQueue& file, HistoryLimits limits) : file_(file), limits_(limits) {}

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
    void trim(const std::string& target, std::int64_t now);

    /// What may wait for the file; beyond it messages are not kept, since memory has an end.
    static constexpr std::size_t kMostWaiting = 100'000;

    sqlite::JobQueue& file_;
    HistoryLimits limits_;
    std::unordered_map<std::string, std::size_t> appended_; // since the target was trimmed last
    std::int64_t trimmed_ = 0;                              // when all were by age
};

} // namespace twistdpp::words
