#include "twistdpp/sftp/session.h"

#include "twistdpp/files/list_line.h"
#include "twistdpp/files/tree_path.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

// What is done by path.

namespace twistdpp::sftp {

namespace {

using files::FileEntry;

constexpr std::uint8_t kName = 104;
constexpr std::size_t kNamesAtOnce = 100;

} // namespace

void Session::stat(Request& request) {
    if (const auto where = path(request))
        attributes(request, tree_->info(*where));
}

void Session::lstat(Request& request) {
    if (const auto where = path(request))
        attributes(request, tree_->linkInfo(*where));
}

Result<void> Session::changePath(const std::string& path, const Attributes& wanted) {
    if (wanted.size) {
        auto file = tree_->openFile(path, O_WRONLY);
        if (!file)
            return std::move(file).error();
        if (::ftruncate(file->get(), static_cast<off_t>(*wanted.size)) != 0)
            return Error::fromErrno(errno, path);
    }
    if (!wanted.permissions && !wanted.times && !wanted.owner)
        return {};
    const auto opened = [&](int flags) {
        const files::ActingAs user(tree_->owner());
        return tree_->openAt(path, flags);
    };
    auto file = opened(O_RDONLY);
    if (!file && file.error().code().value() == EACCES)
        file = opened(O_WRONLY);
    if (!file)
        return std::move(file).error();
    return change(file->get(), wanted);
}

void Session::setstat(Request& request) {
    const auto where = path(request);
    const auto fresh = where ? wanted(request) : std::nullopt;
    if (fresh)
        done(request, changePath(*where, *fresh));
}

void Session::opendir(Request& request) {
    const auto where = path(request);
    if (!where)
        return;
    auto entries = tree_->list(*where);
    if (!entries)
        return failed(request, entries.error());
    Handle made;
    made.path = *where;
    made.entries = *std::move(entries);
    for (const char* dots : {"..", "."}) {
        const auto of = files::resolvePath(*where, dots);
        auto info = of ? tree_->info(*of) : Result<files::FileInfo>(Error("no name"));
        if (info)
            made.entries.insert(made.entries.begin(), FileEntry{dots, *info});
    }
    handle(request, std::move(made));
}

void Session::readdir(Request& request) {
    Handle* const known = opened(request, false);
    if (!known)
        return;
    if (known->file)
        return status(request, Code::failure, "that is no folder");
    const std::size_t count = std::min(kNamesAtOnce, known->entries.size() - known->next);
    if (count == 0)
        return status(request, Code::eof, "that was all");
    const std::size_t begin = request.out.size();
    WireWriter out(request.out);
    out.number(0).byte(kName).number(request.id).number(static_cast<std::uint32_t>(count));
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    for (std::size_t i = 0; i < count; ++i) {
        const FileEntry& each = known->entries[known->next++];
        out.string(each.name).string(files::listLine(each.name, each.info, now));
        Attributes::of(each.info).write(out);
    }
    writeNumberAt(request.out, begin, static_cast<std::uint32_t>(request.out.size() - begin - 4));
}

void Session::remove(Request& request) {
    if (const auto where = path(request))
        done(request, tree_->remove(*where));
}

void Session::mkdir(Request& request) {
    const auto where = path(request);
    const auto fresh = where ? wanted(request) : std::nullopt;
    if (fresh)
        done(request, tree_->makeFolder(*where, fresh->permissions.value_or(0777) & 0777 & ~options_.umask));
}

void Session::rmdir(Request& request) {
    if (const auto where = path(request))
        done(request, tree_->removeFolder(*where));
}

void Session::realpath(Request& request) {
    // What it names need not be there: clients ask before they make it.
    if (const auto where = path(request))
        name(request, *where, Attributes());
}

void Session::rename(Request& request) {
    // It does not take the place of another (section 6.5); posix-rename does.
    if (const auto paths = twoPaths(request))
        done(request, tree_->renameToFree(paths->first, paths->second));
}

void Session::readlink(Request& request) {
    const auto where = path(request);
    if (!where)
        return;
    const auto target = tree_->readLink(*where);
    if (!target)
        return failed(request, target.error());
    name(request, *target, Attributes());
}

void Session::symlink(Request& request) {
    // The draft has the link first; all servers have what it says first, since OpenSSH's had.
    const std::string target(request.in.string());
    const auto where = path(request);
    if (!where)
        return;
    if (target.empty() || target.find('\0') != std::string::npos)
        return status(request, Code::badMessage, "a link cannot say that");
    done(request, tree_->makeLink(*where, target));
}

} // namespace twistdpp::sftp
