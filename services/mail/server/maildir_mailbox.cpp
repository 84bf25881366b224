#include "twistdpp/mail_server/maildir_mailbox.h"

#include "twistdpp/mail_server/maildir_flags.h"
#include "twistdpp/mail_server/maildir_text.h"
#include "twistdpp/mail_server/read_ahead.h"
#include "twistdpp/mail_store/keyword_file.h"
#include "twistdpp/mail_store/message_uids.h"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

namespace twistdpp::mail {

namespace {

using imap::Changes;
using imap::MessageInfo;

struct Item {
    MessageInfo info;
    Maildir::Entry entry;
};

/// What lies in a Maildir at one moment.
struct Contents {
    std::uint32_t validity = 0, next = 1;
    std::uint64_t modseq = 1;
    std::vector<Item> items; // by UID
    imap::Keywords keywords;
};

[[noreturn]] void fail(const Error& error) {
    throw std::runtime_error(error.message());
}

MessageUids::Named namedOf(const std::string& entryName) {
    return {Maildir::baseOf(entryName), Maildir::flagsOf(entryName)};
}

imap::Keywords keywordsOf(const Maildir& maildir) {
    auto keywords = readKeywords(maildir.path());
    if (!keywords)
        fail(keywords.error());
    return *std::move(keywords);
}

Contents look(const Maildir& maildir) {
    if (const auto made = maildir.create(); !made)
        fail(made.error());
    auto uids = MessageUids::open(maildir.path());
    if (!uids)
        fail(uids.error());
    // With the lock held, or two who look would give one number to different messages.
    auto entries = maildir.list();
    if (!entries)
        fail(entries.error());
    std::vector<MessageUids::Named> names;
    for (const Maildir::Entry& entry : *entries)
        names.push_back(namedOf(entry.name));
    if (const auto updated = uids->update(names); !updated)
        fail(updated.error());
    Contents out;
    out.keywords = keywordsOf(maildir);
    out.modseq = uids->highest();
    out.validity = uids->validity();
    out.next = uids->next();
    for (Maildir::Entry& entry : *entries) {
        Item item;
        const MessageUids::Record* record = uids->find(Maildir::baseOf(entry.name));
        item.info.uid = record->uid;
        item.info.modseq = record->modseq;
        item.info.flags = flagsFromMaildir(Maildir::flagsOf(entry.name));
        item.info.time = Maildir::timeOf(entry.name);
        item.info.size = entry.size;
        item.entry = std::move(entry);
        out.items.push_back(std::move(item));
    }
    std::sort(out.items.begin(), out.items.end(), [](const Item& a, const Item& b) {
        return a.info.uid < b.info.uid;
    });
    // A message that was seen in both folders while it moved is one.
    out.items.erase(
        std::unique(
            out.items.begin(), out.items.end(),
            [](const Item& a, const Item& b) { return a.info.uid == b.info.uid; }
        ),
        out.items.end()
    );
    return out;
}

/// What has become of a change of flags.
struct Stored {
    std::vector<Item> items;
    std::vector<std::uint32_t> refused; // they were changed since
    imap::Keywords keywords;
    std::uint64_t modseq = 1;
};

Stored change(
    const Maildir& maildir, const std::vector<std::uint32_t>& uids, std::vector<Maildir::Entry> entries,
    const imap::FlagEdit& edit, std::uint64_t unchangedSince
) {
    auto list = MessageUids::open(maildir.path());
    if (!list)
        fail(list.error());
    Stored out;
    out.keywords = keywordsOf(maildir);
    const imap::Keywords before = out.keywords;
    const unsigned bits = imap::takeFlags(edit.flags, out.keywords);
    if (out.keywords != before) {
        if (const auto written = writeKeywords(maildir.path(), out.keywords); !written)
            fail(written.error());
    }
    for (std::size_t i = 0; i < uids.size(); ++i) {
        Item item;
        item.entry = std::move(entries[i]);
        const std::string base = Maildir::baseOf(item.entry.name);
        const MessageUids::Record* record = list->find(base);
        // One that is gone shows when the client looks for what is new.
        if (!record)
            continue;
        if (unchangedSince != imap::Mailbox::kAnyTime && record->modseq > unchangedSince) {
            out.refused.push_back(uids[i]);
            continue;
        }
        auto name = maildir.changeFlags(item.entry, [&](const std::string& letters) {
            return maildirFlags(edit.apply(flagsFromMaildir(letters), bits, out.keywords), letters);
        });
        if (!name)
            continue;
        item.entry.name = *std::move(name);
        list->note(namedOf(item.entry.name));
        item.info.uid = uids[i];
        item.info.flags = flagsFromMaildir(Maildir::flagsOf(item.entry.name));
        item.info.modseq = list->find(base)->modseq;
        out.items.push_back(std::move(item));
    }
    if (const auto saved = list->save(); !saved)
        fail(saved.error());
    out.modseq = list->highest();
    return out;
}

/// Keywords have other letters in another Maildir. For whoever holds the lock of its list.
class KeywordTranslation {
public:
    KeywordTranslation(const imap::Keywords& from, const Maildir& to)
        : from_(from), to_(to), keywords_(keywordsOf(to)) {}

    /// The letters there for letters here. A keyword that there is no room for is left behind.
    std::string letters(const std::string& here) {
        const unsigned flags = flagsFromMaildir(here);
        unsigned there = flags & imap::Flag::protocol;
        for (std::size_t i = 0; i < from_.size(); ++i) {
            if ((flags & imap::Flag::keyword(i)) != 0 && !from_[i].empty())
                there |= keyword(from_[i]);
        }
        return maildirFlags(there, here);
    }

private:
    unsigned keyword(const std::string& name) {
        if (const unsigned known = imap::flagOf(name, keywords_))
            return known;
        imap::FlagList list;
        imap::Keywords more = keywords_;
        if (more.size() >= imap::kMostKeywords || !list.add(name))
            return 0;
        const unsigned bits = imap::takeFlags(list, more);
        if (const auto written = writeKeywords(to_.path(), more); !written)
            fail(written.error());
        keywords_ = std::move(more);
        return bits;
    }

    const imap::Keywords& from_;
    const Maildir& to_;
    imap::Keywords keywords_;
};

class MaildirMailbox final : public imap::Mailbox {
public:
    MaildirMailbox(Reactor& reactor, std::string path, MailboxPath pathOf, Contents contents)
        : reactor_(reactor), maildir_(std::move(path)), pathOf_(std::move(pathOf)),
          ahead_(reactor_, maildir_) {
        take(std::move(contents));
    }

    std::uint32_t uidValidity() const noexcept override { return validity_; }
    std::uint32_t uidNext() const noexcept override { return next_; }
    const std::vector<MessageInfo>& messages() const noexcept override { return messages_; }
    const imap::Keywords& keywords() const noexcept override { return keywords_; }
    std::uint64_t highestModseq() const noexcept override { return modseq_; }

    Deferred<Changes> refresh() override {
        return onPool<Contents>([maildir = maildir_] { return look(maildir); }
        ).addCallback([this](Contents fresh) { return merge(std::move(fresh)); });
    }

    std::shared_ptr<void> watch(std::function<void()> changed) override {
        const auto watches = std::make_shared<std::vector<Watch>>();
        for (const char* part : {"/new", "/cur"}) {
            if (auto made = reactor_.watchFile(maildir_.path() + part, changed))
                watches->push_back(*std::move(made));
        }
        return watches;
    }

    Deferred<std::vector<std::optional<std::string>>>
    texts(std::vector<std::uint32_t> uids, imap::Extent extent) override {
        const auto single = uids.size() == 1 ? indexOf(uids.front()) : std::nullopt;
        if (single && extent == imap::Extent::all && ReadAhead::fits(entries_[*single]))
            return ahead_.read(entries_, *single).addCallback([](std::optional<std::string> text) {
                return std::vector<std::optional<std::string>>{std::move(text)};
            });
        std::vector<Maildir::Entry> entries = entriesOf(uids);
        return onPool<std::vector<std::optional<std::string>>>([maildir = maildir_, extent,
                                                                entries = std::move(entries)] {
            std::vector<std::optional<std::string>> out;
            std::size_t bytes = 0;
            for (const Maildir::Entry& entry : entries) {
                if (bytes >= kTextsAtATime)
                    break;
                auto text = readMessage(maildir, entry, extent);
                bytes += text ? text->size() : 0;
                out.push_back(std::move(text));
            }
            return out;
        });
    }

    Deferred<std::unique_ptr<imap::TextSource>> source(std::uint32_t uid) override {
        return openMessage(reactor_, maildir_, entryOf(uid));
    }

    Deferred<std::vector<std::uint32_t>>
    store(std::vector<std::uint32_t> uids, imap::FlagEdit edit, std::uint64_t unchangedSince) override {
        std::vector<Maildir::Entry> entries = entriesOf(uids);
        auto work = [maildir = maildir_, uids = std::move(uids), entries = std::move(entries),
                     edit = std::move(edit), unchangedSince]() mutable {
            return change(maildir, uids, std::move(entries), edit, unchangedSince);
        };
        return onPool<Stored>(std::move(work)).addCallback([this](Stored done) {
            keywords_ = std::move(done.keywords);
            modseq_ = std::max(modseq_, done.modseq);
            for (const Item& item : done.items) {
                if (const auto index = indexOf(item.info.uid)) {
                    entries_[*index] = item.entry;
                    messages_[*index].flags = item.info.flags;
                    messages_[*index].modseq = item.info.modseq;
                }
            }
            return std::move(done.refused);
        });
    }

    Deferred<Changes> expunge(std::vector<std::uint32_t> uids) override {
        std::vector<Maildir::Entry> gone = entriesOf(uids);
        return reactor_
            .runInThread(
                Pool::io,
                [maildir = maildir_, gone = std::move(gone)] {
                    for (const Maildir::Entry& entry : gone) {
                        if (const auto done = maildir.remove(entry); !done)
                            fail(done.error());
                    }
                }
            )
            .addCallback([this, uids = std::move(uids)] {
                Changes changes;
                for (const std::uint32_t uid : uids)
                    drop(uid, changes);
                return changes;
            });
    }

    Deferred<Copied> copy(std::vector<std::uint32_t> uids, std::string target) override {
        std::vector<Maildir::Entry> entries = entriesOf(uids);
        return onPool<Copied>([maildir = maildir_, entries = std::move(entries), keywords = keywords_, target,
                               pathOf = pathOf_] {
            const Maildir to(pathOf(target));
            auto list = MessageUids::open(to.path());
            if (!list)
                fail(list.error());
            KeywordTranslation translation(keywords, to);
            Copied out;
            out.validity = list->validity();
            for (const Maildir::Entry& entry : entries) {
                const std::string flags = translation.letters(Maildir::flagsOf(entry.name));
                const auto name = maildir.linkTo(entry, to, flags);
                if (!name)
                    fail(name.error());
                out.uids.push_back(list->add(namedOf(*name)));
            }
            if (const auto saved = list->save(); !saved)
                fail(saved.error());
            if (const auto synced = syncFolder(to.path() + "/cur"); !synced)
                fail(synced.error());
            return out;
        });
    }

private:
    template <class T, class F>
    Deferred<T> onPool(F f) {
        const auto made = std::make_shared<std::optional<T>>();
        return reactor_.runInThread(
                           Pool::io, [made, f = std::move(f)]() mutable { made->emplace(f()); }
        ).addCallback([made] { return std::move(**made); });
    }

    std::optional<std::size_t> indexOf(std::uint32_t uid) const noexcept {
        const auto found = std::lower_bound(
            messages_.begin(), messages_.end(), uid,
            [](const MessageInfo& each, std::uint32_t wanted) { return each.uid < wanted; }
        );
        if (found == messages_.end() || found->uid != uid)
            return std::nullopt;
        return static_cast<std::size_t>(found - messages_.begin());
    }
    Maildir::Entry entryOf(std::uint32_t uid) const {
        const auto index = indexOf(uid);
        return index ? entries_[*index] : Maildir::Entry();
    }
    std::vector<Maildir::Entry> entriesOf(const std::vector<std::uint32_t>& uids) const {
        std::vector<Maildir::Entry> out;
        out.reserve(uids.size());
        for (const std::uint32_t uid : uids)
            out.push_back(entryOf(uid));
        return out;
    }
    void drop(std::uint32_t uid, Changes& changes) {
        const auto index = indexOf(uid);
        if (!index)
            return;
        ahead_.forget();
        messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(*index));
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(*index));
        changes.gone.push_back(static_cast<std::uint32_t>(*index + 1));
    }
    void take(Contents contents) {
        ahead_.forget();
        validity_ = contents.validity;
        next_ = contents.next;
        modseq_ = contents.modseq;
        keywords_ = std::move(contents.keywords);
        messages_.clear();
        entries_.clear();
        for (Item& item : contents.items) {
            messages_.push_back(item.info);
            entries_.push_back(std::move(item.entry));
        }
    }
    Changes merge(Contents fresh) {
        Changes changes;
        std::map<std::uint32_t, unsigned> before;
        for (const MessageInfo& each : std::vector<MessageInfo>(messages_)) {
            const auto there = std::lower_bound(
                fresh.items.begin(), fresh.items.end(), each.uid,
                [](const Item& item, std::uint32_t uid) { return item.info.uid < uid; }
            );
            if (there == fresh.items.end() || there->info.uid != each.uid)
                drop(each.uid, changes);
            else
                before.emplace(each.uid, each.flags);
        }
        changes.grown = fresh.items.size() > messages_.size();
        take(std::move(fresh));
        for (std::size_t i = 0; i < messages_.size(); ++i) {
            const auto old = before.find(messages_[i].uid);
            if (old != before.end() && old->second != messages_[i].flags)
                changes.flags.push_back(static_cast<std::uint32_t>(i + 1));
        }
        return changes;
    }

    Reactor& reactor_;
    Maildir maildir_;
    MailboxPath pathOf_;
    std::uint32_t validity_ = 0, next_ = 1;
    std::uint64_t modseq_ = 1;
    imap::Keywords keywords_;
    std::vector<MessageInfo> messages_;
    std::vector<Maildir::Entry> entries_; // in the same order
    ReadAhead ahead_;
};

} // namespace

Deferred<std::unique_ptr<imap::Mailbox>>
openMaildirMailbox(Reactor& reactor, std::string path, MailboxPath pathOf) {
    const auto contents = std::make_shared<Contents>();
    return reactor.runInThread(
                      Pool::io, [path, contents] { *contents = look(Maildir(path)); }
    ).addCallback([&reactor, path, pathOf, contents]() -> std::unique_ptr<imap::Mailbox> {
        return std::make_unique<MaildirMailbox>(reactor, path, pathOf, std::move(*contents));
    });
}

} // namespace twistdpp::mail
