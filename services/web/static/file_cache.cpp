#include "twistdpp/service_web/static/file_cache.h"

namespace twistdpp::web {

FileCache::~FileCache() {
    clear();
}

std::shared_ptr<ReadyFile> FileCache::find(Bytes target, http::Coding coding) {
    const auto found = entries_.find(KeyView{target, coding});
    if (found == entries_.end())
        return nullptr;
    found->second.unlink();
    byUse_.pushBack(found->second);
    return found->second.ready;
}

void FileCache::put(Bytes target, http::Coding coding, std::shared_ptr<ReadyFile> ready) {
    remove(target, coding);
    const std::size_t cost = sizeof(Entry) + sizeof(ReadyFile) + 2 * target.size() + ready->block.capacity() +
                             (ready->inMemory ? static_cast<std::size_t>(ready->size) : 0);
    if (cost > mostBytes_ / 4)
        return;
    while (!byUse_.empty() && (entries_.size() >= mostEntries_ || bytes_ + cost > mostBytes_))
        drop(entries_.find(*byUse_.front().key));
    const auto [at, added] = entries_.try_emplace(Key{std::string(target), coding});
    at->second.ready = std::move(ready);
    at->second.key = &at->first;
    at->second.cost = cost;
    byUse_.pushBack(at->second);
    bytes_ += cost;
}

void FileCache::remove(Bytes target, http::Coding coding) {
    if (const auto found = entries_.find(KeyView{target, coding}); found != entries_.end())
        drop(found);
}

void FileCache::drop(Map::iterator at) {
    bytes_ -= at->second.cost;
    entries_.erase(at);
}

void FileCache::clear() {
    entries_.clear();
    bytes_ = 0;
}

} // namespace twistdpp::web
