#include "twistdpp/mail_queue/spool_files.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mail_store/maildir.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_set>

namespace twistdpp::mail {

namespace {

constexpr std::uint64_t kSegment = 16U << 20U; // how long one grows
constexpr std::uint64_t kSlack = 4 * kSegment; // what may lie there that nobody needs
constexpr std::uint64_t kHistory = 16U << 20U; // behind which it begins anew
constexpr std::size_t kSpares = 2;             // segments to be used again
constexpr std::size_t kMoves = 128;            // at a time
constexpr char kPut = 'M', kLarge = 'L', kUpdate = 'S', kRemove = 'D';

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

std::string largeFolder(const std::string& folder) {
    return folder + "/large";
}

std::vector<std::string> namesIn(const std::string& folder) {
    std::vector<std::string> out;
    const std::unique_ptr<DIR, CloseFolder> names(::opendir(folder.c_str()));
    while (const dirent* each = names ? ::readdir(names.get()) : nullptr) {
        if (each->d_name[0] != '.')
            out.emplace_back(each->d_name);
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// "NUMBER.EPOCH", in hex of 16 digits each. Records of another epoch in it are of an earlier life.
struct SegmentName {
    std::uint64_t number, epoch;

    std::string toString() const {
        std::array<char, 40> text{};
        const int size = std::snprintf(
            text.data(), text.size(), "%016llx.%016llx", static_cast<unsigned long long>(number),
            static_cast<unsigned long long>(epoch)
        );
        return {text.data(), static_cast<std::size_t>(size)};
    }
    static std::optional<SegmentName> parse(Bytes name) {
        if (name.size() != 33 || name[16] != '.')
            return std::nullopt;
        const auto number = parseUnsigned<std::uint64_t>(name.substr(0, 16), 16);
        const auto epoch = parseUnsigned<std::uint64_t>(name.substr(17), 16);
        if (!number || !epoch || *epoch == 0)
            return std::nullopt;
        return SegmentName{*number, *epoch};
    }
};

Result<std::shared_ptr<const UniqueFd>> openFile(const std::string& path, int flags) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW));
    if (!fd)
        return Error::fromErrno(errno, "cannot open " + path);
    return std::make_shared<const UniqueFd>(std::move(fd));
}

} // namespace

Result<std::string> SpoolPlace::read(std::uint64_t offset, std::size_t most) const {
    std::string out(
        static_cast<std::size_t>(std::min<std::uint64_t>(most, size - std::min(size, offset))), '\0'
    );
    if (out.empty())
        return out;
    auto got = readAt(file->get(), out.data(), out.size(), at + offset, "the mail queue");
    if (!got)
        return std::move(got).error();
    if (*got < out.size())
        return Error("a file of the mail queue is shorter than it was");
    return out;
}

/// What the records of all segments come to.
struct SpoolFiles::Reading {
    struct Seen {
        Found found;
        std::size_t segment = 0;
        std::uint64_t bytes = 0;
        bool large = false;
    };
    explicit Reading(std::string where) : folder(std::move(where)) {}

    std::string folder;
    std::vector<Segment> segments;
    std::map<std::string, Seen> mails;

    Result<void> take(Bytes record, std::uint64_t at) {
        const char kind = record.front();
        const std::size_t end = std::min(record.find('\0'), record.size());
        const Bytes text = record.substr(1, end - 1);
        if (kind == kRemove) {
            mails.erase(std::string(text));
            return {};
        }
        auto mail = QueuedMail::parse(text);
        if (!mail)
            return std::move(mail).error();
        if (kind == kUpdate) {
            if (const auto known = mails.find(mail->id); known != mails.end())
                known->second.found.mail = *std::move(mail);
            return {};
        }
        Seen seen;
        seen.segment = segments.size() - 1;
        seen.bytes = record.size();
        seen.large = kind == kLarge;
        if (seen.large) {
            const std::string path = largeFolder(folder) + "/" + mail->id;
            auto file = openFile(path, O_RDONLY);
            struct stat status {};
            // It goes before what is said of it here does.
            if (!file || ::fstat((*file)->get(), &status) != 0)
                return {};
            seen.found.place = {*std::move(file), 0, static_cast<std::uint64_t>(status.st_size)};
        } else if (kind == kPut) {
            const std::uint64_t head = std::min<std::uint64_t>(end + 1, record.size());
            seen.found.place = {segments.back().file, at + head, record.size() - head};
        } else {
            return Error("there is a record of an unknown kind");
        }
        segments.back().ids.push_back(mail->id);
        seen.found.mail = *std::move(mail);
        mails.insert_or_assign(seen.found.mail.id, std::move(seen));
        return {};
    }
    Result<void> readAll() {
        for (const std::string& name : namesIn(folder)) {
            const auto parsed = SegmentName::parse(name);
            if (!parsed)
                continue;
            Segment segment;
            segment.number = parsed->number;
            segment.path = folder + "/" + name;
            auto file = openFile(segment.path, O_RDONLY);
            // Somebody who looks at the queue of a process that goes on may come too late.
            if (!file)
                continue;
            segment.file = *std::move(file);
            segments.push_back(segment);
            auto read = RecordFile::read(
                segment.file->get(), segment.path, parsed->epoch,
                [this](Bytes record, std::uint64_t at) {
                    segments.back().size = at + record.size();
                    return take(record, at);
                }
            );
            if (!read)
                return std::move(read).error().within(segment.path);
        }
        return {};
    }
};

Result<std::vector<SpoolFiles::Found>> SpoolFiles::look(const std::string& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0)
        return Error::fromErrno(errno, "cannot read " + folder);
    Reading reading(folder);
    if (auto read = reading.readAll(); !read)
        return std::move(read).error();
    std::vector<Found> out;
    for (auto& [id, seen] : reading.mails)
        out.push_back(std::move(seen.found));
    return out;
}

Result<std::unique_ptr<SpoolFiles>> SpoolFiles::open(std::string folder, std::vector<Found>& found) {
    for (const std::string& each : {folder, largeFolder(folder)}) {
        if (auto made = makeFolder(each); !made)
            return std::move(made).error();
    }
    Reading reading(folder);
    if (auto read = reading.readAll(); !read)
        return std::move(read).error();
    std::unique_ptr<SpoolFiles> made(new SpoolFiles(folder));
    for (Segment& segment : reading.segments) {
        made->total_ += segment.size;
        made->segments_.push_back(std::move(segment));
    }
    std::unordered_set<std::string> large;
    for (auto& [id, seen] : reading.mails) {
        Segment& segment = made->segments_[seen.segment];
        segment.live += seen.bytes;
        made->live_ += seen.bytes;
        made->entries_[id] = {segment.number, seen.bytes, seen.found.place, seen.large};
        if (seen.large)
            large.insert(id);
        found.push_back(std::move(seen.found));
    }
    // What a crash has left: spares, and large files of mails that were never taken or are done.
    for (const std::string& name : namesIn(folder)) {
        if (name.starts_with("spare."))
            ::unlink((folder + "/" + name).c_str());
    }
    for (const std::string& name : namesIn(largeFolder(folder))) {
        if (large.count(name) == 0)
            ::unlink((largeFolder(folder) + "/" + name).c_str());
    }
    if (auto begun = made->begin(); !begun)
        return std::move(begun).error();
    made->dropOld();
    return made;
}

/// A new segment, which is written from now on.
Result<void> SpoolFiles::begin() {
    const SegmentName name{segments_.empty() ? 1 : segments_.back().number + 1, RecordFile::newEpoch()};
    Segment segment;
    segment.number = name.number;
    segment.path = folder_ + "/" + name.toString();
    UniqueFd fd;
    if (!spares_.empty()) {
        const std::string spare = spares_.back();
        spares_.pop_back();
        if (::rename(spare.c_str(), segment.path.c_str()) == 0)
            fd.reset(::open(segment.path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    }
    if (!fd)
        fd.reset(::open(segment.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0)
        return Error::fromErrno(errno, "cannot make " + segment.path);
    if (auto synced = syncFolder(folder_); !synced)
        return synced;
    auto file = openFile(segment.path, O_RDONLY);
    if (!file)
        return std::move(file).error();
    segment.file = *std::move(file);
    active_.emplace(std::move(fd), segment.path, name.epoch);
    active_->laidOut(static_cast<std::uint64_t>(status.st_size));
    segments_.push_back(std::move(segment));
    return {};
}

Result<SpoolPlace> SpoolFiles::writeLarge(
    const std::string& folder, const std::string& id, const std::string& head, const MessageSpool& body
) {
    const std::string where = largeFolder(folder);
    UniqueFd fd(::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd)
        return Error::fromErrno(errno, "cannot make a file in " + where);
    auto written = writeAll(fd.get(), head, where);
    if (written)
        written = body.copyTo(fd.get());
    if (!written)
        return std::move(written).error();
    const std::string path = where + "/" + id;
    const std::string nameless = "/proc/self/fd/" + std::to_string(fd.get());
    if (::fsync(fd.get()) != 0 ||
        ::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0)
        return Error::fromErrno(errno, "cannot make " + path);
    if (auto synced = syncFolder(where); !synced)
        return std::move(synced).error();
    return SpoolPlace{std::make_shared<const UniqueFd>(std::move(fd)), 0, head.size() + body.size()};
}

/// Puts the record of a mail among those that are to be written. What it gives counts once they are.
Result<SpoolFiles::Entry> SpoolFiles::place(SpoolChange& change) {
    const bool moved = change.kind == SpoolChange::Kind::move;
    const auto known = entries_.find(change.id);
    if (moved && known == entries_.end())
        return Error("the mail is gone");
    const bool large = moved ? known->second.large : change.place.file != nullptr;
    std::string record(1, large ? kLarge : kPut);
    record += change.text;
    record += '\0';
    const std::size_t head = record.size();
    if (moved && !large) {
        auto text = known->second.place.read(0, static_cast<std::size_t>(known->second.place.size));
        if (!text)
            return std::move(text).error();
        record += *text;
    } else if (!large) {
        record.append(change.head).append(change.body->inMemory().value_or(Bytes()));
    }
    const std::uint64_t at = active_->add(record);
    if (moved && large)
        change.place = known->second.place;
    else if (!large)
        change.place = {segments_.back().file, at + head, record.size() - head};
    return Entry{segments_.back().number, record.size(), change.place, large};
}

void SpoolFiles::enter(const std::string& id, Entry entry) {
    leave(id);
    Segment& segment = segments_.back();
    segment.ids.push_back(id);
    segment.live += entry.bytes;
    live_ += entry.bytes;
    entries_[id] = std::move(entry);
}

/// Gives whether it has a large file.
bool SpoolFiles::leave(const std::string& id) {
    const auto known = entries_.find(id);
    if (known == entries_.end())
        return false;
    const auto segment = std::lower_bound(
        segments_.begin(), segments_.end(), known->second.segment,
        [](const Segment& each, std::uint64_t number) { return each.number < number; }
    );
    segment->live -= known->second.bytes;
    live_ -= known->second.bytes;
    const bool large = known->second.large;
    entries_.erase(known);
    return large;
}

void SpoolFiles::apply(std::span<const std::shared_ptr<SpoolChange>> changes) {
    using Kind = SpoolChange::Kind;
    for (const auto& change : changes) {
        if (change->kind == Kind::note)
            history_ += change->text;
        else if (change->kind == Kind::remove)
            removed_.push_back(change->id);
    }
    std::vector<std::pair<SpoolChange*, Entry>> placed;
    auto done = broken_ ? Result<void>(*broken_) : Result<void>();
    if (done && active_->size() >= kSegment)
        done = begin();
    for (const auto& change : changes) {
        if (!done || change->kind == Kind::note || change->kind == Kind::remove)
            continue;
        if (change->kind == Kind::update) {
            active_->add(std::string(1, kUpdate) + change->text);
        } else if (auto entry = place(*change)) {
            placed.emplace_back(change.get(), *std::move(entry));
        } else {
            change->error = entry.error();
        }
    }
    if (done)
        done = write(!placed.empty());
    for (const auto& change : changes) {
        if (!done && change->kind != Kind::note)
            change->error = done.error();
    }
    for (auto& [change, entry] : placed) {
        if (done)
            enter(change->id, std::move(entry));
    }
    // They are done whatever the disk says; what it did not take of that is told it again.
    for (const std::string& id : removed_) {
        if (leave(id))
            ::unlink((largeFolder(folder_) + "/" + id).c_str());
    }
    if (done) {
        removed_.clear();
        dropOld();
    }
    writeHistory();
}

Result<void> SpoolFiles::write(bool safely) {
    for (const std::string& id : removed_)
        active_->add(std::string(1, kRemove) + id);
    const std::uint64_t before = active_->size();
    auto written = active_->write();
    segments_.back().size = active_->size();
    total_ += active_->size() - before;
    if (!written) {
        // A lack of room passes; of anything else nothing is known any more.
        const int code = written.error().code().value();
        if (code != ENOSPC && code != EDQUOT && code != EFBIG)
            broken_ = written.error();
        return written;
    }
    if (safely) {
        written = active_->sync();
        if (!written)
            broken_ = written.error();
    }
    return written;
}

void SpoolFiles::dropOld() {
    while (segments_.size() > 1 && segments_.front().live == 0) {
        Segment& old = segments_.front();
        total_ -= old.size;
        // Nobody reads in it any more when nobody else has it.
        const std::string spare = folder_ + "/spare." + toHex(Bytes(old.path).substr(old.path.size() - 8));
        if (spares_.size() < kSpares && old.size <= 2 * kSegment && old.file.use_count() == 1 &&
            ::rename(old.path.c_str(), spare.c_str()) == 0)
            spares_.push_back(spare);
        else
            ::unlink(old.path.c_str());
        segments_.pop_front();
    }
}

std::vector<std::string> SpoolFiles::toBeMoved() const {
    std::vector<std::string> out;
    if (segments_.size() < 2 || broken_)
        return out;
    const Segment& oldest = segments_.front();
    if (oldest.live * 5 > oldest.size && total_ < 2 * live_ + kSlack)
        return out;
    for (const std::string& id : oldest.ids) {
        const auto known = entries_.find(id);
        if (known != entries_.end() && known->second.segment == oldest.number && out.size() < kMoves)
            out.push_back(id);
    }
    return out;
}

std::string SpoolFiles::historyPath(const std::string& folder, bool older) {
    return folder + (older ? "/history.1" : "/history");
}

/// What cannot be written of it is lost: it is not needed for any mail to arrive.
void SpoolFiles::writeHistory() {
    if (history_.empty())
        return;
    const std::string text = std::exchange(history_, {});
    const std::string path = historyPath(folder_, false);
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat status {};
    if (!fd || !writeAll(fd.get(), text, path) || ::fstat(fd.get(), &status) != 0)
        return;
    if (static_cast<std::uint64_t>(status.st_size) > kHistory)
        ::rename(path.c_str(), historyPath(folder_, true).c_str());
}

} // namespace twistdpp::mail
