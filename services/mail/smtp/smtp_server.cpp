#include "twistdpp/smtp/smtp_server.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace twistdpp::smtp {

namespace {

constexpr std::size_t kMostHops = 100;
const Reply kOk(250, "2.0.0", "Ok");

} // namespace

SmtpServer::SmtpServer(std::shared_ptr<const ServerOptions> options, Logger log)
    : LineDialogue(mail::SaslLines::kMaxLine, LineEnd::crlf), options_(std::move(options)),
      log_(std::move(log)), handler_(options_->handler()),
      sasl_(
          {[this](Bytes challenge) { say(Reply(334, {}, challenge)); },
           [this](mail::SaslLines::End how, const AvatarId* who) { authEnded(how, who); },
           [this](bool on) {
               if (!on)
                   pauseProducing();
               else if (!waiting())
                   resumeProducing();
           }}
      ) {}

void SmtpServer::connectionMade() {
    client_.peer = transport().peer();
    if (const TlsInfo* tls = transport().tls())
        handshakeCompleted(*tls);
    say(Reply(220, {}, options_->hostname + " ESMTP"));
}

void SmtpServer::handshakeCompleted(const TlsInfo& info) {
    client_.encrypted = true;
    client_.tlsVersion = info.version;
    client_.tlsCipher = info.cipher;
}

void SmtpServer::connectionLost(const Failure& reason) {
    sasl_.stop();
    message_.reset();
    LineDialogue::connectionLost(reason);
}

void SmtpServer::timedOut() {
    message_.reset();
    sayAndClose(Reply(421, "4.4.2", options_->hostname + " nothing came for too long"));
}

void SmtpServer::say(const Reply& reply) {
    if (reply.code == 0)
        return transport().abortConnection();
    if (reply.code == 421)
        return sayAndClose(reply);
    transport().write(Bytes(reply.toString()));
    startClock(options_->commandTimeout);
    if (reply.code >= 500 && ++errors_ >= options_->maxErrors && !transport().closing())
        sayAndClose(Reply(421, "4.7.0", "too many errors"));
}

void SmtpServer::sayAndClose(const Reply& reply) {
    sayLast(reply.toString());
}

Reply SmtpServer::trouble(const Failure& why) {
    if (const auto* refusal = why.as<Refusal>())
        return refusal->reply();
    log_.error("{}: {}", client_.peer.toString(), why.message());
    return Reply(451, "4.3.0", "local trouble, try again later");
}

void SmtpServer::lineReceived(Bytes line) {
    // What one server takes for the end of a line another may not.
    if (line.find_first_of(Bytes("\r\n\0", 3)) != Bytes::npos)
        return sayAndClose(Reply(500, "5.5.2", "a line ends with CR LF, and neither stands alone"));
    sasl_.going() ? sasl_.line(line) : command(line);
}

void SmtpServer::lineLengthExceeded(Bytes) {
    sasl_.stop();
    say(Reply(500, "5.5.2", "the line is too long"));
}

void SmtpServer::command(Bytes line) {
    static constexpr std::array<Verb, 14> kVerbs{{
        {"HELO", &SmtpServer::helo},
        {"EHLO", &SmtpServer::ehlo},
        {"MAIL", &SmtpServer::mail},
        {"RCPT", &SmtpServer::rcpt},
        {"DATA", &SmtpServer::data},
        {"BDAT", &SmtpServer::bdat},
        {"RSET", &SmtpServer::rset},
        {"NOOP", &SmtpServer::noop},
        {"VRFY", &SmtpServer::vrfy},
        {"HELP", &SmtpServer::help},
        {"QUIT", &SmtpServer::quit},
        {"STARTTLS", &SmtpServer::startTls},
        {"AUTH", &SmtpServer::auth},
        {"EXPN", &SmtpServer::vrfy},
    }};
    const Command given(line);
    if (line.size() > kMaxCommand && given.verb != "AUTH")
        return say(Reply(500, "5.5.2", "the line is too long"));
    for (const Verb& verb : kVerbs) {
        if (verb.name == given.verb)
            return (this->*verb.run)(given.argument);
    }
    say(Reply(500, "5.5.2", "this command is not known"));
}

void SmtpServer::helo(Bytes argument) {
    greet(argument, false);
}

void SmtpServer::ehlo(Bytes argument) {
    if (!options_->extended)
        return say(Reply(502, "5.5.1", "ESMTP is not spoken here, say HELO"));
    greet(argument, true);
}

void SmtpServer::greet(Bytes argument, bool extended) {
    if (argument.empty())
        return say(Reply(501, "5.5.4", "say who you are: a host name or [address]"));
    endTransaction();
    greeted_ = true;
    client_.helo = argument.substr(0, kMaxDomain);
    client_.extended = extended;
    if (!extended)
        return say(Reply(250, {}, options_->hostname));
    std::string lines = options_->hostname;
    lines += "\nPIPELINING\nSIZE " + std::to_string(options_->maxSize);
    lines += "\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING\nDSN";
    lines += "\nLIMITS RCPTMAX=" + std::to_string(options_->maxRecipients) +
             " MAILMAX=" + std::to_string(options_->maxMessages);
    if (options_->tls && !client_.encrypted)
        lines += "\nSTARTTLS";
    std::string mechanisms;
    if (options_->accounts && !client_.who) {
        for (const Bytes mechanism : saslMechanisms(*options_->accounts, saslConnection()))
            mechanisms.append(" ").append(mechanism);
    }
    if (!mechanisms.empty())
        lines += "\nAUTH" + mechanisms;
    say(Reply(250, {}, lines + "\nHELP"));
}

std::optional<Reply> SmtpServer::notNow(Bytes verb) const {
    if (!greeted_)
        return Reply(503, "5.5.1", "say EHLO first");
    if (verb == "MAIL")
        return envelope_ ? std::optional(Reply(503, "5.5.1", "there is a sender already")) : std::nullopt;
    if (!envelope_)
        return Reply(503, "5.5.1", "say MAIL first");
    if (verb != "RCPT" && envelope_->to.empty())
        return Reply(554, "5.5.1", "there is no valid recipient");
    return std::nullopt;
}

void SmtpServer::mail(Bytes argument) {
    if (options_->loginNeeded && !client_.who)
        return say(Reply(530, "5.7.0", "log in first"));
    if (const auto no = notNow("MAIL"))
        return say(*no);
    if (messages_ >= options_->maxMessages)
        return sayAndClose(Reply(421, "4.7.0", "enough messages for one connection"));
    Envelope envelope;
    if (const auto no = readMail(argument, client_.extended, options_->maxSize, envelope))
        return say(*no);
    auto answer = handler_->validateFrom(client_, envelope);
    await(std::move(answer), [this, envelope](const Outcome<Reply>& outcome) {
        const Reply reply = outcome.ok() ? outcome.value() : trouble(outcome.failure());
        if (reply.positive()) {
            endTransaction(); // the rest of one that began with a refused BDAT
            envelope_ = envelope;
        }
        say(reply);
    });
}

void SmtpServer::rcpt(Bytes argument) {
    if (const auto no = notNow("RCPT"))
        return say(*no);
    if (chunked_)
        return say(Reply(503, "5.5.1", "the message has begun already"));
    Recipient recipient;
    if (const auto no = readRcpt(argument, client_.extended, *envelope_, recipient))
        return say(*no);
    if (envelope_->to.size() >= options_->maxRecipients)
        return say(Reply(452, "4.5.3", "too many recipients"));
    auto answer = handler_->validateTo(client_, *envelope_, recipient);
    await(std::move(answer), [this, recipient](const Outcome<Reply>& outcome) {
        const Reply reply = outcome.ok() ? outcome.value() : trouble(outcome.failure());
        if (reply.positive() && envelope_)
            envelope_->to.push_back(recipient);
        say(reply);
    });
}

void SmtpServer::beginMessage() {
    received_ = 0;
    refusal_.reset();
    hops_ = HopCounter();
    reader_ = DataReader(reading_ == Reading::data);
    completer_.reset();
    if (options_->submission) {
        const std::string id = "<" + toHex(randomBytes(16)) + "@" + options_->hostname + ">";
        completer_.emplace(dateText(std::time(nullptr)), id);
    }
}

void SmtpServer::data(Bytes argument) {
    if (!argument.empty())
        return say(Reply(501, "5.5.4", "DATA has no parameters"));
    if (chunked_)
        return say(Reply(503, "5.5.1", "the message has begun with BDAT"));
    if (const auto no = notNow("DATA"))
        return say(*no);
    auto receiving = handler_->receive(client_, *envelope_);
    await(std::move(receiving), [this](Outcome<std::unique_ptr<IncomingMessage>> outcome) {
        if (!outcome.ok()) {
            endTransaction();
            return say(trouble(outcome.failure()));
        }
        message_ = std::move(outcome).value();
        reading_ = Reading::data;
        beginMessage();
        say(Reply(354, {}, "go on; a line with a dot alone ends it"));
        startClock(options_->dataTimeout);
        setRawMode();
    });
}

void SmtpServer::bdat(Bytes argument) {
    Bytes rest = argument;
    const auto size = parseUnsigned<std::uint64_t>(ascii::cut(rest, ' '));
    rest = ascii::trim(rest);
    if (!size || (!rest.empty() && !ascii::equalsIgnoreCase(rest, "LAST")))
        // How many bytes follow is not known, and where the next command is.
        return sayAndClose(Reply(501, "5.5.4", "say BDAT SIZE, or BDAT SIZE LAST"));
    chunkLeft_ = *size;
    chunkIsLast_ = !rest.empty();
    const auto begin = [this](const std::optional<Reply>& refused) {
        reading_ = Reading::chunk;
        if (!chunked_)
            beginMessage();
        chunked_ = true;
        if (refused)
            refusal_ = refused; // said once the bytes are there

        startClock(options_->dataTimeout);
        if (chunkLeft_ > 0)
            setRawMode();
        else
            chunkEnded();
    };
    if (const auto no = chunked_ ? std::nullopt : notNow("BDAT"); chunked_ || no)
        return begin(no);
    auto receiving = handler_->receive(client_, *envelope_);
    await(std::move(receiving), [this, begin](Outcome<std::unique_ptr<IncomingMessage>> outcome) {
        if (!outcome.ok())
            return begin(trouble(outcome.failure()));
        message_ = std::move(outcome).value();
        begin(std::nullopt);
    });
}

void SmtpServer::rawDataReceived(Bytes data) {
    startClock(options_->dataTimeout);
    reading_ == Reading::data ? dataRead(data) : chunkRead(data);
}

void SmtpServer::feed(Bytes data) {
    received_ += data.size();
    hops_.read(data);
    if (received_ > options_->maxSize && !refusal_) {
        refusal_ =
            Reply(552, "5.3.4", "more than " + std::to_string(options_->maxSize) + " bytes are not taken");
        message_.reset();
    }
    if (!message_)
        return;
    if (!completer_)
        return message_->write(data);
    std::string completed;
    completer_->read(data, completed);
    message_->write(completed);
}

void SmtpServer::finishMessage() {
    if (!completer_)
        return;
    std::string rest;
    completer_->end(rest);
    if (!rest.empty())
        message_->write(rest);
}

void SmtpServer::dataRead(Bytes data) {
    const std::size_t used = reader_.read(data, [this](Bytes part) { feed(part); });
    if (reader_.ended()) {
        reading_ = Reading::command;
        setLineMode(data.substr(used));
        return endOfMessage();
    }
    if (message_)
        await(message_->ready(), [](const Outcome<void>&) {});
}

void SmtpServer::chunkRead(Bytes data) {
    const Bytes part =
        data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), chunkLeft_)));
    chunkLeft_ -= part.size();
    reader_.read(part, [this](Bytes bytes) { feed(bytes); });
    if (chunkLeft_ > 0) {
        if (message_)
            await(message_->ready(), [](const Outcome<void>&) {});
        return;
    }
    setLineMode(data.substr(part.size()));
    chunkEnded();
}

void SmtpServer::chunkEnded() {
    reading_ = Reading::command;
    if (chunkIsLast_) {
        reader_.finish();
        // The last line may lack its end.
        if (!reader_.atLineEnd() && message_ && !refusal_)
            feed("\r\n");
        return endOfMessage();
    }
    if (!refusal_)
        return say(Reply(250, "2.0.0", std::to_string(received_) + " bytes so far"));
    const Reply why = *refusal_;
    // What the client has sent along is refused as well, chunk by chunk.
    message_.reset();
    say(why);
}

void SmtpServer::endOfMessage() {
    if (reader_.malformed() && (!refusal_ || refusal_->code == 552)) {
        message_.reset();
        endTransaction();
        return sayAndClose(
            Reply(550, "5.6.0", "CR, LF or NUL stand alone in the message: lines end with CR LF")
        );
    }
    if (hops_.hops() > kMostHops && !refusal_)
        refusal_ = Reply(554, "5.4.6", "the message has passed too many servers: it goes round in circles");
    if (refusal_ || !message_) {
        const Reply why = refusal_.value_or(Reply(451, "4.3.0", "local trouble, try again later"));
        endTransaction();
        return say(why);
    }
    ++messages_;
    finishMessage();
    await(message_->end(), [this](const Outcome<Reply>& outcome) {
        const Reply reply = outcome.ok() ? outcome.value() : trouble(outcome.failure());
        endTransaction();
        say(reply);
        if (draining_ && !transport().closing())
            sayAndClose(Reply(421, "4.3.2", options_->hostname + " closes"));
    });
}

void SmtpServer::endTransaction() {
    envelope_.reset();
    message_.reset();
    refusal_.reset();
    chunked_ = false;
}

void SmtpServer::rset(Bytes) {
    endTransaction();
    say(kOk);
}

void SmtpServer::noop(Bytes) {
    say(kOk);
}

void SmtpServer::vrfy(Bytes) {
    // Who has a mailbox here is told to those who have mail for it.
    say(Reply(252, "2.5.0", "send the mail, and you will see"));
}

void SmtpServer::help(Bytes) {
    say(Reply(214, "2.0.0", "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT STARTTLS AUTH: RFC 5321")
    );
}

void SmtpServer::quit(Bytes) {
    sayAndClose(Reply(221, "2.0.0", options_->hostname + " closes"));
}

void SmtpServer::startTls(Bytes argument) {
    if (!argument.empty())
        return say(Reply(501, "5.5.4", "STARTTLS has no parameters"));
    if (!options_->tls)
        return say(Reply(502, "5.5.1", "there is no certificate here"));
    if (client_.encrypted)
        return say(Reply(503, "5.5.1", "it is encrypted already"));
    // Somebody on the way may have put it there, to have it taken for the client's (CVE-2011-0411).
    if (!clearLineBuffer().empty())
        return sayAndClose(Reply(503, "5.5.1", "nothing is sent along with STARTTLS"));
    say(Reply(220, "2.0.0", "go on"));
    // What the client said of itself before does not count (RFC 3207 section 4.2).
    endTransaction();
    greeted_ = false;
    client_.helo.clear();
    client_.extended = false;
    client_.who.reset();
    startTlsServer(transport(), options_->tls);
}

SaslConnection SmtpServer::saslConnection() {
    return mail::saslConnectionOf(transport(), "mail.smtp", options_->hostname, options_->passwordsInClear);
}

void SmtpServer::auth(Bytes argument) {
    if (!options_->accounts)
        return say(Reply(502, "5.5.1", "nobody logs in here"));
    if (!greeted_ || !client_.extended)
        return say(Reply(503, "5.5.1", "say EHLO first"));
    if (client_.who || envelope_)
        return say(Reply(503, "5.5.1", client_.who ? "logged in already" : "not in the middle of a mail"));
    if (argument.empty())
        return say(Reply(501, "5.5.4", "say AUTH MECHANISM"));
    sasl_.begin(*options_->accounts, saslConnection(), argument);
}

void SmtpServer::authEnded(mail::SaslLines::End how, const AvatarId* who) {
    using End = mail::SaslLines::End;
    switch (how) {
    case End::loggedIn:
        client_.who = *who;
        return say(Reply(235, "2.7.0", "logged in"));
    case End::givenUp:
        return say(Reply(501, "5.7.0", "the login was given up"));
    case End::noBase64:
        return say(Reply(501, "5.5.2", "that is no base64"));
    case End::malformed:
        return say(Reply(501, "5.5.2", "that is no message of this mechanism"));
    case End::notOffered:
        return say(Reply(504, "5.5.4", "there is no such mechanism here"));
    case End::refused:
        return say(Reply(535, "5.7.8", "name and password do not fit"));
    case End::unavailable:
        return say(Reply(454, "4.7.0", "try again later"));
    }
}

void SmtpServer::drain() {
    draining_ = true;
    if (!message_ && !waiting() && connected() && !transport().closing())
        sayAndClose(Reply(421, "4.3.2", options_->hostname + " closes"));
}

} // namespace twistdpp::smtp
