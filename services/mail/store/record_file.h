#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"

#include <cstdint>
#include <functional>
#include <string>

namespace twistdpp::mail {

/// A file of records that grows at its end, for what has to be safe at once: many records are one write and
/// one sync, and where the file had its place on the disk before, the sync has no metadata to write. Each
/// record has a check of its own, and the epoch of its file: what was written in part when the machine
/// stopped, and what an earlier life of the file has left behind, is where the records end. Everything
/// blocks; one thread at a time.
class RecordFile {
public:
    /// Longest record, in bytes.
    static constexpr std::uint32_t kLongest = 64U << 20U;

    /// `fd` is open for both; the next record is its first. `path` is for errors. `epoch`: not to be guessed,
    /// see newEpoch().
    RecordFile(UniqueFd fd, std::string path, std::uint64_t epoch)
        : fd_(std::move(fd)), path_(std::move(path)), epoch_(epoch) {}
    RecordFile(RecordFile&&) noexcept = default;
    RecordFile& operator=(RecordFile&&) noexcept = default;
    ~RecordFile() = default;

    /// Puts a record behind what was gathered since the last write(). Gives where in the file its bytes will
    /// be.
    std::uint64_t add(Bytes record);
    /// Writes what was gathered; nothing of it counts when that fails.
    Result<void> write();
    /// When it returns without an error all that was written is on the disk. After an error nothing is known
    /// any more: the kernel may have dropped what it could not write, and says so only once.
    Result<void> sync();
    /// Begins anew: the records that are there are none any more, for who reads the file from now on, and
    /// perhaps not for who does after the machine has stopped.
    Result<void> restart(std::uint64_t epoch);

    /// Bytes of records in it.
    std::uint64_t size() const noexcept { return at_; }
    std::uint64_t epoch() const noexcept { return epoch_; }
    const UniqueFd& fd() const noexcept { return fd_; }
    const std::string& path() const noexcept { return path_; }
    /// What was written to in an earlier life need not be laid out again: so much of the file has its place.
    void laidOut(std::uint64_t size) noexcept { laid_ = size; }

    /// A number for the epoch of a file. What lies behind the last record is the middle of an old one, which
    /// is somebody's mail and may have been made to look like a record.
    static std::uint64_t newEpoch();
    /// Gives the records of a file in their order, each with the place of its bytes, up to where they end.
    /// `epoch` 0: that of the first record. The error is the first of `take`, which gets the others
    /// nevertheless, or that of the disk.
    static Result<void> read(
        int fd, const std::string& path, std::uint64_t epoch,
        const std::function<Result<void>(Bytes record, std::uint64_t at)>& take
    );

private:
    Result<void> layOut(std::uint64_t size);

    UniqueFd fd_;
    std::string path_;
    std::string gathered_;
    std::uint64_t epoch_;
    std::uint64_t at_ = 0;
    std::uint64_t laid_ = 0; // so much of the file has its place on the disk
};

/// All of `into`, unless the file ends before. Gives how much that was.
Result<std::size_t> readAt(int fd, char* into, std::size_t size, std::uint64_t at, const std::string& path);

} // namespace twistdpp::mail
