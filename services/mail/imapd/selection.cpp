#include "twistdpp/imap_server/selection.h"

#include "twistdpp/imap_server/text_stream.h"

#include <algorithm>
#include <utility>

namespace twistdpp::imap {

namespace {

constexpr std::size_t kGathered = 64 * 1024;                // what is written at a time
constexpr std::uint64_t kInMemory = Mailbox::kTextsAtATime; // longer messages are sent as they are read
constexpr Duration kLookAgain = std::chrono::seconds(1);    // between two looks that nobody asked for

/// Bytes of a message that a client wants, of those that come.
class Window {
public:
    Window(std::uint64_t begin, std::uint64_t length) : skip_(begin), left_(length) {}
    bool done() const noexcept { return left_ == 0; }
    Bytes take(Bytes block) noexcept {
        const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, block.size()));
        skip_ -= skipped;
        block = block.substr(skipped);
        block = block.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, block.size())));
        left_ -= block.size();
        return block;
    }

private:
    std::uint64_t skip_, left_;
};

} // namespace

std::optional<StoreRequest> StoreRequest::parse(Cursor& cursor) {
    StoreRequest out;
    if (cursor.take('(')) {
        const bool known = cursor.takeWord("UNCHANGEDSINCE") && cursor.space();
        const auto since = known ? cursor.number64() : std::nullopt;
        if (!since || !cursor.take(')') || !cursor.space())
            return std::nullopt;
        out.unchangedSince = *since;
    }
    using How = FlagEdit::How;
    out.edit.how = cursor.take('+') ? How::add : cursor.take('-') ? How::remove : How::set;
    out.silent = cursor.takeWord("FLAGS.SILENT");
    if ((!out.silent && !cursor.takeWord("FLAGS")) || !cursor.space())
        return std::nullopt;
    const bool list = cursor.take('(');
    while (const auto flag = cursor.flag()) {
        if (!out.edit.flags.add(*flag))
            return std::nullopt;
        if (!cursor.space())
            break;
    }
    if ((list && !cursor.take(')')) || !cursor.atEnd())
        return std::nullopt;
    return out;
}

Selection::Selection(
    Transport& transport, const Manner& manner, std::unique_ptr<Mailbox> mailbox, bool readOnly,
    std::function<void()> changed
)
    : transport_(transport), manner_(manner), mailbox_(std::move(mailbox)), readOnly_(readOnly),
      lookedAt_(transport.reactor().now()) {
    watch_ = mailbox_->watch([this, changed = std::move(changed)] {
        dirty_ = true;
        changed();
    });
}

void Selection::say(const std::string& line) {
    transport_.write(Bytes(line + "\r\n"));
}

void Selection::announce(const std::string& name) {
    const auto& all = mailbox_->messages();
    tellKeywords();
    say("* " + std::to_string(all.size()) + " EXISTS");
    if (!manner_.rev2) {
        say("* 0 RECENT");
        const auto unseen = std::find_if(all.begin(), all.end(), [](const MessageInfo& each) {
            return (each.flags & Flag::seen) == 0;
        });
        if (unseen != all.end())
            say("* OK [UNSEEN " + std::to_string(unseen - all.begin() + 1) +
                "] the first that nobody has seen");
    }
    say("* OK [UIDVALIDITY " + std::to_string(mailbox_->uidValidity()) + "] as long as that stays");
    say("* OK [UIDNEXT " + std::to_string(mailbox_->uidNext()) + "] the next one's");
    say("* OK [HIGHESTMODSEQ " + std::to_string(mailbox_->highestModseq()) + "] the latest change");
    if (manner_.rev2) {
        std::string line = "* LIST () \"/\" ";
        manner_.appendName(line, name);
        say(line);
    }
}

// What is new.

bool Selection::due() const noexcept {
    return dirty_ && transport_.reactor().now() - lookedAt_ >= kLookAgain;
}

Deferred<void> Selection::refresh() {
    // What happens meanwhile may be seen or not.
    dirty_ = false;
    lookedAt_ = transport_.reactor().now();
    return mailbox_->refresh().addCallback([this](const Changes& changes) { tell(changes, false); });
}

void Selection::tell(const Changes& changes, bool withUid) {
    for (const std::uint32_t number : changes.gone)
        say("* " + std::to_string(number) + " EXPUNGE");
    if (changes.grown)
        say("* " + std::to_string(mailbox_->messages().size()) + " EXISTS");
    if (told_ != mailbox_->keywords())
        tellKeywords();
    for (const std::uint32_t number : changes.flags)
        tellFlags(number, withUid, true);
}

void Selection::tellFlags(std::uint32_t number, bool withUid, bool withFlags) {
    const MessageInfo& info = mailbox_->messages()[number - 1];
    std::string line = "* " + std::to_string(number) + " FETCH (";
    const auto add = [&](const std::string& item) { line += line.back() == '(' ? item : " " + item; };
    if (withUid)
        add("UID " + std::to_string(info.uid));
    if (manner_.condstore)
        add("MODSEQ (" + std::to_string(info.modseq) + ")");
    if (withFlags)
        add("FLAGS (" + flagsText(info.flags, mailbox_->keywords()) + ")");
    say(line + ")");
}

void Selection::tellKeywords() {
    told_ = mailbox_->keywords();
    const std::string flags = flagsText(knownFlags(told_), told_);
    const bool room = told_.size() < kMostKeywords || std::count(told_.begin(), told_.end(), "") > 0;
    say("* FLAGS (" + flags + ")");
    say("* OK [PERMANENTFLAGS (" + (readOnly_ ? std::string() : flags + (room ? " \\*" : "")) +
        ")] these are kept");
}

// Which messages.

std::vector<Selection::Chosen> Selection::chosen(const MessageSet& set, bool byUid) const {
    const auto& all = mailbox_->messages();
    std::vector<Chosen> out;
    if (set.saved) {
        for (const std::uint32_t uid : saved_) {
            if (const auto index = indexOf(uid))
                out.push_back({uid, *index});
        }
        return out;
    }
    const std::size_t count = all.size();
    const std::uint32_t last = byUid ? (all.empty() ? 0 : all.back().uid) : static_cast<std::uint32_t>(count);
    for (const auto& [from, to] : set.numbers.resolve(last)) {
        std::size_t at = from > 0 ? from - 1 : 0;
        if (byUid)
            at = static_cast<std::size_t>(
                std::lower_bound(
                    all.begin(), all.end(), from,
                    [](const MessageInfo& each, std::uint32_t wanted) { return each.uid < wanted; }
                ) -
                all.begin()
            );
        for (; at < count && (byUid ? all[at].uid : at + 1) <= to; ++at)
            out.push_back({all[at].uid, at});
    }
    return out;
}

std::vector<std::uint32_t> Selection::uidsOf(const MessageSet& set, bool byUid) const {
    std::vector<std::uint32_t> out;
    for (const Chosen& each : chosen(set, byUid))
        out.push_back(each.uid);
    return out;
}

std::vector<std::uint32_t> Selection::deleted() const {
    std::vector<std::uint32_t> out;
    for (const MessageInfo& each : mailbox_->messages()) {
        if ((each.flags & Flag::deleted) != 0)
            out.push_back(each.uid);
    }
    return out;
}

std::optional<std::size_t> Selection::indexOf(std::uint32_t uid) const noexcept {
    const auto& all = mailbox_->messages();
    const auto found =
        std::lower_bound(all.begin(), all.end(), uid, [](const MessageInfo& each, std::uint32_t wanted) {
            return each.uid < wanted;
        });
    if (found == all.end() || found->uid != uid)
        return std::nullopt;
    return static_cast<std::size_t>(found - all.begin());
}

FetchSubject Selection::subject(std::size_t index) const {
    return {static_cast<std::uint32_t>(index + 1), mailbox_->messages()[index], mailbox_->keywords()};
}

// What is done with them.

Deferred<void> Selection::flush(std::string& gathered) {
    if (gathered.size() < kGathered)
        return succeed();
    transport_.write(Bytes(gathered));
    gathered.clear();
    return transport_.drained();
}

Deferred<bool> Selection::see(std::vector<std::uint32_t> uids) {
    std::vector<std::uint32_t> fresh;
    for (const std::uint32_t uid : uids) {
        if ((mailbox_->messages()[*indexOf(uid)].flags & Flag::seen) == 0)
            fresh.push_back(uid);
    }
    if (fresh.empty())
        return false;
    FlagEdit edit;
    edit.how = FlagEdit::How::add;
    edit.flags.flags = Flag::seen;
    return mailbox_->store(std::move(fresh), std::move(edit), Mailbox::kAnyTime)
        .addCallback([](const std::vector<std::uint32_t>&) { return true; });
}

Deferred<bool> Selection::stream(std::uint32_t uid, std::vector<FetchItem> items) {
    auto opening = mailbox_->source(uid);
    const std::unique_ptr<TextSource> source = co_await std::move(opening);
    if (!source)
        co_return false;
    const FetchFrame frame = fetchFrame(subject(*indexOf(uid)), items, source->size());
    std::string gathered = frame.before;
    Window window(frame.begin, frame.length);
    while (!window.done()) {
        auto reading = source->next();
        const std::string block = co_await std::move(reading);
        if (block.empty()) {
            // The client waits for as many bytes as it was told of, and there is nothing else to say.
            transport_.abortConnection();
            throw std::runtime_error("a message became shorter while it was sent");
        }
        gathered += window.take(block);
        auto flushing = flush(gathered);
        co_await std::move(flushing);
    }
    transport_.write(Bytes(gathered));
    transport_.write(Bytes(frame.after));
    co_return true;
}

Deferred<std::string> Selection::fetch(MessageSet set, bool byUid, FetchRequest request) {
    using Needs = FetchRequest::Needs;
    if (byUid)
        request.include(FetchItem::What::uid);
    std::vector<std::uint32_t> uids = uidsOf(set, byUid);
    if (request.changedSince > 0) {
        std::erase_if(uids, [&](std::uint32_t uid) {
            return mailbox_->messages()[*indexOf(uid)].modseq <= request.changedSince;
        });
    }
    if (!readOnly_ && request.sees()) {
        auto seeing = see(uids);
        const bool any = co_await std::move(seeing);
        if (any && manner_.condstore)
            request.include(FetchItem::What::modseq);
        if (any)
            request.include(FetchItem::What::flags);
    }
    const Needs needs = request.needs();
    const auto streamed = [&](std::uint32_t uid) {
        return needs == Needs::whole && mailbox_->messages()[*indexOf(uid)].size > kInMemory;
    };
    std::vector<std::uint32_t> read;
    if (needs != Needs::nothing)
        std::copy_if(uids.begin(), uids.end(), std::back_inserter(read), [&](std::uint32_t uid) {
            return !streamed(uid);
        });
    TextStream texts(*mailbox_, std::move(read), needs == Needs::header ? Extent::header : Extent::all);
    std::string gathered;
    bool gone = false;
    bool known = true;
    for (const std::uint32_t uid : uids) {
        std::string text;
        if (streamed(uid)) {
            transport_.write(Bytes(std::exchange(gathered, {})));
            auto streaming = stream(uid, request.items);
            const bool there = co_await std::move(streaming);
            gone = gone || !there;
            continue;
        }
        if (needs != Needs::nothing) {
            auto reading = texts.next();
            std::optional<std::string> got = co_await std::move(reading);
            if (!got) {
                gone = true;
                continue;
            }
            text = *std::move(got);
        }
        const FetchLine line = fetchLine(subject(*indexOf(uid)), request.items, text);
        known = known && line.known;
        gathered += line.text;
        auto flushing = flush(gathered);
        co_await std::move(flushing);
    }
    transport_.write(Bytes(gathered));
    if (!known)
        co_return "NO [UNKNOWN-CTE] the transfer coding of a part is not known";
    co_return std::string(gone ? "NO [EXPUNGEISSUED] some of the messages are gone" : "OK done");
}

Deferred<std::string> Selection::search(SearchRequest request, std::string tag, bool byUid) {
    if (manner_.rev2 && !request.extended)
        request.extended = request.all = true;
    const std::vector<MessageInfo> all = mailbox_->messages();
    const std::vector<std::uint32_t> before = request.save ? std::exchange(saved_, {}) : saved_;
    const std::optional<Extent> needs = request.key.needs();
    const auto count = static_cast<std::uint32_t>(all.size());
    const std::uint32_t lastUid = all.empty() ? 0 : all.back().uid;
    std::vector<std::uint32_t> uids;
    for (const MessageInfo& each : all)
        uids.push_back(each.uid);
    TextStream texts(*mailbox_, std::move(uids), needs.value_or(Extent::header));
    std::vector<SearchHit> hits;
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::string text;
        if (needs) {
            auto reading = texts.next();
            std::optional<std::string> got = co_await std::move(reading);
            if (!got)
                continue;
            text = *std::move(got);
        }
        const mime::Part message = needs ? mime::parseMessage(text) : mime::Part();
        const bool saved = std::binary_search(before.begin(), before.end(), all[i].uid);
        const SearchKey::Candidate candidate{
            i + 1, count, lastUid, all[i], mailbox_->keywords(), saved, needs ? &message : nullptr};
        if (!request.key.matches(candidate))
            continue;
        hits.push_back({byUid ? all[i].uid : i + 1, all[i].modseq});
        found.push_back(all[i].uid);
    }
    if (request.save) {
        // With nothing but the ends asked for, these are what is saved.
        if (!request.all && !request.count && (request.min || request.max) && found.size() > 1) {
            const std::uint32_t first = found.front();
            const std::uint32_t last = found.back();
            found.clear();
            if (request.min)
                found.push_back(first);
            if (request.max)
                found.push_back(last);
        }
        saved_ = std::move(found);
    }
    // What is only saved is not told.
    if (!request.save || request.all || request.count || request.min || request.max)
        say(searchLine(request, tag, byUid, hits, request.key.has(SearchKey::Kind::modseq)));
    co_return "OK done";
}

Deferred<std::string> Selection::store(MessageSet set, bool byUid, StoreRequest request) {
    const std::vector<std::uint32_t> uids = uidsOf(set, byUid);
    auto storing = mailbox_->store(uids, request.edit, request.unchangedSince);
    const std::vector<std::uint32_t> refused = co_await std::move(storing);
    if (told_ != mailbox_->keywords())
        tellKeywords();
    NumberSet modified;
    for (const std::uint32_t uid : uids) {
        const auto number = static_cast<std::uint32_t>(*indexOf(uid) + 1);
        if (std::find(refused.begin(), refused.end(), uid) != refused.end())
            modified.add(byUid ? uid : number);
        else if (!request.silent || manner_.condstore)
            tellFlags(number, byUid, !request.silent);
    }
    if (refused.empty())
        co_return "OK done";
    co_return "OK [MODIFIED " + modified.toString() + "] others have changed these since";
}

Deferred<std::string> Selection::copy(MessageSet set, bool byUid, std::string target, bool moves) {
    std::vector<std::uint32_t> uids = uidsOf(set, byUid);
    if (uids.empty())
        co_return "OK there are none";
    auto copying = mailbox_->copy(uids, std::move(target));
    const Mailbox::Copied copied = co_await std::move(copying);
    NumberSet from;
    NumberSet to;
    for (const std::uint32_t uid : uids)
        from.add(uid);
    for (const std::uint32_t uid : copied.uids)
        to.add(uid);
    const std::string code =
        "OK [COPYUID " + std::to_string(copied.validity) + " " + from.toString() + " " + to.toString() + "]";
    if (!moves)
        co_return code + " copied";
    say("* " + code + " moved");
    auto expunging = mailbox_->expunge(std::move(uids));
    const Changes changes = co_await std::move(expunging);
    tell(changes, false);
    co_return "OK moved";
}

Deferred<std::string> Selection::expunge(std::optional<MessageSet> only) {
    std::vector<std::uint32_t> uids = deleted();
    if (only) {
        const std::vector<std::uint32_t> wanted = uidsOf(*only, true);
        std::erase_if(uids, [&](std::uint32_t uid) {
            return !std::binary_search(wanted.begin(), wanted.end(), uid);
        });
    }
    auto expunging = mailbox_->expunge(std::move(uids));
    const Changes changes = co_await std::move(expunging);
    tell(changes, false);
    co_return "OK done";
}

Deferred<void> Selection::expungeSilently() {
    return mailbox_->expunge(deleted()).addCallback([](const Changes&) {});
}

} // namespace twistdpp::imap
