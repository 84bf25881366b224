#include "twistdpp/words_store/memory_history.h"

#include <algorithm>

namespace twistdpp::words {

namespace {

using Items = std::deque<HistoryItem>;

/// The first item that is not before the bound; `behind`: that is behind it.
std::optional<std::size_t> place(const Items& items, const HistoryBound& bound, bool behind) {
    if (bound.id.empty()) {
        const auto at = std::find_if(items.begin(), items.end(), [&](const HistoryItem& item) {
            return behind ? item.time > bound.time : item.time >= bound.time;
        });
        return static_cast<std::size_t>(at - items.begin());
    }
    const auto at = std::find_if(items.begin(), items.end(), [&](const HistoryItem& item) {
        return item.id == bound.id;
    });
    if (at == items.end())
        return std::nullopt;
    return static_cast<std::size_t>(at - items.begin()) + (behind ? 1 : 0);
}

bool wanted(const HistoryItem& item, const HistoryQuery& query) {
    return query.events || item.kind == HistoryItem::Kind::message;
}

/// Up to `limit` of those in [begin, end), from the beginning or from the end.
std::vector<HistoryItem> take(
    const Items& items, std::size_t begin, std::size_t end, const HistoryQuery& query, std::size_t limit,
    bool last
) {
    std::vector<HistoryItem> out;
    for (std::size_t i = begin; i < end && out.size() < limit; ++i) {
        const HistoryItem& item = items[last ? end - 1 - (i - begin) : i];
        if (wanted(item, query))
            out.push_back(item);
    }
    if (last)
        std::reverse(out.begin(), out.end());
    return out;
}

} // namespace

const Items& MemoryHistory::itemsOf(const std::string& target) const {
    static const Items none;
    const auto found = rings_.find(target);
    return found == rings_.end() ? none : found->second.items;
}

void MemoryHistory::append(HistoryItem item) {
    if (limits_.messages == 0)
        return;
    auto found = rings_.find(item.target);
    if (found == rings_.end()) {
        if (rings_.size() >= limits_.targets)
            forget(std::string(quiet_.front()));
        found = rings_.emplace(item.target, Ring{}).first;
        found->second.place = quiet_.insert(quiet_.end(), item.target);
    } else {
        quiet_.splice(quiet_.end(), quiet_, found->second.place);
    }
    Items& items = found->second.items;
    items.push_back(std::move(item));
    const std::int64_t oldest = items.back().time - limits_.seconds * 1000;
    while (items.size() > limits_.messages || (limits_.seconds > 0 && items.front().time < oldest))
        items.pop_front();
}

void MemoryHistory::met(const std::string& one, const std::string& other, std::int64_t time) {
    const auto note = [&](const std::string& whose, const std::string& peer) {
        auto& peers = met_[whose];
        peers[peer] = time;
        if (peers.size() > limits_.targets)
            peers.erase(std::min_element(peers.begin(), peers.end(), [](const auto& a, const auto& b) {
                return a.second < b.second;
            }));
    };
    note(one, other);
    note(other, one);
}

Deferred<std::vector<HistoryItem>> MemoryHistory::query(HistoryQuery query) {
    using Selector = HistoryQuery::Selector;
    const Items& items = itemsOf(query.target);
    std::size_t begin = 0;
    std::size_t end = items.size();
    const auto at = [&](const HistoryBound& bound, bool behind) { return place(items, bound, behind); };
    std::vector<HistoryItem> none;
    switch (query.selector) {
    case Selector::latest:
        if (query.from) {
            const auto from = at(*query.from, true);
            if (!from)
                return none;
            begin = *from;
        }
        return take(items, begin, end, query, query.limit, true);
    case Selector::before:
        if (const auto to = at(*query.from, false))
            return take(items, 0, *to, query, query.limit, true);
        return none;
    case Selector::after:
        if (const auto from = at(*query.from, true))
            return take(items, *from, end, query, query.limit, false);
        return none;
    case Selector::around: {
        const auto middle = at(*query.from, false);
        if (!middle)
            return none;
        auto out = take(items, 0, *middle, query, query.limit / 2, true);
        auto rest = take(items, *middle, end, query, query.limit - out.size(), false);
        std::move(rest.begin(), rest.end(), std::back_inserter(out));
        return out;
    }
    case Selector::between: {
        const auto first = at(*query.from, true);
        const auto second = at(*query.to, true);
        if (!first || !second)
            return none;
        const bool forward = *first <= *second;
        begin = forward ? *first : *second;
        const auto last = at(forward ? *query.to : *query.from, false);
        end = std::max(begin, last.value_or(begin));
        return take(items, begin, end, query, query.limit, !forward);
    }
    }
    return none;
}

Deferred<std::vector<Correspondent>>
MemoryHistory::correspondents(std::string account, std::int64_t from, std::int64_t to, std::size_t limit) {
    std::vector<Correspondent> out;
    if (const auto found = met_.find(account); found != met_.end()) {
        for (const auto& [peer, time] : found->second) {
            if (time > from && time < to)
                out.push_back({peer, time});
        }
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    if (out.size() > limit)
        out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(limit));
    return out;
}

Deferred<std::vector<Correspondent>>
MemoryHistory::lastIn(std::vector<std::string> targets, std::int64_t from, std::int64_t to) {
    std::vector<Correspondent> out;
    for (const std::string& target : targets) {
        const Items& items = itemsOf(target);
        const auto last = std::find_if(items.rbegin(), items.rend(), [&](const HistoryItem& item) {
            return item.kind == HistoryItem::Kind::message;
        });
        if (last != items.rend() && last->time > from && last->time < to)
            out.push_back({target, last->time});
    }
    return out;
}

Deferred<std::optional<HistoryItem>> MemoryHistory::find(std::string target, std::string id) {
    for (const HistoryItem& item : itemsOf(target)) {
        if (item.id == id)
            return std::optional<HistoryItem>(item);
    }
    return std::optional<HistoryItem>();
}

void MemoryHistory::redact(const std::string& target, const std::string& id) {
    if (const auto found = rings_.find(target); found != rings_.end())
        std::erase_if(found->second.items, [&](const HistoryItem& item) { return item.id == id; });
}

Deferred<std::vector<HistoryItem>>
MemoryHistory::search(std::string target, std::string text, std::size_t limit) {
    std::vector<HistoryItem> out;
    const Items& items = itemsOf(target);
    for (auto at = items.rbegin(); at != items.rend() && out.size() < limit; ++at) {
        if (at->mentions(text))
            out.push_back(*at);
    }
    std::reverse(out.begin(), out.end());
    return out;
}

void MemoryHistory::forget(const std::string& target) {
    const auto found = rings_.find(target);
    if (found == rings_.end())
        return;
    quiet_.erase(found->second.place);
    rings_.erase(found);
}

} // namespace twistdpp::words
