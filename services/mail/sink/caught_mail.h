#pragma once
#include "twistdpp/smtp/mail_handler.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// A mail as it was sent. Does not change.
struct CaughtMail {
    std::uint64_t id = 0;        // counts from 1
    std::int64_t time = 0;       // when it came, in seconds of Unix
    std::string from;            // of the envelope; empty: the null sender
    std::vector<std::string> to; // of the envelope
    std::string client;          // its address
    std::string helo, protocol;  // what it called itself, and "ESMTPSA"
    std::string user;            // whom it logged in as
    std::string message;         // lines with CRLF

    std::string subject; // for people, in UTF-8
    std::size_t attachments = 0;
    std::string words; // what a search looks through, in lower case

    /// Whether every word of the search is in it: in addresses, the header's main fields or the text, in any
    /// case. "from:ann", "to:joe" and "subject:hello" look there alone.
    bool matches(Bytes search) const;
    /// Whether one who logs in by that name sees it: an address sees what was sent to it, any other name all.
    bool isFor(Bytes reader) const;
};

using CaughtMailPtr = std::shared_ptr<const CaughtMail>;

/// The mail that was caught, in memory, the newest of it: what is beyond the limits goes, oldest first.
/// Belongs to one thread.
class CaughtMails {
public:
    /// `most` mails, of so many bytes together; the newest is kept whatever it is.
    CaughtMails(std::size_t most, std::uint64_t bytes);

    /// Fills in what is not of the envelope, and keeps it.
    CaughtMailPtr add(CaughtMail mail);
    bool remove(std::uint64_t id);
    void clear();

    /// nullptr when it is not there.
    CaughtMailPtr find(std::uint64_t id) const;
    /// Above all that there are.
    std::uint64_t nextId() const noexcept { return lastId_ + 1; }
    /// Another in each run, as the ids begin anew.
    std::uint32_t validity() const noexcept { return validity_; }
    /// What clients of IMAP have said of a mail, and when in the history of all.
    struct Marks {
        unsigned flags = 0; // imap::Flag
        std::uint64_t modseq = 1;
    };
    Marks marks(std::uint64_t id) const;
    /// Is a change when these are other flags.
    void setFlags(std::uint64_t id, unsigned flags);
    std::uint64_t highestModseq() const noexcept { return modseq_; }
    /// The words that clients have made up for flags.
    std::vector<std::string>& keywords() noexcept { return keywords_; }
    /// Oldest first.
    const std::deque<CaughtMailPtr>& all() const noexcept { return mails_; }

    /// Calls `told` after each change until what is returned is destroyed.
    [[nodiscard]] std::shared_ptr<void> watch(std::function<void()> told);

private:
    void changed();

    std::size_t most_;
    std::uint64_t mostBytes_;
    std::uint64_t bytes_ = 0;
    std::uint64_t lastId_ = 0;
    std::uint32_t validity_;
    std::uint64_t modseq_ = 1;
    std::map<std::uint64_t, Marks> marks_;
    std::vector<std::string> keywords_;
    std::deque<CaughtMailPtr> mails_;
    std::vector<std::weak_ptr<std::function<void()>>> watchers_;
};

} // namespace twistdpp::mail
