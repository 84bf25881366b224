#pragma once
#include "twistdpp/irc/capability.h"
#include "twistdpp/irc/line_writer.h"

#include "twistdpp/base/buffer.h"
#include "twistdpp/words_store/history.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::words {

class Server;
class User;
struct Multiline;

/// Which tags and batches a receiver gets: what decides the bytes of a message for it. Sessions keep theirs
/// ready.
class Variant {
public:
    static constexpr std::size_t kCount = 16;
    constexpr Variant() noexcept = default;
    explicit constexpr Variant(irc::CapSet caps) noexcept
        : index_(
              (caps.has(irc::Cap::serverTime) ? 1U : 0U) | (caps.has(irc::Cap::accountTag) ? 2U : 0U) |
              (caps.has(irc::Cap::messageTags) ? 4U : 0U) |
              (caps.has(irc::Cap::multiline) && caps.has(irc::Cap::batch) ? 8U : 0U)
          ) {}
    constexpr bool time() const noexcept { return (index_ & 1U) != 0; }
    constexpr bool account() const noexcept { return (index_ & 2U) != 0; }
    constexpr bool all() const noexcept { return (index_ & 4U) != 0; }
    constexpr bool multiline() const noexcept { return (index_ & 8U) != 0; }
    constexpr std::size_t index() const noexcept { return index_; }

private:
    unsigned index_ = 0;
};

/// A line and its tags.
struct TaggedLine {
    std::string tags; // without '@' and the space
    std::string body;
    bool placed = false; // belongs to a batch already
};

/// One message on its way to many. It is rendered once for each kind of receiver that turns up and all
/// receivers of a kind are written the same Buffer, so that a further receiver costs no copy. Lives on the
/// stack while it is handed out.
class Event {
public:
    /// `from` said or did it; `clientTags` are the client-only tags that came with it, borrowed.
    Event(Server& server, const User& from, const irc::LineWriter& line, Bytes clientTags = {});
    /// `from` said several lines, borrowed as `clientTags` are. They go to `target` as one batch to those who
    /// know batches, and line by line to the others.
    Event(Server& server, const User& from, const Multiline& text, Bytes target, Bytes clientTags);
    /// The same thing told in other words: with the time and id of `same`.
    Event(const Event& same, const irc::LineWriter& line);
    /// From the server itself.
    Event(Server& server, const irc::LineWriter& line);
    /// Something that is told again, borrowed.
    Event(Server& server, const HistoryItem& item);

    /// As it is kept in the history of `target`.
    HistoryItem item(std::string target, HistoryItem::Kind kind) const;

    const Buffer& render(Variant variant);
    /// What render() makes, taken to pieces: for a receiver that adds tags of its own.
    std::vector<TaggedLine> lines(Variant variant) const;
    /// A message of tags alone (TAGMSG) is nothing for who has not asked for tags.
    bool onlyTags() const noexcept { return onlyTags_; }
    void setOnlyTags() noexcept { onlyTags_ = true; }

private:
    void stamp();
    void appendTags(std::string& out, Variant variant) const;
    std::vector<TaggedLine> batchLines(Variant variant) const;
    std::vector<TaggedLine> singleLines(Variant variant) const;

    Server& server_;
    Bytes account_;
    Bytes clientTags_;
    irc::LineWriter line_;
    std::array<Buffer, Variant::kCount> rendered_;
    std::array<char, 24> time_;
    std::int64_t milliseconds_ = 0;
    std::array<char, 24> id_;
    const Multiline* multiline_ = nullptr;
    std::shared_ptr<const Multiline> again_; // when it is of the history
    Bytes source_, target_;                  // of a multiline message
    bool bot_ = false;
    bool onlyTags_ = false;
};

} // namespace twistdpp::words
