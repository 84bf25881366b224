#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/cred/password_hash.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace twistdpp {

/// What a password file says. Does not change once it is made, so that threads may share it.
struct PasswordTable {
    std::unordered_map<std::string, PasswordHash> entries;
    /// What to check for a user who is not there: an entry of the kind that most have.
    PasswordHash decoy = PasswordHash::decoy();
    /// By what each of the users can log in: CRAM-MD5 and the like need passwords in clear, SCRAM those or
    /// its own keys.
    bool allInClear = true;
    bool allForScram = true;
    /// What is odd but no error, one line each.
    std::vector<std::string> warnings;
};

/// Limits of a password file: a larger one belongs into a database.
constexpr std::size_t kMaxPasswordFile = std::size_t{16} << 20;
constexpr std::size_t kMaxPasswordLine = 4096;

/// Reads `name:password` lines as Twisted does: fields are separated by ':', those behind the second are
/// ignored (so that htpasswd and shadow files fit), white space at a line's end does not count, and of two
/// entries for one name the first counts. Names may have any bytes. Blank lines and those that begin with
/// '#' are skipped. The password is in a form of PasswordHash; a {PLAIN} one goes on to the line's end,
/// colons included. An error begins with "file:line:".
Result<PasswordTable> parsePasswordFile(Bytes text, std::string_view file);

/// A password file that is read again when it was changed. Belongs to one thread.
class PasswordFile {
public:
    explicit PasswordFile(std::string path) : path_(std::move(path)) {}

    /// What the file says now. Costs one stat() while it does not change. When it was changed to something
    /// with a mistake in it, the mistake is logged and the table before stays; when it cannot be read at
    /// all, nobody can be checked.
    Result<std::shared_ptr<const PasswordTable>> current();

private:
    struct Stamp {
        std::uint64_t device = 0, inode = 0, size = 0;
        std::int64_t changed = 0, modified = 0; // nanoseconds
        bool operator==(const Stamp&) const noexcept = default;
    };
    Result<std::shared_ptr<const PasswordTable>> read();

    std::string path_;
    Stamp stamp_;
    std::shared_ptr<const PasswordTable> table_;
};

} // namespace twistdpp
