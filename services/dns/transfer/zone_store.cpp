#include "twistdpp/dns_transfer/zone_store.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/dns_wire/digest.h"
#include "twistdpp/dns_wire/rdata.h"
#include "twistdpp/dns_wire/rdata_encoding.h"
#include "twistdpp/dns_zone/master_file.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kPiece = 256 * 1024; // bytes written at once

/// Appends to a file; remembers the first error.
class FileWriter {
public:
    explicit FileWriter(const std::string& path)
        : path_(path),
          fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)) {
        if (!fd_)
            error_ = errno;
    }
    std::string& text() noexcept { return text_; }
    void flushIfLong() {
        if (text_.size() >= kPiece)
            flush();
    }
    Result<void> finish(std::uint64_t checked) {
        flush();
        const timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(checked), 0}};
        if (error_ == 0 && (::futimens(fd_.get(), times) != 0 || ::fsync(fd_.get()) != 0))
            error_ = errno;
        if (error_ != 0)
            return Error::fromErrno(error_, path_ + ": cannot be written");
        return {};
    }

private:
    void flush() {
        for (Bytes rest = text_; error_ == 0 && !rest.empty();) {
            const ssize_t done = ::write(fd_.get(), rest.data(), rest.size());
            if (done < 0 && errno != EINTR)
                error_ = errno;
            else if (done > 0)
                rest.remove_prefix(static_cast<std::size_t>(done));
        }
        text_.clear();
    }

    const std::string path_;
    UniqueFd fd_;
    int error_ = 0;
    std::string text_;
};

void appendRecord(Bytes owner, const RecordSet& set, Bytes rdata, std::string& to) {
    to += nameText(owner);
    to += ' ';
    to += std::to_string(set.ttl());
    to += " IN ";
    to += typeText(set.type());
    to += ' ';
    to += formatRdata(set.type(), rdata);
    to += '\n';
}

} // namespace

/// Letters that a file name can hold everywhere; the others as %XX.
std::string ZoneStore::path(Bytes origin) const {
    std::string text = nameText(origin);
    if (text.size() > 1)
        text.pop_back();
    std::string file;
    for (const char each : text) {
        const bool plain = ascii::isAlpha(each) || ascii::isDigit(each) || each == '-' || each == '_' ||
                           (each == '.' && !file.empty());
        if (plain) {
            file += ascii::lower(each);
        } else {
            constexpr char kDigits[] = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(each);
            file += '%';
            file += kDigits[byte >> 4];
            file += kDigits[byte & 15];
        }
    }
    // File names end at 255 bytes; names that begin alike differ in their hash.
    constexpr std::size_t kLongest = 180;
    if (file.size() > kLongest) {
        std::array<char, 20> hash;
        nsec3Hash(NameKey(origin).wire(), {}, 0, hash);
        file.resize(kLongest);
        file += '%';
        appendBase32Hex({hash.data(), hash.size()}, file);
    }
    return directory_ + "/" + file + ".zone";
}

Result<void> ZoneStore::prepare() const {
    if (::mkdir(directory_.c_str(), 0750) != 0 && errno != EEXIST)
        return Error::fromErrno(errno, directory_ + ": cannot be made");
    if (::access(directory_.c_str(), W_OK | X_OK) != 0)
        return Error::fromErrno(errno, directory_ + ": cannot be written in");
    return {};
}

Result<ZoneStore::Copy> ZoneStore::load(Bytes origin) const {
    const std::string file = path(origin);
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0)
        return Error::fromErrno(errno, file);
    LoadedZone loaded = loadMasterFile(file, nameText(origin));
    if (!loaded.zone) {
        for (const ZoneProblem& each : loaded.problems) {
            if (each.fatal)
                return Error(each.message());
        }
        return Error(file + ": holds no zone");
    }
    Copy copy;
    copy.zone = std::move(loaded.zone);
    copy.checked = static_cast<std::uint64_t>(found.st_mtim.tv_sec);
    return copy;
}

Result<void> ZoneStore::save(const Zone& zone, std::uint64_t checked) const {
    const std::string file = path(zone.origin()), beside = file + ".new" + std::to_string(::getpid());
    FileWriter out(beside);
    out.text() += "; A secondary's copy of " + nameText(zone.origin()) +
                  " The time of this file is when the primary last said that it holds.\n";
    // The SOA first, as people expect it.
    appendRecord(zone.name(zone.apex()), *zone.soa(), zone.soa()->first(), out.text());
    zone.forEachSet([&](Bytes owner, const RecordSet& set) {
        if (set.type() == Type::SOA)
            return;
        for (const Bytes rdata : set)
            appendRecord(owner, set, rdata, out.text());
        out.flushIfLong();
    });
    if (auto done = out.finish(checked); !done) {
        ::unlink(beside.c_str());
        return done;
    }
    if (::rename(beside.c_str(), file.c_str()) != 0)
        return Error::fromErrno(errno, file + ": cannot be replaced");
    const UniqueFd directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory)
        ::fsync(directory.get());
    return {};
}

Result<void> ZoneStore::touch(Bytes origin, std::uint64_t checked) const {
    const std::string file = path(origin);
    const timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(checked), 0}};
    if (::utimensat(AT_FDCWD, file.c_str(), times, 0) != 0)
        return Error::fromErrno(errno, file + ": its time cannot be set");
    return {};
}

} // namespace twistdpp::dns
