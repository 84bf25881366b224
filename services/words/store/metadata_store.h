#pragma once
#include "twistdpp/base/bytes.h"

#include <map>
#include <string>

namespace twistdpp::sqlite {
class Database;
class JobQueue;
} // namespace twistdpp::sqlite

namespace twistdpp::words {

/// What users say of themselves and of channels (IRCv3 "metadata"): a value for each key of a subject.
/// Belongs to the reactor's thread.
class MetadataStore {
public:
    using Values = std::map<std::string, std::string>;

    /// `file` outlives it; nullptr: kept in memory only.
    explicit MetadataStore(sqlite::JobQueue* file) noexcept : file_(file) {}
    /// Takes what the file has. Throws SqliteError.
    void load(sqlite::Database& database);

    /// Of a subject: a folded name of a channel or an account.
    const Values& of(const std::string& subject) const;
    /// An empty value takes the key away.
    void set(const std::string& subject, const std::string& key, const std::string& value);
    void clear(const std::string& subject);

private:
    std::map<std::string, Values> subjects_;
    sqlite::JobQueue* file_;
};

} // namespace twistdpp::words
