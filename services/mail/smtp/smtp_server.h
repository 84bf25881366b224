#pragma once
#include "twistdpp/smtp/command.h"
#include "twistdpp/smtp/data_reader.h"
#include "twistdpp/smtp/header_completer.h"
#include "twistdpp/smtp/hop_counter.h"
#include "twistdpp/smtp/mail_handler.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/base/time.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/mail_dialogue/line_dialogue.h"
#include "twistdpp/mail_dialogue/sasl_lines.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/tls/tls_transport.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::smtp {

/// How a server is set up. Shared by its connections; does not change.
struct ServerOptions {
    ServerOptions() = default;
    std::string hostname = "localhost";                // in the greeting, in Received lines
    std::uint64_t maxSize = 50U << 20U;                // bytes of a message
    std::size_t maxRecipients = 1000;                  // of one message
    std::size_t maxErrors = 20;                        // commands that went wrong, then the connection ends
    std::size_t maxMessages = 1000;                    // of one connection
    Duration commandTimeout = std::chrono::minutes(5); // RFC 5321 section 4.5.3.2
    Duration dataTimeout = std::chrono::minutes(3);    // between two pieces of a message
    bool extended = true;                              // EHLO is known
    bool loginNeeded = false;                          // nobody sends without
    bool submission = false;                           // messages are completed (RFC 6409 section 8)
    bool passwordsInClear = false;                     // AUTH PLAIN and LOGIN without TLS
    std::shared_ptr<const ContextFactory> tls;         // for STARTTLS; nullptr: not offered
    /// Who may log in; nothing: AUTH is not offered.
    std::optional<Authenticator> accounts;
    /// The handler of a new connection.
    std::function<std::unique_ptr<MailHandler>()> handler;
};

/// The server's end of SMTP and ESMTP (RFC 5321) with PIPELINING (2920), SIZE (1870), 8BITMIME (6152),
/// SMTPUTF8 (6531), ENHANCEDSTATUSCODES (2034), CHUNKING (3030), DSN (3461), STARTTLS (3207), AUTH (4954) and
/// LIMITS (9422). What is done with mail is its MailHandler's matter. Owned by its transport.
class SmtpServer final : public mail::LineDialogue, public HandshakeListener {
public:
    SmtpServer(std::shared_ptr<const ServerOptions> options, Logger log);

    void drain() override;

private:
    struct Verb {
        Bytes name;
        void (SmtpServer::*run)(Bytes argument);
    };
    /// What is read next.
    enum class Reading : std::uint8_t { command, data, chunk };

    void connectionMade() override;
    void lineReceived(Bytes line) override;
    void rawDataReceived(Bytes data) override;
    void lineLengthExceeded(Bytes beginning) override;
    void connectionLost(const Failure& reason) override;
    void handshakeCompleted(const TlsInfo& info) override;

    void command(Bytes line);
    void helo(Bytes argument);
    void ehlo(Bytes argument);
    void mail(Bytes argument);
    void rcpt(Bytes argument);
    void data(Bytes argument);
    void bdat(Bytes argument);
    void rset(Bytes argument);
    void noop(Bytes argument);
    void vrfy(Bytes argument);
    void help(Bytes argument);
    void quit(Bytes argument);
    void startTls(Bytes argument);
    void auth(Bytes argument);

    void greet(Bytes argument, bool extended);
    /// The reason why there is no mail transaction now.
    std::optional<Reply> notNow(Bytes verb) const;
    void say(const Reply& reply);
    void sayAndClose(const Reply& reply);
    /// The answer to a handler's failure.
    Reply trouble(const Failure& why);
    void beginMessage();
    void feed(Bytes data);
    void finishMessage();
    void dataRead(Bytes data);
    void chunkRead(Bytes data);
    void chunkEnded();
    void endOfMessage();
    void endTransaction();
    void authEnded(mail::SaslLines::End how, const AvatarId* who);
    SaslConnection saslConnection();
    void timedOut() override;

    std::shared_ptr<const ServerOptions> options_;
    Logger log_;
    std::unique_ptr<MailHandler> handler_;
    Client client_;
    bool greeted_ = false;
    std::optional<Envelope> envelope_;
    std::unique_ptr<IncomingMessage> message_;
    DataReader reader_;
    HopCounter hops_;
    std::optional<HeaderCompleter> completer_; // of a submission
    Reading reading_ = Reading::command;
    bool chunked_ = false; // BDAT has begun a message
    bool chunkIsLast_ = false;
    std::uint64_t chunkLeft_ = 0;
    std::uint64_t received_ = 0;   // of the present message
    std::optional<Reply> refusal_; // of the message that is still coming
    mail::SaslLines sasl_;
    std::size_t errors_ = 0;
    std::size_t messages_ = 0;
    bool draining_ = false;
};

} // namespace twistdpp::smtp
