#include "twistdpp/mail_store/message_uids.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mail_store/message_spool.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <set>
#include <sys/file.h>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

constexpr Bytes kVersion = "2";
constexpr std::size_t kLinesToSpare = 1000; // that say nothing any more, before all are written anew
constexpr Bytes kNoFlags = "-";

/// Letters, whatever stands behind another program's file name: nothing that would end the word.
std::string word(std::string flags) {
    std::replace_if(
        flags.begin(), flags.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; }, '?'
    );
    return flags == kNoFlags ? "?" : flags;
}

std::string lineOf(const std::string& name, const MessageUids::Record& record) {
    std::string out = std::to_string(record.uid) + " " + std::to_string(record.modseq) + " ";
    return out.append(record.flags.empty() ? kNoFlags : Bytes(record.flags)).append(" ").append(name) + "\n";
}

Result<std::string> contents(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT)
        return std::string();
    std::string out;
    std::string block(64 * 1024, '\0');
    while (true) {
        const ssize_t got = file ? ::read(file.get(), block.data(), block.size()) : -1;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error::fromErrno(errno, "cannot read " + path);
        if (got == 0)
            return out;
        out.append(block, 0, static_cast<std::size_t>(got));
    }
}

} // namespace

Result<MessageUids> MessageUids::open(const std::string& maildir) {
    const std::string path = maildir + "/.uids.lock";
    UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock)
        return Error::fromErrno(errno, "cannot make " + path);
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR)
            return Error::fromErrno(errno, "cannot lock " + path);
    }
    MessageUids made(maildir, std::move(lock));
    if (auto loaded = made.load(); !loaded)
        return std::move(loaded).error();
    return made;
}

Result<void> MessageUids::load() {
    auto text = contents(maildir_ + "/.uids");
    if (!text)
        return std::move(text).error();
    Bytes rest = *text;
    Bytes head = ascii::cut(rest, '\n');
    const bool known = ascii::cut(head, ' ') == kVersion;
    const auto validity = parseUnsigned<std::uint32_t>(ascii::cut(head, ' '));
    const auto next = parseUnsigned<std::uint32_t>(ascii::cut(head, ' '));
    const auto highest = parseUnsigned<std::uint64_t>(head);
    if (!known || !validity || !next || !highest) {
        // A new list has numbers that have nothing to do with those before, which its validity says.
        validity_ = static_cast<std::uint32_t>(std::time(nullptr));
        whole_ = true;
        return {};
    }
    validity_ = *validity;
    next_ = *next;
    highest_ = *highest;
    // A crash may leave a line that breaks off, which nothing may be added to.
    whole_ = !text->ends_with('\n');
    if (whole_)
        rest = rest.substr(0, rest.rfind('\n') + 1);
    while (!rest.empty())
        readLine(ascii::cut(rest, '\n'));
    return {};
}

void MessageUids::readLine(Bytes line) {
    ++lines_;
    Record record;
    const auto uid = parseUnsigned<std::uint32_t>(ascii::cut(line, ' '));
    const auto modseq = parseUnsigned<std::uint64_t>(ascii::cut(line, ' '));
    const Bytes flags = ascii::cut(line, ' ');
    if (!uid || !modseq || line.empty())
        return;
    highest_ = std::max(highest_, *modseq);
    if (*uid == 0) {
        records_.erase(std::string(line));
        return;
    }
    next_ = std::max(next_, *uid + 1);
    record.uid = *uid;
    record.modseq = *modseq;
    record.flags = flags == kNoFlags ? Bytes() : flags;
    records_.insert_or_assign(std::string(line), std::move(record));
}

const MessageUids::Record* MessageUids::find(const std::string& name) const {
    const auto found = records_.find(name);
    return found == records_.end() ? nullptr : &found->second;
}

void MessageUids::written(const std::string& name, const Record& record) {
    if (!whole_)
        fresh_ += lineOf(name, record);
}

Result<void> MessageUids::update(const std::vector<Named>& messages) {
    std::set<Bytes> there;
    for (const Named& each : messages)
        there.insert(each.first);
    std::erase_if(records_, [&](const auto& each) {
        if (there.contains(each.first))
            return false;
        Record gone;
        gone.modseq = ++highest_;
        written(each.first, gone);
        return true;
    });
    for (const Named& each : messages) {
        if (!find(each.first))
            add(each);
        else
            note(each);
    }
    return save();
}

std::uint32_t MessageUids::add(const Named& message) {
    Record record;
    record.uid = next_++;
    record.modseq = ++highest_;
    record.flags = word(message.second);
    written(message.first, record);
    records_.insert_or_assign(message.first, record);
    return record.uid;
}

void MessageUids::note(const Named& message) {
    const auto found = records_.find(message.first);
    std::string flags = word(message.second);
    if (found == records_.end() || found->second.flags == flags)
        return;
    found->second.flags = std::move(flags);
    found->second.modseq = ++highest_;
    written(message.first, found->second);
}

Result<void> MessageUids::save() {
    if (lines_ > 2 * records_.size() + kLinesToSpare)
        whole_ = true;
    if (whole_)
        return rewrite();
    return fresh_.empty() ? Result<void>() : append();
}

Result<void> MessageUids::append() {
    const std::string path = maildir_ + "/.uids";
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    if (!file)
        return Error::fromErrno(errno, "cannot open " + path);
    if (auto done = writeAll(file.get(), fresh_, path); !done) {
        whole_ = true; // a part of it may be there
        return done;
    }
    if (::fdatasync(file.get()) != 0)
        return Error::fromErrno(errno, "cannot write " + path);
    lines_ += static_cast<std::size_t>(std::count(fresh_.begin(), fresh_.end(), '\n'));
    fresh_.clear();
    return {};
}

Result<void> MessageUids::rewrite() {
    std::string text = std::string(kVersion) + " " + std::to_string(validity_) + " " + std::to_string(next_) +
                       " " + std::to_string(highest_) + "\n";
    for (const auto& [name, record] : records_)
        text += lineOf(name, record);
    const std::string fresh = maildir_ + "/.uids.new";
    const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return Error::fromErrno(errno, "cannot make " + fresh);
    if (auto done = writeAll(file.get(), text, fresh); !done)
        return done;
    if (::fdatasync(file.get()) != 0 || ::rename(fresh.c_str(), (maildir_ + "/.uids").c_str()) != 0)
        return Error::fromErrno(errno, "cannot write " + maildir_ + "/.uids");
    whole_ = false;
    lines_ = records_.size();
    fresh_.clear();
    return syncFolder(maildir_);
}

} // namespace twistdpp::mail
