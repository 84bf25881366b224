#include "twistdpp/mail_store/journal.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mail_store/message_spool.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <sys/file.h>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

/// What stands before a record; of this machine, which is the only one that reads it.
struct Head {
    std::uint32_t check; // of the record, its length, and the epoch
    std::uint32_t length;
    std::uint64_t epoch; // drawn anew each time the file begins anew
};
static_assert(sizeof(Head) == 16);
constexpr std::uint32_t kLongest = 64U << 20U;
constexpr std::uint64_t kStep = 1U << 20U; // by which a journal grows

std::uint32_t checkOf(Bytes record, std::uint64_t epoch) {
    const std::string digest = sha256(record);
    std::uint32_t sum = 0;
    std::memcpy(&sum, digest.data(), sizeof(sum));
    return sum ^ static_cast<std::uint32_t>(record.size()) ^ static_cast<std::uint32_t>(epoch) ^
           static_cast<std::uint32_t>(epoch >> 32U);
}

/// Not to be guessed: what lies behind the last record is the middle of an old one, which is somebody's mail
/// and may have been made to look like a record.
std::uint64_t newEpoch() {
    const std::string bytes = randomBytes(sizeof(std::uint64_t));
    std::uint64_t out = 0;
    std::memcpy(&out, bytes.data(), sizeof(out));
    return out;
}

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

/// All of `into`, unless the file ends before.
Result<std::size_t> readAt(int fd, char* into, std::size_t size, std::uint64_t at, const std::string& path) {
    std::size_t have = 0;
    while (have < size) {
        const ssize_t got = ::pread(fd, into + have, size - have, static_cast<off_t>(at + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error::fromErrno(errno, "cannot read " + path);
        if (got == 0)
            break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

Result<void>
readRecords(int fd, const std::string& path, const std::function<Result<void>(Bytes record)>& take) {
    std::optional<Error> trouble;
    std::optional<std::uint64_t> epoch;
    std::string record;
    for (std::uint64_t at = 0;;) {
        Head head{};
        auto got = readAt(fd, reinterpret_cast<char*>(&head), sizeof(head), at, path);
        if (!got)
            return std::move(got).error();
        if (*got < sizeof(head) || head.length == 0 || head.length > kLongest ||
            head.epoch != epoch.value_or(head.epoch))
            break;
        record.resize(head.length);
        got = readAt(fd, record.data(), record.size(), at + sizeof(head), path);
        if (!got)
            return std::move(got).error();
        if (*got < record.size() || checkOf(record, head.epoch) != head.check)
            break;
        epoch = head.epoch;
        at += sizeof(head) + record.size();
        if (auto taken = take(record); !taken && !trouble)
            trouble = taken.error();
    }
    return trouble ? Result<void>(*trouble) : Result<void>();
}

} // namespace

Result<Journal> Journal::make(const std::string& folder) {
    if (auto made = makeFolder(folder); !made)
        return std::move(made).error();
    // It gets its name when it is locked, so that nobody takes it for one that was left.
    UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return Error::fromErrno(errno, "cannot make a file in " + folder);
    std::string path = folder + "/" + std::to_string(::getpid()) + "." + toHex(randomBytes(8));
    const std::string nameless = "/proc/self/fd/" + std::to_string(fd.get());
    if (::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0)
        return Error::fromErrno(errno, "cannot make " + path);
    if (auto synced = syncFolder(folder); !synced)
        return std::move(synced).error();
    Journal out(std::move(fd), std::move(path));
    out.epoch_ = newEpoch();
    return out;
}

Journal::~Journal() {
    if (fd_ && empty())
        ::unlink(path_.c_str());
}

void Journal::add(Bytes record) {
    const Head head{checkOf(record, epoch_), static_cast<std::uint32_t>(record.size()), epoch_};
    gathered_.append(reinterpret_cast<const char*>(&head), sizeof(head));
    gathered_.append(record);
}

/// Where the file has zeros already, a record and its sync change no metadata, which would take the file
/// system's own journal along.
Result<void> Journal::layOut(std::uint64_t size) {
    static const std::string zeros(64 * 1024, '\0');
    const std::uint64_t target = (size + kStep - 1) / kStep * kStep;
    for (std::uint64_t done = laid_; done < target;) {
        const ssize_t written = ::pwrite(fd_.get(), zeros.data(), zeros.size(), static_cast<off_t>(done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return Error::fromErrno(errno, "cannot write " + path_);
        done += static_cast<std::uint64_t>(written);
    }
    if (::fsync(fd_.get()) != 0)
        return Error::fromErrno(errno, "cannot write " + path_);
    laid_ = target;
    return {};
}

Result<void> Journal::write() {
    const std::string block = std::exchange(gathered_, {});
    if (at_ + block.size() > laid_) {
        if (auto done = layOut(at_ + block.size()); !done)
            return done;
    }
    Bytes rest = block;
    std::uint64_t at = at_;
    while (!rest.empty()) {
        const ssize_t done = ::pwrite(fd_.get(), rest.data(), rest.size(), static_cast<off_t>(at));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return Error::fromErrno(errno, "cannot write " + path_);
        rest.remove_prefix(static_cast<std::size_t>(done));
        at += static_cast<std::uint64_t>(done);
    }
    at_ = at;
    return {};
}

Result<void> Journal::sync() {
    if (::fdatasync(fd_.get()) != 0)
        return Error::fromErrno(errno, "cannot write " + path_);
    return {};
}

Result<void> Journal::clear() {
    // Where a process that was killed finds nothing to bring back. Should the machine stop before it is on
    // the disk, messages that are there already are looked at once more.
    const Head none{};
    if (at_ > 0 && ::pwrite(fd_.get(), &none, sizeof(none), 0) != static_cast<ssize_t>(sizeof(none)))
        return Error::fromErrno(errno, "cannot write " + path_);
    at_ = 0;
    epoch_ = newEpoch();
    return {};
}

Result<void>
Journal::recover(const std::string& folder, const std::function<Result<void>(Bytes record)>& take) {
    const std::unique_ptr<DIR, CloseFolder> names(::opendir(folder.c_str()));
    if (!names)
        return errno == ENOENT ? Result<void>() : Error::fromErrno(errno, "cannot read " + folder);
    std::optional<Error> trouble;
    while (const dirent* each = ::readdir(names.get())) {
        if (each->d_name[0] == '.')
            continue;
        const std::string path = folder + "/" + each->d_name;
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
            continue; // it is somebody's, or was until now
        auto read = readRecords(fd.get(), path, take);
        if (read)
            ::unlink(path.c_str());
        else if (!trouble)
            trouble = read.error();
    }
    return trouble ? Result<void>(*trouble) : Result<void>();
}

} // namespace twistdpp::mail
