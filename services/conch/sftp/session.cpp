#include "twistdpp/sftp/session.h"

#include "twistdpp/files/tree_path.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// How requests are taken and answered, and what is done with files that are open. See session_paths.cpp and
// session_extensions.cpp for the rest.

namespace twistdpp::sftp {

namespace {

using files::ActingAs;
using files::FileInfo;

constexpr std::uint8_t kInit = 1, kVersion = 2, kStatus = 101, kHandle = 102, kData = 103, kName = 104,
                       kAttrs = 105;
constexpr std::uint32_t kOurVersion = 3;

/// A packet whose length is written when it is whole.
class Packet {
public:
    Packet(std::string& out, std::uint8_t type) : out_(out), at_(out.size()), writer_(out) {
        writer_.number(0).byte(type);
    }
    ~Packet() { writeNumberAt(out_, at_, static_cast<std::uint32_t>(out_.size() - at_ - 4)); }
    Packet(const Packet&) = delete;
    Packet& operator=(const Packet&) = delete;
    WireWriter& operator*() noexcept { return writer_; }
    WireWriter* operator->() noexcept { return &writer_; }

private:
    std::string& out_;
    std::size_t at_;
    WireWriter writer_;
};

/// What the flags of SSH_FXP_OPEN (section 6.3) are for open(2).
std::optional<int> openFlags(std::uint32_t flags) {
    constexpr std::uint32_t kRead = 1, kWrite = 2, kAppend = 4, kCreate = 8, kTruncate = 16, kExclusive = 32;
    if ((flags & (kRead | kWrite)) == 0)
        return std::nullopt;
    int out = (flags & kWrite) == 0 ? O_RDONLY : (flags & kRead) == 0 ? O_WRONLY : O_RDWR;
    if ((flags & kWrite) != 0) {
        out |= (flags & kAppend) != 0 ? O_APPEND : 0;
        out |= (flags & kCreate) != 0 ? O_CREAT : 0;
        out |= (flags & kTruncate) != 0 ? O_TRUNC : 0;
        out |= (flags & kCreate) != 0 && (flags & kExclusive) != 0 ? O_EXCL : 0;
    }
    return out;
}

Error systemError(const std::string& path) {
    return Error::fromErrno(errno, path);
}

} // namespace

Session::Session(std::shared_ptr<const files::FileTree> tree, SessionOptions options)
    : tree_(std::move(tree)), options_(std::move(options)) {}

const std::vector<Session::Verb>& Session::verbs() {
    static const std::vector<Verb> all{
        {3, &Session::open, false},      {4, &Session::close, false},     {5, &Session::read, false},
        {6, &Session::write, true},      {7, &Session::lstat, false},     {8, &Session::fstat, false},
        {9, &Session::setstat, true},    {10, &Session::fsetstat, true},  {11, &Session::opendir, false},
        {12, &Session::readdir, false},  {13, &Session::remove, true},    {14, &Session::mkdir, true},
        {15, &Session::rmdir, true},     {16, &Session::realpath, false}, {17, &Session::stat, false},
        {18, &Session::rename, true},    {19, &Session::readlink, false}, {20, &Session::symlink, true},
        {200, &Session::extended, false}};
    return all;
}

bool Session::answer(Bytes packet, std::string& out) {
    WireReader in(packet);
    const std::uint8_t type = in.byte();
    if (!begun_) {
        if (type != kInit || packet.size() < 5)
            return false;
        begun_ = true;
        begin(out);
        return true;
    }
    Request request{in.number(), in, out};
    if (!request.in.good() || type == kInit)
        return false;
    const auto found =
        std::find_if(verbs().begin(), verbs().end(), [type](const Verb& each) { return each.type == type; });
    if (found == verbs().end())
        status(request, Code::unsupported, "this is not known here");
    else
        perform(request, found->run, found->changes);
    return true;
}

void Session::begin(std::string& out) {
    // Whatever the client can do, this is what we speak (section 4).
    Packet packet(out, kVersion);
    packet->number(kOurVersion);
    for (const Extension& each : extensions())
        packet->string(each.name).string(each.version);
}

void Session::perform(Request& request, Run run, bool changes) {
    if (changes && !options_.writable)
        return status(request, Code::permissionDenied, "nothing may be changed here");
    (this->*run)(request);
}

// Answers.

void Session::status(Request& request, Code code, Bytes text) {
    Packet packet(request.out, kStatus);
    packet->number(request.id).number(static_cast<std::uint32_t>(code)).string(text).string("en");
}

void Session::failed(Request& request, const Error& error) {
    switch (error.code().value()) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
        return status(request, Code::noSuchFile, "there is no such file or folder");
    case EACCES:
    case EPERM:
    case EROFS:
        return status(request, Code::permissionDenied, "that is not permitted");
    case EINVAL:
    case ENAMETOOLONG:
        return status(request, Code::badMessage, "that cannot be done with such a name or number");
    case EEXIST:
        return status(request, Code::failure, "there is such a name already");
    case EISDIR:
        return status(request, Code::failure, "that is a folder");
    case ENOTEMPTY:
        return status(request, Code::failure, "the folder is not empty");
    case ENOSPC:
    case EDQUOT:
        return status(request, Code::failure, "there is no room for it");
    default:
        return status(request, Code::failure, error.code().message());
    }
}

void Session::done(Request& request, const Result<void>& result) {
    if (!result)
        return failed(request, result.error());
    status(request, Code::ok, "done");
}

void Session::attributes(Request& request, const Result<FileInfo>& info) {
    if (!info)
        return failed(request, info.error());
    Packet packet(request.out, kAttrs);
    packet->number(request.id);
    Attributes::of(*info).write(*packet);
}

void Session::name(Request& request, Bytes name, const Attributes& attributes) {
    Packet packet(request.out, kName);
    packet->number(request.id).number(1).string(name).string(name);
    attributes.write(*packet);
}

void Session::handle(Request& request, Handle made) {
    if (handles_.size() >= kMostHandles)
        return status(request, Code::failure, "too many files are open");
    // A number that is in use is not given again, however many have been before.
    while (handles_.contains(++lastHandle_)) {
    }
    handles_.emplace(lastHandle_, std::move(made));
    std::string number;
    WireWriter(number).number(lastHandle_);
    Packet packet(request.out, kHandle);
    packet->number(request.id).string(number);
}

// Arguments.

std::optional<std::string> Session::path(Request& request) {
    const Bytes name = request.in.string();
    auto out = request.in.good() ? files::resolvePath(options_.start, name) : std::nullopt;
    if (!out)
        status(request, Code::badMessage, "that cannot be a name");
    return out;
}

std::optional<std::pair<std::string, std::string>> Session::twoPaths(Request& request) {
    auto first = path(request);
    if (!first)
        return std::nullopt;
    auto second = path(request);
    if (!second)
        return std::nullopt;
    return std::pair(*std::move(first), *std::move(second));
}

std::optional<Attributes> Session::wanted(Request& request) {
    Attributes out = Attributes::read(request.in);
    if (request.in.good())
        return out;
    status(request, Code::badMessage, "these are no attributes");
    return std::nullopt;
}

Session::Handle* Session::opened(Request& request, bool file) {
    WireReader number(request.in.string());
    const auto found = handles_.find(number.number());
    if (!number.good() || !number.rest().empty() || found == handles_.end() ||
        (file && !found->second.file)) {
        status(request, Code::failure, "no such file is open");
        return nullptr;
    }
    return &found->second;
}

// Files.

void Session::open(Request& request) {
    const auto where = path(request);
    if (!where)
        return;
    const auto flags = openFlags(request.in.number());
    const Attributes wanted = Attributes::read(request.in);
    if (!request.in.good() || !flags)
        return status(request, Code::badMessage, "that cannot be opened so");
    if ((*flags & O_ACCMODE) != O_RDONLY && !options_.writable)
        return status(request, Code::permissionDenied, "nothing may be changed here");
    auto file = tree_->openFile(*where, *flags, wanted.permissions.value_or(0666) & 0777 & ~options_.umask);
    if (!file)
        return failed(request, file.error());
    Handle made;
    made.path = *where;
    made.file = *std::move(file);
    handle(request, std::move(made));
}

void Session::close(Request& request) {
    Handle* const known = opened(request, false);
    if (!known)
        return;
    // A disk may notice only now that it has no room.
    const int closed = known->file ? ::close(known->file.release()) : 0;
    const Result<void> result = closed == 0 ? Result<void>() : systemError(known->path);
    std::erase_if(handles_, [known](const auto& each) { return &each.second == known; });
    done(request, result);
}

void Session::read(Request& request) {
    const Handle* const known = opened(request, true);
    if (!known)
        return;
    const std::uint64_t offset = request.in.largeNumber();
    const std::size_t most = std::min<std::size_t>(request.in.number(), kMostData);
    if (!request.in.good() || offset > INT64_MAX)
        return status(request, Code::badMessage, "that is no place in a file");
    // Straight to where it is sent from.
    const std::size_t before = request.out.size();
    ssize_t got = 0;
    {
        Packet packet(request.out, kData);
        packet->number(request.id).number(0);
        const std::size_t at = request.out.size();
        request.out.resize(at + most);
        do
            got = ::pread(known->file.get(), request.out.data() + at, most, static_cast<off_t>(offset));
        while (got < 0 && errno == EINTR);
        const auto size = got > 0 ? static_cast<std::size_t>(got) : 0;
        request.out.resize(at + size);
        writeNumberAt(request.out, at - 4, static_cast<std::uint32_t>(size));
    }
    if (got > 0)
        return;
    const Error why = systemError(known->path);
    request.out.resize(before);
    if (got == 0)
        status(request, Code::eof, "the file ends here");
    else
        failed(request, why);
}

void Session::write(Request& request) {
    const Handle* const known = opened(request, true);
    if (!known)
        return;
    std::uint64_t offset = request.in.largeNumber();
    Bytes data = request.in.string();
    if (!request.in.good() || offset > INT64_MAX - kMostPacket)
        return status(request, Code::badMessage, "that is no place in a file");
    while (!data.empty()) {
        const ssize_t put = ::pwrite(known->file.get(), data.data(), data.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return failed(request, systemError(known->path));
        offset += static_cast<std::uint64_t>(put);
        data.remove_prefix(static_cast<std::size_t>(put));
    }
    status(request, Code::ok, "done");
}

void Session::fstat(Request& request) {
    const Handle* const known = opened(request, false);
    if (!known)
        return;
    if (!known->file)
        return attributes(request, tree_->info(known->path));
    struct stat about {};
    if (::fstat(known->file.get(), &about) != 0)
        return failed(request, systemError(known->path));
    attributes(request, FileInfo::of(about));
}

void Session::fsetstat(Request& request) {
    const Handle* const known = opened(request, true);
    if (!known)
        return;
    const auto fresh = wanted(request);
    if (!fresh)
        return;
    if (fresh->size && ::ftruncate(known->file.get(), static_cast<off_t>(*fresh->size)) != 0)
        return failed(request, systemError(known->path));
    done(request, change(known->file.get(), *fresh));
}

/// All but its size.
Result<void> Session::change(int fd, const Attributes& wanted) {
    const ActingAs user(tree_->owner());
    if (wanted.permissions && ::fchmod(fd, *wanted.permissions & 0777) != 0)
        return systemError("a file");
    if (wanted.times) {
        const timespec times[2] = {{wanted.times->accessed, 0}, {wanted.times->modified, 0}};
        if (::futimens(fd, times) != 0)
            return systemError("a file");
    }
    if (wanted.owner && ::fchown(fd, wanted.owner->user, wanted.owner->group) != 0)
        return systemError("a file");
    return {};
}

} // namespace twistdpp::sftp
