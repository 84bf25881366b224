#pragma once
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap_server/account.h"
#include "twistdpp/mime/part.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// What SEARCH looks for (RFC 9051 section 6.4.4).
struct SearchKey {
    enum class Kind : std::uint8_t {
        all,
        none,
        flags,
        noFlags,
        keyword,
        noKeyword,
        modseq,
        saved,
        numbers,
        uids,
        larger,
        smaller,
        before,
        on,
        since,
        sentBefore,
        sentOn,
        sentSince,
        header,
        body,
        text,
        either,
        neither,
        both
    };
    Kind kind = Kind::all;
    unsigned flags = 0;
    NumberSet set;
    std::uint64_t size = 0;       // or the least modseq
    std::int64_t day = 0;         // since 1970
    std::string name, words;      // of a field or a keyword; lower case
    std::vector<SearchKey> parts; // of both, either and neither

    /// All that stands there; nothing for what is none.
    static std::optional<SearchKey> parse(Cursor& cursor);
    /// How much of the messages has to be read for it; nothing: none.
    std::optional<Extent> needs() const noexcept;
    /// Whether such a key is in it.
    bool has(Kind which) const noexcept;

    /// A message that is looked at.
    struct Candidate {
        std::uint32_t sequence, lastSequence, lastUid;
        const MessageInfo& info;
        const Keywords& keywords;
        bool saved;                // by the search before
        const mime::Part* message; // where it is needed
    };
    bool matches(const Candidate& candidate) const;
};

/// What SEARCH asks for.
struct SearchRequest {
    bool extended = false; // by RETURN: it is answered by ESEARCH (RFC 9051 section 6.4.4)
    bool min = false, max = false, count = false, all = false, save = false;
    bool charset = true; // false: it is written in one that is not known
    SearchKey key;

    /// Reads what stands behind the command's name; nothing for what is none.
    static std::optional<SearchRequest> parse(Cursor& cursor);
};

/// A message that was found.
struct SearchHit {
    std::uint32_t number = 0; // or its UID
    std::uint64_t modseq = 0;
};
/// What is answered: a line without its end. `tag` of the command; `modseq`: it has that of the latest.
std::string searchLine(
    const SearchRequest& request, const std::string& tag, bool byUid, const std::vector<SearchHit>& hits,
    bool modseq
);

} // namespace twistdpp::imap
