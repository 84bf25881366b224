#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/mail_store/message_spool.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// Makes a folder that only this user may enter, unless it is there.
Result<void> makeFolder(const std::string& path);
/// Makes the names in a folder safe.
Result<void> syncFolder(const std::string& path);

/// A folder of messages as Dovecot, mutt and mbsync share it: written in tmp/, moved to new/ when whole, to
/// cur/ when somebody has seen them. Needs no locks. Everything blocks: for the reactor's pool. A value.
class Maildir {
public:
    explicit Maildir(std::string path) : path_(std::move(path)) {}
    const std::string& path() const noexcept { return path_; }

    /// Makes the folder and what is in it, where they are not there yet.
    Result<void> create() const;
    /// Puts a message in: `head` (lines with LF) and then `body`. When it returns without an error the
    /// message is on the disk, under a name that a crash leaves whole. Gives the name. `time`: when it came,
    /// in seconds of Unix; 0: now.
    Result<std::string>
    deliver(const std::string& head, const MessageSpool& body, std::int64_t time = 0) const;

    /// The same without any sync: the message is there for readers, and a crash of the machine may lose it.
    Result<std::string> place(const std::string& head, const MessageSpool& body) const;
    /// Puts back a message that place() has put in, safely, unless it is there whole, by that name or, when
    /// somebody has seen it, by one with flags. Gives whether that was needed.
    Result<bool> restore(const std::string& name, Bytes message) const;

    struct Entry {
        std::string name;       // "new/1700000000.M5P1.host,S=123:2,S"
        std::uint64_t size = 0; // with CRLF, as it is sent
    };
    /// All messages, oldest first.
    Result<std::vector<Entry>> list() const;
    /// Bytes of all messages, as they are kept; of a folder that is not there 0.
    std::uint64_t usage() const;
    /// A message's name without folder and flags, which it keeps as long as it is there.
    static std::string baseOf(const std::string& entryName);
    /// The flags behind its name: letters of "DFPRST", in their order.
    static std::string flagsOf(const std::string& entryName);
    /// When it came, in seconds of Unix.
    static std::int64_t timeOf(const std::string& entryName);
    /// Gives a message other flags: those that `change` makes of what it has now. Gives its new name.
    Result<std::string>
    changeFlags(const Entry& entry, const std::function<std::string(const std::string& flags)>& change) const;
    /// Puts the message into another Maildir of the same disk as well, under a name of its own and with these
    /// flags. Gives that name.
    Result<std::string> linkTo(const Entry& entry, const Maildir& target, const std::string& flags) const;
    /// The file of a message, by whatever flags it has meanwhile.
    Result<UniqueFd> open(const Entry& entry) const;
    Result<void> remove(const Entry& entry) const;
    /// Removes what has lain in tmp/ for more than 36 hours: the rest of a crash.
    void sweep() const;

private:
    Result<std::string>
    put(const std::string& head, const MessageSpool& body, bool safely, std::int64_t time) const;
    Result<std::string> whereIs(const std::string& name) const;
    /// Where a message is now; its old place when it is nowhere.
    std::string locate(const Entry& entry) const;

    std::string path_;
};

} // namespace twistdpp::mail
