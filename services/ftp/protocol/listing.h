#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/files/file_tree.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace twistdpp::ftp {

/// Which facts MLSD and MLST give (RFC 3659 section 7.5); a set of bits.
struct Fact {
    static constexpr unsigned type = 1, size = 2, modify = 4, perm = 8, unique = 16, unixMode = 32;
    static constexpr unsigned all = 63;
};
/// "Type;Size;" of those in the set.
std::string factNames(unsigned facts);
/// The facts as FEAT tells of them: those that are on have a star.
std::string factFeature(unsigned on);
/// Those of a list that there are, in any case.
unsigned parseFacts(Bytes names);

/// "type=file;size=5;modify=20261127100000; name". `type`: empty for what the file is, or "cdir" and "pdir".
/// `writable`: whether the client may change anything.
std::string factLine(
    const std::string& name, const files::FileInfo& info, unsigned facts, bool writable, Bytes type = {}
);

/// "20261127100000" of seconds of Unix, UTC, and read; a fraction is passed over.
std::string timeText(std::int64_t time);
std::optional<std::int64_t> parseTime(Bytes text);

/// A line of a listing, as the client reads it.
struct ListedFile {
    std::string name;
    files::FileInfo::Kind kind = files::FileInfo::Kind::file;
    std::optional<std::uint64_t> size;
    std::optional<std::int64_t> modified;     // of MLSD alone: LIST tells no zone
    std::string target;                       // of a link
    std::map<std::string, std::string> facts; // of MLSD, names in lower case
};
/// A line of LIST, as Unix and Windows servers write it; nothing for what is no file ("total 5").
std::optional<ListedFile> parseListLine(Bytes line);
/// A line of MLSD or MLST.
std::optional<ListedFile> parseFactLine(Bytes line);

} // namespace twistdpp::ftp
