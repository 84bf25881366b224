#include "twistdpp/words_store/metadata_store.h"

#include "twistdpp/sqlite/job_queue.h"

namespace twistdpp::words {

namespace {

void post(sqlite::JobQueue* file, sqlite::JobQueue::Job job) {
    if (file)
        file->run(std::move(job)).addErrback([](const Failure&) {}).detach(); // the file's observer tells it
}

} // namespace

void MetadataStore::load(sqlite::Database& database) {
    sqlite::Statement rows = database.prepare("SELECT subject, key, value FROM metadata");
    while (rows.step())
        subjects_[rows.string(0)][rows.string(1)] = rows.string(2);
}

const MetadataStore::Values& MetadataStore::of(const std::string& subject) const {
    static const Values none;
    const auto found = subjects_.find(subject);
    return found == subjects_.end() ? none : found->second;
}

void MetadataStore::set(const std::string& subject, const std::string& key, const std::string& value) {
    if (value.empty()) {
        if (const auto found = subjects_.find(subject); found != subjects_.end()) {
            found->second.erase(key);
            if (found->second.empty())
                subjects_.erase(found);
        }
        return post(file_, [subject, key](sqlite::Database& database) {
            database.prepare("DELETE FROM metadata WHERE subject = ? AND key = ?").with(subject, key).run();
        });
    }
    subjects_[subject][key] = value;
    post(file_, [subject, key, value](sqlite::Database& database) {
        database.prepare("INSERT OR REPLACE INTO metadata VALUES (?, ?, ?)").with(subject, key, value).run();
    });
}

void MetadataStore::clear(const std::string& subject) {
    if (subjects_.erase(subject) == 0)
        return;
    post(file_, [subject](sqlite::Database& database) {
        database.prepare("DELETE FROM metadata WHERE subject = ?").with(subject).run();
    });
}

} // namespace twistdpp::words
