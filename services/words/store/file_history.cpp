#include "twistdpp/words_store/file_history.h"

#include "twistdpp/sqlite/job_queue.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <limits>

namespace twistdpp::words {

namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr const char* kColumns = "id, target, time, kind, account, bot, tags, body, lines";

/// Lines of a message in one column: each behind '+' when it is joined to the one before, else behind ' ',
/// with '\n' between.
std::string packLines(const std::vector<HistoryItem::Line>& lines) {
    std::string out;
    for (const HistoryItem::Line& line : lines) {
        if (!out.empty())
            out += '\n';
        out += line.joined ? '+' : ' ';
        out += line.text;
    }
    return out;
}

std::vector<HistoryItem::Line> unpackLines(Bytes packed) {
    std::vector<HistoryItem::Line> out;
    while (!packed.empty()) {
        const Bytes line = ascii::cut(packed, '\n');
        if (!line.empty())
            out.push_back({std::string(line.substr(1)), line.front() == '+'});
    }
    return out;
}

HistoryItem itemOf(const Statement& row) {
    HistoryItem item;
    item.id = row.string(0);
    item.target = row.string(1);
    item.time = row.number(2);
    item.kind = static_cast<HistoryItem::Kind>(row.number(3));
    item.account = row.string(4);
    item.bot = row.number(5) != 0;
    item.tags = row.string(6);
    item.body = row.string(7);
    item.lines = unpackLines(row.text(8));
    return item;
}

void insert(Database& database, const HistoryItem& item) {
    database
        .cached("INSERT INTO messages (id, target, time, kind, account, bot, tags, body, lines) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .with(
            item.id, item.target, item.time, static_cast<int>(item.kind), item.account, item.bot, item.tags,
            item.body, packLines(item.lines)
        )
        .run();
}

/// The place of a bound: the first sequence number that is not before it, or that is behind it; nothing when
/// there is no such message.
std::optional<std::int64_t>
place(Database& database, const std::string& target, const HistoryBound& bound, bool behind) {
    if (!bound.id.empty()) {
        Statement& row = database.cached("SELECT seq FROM messages WHERE target = ? AND id = ?");
        if (!row.with(target, bound.id).step())
            return std::nullopt;
        return row.number(0) + (behind ? 1 : 0);
    }
    Statement& row =
        database.cached("SELECT seq FROM messages WHERE target = ? AND time >= ? ORDER BY seq LIMIT 1");
    row.with(target, bound.time + (behind ? 1 : 0));
    return row.step() ? row.number(0) : std::numeric_limits<std::int64_t>::max();
}

std::vector<HistoryItem> take(
    Database& database, const HistoryQuery& query, std::int64_t begin, std::int64_t end, std::size_t limit,
    bool last
) {
    const std::string sql =
        std::string("SELECT ") + kColumns + " FROM messages WHERE target = ? AND seq >= ? AND seq < ?" +
        (query.events ? "" : " AND kind = 0") + " ORDER BY seq " + (last ? "DESC" : "ASC") + " LIMIT ?";
    Statement rows = database.prepare(sql.c_str());
    rows.with(query.target, begin, end, static_cast<std::int64_t>(limit));
    std::vector<HistoryItem> out;
    while (rows.step())
        out.push_back(itemOf(rows));
    if (last)
        std::reverse(out.begin(), out.end());
    return out;
}

std::vector<HistoryItem> answer(Database& database, const HistoryQuery& query) {
    using Selector = HistoryQuery::Selector;
    constexpr auto kEnd = std::numeric_limits<std::int64_t>::max();
    const auto at = [&](const HistoryBound& bound, bool behind) {
        return place(database, query.target, bound, behind);
    };
    switch (query.selector) {
    case Selector::latest: {
        const auto begin = query.from ? at(*query.from, true) : 0;
        return begin ? take(database, query, *begin, kEnd, query.limit, true) : std::vector<HistoryItem>();
    }
    case Selector::before:
        if (const auto end = at(*query.from, false))
            return take(database, query, 0, *end, query.limit, true);
        return {};
    case Selector::after:
        if (const auto begin = at(*query.from, true))
            return take(database, query, *begin, kEnd, query.limit, false);
        return {};
    case Selector::around: {
        const auto middle = at(*query.from, false);
        if (!middle)
            return {};
        auto out = take(database, query, 0, *middle, query.limit / 2, true);
        auto rest = take(database, query, *middle, kEnd, query.limit - out.size(), false);
        std::move(rest.begin(), rest.end(), std::back_inserter(out));
        return out;
    }
    case Selector::between: {
        const auto first = at(*query.from, true);
        const auto second = at(*query.to, true);
        if (!first || !second)
            return {};
        const bool forward = *first <= *second;
        const auto last = at(forward ? *query.to : *query.from, false);
        return take(database, query, std::min(*first, *second), last.value_or(0), query.limit, !forward);
    }
    }
    return {};
}

} // namespace

void FileHistory::append(HistoryItem item) {
    if (limits_.messages == 0 || file_.waiting() >= kMostWaiting)
        return;
    const std::string target = item.target;
    const std::int64_t now = item.time;
    file_.run([item = std::move(item)](Database& database) { insert(database, item); }
    ).addErrback([](const Failure&) {
     }).detach();
    trim(target, now);
}

void FileHistory::trim(const std::string& target, std::int64_t now) {
    std::size_t& count = appended_[target];
    if (++count > limits_.messages / 8) {
        count = 0;
        file_
            .run([target, most = static_cast<std::int64_t>(limits_.messages)](Database& database) {
                database
                    .cached("DELETE FROM messages WHERE target = ?1 AND seq <= (SELECT seq FROM messages "
                            "WHERE target = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)")
                    .with(target, most)
                    .run();
            })
            .addErrback([](const Failure&) {})
            .detach();
    }
    constexpr std::int64_t kHour = 3'600'000;
    if (limits_.seconds == 0 || now - trimmed_ < kHour)
        return;
    trimmed_ = now;
    file_
        .run([oldest = now - limits_.seconds * 1000](Database& database) {
            database.cached("DELETE FROM messages WHERE time < ?").with(oldest).run();
        })
        .addErrback([](const Failure&) {})
        .detach();
}

void FileHistory::met(const std::string& one, const std::string& other, std::int64_t time) {
    file_
        .run([one, other, time](Database& database) {
            constexpr const char* kSql = "INSERT OR REPLACE INTO correspondents VALUES (?, ?, ?)";
            database.cached(kSql).with(one, other, time).run();
            database.cached(kSql).with(other, one, time).run();
        })
        .addErrback([](const Failure&) {})
        .detach();
}

Deferred<std::vector<HistoryItem>> FileHistory::query(HistoryQuery query) {
    return file_.get([query = std::move(query)](Database& database) { return answer(database, query); });
}

Deferred<std::vector<Correspondent>>
FileHistory::correspondents(std::string account, std::int64_t from, std::int64_t to, std::size_t limit) {
    return file_.get([account = std::move(account), from, to, limit](Database& database) {
        Statement& rows =
            database.cached("SELECT peer, time FROM correspondents WHERE account = ? AND time > ? AND "
                            "time < ? ORDER BY time DESC LIMIT ?");
        rows.with(account, from, to, static_cast<std::int64_t>(limit));
        std::vector<Correspondent> out;
        while (rows.step())
            out.push_back({rows.string(0), rows.number(1)});
        std::reverse(out.begin(), out.end());
        return out;
    });
}

Deferred<std::vector<Correspondent>>
FileHistory::lastIn(std::vector<std::string> targets, std::int64_t from, std::int64_t to) {
    return file_.get([targets = std::move(targets), from, to](Database& database) {
        std::vector<Correspondent> out;
        for (const std::string& target : targets) {
            Statement& row = database.cached(
                "SELECT time FROM messages WHERE target = ? AND kind = 0 ORDER BY seq DESC LIMIT 1"
            );
            if (row.with(target).step() && row.number(0) > from && row.number(0) < to)
                out.push_back({target, row.number(0)});
        }
        return out;
    });
}

Deferred<std::optional<HistoryItem>> FileHistory::find(std::string target, std::string id) {
    return file_.get([target = std::move(target), id = std::move(id)](Database& database) {
        Statement& row =
            database.cached("SELECT id, target, time, kind, account, bot, tags, body, lines FROM messages "
                            "WHERE target = ? AND id = ?");
        return row.with(target, id).step() ? std::optional<HistoryItem>(itemOf(row)) : std::nullopt;
    });
}

void FileHistory::redact(const std::string& target, const std::string& id) {
    file_
        .run([target, id](Database& database) {
            database.cached("DELETE FROM messages WHERE target = ? AND id = ?").with(target, id).run();
        })
        .addErrback([](const Failure&) {})
        .detach();
}

Deferred<std::vector<HistoryItem>>
FileHistory::search(std::string target, std::string text, std::size_t limit) {
    return file_.get([target = std::move(target), text = std::move(text), limit](Database& database) {
        Statement& rows =
            database.cached("SELECT id, target, time, kind, account, bot, tags, body, lines FROM messages "
                            "WHERE target = ? AND kind = 0 ORDER BY seq DESC");
        rows.with(target);
        std::vector<HistoryItem> out;
        while (out.size() < limit && rows.step()) {
            HistoryItem item = itemOf(rows);
            if (item.mentions(text))
                out.push_back(std::move(item));
        }
        rows.reset();
        std::reverse(out.begin(), out.end());
        return out;
    });
}

void FileHistory::forget(const std::string& target) {
    appended_.erase(target);
    file_
        .run([target](Database& database) {
            database.cached("DELETE FROM messages WHERE target = ?").with(target).run();
        })
        .addErrback([](const Failure&) {})
        .detach();
}

} // namespace twistdpp::words
