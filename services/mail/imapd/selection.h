#pragma once
#include "twistdpp/imap_server/account.h"
#include "twistdpp/imap_server/fetch.h"
#include "twistdpp/imap_server/manner.h"
#include "twistdpp/imap_server/message_set.h"
#include "twistdpp/imap_server/search.h"

#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/transport.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// What STORE asks for (RFC 9051 section 6.4.6, RFC 7162 section 3.1.3).
struct StoreRequest {
    FlagEdit edit;
    bool silent = false;
    std::uint64_t unchangedSince = Mailbox::kAnyTime;

    /// Reads what stands behind the set; nothing for what is none.
    static std::optional<StoreRequest> parse(Cursor& cursor);
};

/// The mailbox that a client has selected, and what it does with its messages. Belongs to the dialogue, which
/// outlives it, and writes to its transport. What gives a Deferred is one at a time; most of them give the
/// end of the answer, "OK done", whose tag the dialogue knows, and fail with Refused.
class Selection {
public:
    /// `changed` is called when there may be something that refresh() tells.
    Selection(
        Transport& transport, const Manner& manner, std::unique_ptr<Mailbox> mailbox, bool readOnly,
        std::function<void()> changed
    );

    bool readOnly() const noexcept { return readOnly_; }
    /// Tells of the mailbox as SELECT does.
    void announce(const std::string& name);

    Deferred<std::string> fetch(MessageSet set, bool byUid, FetchRequest request);
    Deferred<std::string> search(SearchRequest request, std::string tag, bool byUid);
    Deferred<std::string> store(MessageSet set, bool byUid, StoreRequest request);
    Deferred<std::string> copy(MessageSet set, bool byUid, std::string target, bool moves);
    /// Those with \Deleted; of the set, when there is one, which has UIDs.
    Deferred<std::string> expunge(std::optional<MessageSet> only);
    /// The same for all without telling.
    Deferred<void> expungeSilently();

    /// Looks for what others have changed, and tells of it.
    Deferred<void> refresh();
    /// Whether that is due: something has happened, and it was not just looked at.
    bool due() const noexcept;

private:
    struct Chosen {
        std::uint32_t uid = 0;
        std::size_t index = 0; // in messages(), until that changes
    };
    void say(const std::string& line);
    void tell(const Changes& changes, bool withUid);
    void tellFlags(std::uint32_t number, bool withUid, bool withFlags);
    void tellKeywords();
    std::vector<Chosen> chosen(const MessageSet& set, bool byUid) const;
    std::vector<std::uint32_t> uidsOf(const MessageSet& set, bool byUid) const;
    std::vector<std::uint32_t> deleted() const;
    std::optional<std::size_t> indexOf(std::uint32_t uid) const noexcept;
    FetchSubject subject(std::size_t index) const;
    /// Marks those as seen that are not. Gives whether there were any.
    Deferred<bool> see(std::vector<std::uint32_t> uids);
    /// Writes a message that is not held in memory; false when it is gone.
    Deferred<bool> stream(std::uint32_t uid, std::vector<FetchItem> items);
    /// Sends what is gathered when it is enough.
    Deferred<void> flush(std::string& gathered);

    Transport& transport_;
    const Manner& manner_;
    std::unique_ptr<Mailbox> mailbox_;
    bool readOnly_;
    std::vector<std::uint32_t> saved_; // UIDs that a search has found, ascending
    Keywords told_;                    // the keywords that the client knows
    bool dirty_ = false;
    TimePoint lookedAt_;
    std::shared_ptr<void> watch_;
};

} // namespace twistdpp::imap
