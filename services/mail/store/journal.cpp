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

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

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
    return Journal(RecordFile(std::move(fd), std::move(path), RecordFile::newEpoch()));
}

Journal::~Journal() {
    if (records_.fd() && empty())
        ::unlink(records_.path().c_str());
}

Result<void> Journal::clear() {
    // Where a process that was killed finds nothing to bring back. Should the machine stop before it is on
    // the disk, messages that are there already are looked at once more.
    return records_.restart(RecordFile::newEpoch());
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
        auto read =
            RecordFile::read(fd.get(), path, 0, [&](Bytes record, std::uint64_t) { return take(record); });
        if (read)
            ::unlink(path.c_str());
        else if (!trouble)
            trouble = read.error();
    }
    return trouble ? Result<void>(*trouble) : Result<void>();
}

} // namespace twistdpp::mail
