#include "twistdpp/sqlite/database.h"

#include <sqlite3.h>

namespace twistdpp::sqlite {

namespace {

std::string words(const std::string& path, sqlite3* handle, int code) {
    return "database " + path + ": " + (handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
}

/// What to do about an error that stops the start.
std::string advice(int code) {
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "; move the file away, or get back what is left of it with: sqlite3 FILE .recover";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another process uses it";
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "; the file and its folder have to be writable for this process";
    default:
        return {};
    }
}

} // namespace

bool SqliteError::storage() const noexcept {
    return code_ == SQLITE_FULL || code_ == SQLITE_IOERR || code_ == SQLITE_READONLY ||
           code_ == SQLITE_BUSY || code_ == SQLITE_CANTOPEN;
}
bool SqliteError::constraint() const noexcept {
    return code_ == SQLITE_CONSTRAINT;
}

void Statement::Closer::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

void Statement::bind(int at, Bytes text) {
    const int code = sqlite3_bind_text64(
        statement_.get(), at, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8
    );
    if (code != SQLITE_OK)
        database_->fail(code);
}
void Statement::bind(int at, std::int64_t number) {
    if (const int code = sqlite3_bind_int64(statement_.get(), at, number); code != SQLITE_OK)
        database_->fail(code);
}

bool Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    try {
        database_->fail(code);
    } catch (...) {
        sqlite3_reset(statement_.get());
        throw;
    }
}

void Statement::run() {
    while (step()) {
    }
    reset();
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_.get());
}

Bytes Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return {bytes ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}
std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, std::span<const Migration> layout) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &handle,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr
    );
    std::unique_ptr<Database> database(new Database(path, handle));
    if (code != SQLITE_OK)
        return Error(words(path, handle, code) + advice(code));
    if (auto good = database->prepareFile(layout); !good)
        return std::move(good).error();
    return database;
}

Result<void> Database::prepareFile(std::span<const Migration> layout) {
    try {
        sqlite3_busy_timeout(handle_, 2000);
        execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;");
        execute("BEGIN IMMEDIATE");
        std::int64_t version = 0;
        {
            Statement asked = prepare("PRAGMA user_version");
            if (asked.step())
                version = asked.number(0);
        }
        if (version > static_cast<std::int64_t>(layout.size())) {
            execute("ROLLBACK");
            return Error(
                "database " + path_ + ": it was made by a later version of this program (layout " +
                std::to_string(version) + ", this one knows " + std::to_string(layout.size()) + ")"
            );
        }
        for (; version < static_cast<std::int64_t>(layout.size()); ++version)
            execute(layout[static_cast<std::size_t>(version)]);
        execute(("PRAGMA user_version=" + std::to_string(version) + "; COMMIT;").c_str());
        // It reads the whole file: a large one is looked at where it is used.
        constexpr std::int64_t kMostToCheck = 64 << 20;
        Statement size =
            prepare("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
        if (!size.step() || size.number(0) > kMostToCheck)
            return {};
        Statement check = prepare("PRAGMA quick_check(1)");
        if (!check.step() || check.text(0) != "ok")
            return Error(
                "database " + path_ + ": it is damaged: " + check.string(0) + advice(SQLITE_CORRUPT)
            );
    } catch (const SqliteError& error) {
        return Error(error.what() + advice(error.code()));
    }
    return {};
}

Statement& Database::cached(const char* sql) {
    auto found = cached_.find(sql);
    if (found == cached_.end())
        found = cached_.emplace(sql, prepare(sql)).first;
    found->second.reset();
    return found->second;
}

Database::~Database() {
    cached_.clear();
    sqlite3_close_v2(handle_);
}

void Database::fail(int code) const {
    throw SqliteError(words(path_, handle_, code), code & 0xff);
}

void Database::execute(const char* sql) {
    if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK)
        fail(code);
}

Statement Database::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        code != SQLITE_OK)
        fail(code);
    return {*this, statement};
}

std::int64_t Database::changes() const noexcept {
    return sqlite3_total_changes64(handle_);
}
bool Database::idle() const noexcept {
    return sqlite3_get_autocommit(handle_) != 0;
}

} // namespace twistdpp::sqlite
