#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <string>
#include <vector>

namespace twistdpp {

class OptionSet;

/// One "key = value" of a configuration file; an array makes one entry a member.
struct ConfigEntry {
    std::string key, value;
    unsigned line = 0;
};

struct ConfigSection {
    /// The subcommand; "twistdpp" or "" (what stands before the first section) are the daemon's own options.
    std::string name;
    unsigned line = 0;
    std::vector<ConfigEntry> entries;
};

/// A configuration file: a section a subcommand, keys are the names of its options without the dashes.
///
///     # comment
///     [web]
///     port = "tcp:8080"            # quoted (\" \\ \n \t inside), or 'taken as it is', or bare
///     add-header = ["A: b", "C: d"]
///     user = true
///
/// A key may stand several times and then counts as an array. The text is bounded by `kMaxConfigBytes`.
struct ConfigFile {
    std::string path;
    std::vector<ConfigSection> sections;

    const ConfigSection* section(Bytes name) const noexcept;
    /// Assigns the entries of a section to the options; an error names file and line.
    Result<void> assignTo(Bytes section, OptionSet& options) const;
};

constexpr std::size_t kMaxConfigBytes = 1 << 20;

/// Errors are "path:line: what is wrong".
Result<ConfigFile> parseConfig(Bytes text, std::string path);
/// Reads and parses.
Result<ConfigFile> loadConfig(const std::string& path);

} // namespace twistdpp
