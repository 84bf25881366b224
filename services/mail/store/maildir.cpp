#include "twistdpp/mail_store/maildir.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/password_digest.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace twistdpp::mail {

namespace {

constexpr std::array<const char*, 3> kParts{"tmp", "new", "cur"};
constexpr time_t kOld = 36 * 60 * 60;

std::string hostName() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0)
        return "localhost";
    // What stands for something else in the names of messages.
    std::string out;
    for (const char c : Bytes(name.data()))
        out += c == '/' || c == ':' || c == ',' ? '_' : c;
    return out;
}

/// A name that no other message has, here or on another machine.
std::string uniqueName(std::uint64_t size, std::uint64_t wireSize, std::int64_t time = 0) {
    static std::atomic<std::uint64_t> count{0};
    static const std::string host = hostName();
    timeval now{};
    ::gettimeofday(&now, nullptr);
    return std::to_string(time > 0 ? time : now.tv_sec) + ".M" + std::to_string(now.tv_usec) + "P" +
           std::to_string(::getpid()) + "Q" + std::to_string(++count) + "R" + toHex(randomBytes(4)) + "." +
           host + ",S=" + std::to_string(size) + ",W=" + std::to_string(wireSize);
}

/// A number behind ",X=" in the name of a message.
std::optional<std::uint64_t> numberIn(Bytes name, char letter) {
    const std::string mark = std::string(",") + letter + "=";
    const std::size_t at = name.find(mark);
    if (at == Bytes::npos)
        return std::nullopt;
    Bytes rest = name.substr(at + mark.size());
    return parseUnsigned<std::uint64_t>(rest.substr(0, std::min(rest.find_first_of(",:"), rest.size())));
}

/// When a message came: "new/SECONDS.MMICROSECONDS...".
std::pair<std::uint64_t, std::uint64_t> arrivalOf(Bytes entry) {
    Bytes name = entry.substr(4);
    const auto seconds = parseUnsigned<std::uint64_t>(ascii::cut(name, '.')).value_or(0);
    std::uint64_t fraction = 0;
    if (name.starts_with('M')) {
        name.remove_prefix(1);
        const std::size_t end = std::min(name.find_first_not_of("0123456789"), name.size());
        fraction = parseUnsigned<std::uint64_t>(name.substr(0, end)).value_or(0);
    }
    return {seconds, fraction};
}

/// How large a file is with CRLF, for one whose name does not say it.
Result<std::uint64_t> measured(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd)
        return Error::fromErrno(errno, "cannot read " + path);
    std::array<char, 64 * 1024> block{};
    std::uint64_t size = 0;
    char last = '\n';
    while (true) {
        const ssize_t got = ::read(fd.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error::fromErrno(errno, "cannot read " + path);
        if (got == 0)
            return size + (last == '\n' ? 0U : 2U);
        for (const char c : Bytes(block.data(), static_cast<std::size_t>(got))) {
            size += c == '\n' && last != '\r' ? 2U : 1U;
            last = c;
        }
    }
}

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

} // namespace

Result<void> makeFolder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return Error::fromErrno(errno, "cannot make " + path);
    return {};
}

Result<void> syncFolder(const std::string& path) {
    const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0)
        return Error::fromErrno(errno, "cannot write " + path);
    return {};
}

Result<void> Maildir::create() const {
    if (auto made = makeFolder(path_); !made)
        return made;
    for (const char* part : kParts) {
        if (auto made = makeFolder(path_ + "/" + part); !made)
            return made;
    }
    return {};
}

Result<std::string>
Maildir::deliver(const std::string& head, const MessageSpool& body, std::int64_t time) const {
    return put(head, body, true, time);
}

Result<std::string> Maildir::place(const std::string& head, const MessageSpool& body) const {
    return put(head, body, false, 0);
}

Result<std::string>
Maildir::put(const std::string& head, const MessageSpool& body, bool safely, std::int64_t time) const {
    const auto headLines = static_cast<std::uint64_t>(std::count(head.begin(), head.end(), '\n'));
    const std::string name =
        uniqueName(head.size() + body.size(), head.size() + headLines + body.wireSize(), time);
    const std::string fresh = path_ + "/tmp/" + name;
    UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return Error::fromErrno(errno, "cannot make " + fresh);
    auto written = writeAll(file.get(), head, fresh);
    if (written)
        written = body.copyTo(file.get());
    if (written && safely && ::fdatasync(file.get()) != 0)
        written = Error::fromErrno(errno, "cannot write " + fresh);
    const std::string target = path_ + "/new/" + name;
    if (written && ::rename(fresh.c_str(), target.c_str()) != 0)
        written = Error::fromErrno(errno, "cannot move " + fresh + " to new/");
    if (!written) {
        ::unlink(fresh.c_str());
        return std::move(written).error();
    }
    if (!safely)
        return name;
    // The name is safe when the folder is. Should that fail, the message may be there twice: the client is
    // told to try again.
    if (auto synced = syncFolder(path_ + "/new"); !synced)
        return std::move(synced).error();
    return name;
}

Result<std::string> Maildir::whereIs(const std::string& name) const {
    for (const std::string part : {"new", "cur"}) {
        const std::unique_ptr<DIR, CloseFolder> folder(::opendir((path_ + "/" + part).c_str()));
        if (!folder)
            return Error::fromErrno(errno, "cannot read " + path_ + "/" + part);
        while (const dirent* each = ::readdir(folder.get())) {
            Bytes found = each->d_name;
            if (ascii::cut(found, ':') == Bytes(name))
                return path_ + "/" + part + "/" + each->d_name;
        }
    }
    return path_ + "/new/" + name;
}

Result<bool> Maildir::restore(const std::string& name, Bytes message) const {
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos)
        return Error("a record has a name that no message has");
    const auto target = whereIs(name);
    if (!target)
        return target.error();
    if (const UniqueFd there(::open(target->c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)); there) {
        std::string content(message.size() + 1, '\0');
        std::size_t have = 0;
        for (ssize_t got = 1;
             got > 0 && have<content.size(); have += got> 0 ? static_cast<std::size_t>(got) : 0)
            got = ::read(there.get(), content.data() + have, content.size() - have);
        if (Bytes(content.data(), have) == message && ::fdatasync(there.get()) == 0) {
            if (auto synced = syncFolder(target->substr(0, target->rfind('/'))); !synced)
                return std::move(synced).error();
            return false;
        }
    }
    const std::string fresh = path_ + "/tmp/" + name;
    const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return Error::fromErrno(errno, "cannot make " + fresh);
    if (auto written = writeAll(file.get(), message, fresh); !written)
        return std::move(written).error();
    if (::fdatasync(file.get()) != 0 || ::rename(fresh.c_str(), target->c_str()) != 0)
        return Error::fromErrno(errno, "cannot write " + *target);
    if (auto synced = syncFolder(target->substr(0, target->rfind('/'))); !synced)
        return std::move(synced).error();
    return true;
}

Result<std::vector<Maildir::Entry>> Maildir::list() const {
    std::vector<Entry> out;
    for (const std::string part : {"new", "cur"}) {
        const std::unique_ptr<DIR, CloseFolder> folder(::opendir((path_ + "/" + part).c_str()));
        if (!folder)
            return Error::fromErrno(errno, "cannot read " + path_ + "/" + part);
        while (const dirent* each = ::readdir(folder.get())) {
            if (each->d_name[0] == '.')
                continue;
            Entry entry;
            entry.name = part + "/" + each->d_name;
            const auto known = numberIn(each->d_name, 'W');
            const auto size = known ? Result<std::uint64_t>(*known) : measured(path_ + "/" + entry.name);
            if (!size)
                continue; // it has just been moved or removed
            entry.size = *size;
            out.push_back(std::move(entry));
        }
    }
    std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
        const auto left = arrivalOf(a.name);
        const auto right = arrivalOf(b.name);
        return left != right ? left < right : Bytes(a.name).substr(4) < Bytes(b.name).substr(4);
    });
    return out;
}

std::uint64_t Maildir::usage() const {
    std::uint64_t out = 0;
    for (const std::string part : {"new", "cur"}) {
        const std::unique_ptr<DIR, CloseFolder> folder(::opendir((path_ + "/" + part).c_str()));
        while (const dirent* each = folder ? ::readdir(folder.get()) : nullptr) {
            struct stat status {};
            if (each->d_name[0] == '.')
                continue;
            if (const auto known = numberIn(each->d_name, 'S'))
                out += *known;
            else if (::stat((path_ + "/" + part + "/" + each->d_name).c_str(), &status) == 0)
                out += static_cast<std::uint64_t>(status.st_size);
        }
    }
    return out;
}

Result<UniqueFd> Maildir::open(const Entry& entry) const {
    std::string path = path_ + "/" + entry.name;
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) {
        path = locate(entry);
        fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    }
    if (!fd)
        return Error::fromErrno(errno, "cannot read " + path);
    return fd;
}

Result<void> Maildir::remove(const Entry& entry) const {
    const std::string path = path_ + "/" + entry.name;
    if (::unlink(path.c_str()) == 0)
        return {};
    if (errno != ENOENT || (::unlink(locate(entry).c_str()) != 0 && errno != ENOENT))
        return Error::fromErrno(errno, "cannot remove " + path);
    return {};
}

std::string Maildir::locate(const Entry& entry) const {
    const auto found = whereIs(baseOf(entry.name));
    return found ? *found : path_ + "/" + entry.name;
}

std::string Maildir::baseOf(const std::string& entryName) {
    const std::size_t begin = entryName.find('/') + 1;
    return entryName.substr(begin, entryName.find(':', begin) - begin);
}

std::string Maildir::flagsOf(const std::string& entryName) {
    const std::size_t mark = entryName.find(":2,");
    return mark == std::string::npos ? std::string() : entryName.substr(mark + 3);
}

std::int64_t Maildir::timeOf(const std::string& entryName) {
    return static_cast<std::int64_t>(arrivalOf(entryName).first);
}

Result<std::string> Maildir::changeFlags(
    const Entry& entry, const std::function<std::string(const std::string& flags)>& change
) const {
    const auto named = [&](const std::string& now) {
        return "cur/" + baseOf(entry.name) + ":2," + change(flagsOf(now));
    };
    std::string from = path_ + "/" + entry.name;
    std::string name = named(entry.name);
    if (::rename(from.c_str(), (path_ + "/" + name).c_str()) == 0)
        return name;
    if (errno != ENOENT)
        return Error::fromErrno(errno, "cannot move " + from);
    // Somebody else has given it other flags meanwhile.
    from = locate(entry);
    name = named(from.substr(path_.size() + 1));
    if (::rename(from.c_str(), (path_ + "/" + name).c_str()) != 0)
        return Error::fromErrno(errno, "cannot move " + from);
    return name;
}

Result<std::string>
Maildir::linkTo(const Entry& entry, const Maildir& target, const std::string& flags) const {
    const std::string base = baseOf(entry.name);
    const std::string name =
        "cur/" + uniqueName(numberIn(base, 'S').value_or(0), entry.size, timeOf(entry.name)) + ":2," + flags;
    const std::string to = target.path_ + "/" + name;
    if (::link((path_ + "/" + entry.name).c_str(), to.c_str()) != 0 &&
        (errno != ENOENT || ::link(locate(entry).c_str(), to.c_str()) != 0))
        return Error::fromErrno(errno, "cannot copy a message to " + to);
    return name;
}

void Maildir::sweep() const {
    const std::string part = path_ + "/tmp";
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(part.c_str()));
    const time_t now = ::time(nullptr);
    while (const dirent* each = folder ? ::readdir(folder.get()) : nullptr) {
        const std::string path = part + "/" + each->d_name;
        struct stat status {};
        if (each->d_name[0] != '.' && ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
            status.st_mtime < now - kOld)
            ::unlink(path.c_str());
    }
}

} // namespace twistdpp::mail
