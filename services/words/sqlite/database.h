#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace twistdpp::sqlite {

/// Why SQLite did not do what it was asked to: the file, and SQLite's words.
class SqliteError : public std::runtime_error {
public:
    SqliteError(const std::string& what, int code) : std::runtime_error(what), code_(code) {}
    /// SQLite's primary result code (https://www.sqlite.org/rescode.html).
    int code() const noexcept { return code_; }
    /// The medium is full or does not take writes: worth another try later.
    bool storage() const noexcept;
    /// A row with that key is there already, or one that is referred to is missing.
    bool constraint() const noexcept;

private:
    int code_;
};

class Database;

/// A prepared statement. Belongs to its database, which outlives it. Parameters are numbered from 1 and
/// columns from 0, as in SQLite. Every member throws SqliteError.
class Statement {
public:
    Statement(Statement&&) noexcept = default;
    Statement& operator=(Statement&&) noexcept = default;

    /// Binds all parameters in order, from the first on, of a statement that was just made or reset.
    template <class... Values>
    Statement& with(const Values&... values) {
        int at = 0;
        (bind(++at, values), ...);
        return *this;
    }
    /// `text` is copied.
    void bind(int at, Bytes text);
    void bind(int at, const std::string& text) { bind(at, Bytes(text)); }
    void bind(int at, const char* text) { bind(at, Bytes(text)); }
    void bind(int at, std::int64_t number);
    void bind(int at, int number) { bind(at, std::int64_t{number}); }
    void bind(int at, unsigned number) { bind(at, std::int64_t{number}); }
    void bind(int at, bool flag) { bind(at, std::int64_t{flag}); }

    /// To the next row; false: there is none.
    bool step();
    /// Runs it to the end and makes it ready for other parameters.
    void run();
    /// Ready for other parameters.
    void reset() noexcept;

    /// Of the row: valid until the next step.
    Bytes text(int column) const;
    std::string string(int column) const { return std::string(text(column)); }
    std::int64_t number(int column) const;

private:
    friend class Database;
    struct Closer {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    Statement(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
    Database* database_;
    std::unique_ptr<sqlite3_stmt, Closer> statement_;
};

/// An open database file. Used by one thread at a time.
class Database {
public:
    /// One step of a file's way to the present layout; step n brings a file of version n to n + 1.
    using Migration = const char*;

    /// Opens `path`, which is made when it is not there, with a write-ahead log, and brings it to the present
    /// layout. The error names the file and says what is wrong: no database, damaged, made by a later
    /// version, in use by another process, not readable.
    static Result<std::unique_ptr<Database>> open(const std::string& path, std::span<const Migration> layout);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const std::string& path() const noexcept { return path_; }
    /// One or more statements without results. Throws SqliteError, as all that follows.
    void execute(const char* sql);
    Statement prepare(const char* sql);
    /// The same, prepared once and kept; `sql` is a literal. Whoever had it before is done with it.
    Statement& cached(const char* sql);
    /// Rows that were changed since it was opened.
    std::int64_t changes() const noexcept;
    /// Whether no transaction is open: SQLite ends one by itself when the medium is full.
    bool idle() const noexcept;

private:
    friend class Statement;
    Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
    [[noreturn]] void fail(int code) const;
    Result<void> prepareFile(std::span<const Migration> layout);

    std::string path_;
    sqlite3* handle_;
    std::unordered_map<const char*, Statement> cached_;
};

} // namespace twistdpp::sqlite
