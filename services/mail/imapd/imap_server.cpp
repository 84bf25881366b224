#include "twistdpp/imap_server/imap_server.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/imap_server/fetch.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>
#include <array>
#include <utility>

namespace twistdpp::imap {

namespace {

constexpr std::size_t kMostCommand = 64 * 1024;     // a command with its literals
constexpr std::size_t kMostBefore = 8 * 1024;       // of someone who has not logged in
constexpr std::uint64_t kMostUnasked = 4096;        // a literal that does not wait (RFC 7888 section 5)
constexpr std::uint64_t kMostSkipped = 1024 * 1024; // of one that is not wanted
constexpr std::size_t kMostErrors = 20;

} // namespace

ImapServer::ImapServer(std::shared_ptr<const ServerOptions> options, Logger log)
    : LineDialogue(kMostCommand, LineEnd::crlf), options_(std::move(options)), log_(std::move(log)),
      sasl_(
          {[this](Bytes challenge) { say("+ " + std::string(challenge)); },
           [this](mail::SaslLines::End how, const AvatarId* who) { saslEnded(how, who); },
           [this](bool on) {
               if (!on)
                   pauseProducing();
               else if (!waiting())
                   resumeProducing();
           }}
      ) {}

void ImapServer::connectionMade() {
    encrypted_ = transport().tls() != nullptr;
    say("* OK [CAPABILITY " + capabilities() + "] " + options_->hostname + " IMAP4rev1");
    startClock(options_->loginTime);
}

void ImapServer::handshakeCompleted(const TlsInfo&) {
    encrypted_ = true;
}

void ImapServer::connectionLost(const Failure& reason) {
    sasl_.stop();
    LineDialogue::connectionLost(reason);
    appending_.reset();
    selection_.reset();
    account_.reset();
}

void ImapServer::timedOut() {
    sayLast("* BYE nothing came for too long\r\n");
}

void ImapServer::drain() {
    draining_ = true;
    if (!waiting() && !appending_ && connected() && !transport().closing())
        sayLast("* BYE the server closes\r\n");
}

void ImapServer::say(const std::string& line) {
    transport().write(Bytes(line + "\r\n"));
}

void ImapServer::finish(const std::string& line) {
    // What has happened is told before the command ends, where numbers may change.
    if (std::exchange(tells_, false) && selection_ && selection_->due())
        return await(selection_->refresh(), [this, line](const Outcome<void>&) { finish(line); });
    say(tag_ + " " + line);
    command_.clear();
    byUid_ = false;
    startClock(account_ ? options_->idleTime : options_->loginTime);
    if (draining_ && !transport().closing())
        sayLast("* BYE the server closes\r\n");
}

void ImapServer::ok(Bytes text) {
    finish("OK " + std::string(text));
}

void ImapServer::no(Bytes text) {
    finish("NO " + std::string(text));
}

void ImapServer::bad(Bytes text) {
    if (++errors_ >= kMostErrors)
        return sayLast("* BYE too many errors\r\n");
    if (tag_.empty())
        tag_ = "*";
    finish("BAD " + std::string(text));
}

void ImapServer::failed(const Failure& why) {
    if (const auto* refused = why.as<Refused>())
        return no((refused->code().empty() ? "" : "[" + refused->code() + "] ") + why.message());
    log_.error("{}: {}", transport().peer().toString(), why.message());
    no("[UNAVAILABLE] try again later");
}

void ImapServer::perform(Deferred<std::string> work) {
    when(std::move(work), [this](const std::string& end) { finish(end); });
}

// Commands and their literals.

void ImapServer::lineLengthExceeded(Bytes) {
    sasl_.stop();
    sayLast("* BYE the line is too long\r\n");
}

void ImapServer::lineReceived(Bytes line) {
    if (sasl_.going())
        return sasl_.line(line);
    if (idling_) {
        idling_ = false;
        return ascii::equalsIgnoreCase(line, "DONE") ? ok("idle ended") : bad("say DONE");
    }
    if (appending_ && line.empty())
        return endAppend();
    if (appending_) {
        appending_.reset();
        return bad();
    }
    if (command_.empty() && line.empty())
        return;
    if (line.find_first_of(Bytes("\r\n\0", 3)) != Bytes::npos)
        return sayLast("* BYE a line has no CR, LF or NUL inside\r\n");
    if (command_.size() + line.size() > (account_ ? kMostCommand : kMostBefore))
        return sayLast("* BYE the command is too long\r\n");
    command_.append(line);
    if (const auto mark = literalAtEnd(line))
        return announced(*mark);
    run();
}

void ImapServer::announced(const LiteralMark& mark) {
    if (account_ && beginAppend(mark))
        return;
    const bool tooLarge = command_.size() + mark.size > (account_ ? kMostCommand : kMostBefore) ||
                          (!mark.waits && mark.size > kMostUnasked);
    if (!tooLarge) {
        command_.append("\r\n");
        return expectLiteral(Literal::command, mark.size, mark.waits);
    }
    if (!mark.waits && mark.size > kMostSkipped)
        return sayLast("* BYE [TOOBIG] that is too much\r\n");
    Cursor cursor(command_);
    tag_ = cursor.tag().value_or("*");
    bad("[TOOBIG] the command is too long");
    if (!mark.waits)
        expectLiteral(Literal::skipped, mark.size, false);
}

void ImapServer::expectLiteral(Literal kind, std::uint64_t size, bool waits) {
    literal_ = kind;
    literalLeft_ = size;
    if (waits)
        say("+ go on");
    if (size > 0)
        setRawMode();
}

void ImapServer::rawDataReceived(Bytes data) {
    const Bytes part =
        data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), literalLeft_)));
    literalLeft_ -= part.size();
    startClock(account_ ? options_->idleTime : options_->loginTime);
    if (literal_ == Literal::command)
        command_.append(part);
    else if (literal_ == Literal::message && appending_)
        appending_->write(part);
    if (literalLeft_ == 0)
        setLineMode(data.substr(part.size()));
    if (literal_ == Literal::message && appending_)
        await(appending_->ready(), [](const Outcome<void>&) {});
}

bool ImapServer::beginAppend(const LiteralMark& mark) {
    Cursor cursor(command_);
    const auto tag = cursor.tag();
    if (!tag || !cursor.space() || !cursor.takeWord("APPEND"))
        return false;
    cursor_ = cursor;
    const auto name = mailboxName();
    if (!name || !cursor_.space())
        return false;
    FlagList flags;
    if (cursor_.take('(')) {
        while (const auto flag = cursor_.flag()) {
            if (!flags.add(*flag))
                return false;
            cursor_.space();
        }
        if (!cursor_.take(')') || !cursor_.space())
            return false;
    }
    std::int64_t time = 0;
    if (cursor_.rest().starts_with('"')) {
        const auto text = cursor_.string();
        const auto given = text ? parseDateTime(*text) : std::nullopt;
        if (!given || !cursor_.space())
            return false;
        time = *given;
    }
    cursor_.take('~'); // a literal that may have any byte, as all may here (RFC 3516)
    if (cursor_.rest().find('}') + 1 != cursor_.rest().size() || !cursor_.take('{'))
        return false;
    tag_ = *tag;
    const auto refuse = [this, mark] {
        if (!mark.waits)
            expectLiteral(Literal::skipped, mark.size, false);
    };
    if (mark.size > options_->maxSize) {
        if (!mark.waits)
            sayLast("* BYE [TOOBIG] messages of that size are not taken\r\n");
        else
            no("[TOOBIG] messages of that size are not taken");
        return true;
    }
    await(
        account_->append(*name, std::move(flags), time),
        [this, mark, refuse](Outcome<std::unique_ptr<Appending>> outcome) {
            if (!outcome.ok()) {
                failed(outcome.failure());
                return refuse();
            }
            appending_ = std::move(outcome).value();
            expectLiteral(Literal::message, mark.size, mark.waits);
        }
    );
    return true;
}

void ImapServer::endAppend() {
    // It is no more than this once it is asked to end: the next command may begin another.
    const std::shared_ptr<Appending> ending(std::move(appending_));
    await(ending->end(), [this, ending](const Outcome<std::pair<std::uint32_t, std::uint32_t>>& outcome) {
        if (!outcome.ok())
            return failed(outcome.failure());
        const auto& [validity, uid] = outcome.value();
        const std::string kept =
            "[APPENDUID " + std::to_string(validity) + " " + std::to_string(uid) + "] kept";
        if (!selection_)
            return ok(kept);
        // It may be the selected mailbox, whose client waits for the news.
        await(selection_->refresh(), [this, kept](const Outcome<void>&) { ok(kept); });
    });
}

void ImapServer::run() {
    static constexpr std::array<Verb, 30> kVerbs{{
        {"CAPABILITY", &ImapServer::capability, When::always},
        {"NOOP", &ImapServer::noop, When::always},
        {"LOGOUT", &ImapServer::logout, When::always},
        {"ID", &ImapServer::id, When::always},
        {"STARTTLS", &ImapServer::startTls, When::before},
        {"AUTHENTICATE", &ImapServer::authenticate, When::before},
        {"LOGIN", &ImapServer::login, When::before},
        {"SELECT", &ImapServer::select, When::loggedIn},
        {"EXAMINE", &ImapServer::examine, When::loggedIn},
        {"CREATE", &ImapServer::create, When::loggedIn},
        {"DELETE", &ImapServer::remove, When::loggedIn},
        {"RENAME", &ImapServer::rename, When::loggedIn},
        {"SUBSCRIBE", &ImapServer::subscribe, When::loggedIn},
        {"UNSUBSCRIBE", &ImapServer::unsubscribe, When::loggedIn},
        {"LIST", &ImapServer::list, When::loggedIn},
        {"LSUB", &ImapServer::lsub, When::loggedIn},
        {"STATUS", &ImapServer::status, When::loggedIn},
        {"ENABLE", &ImapServer::enable, When::loggedIn},
        {"NAMESPACE", &ImapServer::nameSpace, When::loggedIn},
        {"IDLE", &ImapServer::idle, When::loggedIn},
        {"CHECK", &ImapServer::check, When::selected},
        {"CLOSE", &ImapServer::close, When::selected},
        {"UNSELECT", &ImapServer::unselect, When::selected},
        {"EXPUNGE", &ImapServer::expunge, When::selected},
        {"SEARCH", &ImapServer::search, When::selected, false},
        {"FETCH", &ImapServer::fetch, When::selected, false},
        {"STORE", &ImapServer::store, When::selected, false},
        {"COPY", &ImapServer::copy, When::selected},
        {"MOVE", &ImapServer::move, When::selected},
        {"UID", &ImapServer::uid, When::selected},
    }};
    cursor_ = Cursor(command_);
    const auto tag = cursor_.tag();
    tag_ = tag.value_or(Bytes());
    const auto name = tag && cursor_.space() ? cursor_.atom() : std::nullopt;
    if (!name)
        return bad("a command is a tag, a space, and its name");
    for (const Verb& verb : kVerbs) {
        if (!ascii::equalsIgnoreCase(verb.name, *name))
            continue;
        if (verb.when == When::before && account_)
            return bad("logged in already");
        if (verb.when >= When::loggedIn && !account_)
            return bad("log in first");
        if (verb.when == When::selected && !selection_)
            return bad("select a mailbox first");
        tells_ = verb.tells;
        return (this->*verb.run)();
    }
    bad("this command is not known");
}

// Before the login.

std::string ImapServer::capabilities() {
    std::string out =
        "IMAP4rev1 IMAP4rev2 LITERAL- SASL-IR ID IDLE ENABLE NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN "
        "SPECIAL-USE LIST-EXTENDED LIST-STATUS STATUS=SIZE ESEARCH SEARCHRES BINARY CONDSTORE "
        "APPENDLIMIT=" +
        std::to_string(options_->maxSize);
    if (account_)
        return out;
    if (options_->tls && !encrypted_)
        out += " STARTTLS";
    if (!encrypted_ && !options_->passwordsInClear)
        out += " LOGINDISABLED";
    if (options_->accounts) {
        for (const Bytes mechanism : saslMechanisms(*options_->accounts, saslConnection()))
            out.append(" AUTH=").append(mechanism);
    }
    return out;
}

void ImapServer::capability() {
    say("* CAPABILITY " + capabilities());
    ok();
}

void ImapServer::id() {
    say("* ID (\"name\" \"twistdpp\")");
    ok();
}

void ImapServer::logout() {
    say("* BYE " + options_->hostname + " closes");
    sayLast(tag_ + " OK done\r\n");
}

void ImapServer::startTls() {
    if (!options_->tls || encrypted_)
        return bad(encrypted_ ? "it is encrypted already" : "there is no certificate here");
    // Somebody on the way may have put it there, to have it taken for the client's.
    if (!clearLineBuffer().empty())
        return sayLast("* BYE nothing is sent along with STARTTLS\r\n");
    ok("go on");
    startTlsServer(transport(), options_->tls);
}

SaslConnection ImapServer::saslConnection() {
    return mail::saslConnectionOf(transport(), "mail.imap", options_->hostname, options_->passwordsInClear);
}

void ImapServer::authenticate() {
    if (!options_->accounts)
        return no("nobody has an account here");
    if (!cursor_.space() || cursor_.atEnd())
        return bad("say AUTHENTICATE mechanism");
    const std::string argument(cursor_.rest());
    sasl_.begin(*options_->accounts, saslConnection(), argument);
}

void ImapServer::saslEnded(mail::SaslLines::End how, const AvatarId* who) {
    using End = mail::SaslLines::End;
    switch (how) {
    case End::loggedIn:
        return loggedIn(AvatarId(*who));
    case End::givenUp:
        return bad("the login was given up");
    case End::noBase64:
        return bad("that is no base64");
    case End::malformed:
        return bad("that is no message of this mechanism");
    case End::notOffered:
        return no("there is no such mechanism here");
    case End::refused:
        return no("[AUTHENTICATIONFAILED] name and password do not fit");
    case End::unavailable:
        return no("[UNAVAILABLE] try again later");
    }
}

void ImapServer::login() {
    std::optional<std::string> user;
    std::optional<std::string> password;
    if (cursor_.space())
        user = cursor_.astring();
    if (cursor_.space())
        password = cursor_.astring();
    if (!user || !password || !cursor_.atEnd())
        return bad("say LOGIN name password");
    if (!encrypted_ && !options_->passwordsInClear)
        return no("[PRIVACYREQUIRED] say STARTTLS first: a password does not cross the network in clear");
    if (!options_->accounts)
        return no("nobody has an account here");
    const UsernamePassword credentials(*user, *password);
    auto login = options_->accounts->login(credentials, LoginSource(transport().peer(), "mail.imap"));
    await(std::move(login), [this](const Outcome<AvatarId>& outcome) {
        if (outcome.ok())
            return loggedIn(outcome.value());
        const Failure& why = outcome.failure();
        if (why.check<UnauthorizedLogin>() || why.check<UnhandledCredentials>())
            return no("[AUTHENTICATIONFAILED] name and password do not fit");
        no("[UNAVAILABLE] try again later");
    });
}

void ImapServer::loggedIn(const AvatarId& who) {
    account_ = options_->open(who);
    if (!account_)
        return no("[UNAVAILABLE] there are no mailboxes");
    ok("[CAPABILITY " + capabilities() + "] logged in");
}

} // namespace twistdpp::imap
