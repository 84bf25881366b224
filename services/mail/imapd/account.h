#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/imap_server/flags.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::imap {

/// What a server says "NO" to, with words for people, and a code ("TRYCREATE", or empty).
class Refused : public std::runtime_error {
public:
    Refused(std::string code, const std::string& words) : std::runtime_error(words), code_(std::move(code)) {}
    const std::string& code() const noexcept { return code_; }

private:
    std::string code_;
};

struct MessageInfo {
    std::uint32_t uid = 0;
    unsigned flags = 0;
    std::int64_t time = 0;    // when it came, in seconds of Unix
    std::uint64_t size = 0;   // with CRLF
    std::uint64_t modseq = 1; // when its flags were changed last, in the mailbox's count (RFC 7162)
};

/// What is different in a mailbox.
struct Changes {
    std::vector<std::uint32_t> gone; // sequence numbers, each as it is when those before are gone
    bool grown = false;
    std::vector<std::uint32_t> flags; // sequence numbers, after all that
};

/// How much of a message is wanted.
enum class Extent : std::uint8_t { header, all };

/// A message that is read block by block. Dropping it ends that.
class TextSource {
public:
    TextSource() = default;
    TextSource(const TextSource&) = delete;
    TextSource& operator=(const TextSource&) = delete;
    virtual ~TextSource() = default;
    /// Bytes of all of it, which next() gives.
    virtual std::uint64_t size() const noexcept = 0;
    /// The next bytes, lines with CRLF; empty at the end.
    virtual Deferred<std::string> next() = 0;
};

/// An open mailbox. Its list of messages changes in refresh() and expunge() alone, so that sequence numbers
/// stay what a client takes them for. Its destruction closes it.
class Mailbox {
public:
    Mailbox() = default;
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    virtual ~Mailbox() = default;

    virtual std::uint32_t uidValidity() const noexcept = 0;
    virtual std::uint32_t uidNext() const noexcept = 0;
    /// By UID.
    virtual const std::vector<MessageInfo>& messages() const noexcept = 0;
    /// Change in refresh() and store() alone, too; what a keyword is called stays.
    virtual const Keywords& keywords() const noexcept = 0;
    /// The latest modseq of all, of messages that are gone as well.
    virtual std::uint64_t highestModseq() const noexcept = 0;

    virtual Deferred<Changes> refresh() = 0;
    /// Fires `changed` when there may be something for refresh(), until what it gives is destroyed.
    virtual std::shared_ptr<void> watch(std::function<void()> changed) = 0;
    /// These messages, lines with CRLF: of the first ones as many as are about so many bytes together, and
    /// one in any case. Nothing for one that is gone.
    static constexpr std::size_t kTextsAtATime = 512 * 1024;
    virtual Deferred<std::vector<std::optional<std::string>>>
    texts(std::vector<std::uint32_t> uids, Extent extent) = 0;
    /// nullptr when the message is gone.
    virtual Deferred<std::unique_ptr<TextSource>> source(std::uint32_t uid) = 0;
    /// Changes flags, whatever they are by now, of messages whose modseq is at most `unchangedSince`. Gives
    /// the UIDs of the others. Fails with Refused.
    static constexpr std::uint64_t kAnyTime = UINT64_MAX;
    virtual Deferred<std::vector<std::uint32_t>>
    store(std::vector<std::uint32_t> uids, FlagEdit edit, std::uint64_t unchangedSince) = 0;
    virtual Deferred<Changes> expunge(std::vector<std::uint32_t> uids) = 0;
    /// UIDs of the copies, in the same order, and the target's validity. Fails with Refused.
    struct Copied {
        std::uint32_t validity = 0;
        std::vector<std::uint32_t> uids;
    };
    virtual Deferred<Copied> copy(std::vector<std::uint32_t> uids, std::string target) = 0;
};

/// A message that is put into a mailbox. Dropping it gives it up.
class Appending {
public:
    Appending() = default;
    Appending(const Appending&) = delete;
    Appending& operator=(const Appending&) = delete;
    virtual ~Appending() = default;
    virtual void write(Bytes data) = 0;
    virtual Deferred<void> ready() = 0;
    /// Fires with validity and UID when it is safe.
    virtual Deferred<std::pair<std::uint32_t, std::uint32_t>> end() = 0;
};

struct MailboxName {
    std::string name; // UTF-8, parts divided by '/'
    std::string use;  // "\Sent" and its like (RFC 6154); empty: none
    bool subscribed = true;
    bool exists = true; // false: it is subscribed to alone
};

/// The mailboxes of a user.
class Account {
public:
    Account() = default;
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;
    virtual ~Account() = default;

    virtual Deferred<std::vector<MailboxName>> list() = 0;
    /// These fail with Refused.
    virtual Deferred<std::unique_ptr<Mailbox>> open(std::string name) = 0;
    virtual Deferred<void> create(std::string name) = 0;
    virtual Deferred<void> remove(std::string name) = 0;
    virtual Deferred<void> rename(std::string name, std::string to) = 0;
    virtual Deferred<void> subscribe(std::string name, bool on) = 0;
    /// `time` 0: now.
    virtual Deferred<std::unique_ptr<Appending>>
    append(std::string name, FlagList flags, std::int64_t time) = 0;
};

} // namespace twistdpp::imap
