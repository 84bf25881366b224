#pragma once
#include "twistdpp/words_server/bursts.h"
#include "twistdpp/words_server/variant.h"

#include "twistdpp/irc/line_writer.h"
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

/// A line and its tags.
struct TaggedLine {
    std::string tags; // without '@' and the space
    std::string body;
    bool placed = false; // belongs to a batch already
};

/// One message on its way to many. It is rendered once for each kind of receiver that turns up, into the run
/// of that kind (Bursts), so that a further receiver costs no copy. Lives on the stack while it is handed
/// out.
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

    /// Where it stands in the run of that kind, rendered the first time.
    Stretch place(Variant variant);
    /// What it is rendered to, taken to pieces: for a receiver that adds tags of its own.
    std::vector<TaggedLine> lines(Variant variant) const;
    /// A message of tags alone (TAGMSG) is nothing for who has not asked for tags.
    bool onlyTags() const noexcept { return onlyTags_; }
    void setOnlyTags() noexcept { onlyTags_ = true; }

private:
    void stamp();
    void appendTags(std::string& out, Variant variant) const;
    void render(std::string& out, Variant variant) const;
    std::vector<TaggedLine> batchLines(Variant variant) const;
    std::vector<TaggedLine> singleLines(Variant variant) const;

    Server& server_;
    Bytes account_;
    Bytes clientTags_;
    irc::LineWriter line_;
    std::array<Stretch, Variant::kCount> placed_;
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
