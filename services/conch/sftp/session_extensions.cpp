#include "twistdpp/sftp/session.h"

#include "twistdpp/files/tree_path.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// What OpenSSH has added to the protocol (its file PROTOCOL, section 4; copy-data:
// draft-ietf-secsh-filexfer-extensions).

namespace twistdpp::sftp {

namespace {

constexpr std::uint8_t kExtendedReply = 201;
constexpr std::size_t kMostIds = 1000;
constexpr std::size_t kBlock = 64 * 1024;

/// An answer that is of the extension's own form.
class Answer {
public:
    Answer(std::string& out, std::uint32_t id) : out_(out), at_(out.size()), writer_(out) {
        writer_.number(0).byte(kExtendedReply).number(id);
    }
    ~Answer() { writeNumberAt(out_, at_, static_cast<std::uint32_t>(out_.size() - at_ - 4)); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    WireWriter* operator->() noexcept { return &writer_; }

private:
    std::string& out_;
    std::size_t at_;
    WireWriter writer_;
};

/// Names behind each other, as the answer has them; empty for an id that nobody has.
template <class Entry>
std::string namesOf(
    Bytes ids, int (*find)(unsigned id, Entry* entry, char* buffer, std::size_t size, Entry** found),
    char* Entry::*name
) {
    std::string out;
    WireWriter writer(out);
    WireReader reader(ids);
    std::array<char, 16 * 1024> buffer{};
    for (std::size_t count = 0; !reader.rest().empty() && count < kMostIds; ++count) {
        Entry entry{};
        Entry* found = nullptr;
        const std::uint32_t id = reader.number();
        const bool known =
            reader.good() && find(id, &entry, buffer.data(), buffer.size(), &found) == 0 && found;
        writer.string(known ? Bytes(entry.*name) : Bytes());
    }
    return out;
}

/// From one file to another, in the kernel where it can; gives the error, or 0.
int copy(int from, off_t fromAt, int to, off_t toAt, std::uint64_t length) {
    const bool all = length == 0;
    bool byKernel = true;
    std::array<char, kBlock> block;
    while (all || length > 0) {
        const std::size_t want =
            all ? kBlock * 16 : static_cast<std::size_t>(std::min<std::uint64_t>(length, kBlock * 16));
        ssize_t moved = -1;
        if (byKernel) {
            moved = ::copy_file_range(from, &fromAt, to, &toAt, want, 0);
            if (moved < 0 && errno != EINTR && errno != ENOSPC && errno != EDQUOT && errno != EIO) {
                byKernel = false;
                continue;
            }
        } else {
            moved = ::pread(from, block.data(), std::min(want, block.size()), fromAt);
            for (ssize_t put = 0; put < moved;) {
                const ssize_t done =
                    ::pwrite(to, block.data() + put, static_cast<std::size_t>(moved - put), toAt);
                if (done < 0 && errno != EINTR)
                    return errno;
                put += std::max<ssize_t>(done, 0);
                toAt += std::max<ssize_t>(done, 0);
            }
            fromAt += std::max<ssize_t>(moved, 0);
        }
        if (moved < 0 && errno == EINTR)
            continue;
        if (moved < 0)
            return errno;
        if (moved == 0)
            return 0; // the file ends before that
        length -= all ? 0 : static_cast<std::uint64_t>(moved);
    }
    return 0;
}

} // namespace

const std::vector<Session::Extension>& Session::extensions() {
    static const std::vector<Extension> all{
        {"posix-rename@openssh.com", "1", &Session::posixRename, true},
        {"statvfs@openssh.com", "2", &Session::statvfs, false},
        {"fstatvfs@openssh.com", "2", &Session::fstatvfs, false},
        {"hardlink@openssh.com", "1", &Session::hardlink, true},
        {"fsync@openssh.com", "1", &Session::fsync, true},
        {"lsetstat@openssh.com", "1", &Session::lsetstat, true},
        {"limits@openssh.com", "1", &Session::limits, false},
        {"expand-path@openssh.com", "1", &Session::expandPath, false},
        {"copy-data", "1", &Session::copyData, true},
        {"users-groups-by-id@openssh.com", "1", &Session::usersGroups, false}};
    return all;
}

void Session::extended(Request& request) {
    const Bytes name = request.in.string();
    const auto found = std::find_if(extensions().begin(), extensions().end(), [name](const Extension& each) {
        return each.name == name;
    });
    if (found == extensions().end())
        return status(request, Code::unsupported, "this is not known here");
    perform(request, found->run, found->changes);
}

void Session::posixRename(Request& request) {
    if (const auto paths = twoPaths(request))
        done(request, tree_->rename(paths->first, paths->second));
}

void Session::disk(Request& request, const Result<files::FileSystem>& disk) {
    if (!disk)
        return failed(request, disk.error());
    constexpr std::uint64_t kReadOnly = 1, kNoSetUser = 2;
    Answer answer(request.out, request.id);
    for (const std::uint64_t each :
         {disk->blockSize, disk->fragmentSize, disk->blocks, disk->free, disk->available, disk->files,
          disk->filesFree, disk->filesAvailable, disk->id,
          (disk->readOnly ? kReadOnly : 0) | (disk->noSetUser ? kNoSetUser : 0), disk->longestName})
        answer->largeNumber(each);
}

void Session::statvfs(Request& request) {
    if (const auto where = path(request))
        disk(request, tree_->fileSystem(*where));
}

void Session::fstatvfs(Request& request) {
    if (const Handle* const known = opened(request, false))
        disk(request, tree_->fileSystem(known->path));
}

void Session::hardlink(Request& request) {
    if (const auto paths = twoPaths(request))
        done(request, tree_->addName(paths->first, paths->second));
}

void Session::fsync(Request& request) {
    const Handle* const known = opened(request, true);
    if (!known)
        return;
    done(request, ::fsync(known->file.get()) == 0 ? Result<void>() : Error::fromErrno(errno, known->path));
}

void Session::lsetstat(Request& request) {
    const auto where = path(request);
    const auto fresh = where ? wanted(request) : std::nullopt;
    if (!fresh)
        return;
    const auto info = tree_->linkInfo(*where);
    if (!info)
        return failed(request, info.error());
    if (info->kind != files::FileInfo::Kind::link)
        return done(request, changePath(*where, *fresh));
    if (fresh->size || fresh->permissions)
        return status(request, Code::unsupported, "a link has neither size nor permissions of its own");
    const files::ActingAs user(tree_->owner());
    const files::SplitPath split = files::splitPath(*where);
    const auto folder = tree_->openFolder(split.folder);
    if (!folder)
        return failed(request, folder.error());
    if (fresh->times) {
        const timespec times[2] = {{fresh->times->accessed, 0}, {fresh->times->modified, 0}};
        if (::utimensat(folder->get(), split.name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
            return failed(request, Error::fromErrno(errno, *where));
    }
    if (fresh->owner &&
        ::fchownat(
            folder->get(), split.name.c_str(), fresh->owner->user, fresh->owner->group, AT_SYMLINK_NOFOLLOW
        ) != 0)
        return failed(request, Error::fromErrno(errno, *where));
    status(request, Code::ok, "done");
}

void Session::limits(Request& request) {
    Answer answer(request.out, request.id);
    answer->largeNumber(kMostPacket).largeNumber(kMostData).largeNumber(kMostData).largeNumber(kMostHandles);
}

void Session::expandPath(Request& request) {
    Bytes wanted = request.in.string();
    if (!request.in.good())
        return status(request, Code::badMessage, "that cannot be a name");
    const bool home = wanted.starts_with('~');
    if (home) {
        wanted.remove_prefix(1);
        // Nobody's home but one's own is in here.
        if (!wanted.empty() && wanted.front() != '/')
            return status(request, Code::noSuchFile, "there is no such user here");
        wanted.remove_prefix(std::min(wanted.find_first_not_of('/'), wanted.size()));
    }
    const auto out = files::resolvePath(options_.start, wanted);
    if (!out)
        return status(request, Code::badMessage, "that cannot be a name");
    name(request, *out, Attributes());
}

void Session::copyData(Request& request) {
    const Handle* const from = opened(request, true);
    if (!from)
        return;
    const std::uint64_t fromAt = request.in.largeNumber();
    const std::uint64_t length = request.in.largeNumber();
    const Handle* const to = opened(request, true);
    if (!to)
        return;
    const std::uint64_t toAt = request.in.largeNumber();
    if (!request.in.good() || fromAt > INT64_MAX || toAt > INT64_MAX || from == to)
        return status(request, Code::badMessage, "that cannot be copied so");
    const int error =
        copy(from->file.get(), static_cast<off_t>(fromAt), to->file.get(), static_cast<off_t>(toAt), length);
    done(request, error == 0 ? Result<void>() : Error::fromErrno(error, to->path));
}

void Session::usersGroups(Request& request) {
    const Bytes users = request.in.string();
    const Bytes groups = request.in.string();
    if (!request.in.good())
        return status(request, Code::badMessage, "these are no ids");
    const std::string userNames = namesOf<passwd>(users, &::getpwuid_r, &passwd::pw_name);
    const std::string groupNames = namesOf<group>(groups, &::getgrgid_r, &group::gr_name);
    Answer answer(request.out, request.id);
    answer->string(userNames).string(groupNames);
}

} // namespace twistdpp::sftp
