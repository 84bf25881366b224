#include "twistdpp/pop3/pop3_server.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/challenge_response.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>
#include <array>

namespace twistdpp::pop3 {

namespace {

constexpr std::size_t kMostErrors = 20;
constexpr std::size_t kLongestCommand = 255; // RFC 2449 section 4

} // namespace

Pop3Server::Pop3Server(std::shared_ptr<const ServerOptions> options, Logger log)
    : LineDialogue(mail::SaslLines::kMaxLine, LineEnd::crlfOrLf), options_(std::move(options)),
      log_(std::move(log)),
      sasl_(
          {[this](Bytes challenge) { transport().write(Bytes("+ " + std::string(challenge) + "\r\n")); },
           [this](mail::SaslLines::End how, const AvatarId* who) { saslEnded(how, who); },
           [this](bool on) {
               if (!on)
                   pauseProducing();
               else if (!waiting())
                   resumeProducing();
           }}
      ),
      timestamp_(makeChallenge(options_->hostname)) {}

void Pop3Server::connectionMade() {
    encrypted_ = transport().tls() != nullptr;
    ok(options_->hostname + " POP3" + (offersApop() ? " " + timestamp_ : ""));
}

void Pop3Server::handshakeCompleted(const TlsInfo&) {
    encrypted_ = true;
}

void Pop3Server::connectionLost(const Failure& reason) {
    // Without QUIT nothing is deleted.
    sasl_.stop();
    sending_.reset();
    drop_.reset();
    LineDialogue::connectionLost(reason);
}

void Pop3Server::timedOut() {
    drop_.reset();
    transport().abortConnection();
}

void Pop3Server::drain() {
    draining_ = true;
    if (!sending_ && !waiting() && connected() && !transport().closing())
        sayLast("-ERR [SYS/TEMP] the server closes\r\n");
}

void Pop3Server::ok(Bytes text) {
    transport().write(Bytes("+OK" + (text.empty() ? "" : " " + std::string(text)) + "\r\n"));
    startClock(options_->idleTime);
}

void Pop3Server::no(Bytes text) {
    if (++errors_ >= kMostErrors)
        return sayLast("-ERR too many errors\r\n");
    transport().write(Bytes("-ERR " + std::string(text) + "\r\n"));
    startClock(options_->idleTime);
}

void Pop3Server::lineLengthExceeded(Bytes) {
    sasl_.stop();
    no("the line is too long");
}

void Pop3Server::lineReceived(Bytes line) {
    static constexpr std::array<Verb, 17> kVerbs{{
        {"CAPA", &Pop3Server::capa, false},
        {"USER", &Pop3Server::user, false},
        {"PASS", &Pop3Server::pass, false},
        {"APOP", &Pop3Server::apop, false},
        {"AUTH", &Pop3Server::auth, false},
        {"STLS", &Pop3Server::stls, false},
        {"UTF8", &Pop3Server::utf8, false},
        {"QUIT", &Pop3Server::quit, false},
        {"NOOP", &Pop3Server::noop, true},
        {"STAT", &Pop3Server::stat, true},
        {"LIST", &Pop3Server::list, true},
        {"UIDL", &Pop3Server::uidl, true},
        {"RETR", &Pop3Server::retr, true},
        {"TOP", &Pop3Server::top, true},
        {"DELE", &Pop3Server::dele, true},
        {"RSET", &Pop3Server::rset, true},
        {"LAST", nullptr, true},
    }};
    if (sasl_.going())
        return sasl_.line(line);
    if (line.find_first_of(Bytes("\r\n\0", 3)) != Bytes::npos)
        return no("a line has no CR, LF or NUL inside");
    Bytes argument = line;
    std::string verb(ascii::cut(argument, ' '));
    for (char& c : verb)
        c = ascii::upper(c);
    // Passwords may have spaces at their ends.
    if (verb != "PASS")
        argument = ascii::trim(argument);
    if (line.size() > kLongestCommand && verb != "AUTH" && verb != "PASS")
        return no("the line is too long");
    for (const Verb& each : kVerbs) {
        if (each.name != verb || !each.run)
            continue;
        if (each.needsDrop && !drop_)
            return no("log in first");
        return (this->*each.run)(argument);
    }
    no("this command is not known");
}

bool Pop3Server::offersApop() const {
    return options_->accounts && options_->accounts->offered().has(CredentialKind::hashedPassword);
}

void Pop3Server::capa(Bytes) {
    std::string lines = "+OK what there is\r\nTOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n"
                        "UTF8\r\nEXPIRE NEVER\r\n";
    if (!drop_) {
        if (mayUsePasswords())
            lines += "USER\r\n";
        if (options_->tls && !encrypted_)
            lines += "STLS\r\n";
        std::string mechanisms;
        if (options_->accounts) {
            for (const Bytes mechanism : saslMechanisms(*options_->accounts, saslConnection()))
                mechanisms.append(" ").append(mechanism);
        }
        if (!mechanisms.empty())
            lines += "SASL" + mechanisms + "\r\n";
    }
    transport().write(Bytes(lines + ".\r\n"));
    startClock(options_->idleTime);
}

void Pop3Server::utf8(Bytes) {
    drop_ ? no("only before the login") : ok();
}

void Pop3Server::user(Bytes argument) {
    if (drop_)
        return no("logged in already");
    if (!mayUsePasswords())
        return no("[AUTH] say STLS first: a password does not cross the network in clear");
    if (argument.empty())
        return no("say USER name");
    user_ = argument;
    // Whether there is such a user is nobody's business.
    ok("and the password?");
}

void Pop3Server::pass(Bytes argument) {
    if (drop_ || user_.empty())
        return no(drop_ ? "logged in already" : "say USER first");
    logIn(UsernamePassword(std::exchange(user_, {}), argument));
}

void Pop3Server::apop(Bytes argument) {
    if (drop_)
        return no("logged in already");
    const auto space = argument.rfind(' ');
    if (!offersApop() || space == Bytes::npos)
        return no(offersApop() ? "say APOP name digest" : "APOP needs passwords that are kept in clear");
    logIn(Apop(std::string(argument.substr(0, space)), timestamp_, argument.substr(space + 1)));
}

void Pop3Server::logIn(const Credentials& credentials) {
    if (!options_->accounts)
        return no("[AUTH] nobody has an account here");
    auto login = options_->accounts->login(credentials, LoginSource(transport().peer(), "mail.pop3"));
    await(std::move(login), [this](const Outcome<AvatarId>& outcome) {
        outcome.ok() ? loggedIn(outcome.value()) : refused(outcome.failure());
    });
}

void Pop3Server::refused(const Failure& why) {
    if (why.check<UnauthorizedLogin>() || why.check<UnhandledCredentials>())
        return no("[AUTH] name and password do not fit");
    no("[SYS/TEMP] try again later");
}

void Pop3Server::loggedIn(const AvatarId& who) {
    await(options_->open(who), [this](Outcome<std::unique_ptr<Drop>> outcome) {
        if (outcome.ok()) {
            drop_ = std::move(outcome).value();
            deleted_.assign(drop_->count(), false);
            return ok(std::to_string(drop_->count()) + " messages");
        }
        if (outcome.failure().check<InUse>())
            return no("[IN-USE] another session has the messages");
        log_.error("{}: {}", transport().peer().toString(), outcome.failure().message());
        no("[SYS/TEMP] the messages cannot be read now");
    });
}

SaslConnection Pop3Server::saslConnection() {
    return mail::saslConnectionOf(transport(), "mail.pop3", options_->hostname, options_->passwordsInClear);
}

void Pop3Server::auth(Bytes argument) {
    if (drop_)
        return no("logged in already");
    if (!options_->accounts)
        return no("[AUTH] nobody has an account here");
    if (argument.empty())
        return no("say AUTH mechanism, of those that CAPA names");
    sasl_.begin(*options_->accounts, saslConnection(), argument);
}

void Pop3Server::saslEnded(mail::SaslLines::End how, const AvatarId* who) {
    using End = mail::SaslLines::End;
    switch (how) {
    case End::loggedIn:
        return loggedIn(AvatarId(*who));
    case End::givenUp:
        return no("the login was given up");
    case End::noBase64:
        return no("that is no base64");
    case End::malformed:
        return no("that is no message of this mechanism");
    case End::notOffered:
        return no("there is no such mechanism here");
    case End::refused:
        return no("[AUTH] name and password do not fit");
    case End::unavailable:
        return no("[SYS/TEMP] try again later");
    }
}

void Pop3Server::stls(Bytes) {
    if (!options_->tls || encrypted_ || drop_)
        return no(encrypted_ ? "it is encrypted already" : "there is no certificate here");
    // Somebody on the way may have put it there, to have it taken for the client's.
    if (!clearLineBuffer().empty())
        return sayLast("-ERR nothing is sent along with STLS\r\n");
    ok("go on");
    user_.clear();
    startTlsServer(transport(), options_->tls);
}

void Pop3Server::quit(Bytes) {
    std::vector<std::size_t> gone;
    for (std::size_t i = 0; i < deleted_.size(); ++i) {
        if (deleted_[i])
            gone.push_back(i);
    }
    if (!drop_ || gone.empty())
        return sayLast("+OK\r\n");
    await(drop_->remove(std::move(gone)), [this](const Outcome<void>& outcome) {
        if (!outcome.ok())
            log_.error("{}: {}", transport().peer().toString(), outcome.failure().message());
        sayLast(outcome.ok() ? "+OK\r\n" : "-ERR [SYS/TEMP] not all could be deleted\r\n");
    });
}

void Pop3Server::noop(Bytes) {
    ok();
}

void Pop3Server::stat(Bytes) {
    std::size_t count = 0;
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < deleted_.size(); ++i) {
        if (!deleted_[i]) {
            ++count;
            size += drop_->size(i);
        }
    }
    ok(std::to_string(count) + " " + std::to_string(size));
}

std::optional<std::size_t> Pop3Server::message(Bytes number) {
    const auto given = parseUnsigned<std::size_t>(number);
    if (given && *given >= 1 && *given <= deleted_.size() && !deleted_[*given - 1])
        return *given - 1;
    no("there is no such message");
    return std::nullopt;
}

template <class Line>
void Pop3Server::listing(Bytes argument, Line line) {
    if (!argument.empty()) {
        if (const auto index = message(argument))
            ok(std::to_string(*index + 1) + " " + line(*index));
        return;
    }
    std::string lines = "+OK\r\n";
    for (std::size_t i = 0; i < deleted_.size(); ++i) {
        if (!deleted_[i])
            lines += std::to_string(i + 1) + " " + line(i) + "\r\n";
    }
    transport().write(Bytes(lines + ".\r\n"));
    startClock(options_->idleTime);
}

void Pop3Server::list(Bytes argument) {
    listing(argument, [this](std::size_t index) { return std::to_string(drop_->size(index)); });
}

void Pop3Server::uidl(Bytes argument) {
    listing(argument, [this](std::size_t index) { return drop_->id(index); });
}

void Pop3Server::retr(Bytes argument) {
    if (const auto index = message(argument))
        send(*index, mail::LineSender::kAll);
}

void Pop3Server::top(Bytes argument) {
    const Bytes number = ascii::cut(argument, ' ');
    const auto lines = parseUnsigned<std::uint64_t>(ascii::trim(argument));
    if (!lines)
        return no("say TOP message lines");
    if (const auto index = message(number))
        send(*index, *lines);
}

void Pop3Server::send(std::size_t index, std::uint64_t bodyLines) {
    await(drop_->open(index), [this, index, bodyLines](Outcome<std::unique_ptr<Message>> outcome) {
        if (!outcome.ok()) {
            log_.warn("{}: {}", transport().peer().toString(), outcome.failure().message());
            return no("[SYS/TEMP] the message cannot be read now");
        }
        sending_ = std::move(outcome).value();
        sender_ = mail::LineSender(bodyLines);
        ok(std::to_string(drop_->size(index)) + " octets");
        sendNext();
    });
}

void Pop3Server::sendNext() {
    await(sending_->next(), [this](const Outcome<std::string>& outcome) {
        if (!outcome.ok()) {
            // In the middle of a message there is no place for an error.
            log_.error("{}: {}", transport().peer().toString(), outcome.failure().message());
            return transport().abortConnection();
        }
        transport().write(Bytes(sender_.next(outcome.value())));
        if (!outcome.value().empty() && !sender_.done())
            return await(transport().drained(), [this](const Outcome<void>& drained) {
                if (drained.ok())
                    sendNext();
            });
        transport().write(Bytes(sender_.end()));
        sending_.reset();
        startClock(options_->idleTime);
        if (draining_)
            sayLast("");
    });
}

void Pop3Server::dele(Bytes argument) {
    if (const auto index = message(argument)) {
        deleted_[*index] = true;
        ok();
    }
}

void Pop3Server::rset(Bytes) {
    deleted_.assign(deleted_.size(), false);
    ok();
}

} // namespace twistdpp::pop3
