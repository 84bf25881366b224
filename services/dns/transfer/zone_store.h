#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_zone/zone.h"

#include <cstdint>
#include <memory>
#include <string>

namespace twistdpp::dns {

/// The copies of secondary zones on disk: one master file a zone in one directory. A file's modification time
/// is when the primary last said that it holds. They are for the daemon's user and group alone: who may fetch
/// a zone is a matter of --allow-transfer. Functions that do their work at once, for any thread, one thread a
/// zone at a time.
class ZoneStore {
public:
    /// `directory` is absolute.
    explicit ZoneStore(std::string directory) : directory_(std::move(directory)) {}

    /// Makes the directory unless it is there, and tries to write in it.
    Result<void> prepare() const;
    std::string path(Bytes origin) const;

    struct Copy {
        std::shared_ptr<const Zone> zone;
        std::uint64_t checked = 0; // Unix time in seconds
    };
    /// The copy of a zone; an Error with std::errc::no_such_file_or_directory when there is none.
    Result<Copy> load(Bytes origin) const;
    /// Replaces the copy: written beside it, flushed to disk and renamed, so that there is a whole one at
    /// every moment.
    Result<void> save(const Zone& zone, std::uint64_t checked) const;
    /// The primary has said that the copy holds.
    Result<void> touch(Bytes origin, std::uint64_t checked) const;

private:
    std::string directory_;
};

} // namespace twistdpp::dns
