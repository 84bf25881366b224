#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace twistdpp {

/// A file that is appended to and can be opened anew under its name after a rotation. The folder is kept
/// open, so that this works after a chroot and after the user was changed, as far as the folder's permissions
/// allow. A file that had to be made gets exactly `mode`, whatever the umask. Not thread-safe.
class ReopenableFile {
public:
    enum class Outcome {
        written,
        /// The first failure after good writes: worth one report. lastError() tells why.
        failed,
        /// Failed before, failed again: counted in lost().
        stillFailing,
        /// Good again after a failure: lost() records are missing; clearLost() after the report.
        recovered,
    };

    ReopenableFile() = default;
    /// "-" is the standard output, which has nothing to reopen.
    static Result<ReopenableFile> open(const std::string& path, mode_t mode = 0640);

    /// Closes and opens again; when the new one cannot be opened, the old one stays in use.
    Result<void> reopen();
    /// Writes the whole of `text`, which holds `records` records.
    Outcome write(Bytes text, std::uint64_t records = 1) noexcept;
    /// Hands the file to the user that the daemon will become, so that reopening goes on working.
    Result<void> giveTo(uid_t user, gid_t group);

    const std::string& path() const noexcept { return path_; }
    bool isStandardOutput() const noexcept { return path_ == "-"; }
    int fd() const noexcept { return file_.get(); }
    int lastError() const noexcept { return error_; }
    std::uint64_t lost() const noexcept { return lost_; }
    void clearLost() noexcept { lost_ = 0; }

private:
    Result<UniqueFd> openFile() const;

    std::string path_, leaf_;
    mode_t mode_ = 0640;
    UniqueFd folder_, file_;
    int error_ = 0;
    bool torn_ = false;
    std::uint64_t lost_ = 0;
};

} // namespace twistdpp
