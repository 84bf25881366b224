#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"

#include <cstdint>
#include <functional>
#include <string>

namespace twistdpp::mail {

/// A file of records that is written from its beginning again and again: what many messages need to be safe
/// is one write and one sync, and after the first time round the sync has no metadata to write. It is locked
/// as long as the process lives; one that nobody has locked was left by a process that died, and is read by
/// recover(). Everything blocks; one thread at a time.
class Journal {
public:
    /// A new one in `folder`, which is made when it is not there.
    static Result<Journal> make(const std::string& folder);
    Journal(Journal&&) noexcept = default;
    Journal& operator=(Journal&&) = delete;
    /// Removes the file when nothing is in it; else it is left for recover().
    ~Journal();

    /// Puts a record behind what add() has gathered since the last write().
    void add(Bytes record);
    /// Writes what was gathered; nothing of it counts when that fails.
    Result<void> write();
    /// When it returns without an error all that was written is on the disk. After an error nothing is known
    /// any more: the kernel may have dropped what it could not write, and says so only once.
    Result<void> sync();
    /// Forgets the records: they are not needed any more.
    Result<void> clear();

    /// Bytes of records in it.
    std::uint64_t size() const noexcept { return at_; }
    bool empty() const noexcept { return at_ == 0; }

    /// Gives the records of every journal in `folder` whose process is gone, oldest first in each, and
    /// removes the file when `take` had no error with any of them. What was written in part when the machine
    /// stopped is where a journal ends. A folder that is not there has none. The error is the first that
    /// there was.
    static Result<void>
    recover(const std::string& folder, const std::function<Result<void>(Bytes record)>& take);

private:
    Result<void> layOut(std::uint64_t size);
    Journal(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    UniqueFd fd_;
    std::string path_;
    std::string gathered_;
    std::uint64_t at_ = 0;
    std::uint64_t laid_ = 0;  // so much of the file has its place on the disk
    std::uint64_t epoch_ = 0; // of the present records: older ones behind them are not read
};

} // namespace twistdpp::mail
