#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::mail {

/// What IMAP has to know of the messages of a Maildir beyond their files: for each a number (RFC 9051 section
/// 2.3.1.1), the next of which is given once and never again, and how late in the mailbox's history its flags
/// were changed last (the mod-sequence of RFC 7162). Other programs change flags as well; that is noted when
/// they are next looked at. Kept in ".uids" of the Maildir: lines that are added to, a later one for the same
/// message in place of an earlier one. An object holds the list's lock, in this process and against others,
/// as long as it lives. Everything blocks.
class MessageUids {
public:
    struct Record {
        std::uint32_t uid = 0;
        std::uint64_t modseq = 1;
        std::string flags; // the letters behind the file's name, when they were noted
    };
    /// A message by the name of its file, without folder and flags, and those flags.
    using Named = std::pair<std::string, std::string>;

    static Result<MessageUids> open(const std::string& maildir);

    std::uint32_t validity() const noexcept { return validity_; }
    std::uint32_t next() const noexcept { return next_; }
    /// The latest change of all, of messages that are gone as well.
    std::uint64_t highest() const noexcept { return highest_; }
    /// nullptr when it has no number yet. Until the list changes.
    const Record* find(const std::string& name) const;
    /// Gives those that have no number the next ones, in their order, notes their flags, and forgets those
    /// that are not among them. What has changed is on the disk when it returns.
    Result<void> update(const std::vector<Named>& messages);
    /// Gives one more message a number. Counts from save() on, as note() does.
    std::uint32_t add(const Named& message);
    /// Notes what flags a message has now, which is a change when they are others than before.
    void note(const Named& message);
    /// Puts what has changed on the disk.
    Result<void> save();

private:
    MessageUids(std::string maildir, UniqueFd lock) : maildir_(std::move(maildir)), lock_(std::move(lock)) {}
    Result<void> load();
    void readLine(Bytes line);
    void written(const std::string& name, const Record& record);
    Result<void> append();
    Result<void> rewrite();

    std::string maildir_;
    UniqueFd lock_;
    std::uint32_t validity_ = 0;
    std::uint32_t next_ = 1;
    std::uint64_t highest_ = 1;
    std::map<std::string, Record> records_;
    std::size_t lines_ = 0; // in the file
    bool whole_ = false;    // all of the file is to be written anew
    std::string fresh_;     // lines to add
};

} // namespace twistdpp::mail
