#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/mail_store/message_spool.h"

#include <cstdint>
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
    /// message is on the disk, under a name that a crash leaves whole. Gives the name.
    Result<std::string> deliver(const std::string& head, const MessageSpool& body) const;

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
    /// The file of a message.
    Result<UniqueFd> open(const Entry& entry) const;
    Result<void> remove(const Entry& entry) const;
    /// Removes what has lain in tmp/ for more than 36 hours: the rest of a crash.
    void sweep() const;

private:
    Result<std::string> put(const std::string& head, const MessageSpool& body, bool safely) const;
    Result<std::string> whereIs(const std::string& name) const;

    std::string path_;
};

} // namespace twistdpp::mail
