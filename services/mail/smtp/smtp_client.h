#pragma once
#include "twistdpp/smtp/reply.h"

#include "twistdpp/base/time.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/timer.h"
#include "twistdpp/sasl/sasl_client.h"
#include "twistdpp/tls/tls_transport.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp::smtp {

/// A server's "no": 4xx, which may be a yes later, or 5xx.
class SMTPError : public std::runtime_error {
public:
    explicit SMTPError(Reply answer)
        : std::runtime_error(std::to_string(answer.code) + " " + answer.text), reply_(std::move(answer)) {}
    /// The enhanced code, when the server gives one, is a part of its text.
    const Reply& reply() const noexcept { return reply_; }
    bool temporary() const noexcept { return reply_.code < 500; }

private:
    Reply reply_;
};

/// A message to be sent, in pieces; lines may end with LF or CRLF.
class MailSource {
public:
    virtual ~MailSource() = default;
    /// The next of it; empty at the end.
    virtual Deferred<std::string> next() = 0;
    /// From memory.
    static std::unique_ptr<MailSource> text(std::string message);
};

/// A recipient, and what the server said of it.
struct RecipientAnswer {
    std::string address;
    Reply reply;
};

/// What MAIL and each RCPT of a mail say besides the addresses: " BODY=8BITMIME SIZE=1000". Each begins with
/// a space or is empty; of recipients there may be fewer than of addresses.
struct MailParameters {
    std::string mail;
    std::vector<std::string> recipients;
};

/// The client's end of SMTP, with Twisted's calls: derive from it and say what is to be sent. It greets,
/// turns to TLS and logs in as it is set up, and then asks for one mail after the other until there is none.
/// Owned by its transport.
///
///     class SingleMessageSender : public SMTPClient {
///         std::optional<std::string> getMailFrom() override { return std::exchange(from, std::nullopt); }
///         std::vector<std::string> getMailTo() override { return {"joe@example.com"}; }
///         std::unique_ptr<MailSource> getMailData() override { return MailSource::text("Subject:
///         x\n\nhi\n"); } void sentMail(const Reply& reply, const std::vector<RecipientAnswer>&) override {
///         ... }
///     };
class SMTPClient : public LineReceiver, public HandshakeListener {
public:
    SMTPClient();
    ~SMTPClient() override;

    // Before connectionMade().
    std::string identity = "localhost"; ///< for EHLO: this machine's name
    /// For STARTTLS where the server offers it, and the name that its certificate has to be for; nullptr:
    /// none.
    std::shared_ptr<const ContextFactory> tls;
    std::string serverName;
    bool requireTls = false; ///< nothing is sent without it
    /// Whom to log in as; nothing: nobody. A password is not sent as it is over a network in clear.
    std::optional<SaslIdentity> account;
    /// For an answer; for that to a message twice as long (RFC 5321 section 4.5.3.2).
    Duration timeout = std::chrono::minutes(5);

protected:
    /// The sender of the next mail, "" for the null sender; nothing: there is no more. Without UTF-8, unless
    /// the server offers SMTPUTF8.
    virtual std::optional<std::string> getMailFrom() = 0;
    virtual std::vector<std::string> getMailTo() = 0;
    virtual std::unique_ptr<MailSource> getMailData() = 0;
    /// Fires when getMailFrom() is to be asked for the first or next mail: at once, unless overridden, for a
    /// client that keeps its connection until there is another mail.
    virtual Deferred<void> ready() { return succeed(); }
    /// What the server is told of this mail, as far as it offers() that. Unless overridden, that bytes are
    /// to be kept as they are.
    virtual MailParameters getMailParameters();
    /// Why this mail cannot go by this server, as an answer for sentMail(); nothing: it can, or that is to be
    /// seen.
    virtual std::optional<Reply> objection() { return std::nullopt; }
    /// The mail was taken, or not: `reply` is what the server said to it at last, which is its answer to MAIL
    /// when it did not even take the sender, and to the last recipient when it took none.
    virtual void sentMail(const Reply& reply, const std::vector<RecipientAnswer>& recipients) = 0;
    /// The conversation came to nothing: no greeting, no TLS, no login, no connection. SMTPError says what
    /// the server said.
    virtual void failed(const Failure& why) { static_cast<void>(why); }

    /// Whether the server has said that it knows the extension, in upper case, and what it added to that.
    bool offers(const std::string& keyword) const { return extensions_.find(keyword) != extensions_.end(); }
    Bytes offered(const std::string& keyword) const;

    /// An override calls these, too.
    void connectionMade() override;
    void connectionLost(const Failure& reason) override;

private:
    void lineReceived(Bytes line) final;
    void handshakeCompleted(const TlsInfo& info) final;

    Deferred<void> converse();
    Deferred<void> hello();
    Deferred<void> encrypt();
    Deferred<void> logIn();
    Deferred<void> sendMail(std::string from);
    /// The answers to MAIL and to each RCPT; to MAIL alone when the sender was refused before the rest was
    /// said.
    Deferred<std::vector<Reply>> askForRecipients(std::string mail, std::vector<std::string> lines);
    Deferred<Reply> sendText(std::unique_ptr<MailSource> source);
    /// Sends a line, and gives the answer to it.
    Deferred<Reply> ask(std::string line);
    /// The server's next answer.
    Deferred<Reply> answer();
    std::deque<Promise<Reply>> awaited_;
    std::optional<Promise<void>> secured_;
    std::optional<Deferred<void>> talk_;
    std::optional<Failure> lost_;                   // why there is no connection any more
    Reply coming_;                                  // of which not all lines are there
    std::map<std::string, std::string> extensions_; // by keyword, in upper case
    Timer clock_;
};

} // namespace twistdpp::smtp
