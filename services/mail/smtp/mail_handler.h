#pragma once
#include "twistdpp/smtp/envelope.h"
#include "twistdpp/smtp/reply.h"

#include "twistdpp/cred/avatar_id.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/address.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp::smtp {

/// Who is at the other end. Changes as the dialogue goes on.
struct Client {
    Address peer;
    std::string helo;            // what it calls itself, not proved
    bool extended = false;       // EHLO and not HELO
    std::optional<AvatarId> who; // once it has logged in
    bool encrypted = false;
    std::string tlsVersion, tlsCipher; // when it is

    /// What the protocol is called in a Received line (RFC 3848): "ESMTPSA".
    std::string protocol() const;
};

/// A message that comes in (Twisted's IMessage). Dropping it before end() has fired gives it up.
class IncomingMessage {
public:
    IncomingMessage() = default;
    IncomingMessage(const IncomingMessage&) = delete;
    IncomingMessage& operator=(const IncomingMessage&) = delete;
    virtual ~IncomingMessage() = default;

    /// Some of its bytes; lines end with CRLF. Borrowed.
    virtual void write(Bytes data) = 0;
    /// Fires when more can be written: what the client sends is not read meanwhile. The default: at once.
    virtual Deferred<void> ready();
    /// All of it has come. Fires with the answer: 250 when it is safe, and nothing else says so.
    virtual Deferred<Reply> end() = 0;
};

/// What a server does with mail; one for each connection (Twisted's IMessageDelivery). The answers may come
/// later; the client waits. What fails with an exception is answered with 451. After a 421 the connection
/// ends; after Reply::none() it does without a word.
class MailHandler {
public:
    MailHandler() = default;
    MailHandler(const MailHandler&) = delete;
    MailHandler& operator=(const MailHandler&) = delete;
    virtual ~MailHandler() = default;

    /// MAIL: whether this sender may send.
    virtual Deferred<Reply> validateFrom(const Client& client, const Envelope& envelope) = 0;
    /// RCPT: whether mail for this one is taken.
    virtual Deferred<Reply>
    validateTo(const Client& client, const Envelope& envelope, const Recipient& recipient) = 0;
    /// DATA: where the message goes, whose recipients are those that were good. `ok` or the refusal.
    virtual Deferred<std::unique_ptr<IncomingMessage>>
    receive(const Client& client, const Envelope& envelope) = 0;
};

/// What receive() fails with to refuse with an answer of its own.
class Refusal : public std::runtime_error {
public:
    explicit Refusal(Reply answer) : std::runtime_error(answer.text), reply_(std::move(answer)) {}
    const Reply& reply() const noexcept { return reply_; }

private:
    Reply reply_;
};

/// The Received line that a server puts before a message (RFC 5321 section 4.4), folded, each line with its
/// CRLF. `date` is RFC 5322's. `id` names the message in this server's log.
std::string
receivedLine(const Client& client, const Envelope& envelope, Bytes hostname, Bytes id, Bytes date);

/// A date as RFC 5322 section 3.3 has it, in UTC: "Thu, 26 Nov 2026 17:48:31 +0000".
std::string dateText(std::int64_t unixSeconds);

} // namespace twistdpp::smtp
