#include "twistdpp/imap_server/imap_server.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/imap_server/list_request.h"
#include "twistdpp/imap_server/status.h"

#include <array>
#include <utility>

// What a client does once it has logged in: with its mailboxes, and with the messages of the selected one.

namespace twistdpp::imap {

std::optional<std::string> ImapServer::mailboxName() {
    if (!cursor_.space())
        return std::nullopt;
    const auto written = cursor_.astring();
    auto name = written ? manner_.decodeName(*written) : std::nullopt;
    if (!name || name->empty())
        return std::nullopt;
    return ascii::equalsIgnoreCase(*name, "INBOX") ? "INBOX" : *std::move(name);
}

void ImapServer::enable() {
    std::string enabled;
    while (cursor_.space()) {
        const auto name = cursor_.atom();
        if (!name)
            return bad();
        bool* const which = ascii::equalsIgnoreCase(*name, "IMAP4rev2")   ? &manner_.rev2
                            : ascii::equalsIgnoreCase(*name, "CONDSTORE") ? &manner_.condstore
                                                                          : nullptr;
        if (which && !std::exchange(*which, true))
            enabled.append(" ").append(*name);
    }
    if (!cursor_.atEnd())
        return bad();
    say("* ENABLED" + enabled);
    ok();
}

void ImapServer::select() {
    open(false);
}

void ImapServer::examine() {
    open(true);
}

void ImapServer::open(bool readOnly) {
    auto name = mailboxName();
    if (name && cursor_.space()) {
        if (!cursor_.take('(') || !cursor_.takeWord("CONDSTORE") || !cursor_.take(')'))
            return bad("a mailbox can be selected with (CONDSTORE)");
        manner_.condstore = true;
    }
    if (!name || !cursor_.atEnd())
        return bad();
    // Whatever comes of it, what was selected is not any more.
    if (std::exchange(selection_, nullptr))
        say("* OK [CLOSED] the mailbox before");
    when(account_->open(*name), [this, name = *name, readOnly](std::unique_ptr<Mailbox> opened) {
        selection_ = std::make_unique<Selection>(transport(), manner_, std::move(opened), readOnly, [this] {
            if (idling_ && !waiting())
                pushChanges();
        });
        selection_->announce(name);
        ok(readOnly ? "[READ-ONLY] selected" : "[READ-WRITE] selected");
    });
}

void ImapServer::create() {
    auto name = mailboxName();
    if (!name || !cursor_.atEnd())
        return bad();
    when(account_->create(*std::move(name)), [this] { ok(); });
}

void ImapServer::remove() {
    auto name = mailboxName();
    if (!name || !cursor_.atEnd())
        return bad();
    when(account_->remove(*std::move(name)), [this] { ok(); });
}

void ImapServer::rename() {
    auto from = mailboxName();
    auto to = mailboxName();
    if (!from || !to || !cursor_.atEnd())
        return bad();
    when(account_->rename(*std::move(from), *std::move(to)), [this] { ok(); });
}

void ImapServer::subscribe() {
    auto name = mailboxName();
    if (!name || !cursor_.atEnd())
        return bad();
    when(account_->subscribe(*std::move(name), true), [this] { ok(); });
}

void ImapServer::unsubscribe() {
    auto name = mailboxName();
    if (!name || !cursor_.atEnd())
        return bad();
    when(account_->subscribe(*std::move(name), false), [this] { ok(); });
}

void ImapServer::list() {
    listNames(false);
}

void ImapServer::lsub() {
    listNames(true);
}

void ImapServer::listNames(bool subscribedOnly) {
    auto request = ListRequest::parse(cursor_, subscribedOnly, manner_);
    if (!request)
        return bad();
    if (request->patterns.empty()) {
        say(std::string(subscribedOnly ? "* LSUB" : "* LIST") + " (\\Noselect) \"/\" \"\"");
        return ok();
    }
    perform(doList(*std::move(request)));
}

Deferred<std::string> ImapServer::doList(ListRequest request) {
    auto listing = account_->list();
    const std::vector<MailboxName> all = co_await std::move(listing);
    for (const ListEntry& entry : listed(request, all)) {
        std::string line = request.lsub ? "* LSUB (" : "* LIST (";
        line += entry.attributes + ") \"/\" ";
        manner_.appendName(line, entry.name);
        if (entry.below)
            line += " (\"CHILDINFO\" (\"SUBSCRIBED\"))";
        say(line);
        if (request.status && entry.selectable) {
            // One that has gone meanwhile has no status.
            auto telling = tellStatus(entry.name, *request.status).addErrback([](const Failure&) {});
            co_await std::move(telling);
        }
    }
    co_return "OK done";
}

void ImapServer::nameSpace() {
    say("* NAMESPACE ((\"\" \"/\")) NIL NIL");
    ok();
}

void ImapServer::status() {
    auto name = mailboxName();
    auto items = name && cursor_.space() ? parseStatusItems(cursor_) : std::nullopt;
    if (!items || !cursor_.atEnd())
        return bad();
    for (const StatusItem item : *items)
        manner_.condstore = manner_.condstore || item == StatusItem::highestModseq;
    when(tellStatus(*std::move(name), *std::move(items)), [this] { ok(); });
}

Deferred<void> ImapServer::tellStatus(std::string name, std::vector<StatusItem> items) {
    auto opening = account_->open(name);
    const std::unique_ptr<Mailbox> box = co_await std::move(opening);
    std::string line = "* STATUS ";
    manner_.appendName(line, name);
    say(line + " " + statusText(items, *box, options_->maxSize));
}

// What is new.

void ImapServer::noop() {
    if (!selection_)
        return ok();
    tells_ = false; // it looks in any case
    when(selection_->refresh(), [this] { ok(); });
}

void ImapServer::check() {
    noop();
}

void ImapServer::idle() {
    if (!cursor_.atEnd())
        return bad();
    idling_ = true;
    say("+ say DONE when it is enough");
    command_.clear();
    startClock(options_->idleTime);
    if (selection_)
        pushChanges();
}

void ImapServer::pushChanges() {
    await(selection_->refresh(), [](const Outcome<void>&) {});
}

// Messages.

void ImapServer::uid() {
    byUid_ = true;
    const auto name = cursor_.space() ? cursor_.atom() : std::nullopt;
    static constexpr std::array<Verb, 6> kVerbs{{
        {"FETCH", &ImapServer::fetch, When::selected},
        {"STORE", &ImapServer::store, When::selected},
        {"SEARCH", &ImapServer::search, When::selected},
        {"COPY", &ImapServer::copy, When::selected},
        {"MOVE", &ImapServer::move, When::selected},
        {"EXPUNGE", &ImapServer::expunge, When::selected},
    }};
    for (const Verb& verb : kVerbs) {
        if (name && ascii::equalsIgnoreCase(verb.name, *name))
            return (this->*verb.run)();
    }
    bad("this command has no UIDs");
}

std::optional<MessageSet> ImapServer::messageSet() {
    return cursor_.space() ? MessageSet::parse(cursor_) : std::nullopt;
}

bool ImapServer::refusedReadOnly() {
    if (selection_->readOnly())
        no("[READ-ONLY] the mailbox was opened by EXAMINE");
    return selection_->readOnly();
}

void ImapServer::fetch() {
    auto set = messageSet();
    auto request = set && cursor_.space() ? FetchRequest::parse(cursor_) : std::nullopt;
    if (!request || !cursor_.atEnd())
        return bad();
    manner_.condstore = manner_.condstore || request->asks(FetchItem::What::modseq);
    perform(selection_->fetch(*std::move(set), byUid_, *std::move(request)));
}

void ImapServer::search() {
    auto request = SearchRequest::parse(cursor_);
    if (!request)
        return bad();
    if (!request->charset)
        return no("[BADCHARSET (UTF-8 US-ASCII)] this character set is not known");
    manner_.condstore = manner_.condstore || request->key.has(SearchKey::Kind::modseq);
    perform(selection_->search(*std::move(request), tag_, byUid_));
}

void ImapServer::store() {
    auto set = messageSet();
    auto request = set && cursor_.space() ? StoreRequest::parse(cursor_) : std::nullopt;
    if (!request)
        return bad();
    if (refusedReadOnly())
        return;
    manner_.condstore = manner_.condstore || request->unchangedSince != Mailbox::kAnyTime;
    perform(selection_->store(*std::move(set), byUid_, *std::move(request)));
}

void ImapServer::copy() {
    copyOrMove(false);
}

void ImapServer::move() {
    copyOrMove(true);
}

void ImapServer::copyOrMove(bool moves) {
    auto set = messageSet();
    auto target = set ? mailboxName() : std::nullopt;
    if (!target || !cursor_.atEnd())
        return bad();
    if (moves && refusedReadOnly())
        return;
    perform(selection_->copy(*std::move(set), byUid_, *std::move(target), moves));
}

void ImapServer::expunge() {
    std::optional<MessageSet> only;
    if (byUid_ && !(only = messageSet()))
        return bad();
    if (!cursor_.atEnd())
        return bad();
    if (refusedReadOnly())
        return;
    perform(selection_->expunge(std::move(only)));
}

void ImapServer::close() {
    if (selection_->readOnly())
        return unselect();
    when(selection_->expungeSilently(), [this] {
        selection_.reset();
        ok();
    });
}

void ImapServer::unselect() {
    selection_.reset();
    ok();
}

} // namespace twistdpp::imap
