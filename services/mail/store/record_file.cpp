#include "twistdpp/mail_store/record_file.h"

#include "twistdpp/cred/password_digest.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <unistd.h>
#include <utility>

namespace twistdpp::mail {

namespace {

/// What stands before a record; of this machine, which is the only one that reads it.
struct Head {
    std::uint32_t check; // of the record, its length, and the epoch
    std::uint32_t length;
    std::uint64_t epoch;
};
static_assert(sizeof(Head) == 16);
constexpr std::uint64_t kStep = 1U << 20U; // by which a file grows

std::uint32_t checkOf(Bytes record, std::uint64_t epoch) {
    const std::string digest = sha256(record);
    std::uint32_t sum = 0;
    std::memcpy(&sum, digest.data(), sizeof(sum));
    return sum ^ static_cast<std::uint32_t>(record.size()) ^ static_cast<std::uint32_t>(epoch) ^
           static_cast<std::uint32_t>(epoch >> 32U);
}

} // namespace

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

std::uint64_t RecordFile::newEpoch() {
    std::uint64_t out = 0;
    while (out == 0) {
        const std::string bytes = randomBytes(sizeof(out));
        std::memcpy(&out, bytes.data(), sizeof(out));
    }
    return out;
}

std::uint64_t RecordFile::add(Bytes record) {
    const Head head{checkOf(record, epoch_), static_cast<std::uint32_t>(record.size()), epoch_};
    gathered_.append(reinterpret_cast<const char*>(&head), sizeof(head));
    const std::uint64_t at = at_ + gathered_.size();
    gathered_.append(record);
    return at;
}

/// Where the file has zeros already, a record and its sync change no metadata, which would take the file
/// system's own journal along.
Result<void> RecordFile::layOut(std::uint64_t size) {
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

Result<void> RecordFile::write() {
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

Result<void> RecordFile::sync() {
    if (::fdatasync(fd_.get()) != 0)
        return Error::fromErrno(errno, "cannot write " + path_);
    return {};
}

Result<void> RecordFile::restart(std::uint64_t epoch) {
    const Head none{};
    if (at_ > 0 && ::pwrite(fd_.get(), &none, sizeof(none), 0) != static_cast<ssize_t>(sizeof(none)))
        return Error::fromErrno(errno, "cannot write " + path_);
    at_ = 0;
    epoch_ = epoch;
    return {};
}

Result<void> RecordFile::read(
    int fd, const std::string& path, std::uint64_t epoch,
    const std::function<Result<void>(Bytes record, std::uint64_t at)>& take
) {
    std::optional<Error> trouble;
    std::string record;
    for (std::uint64_t at = 0;;) {
        Head head{};
        auto got = readAt(fd, reinterpret_cast<char*>(&head), sizeof(head), at, path);
        if (!got)
            return std::move(got).error();
        if (epoch == 0)
            epoch = head.epoch;
        if (*got < sizeof(head) || head.length == 0 || head.length > kLongest || head.epoch != epoch)
            break;
        record.resize(head.length);
        at += sizeof(head);
        got = readAt(fd, record.data(), record.size(), at, path);
        if (!got)
            return std::move(got).error();
        if (*got < record.size() || checkOf(record, head.epoch) != head.check)
            break;
        if (auto taken = take(record, at); !taken && !trouble)
            trouble = taken.error();
        at += record.size();
    }
    return trouble ? Result<void>(*trouble) : Result<void>();
}

} // namespace twistdpp::mail
