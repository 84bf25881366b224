#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// One of those that an alias stands for.
struct AliasTarget {
    enum class Kind : std::uint8_t {
        address, ///< "ann", of the same domain, or "ann@example.org"
        file,    ///< a path, to which messages are appended
        program, ///< a line for the shell, which gets the message as its input
    };
    Kind kind = Kind::address;
    std::string text;
    bool operator==(const AliasTarget&) const = default;
};

/// A file of aliases(5):
///
///     # a comment
///     sales:  ann, joe@example.org,
///             "|/usr/local/bin/ticket --queue sales"
///     archive: /var/mail/archive
///     staff:  :include:/etc/mail/staff
///     *:      joe
///
/// A name that is there twice stands for both. "*" is whoever is no one else. A value.
class AliasTable {
public:
    /// The error says the file, the line and what is wrong with it. Blocks.
    static Result<AliasTable> load(const std::string& path);

    /// nullptr when there is no such alias. Names are compared without case.
    const std::vector<AliasTarget>* find(Bytes name) const;
    /// All of them, by name in lower case.
    const std::map<std::string, std::vector<AliasTarget>, std::less<>>& all() const noexcept {
        return aliases_;
    }
    /// Whether messages are given to programs or appended to files.
    bool leavesMailboxes() const noexcept;
    /// What changes when one of the files that it was read from does. Blocks as a look at a file does.
    std::int64_t filesChanged() const;

private:
    Result<void> read(Bytes text, const std::string& path);
    Result<void> readTargets(Bytes text, std::vector<AliasTarget>& into, bool includes);
    Result<void> include(const std::string& path, std::vector<AliasTarget>& into);

    std::map<std::string, std::vector<AliasTarget>, std::less<>> aliases_;
    std::vector<std::string> files_;
};

} // namespace twistdpp::mail
