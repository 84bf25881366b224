#pragma once
#include "twistdpp/mail_dialogue/line_dialogue.h"
#include "twistdpp/mail_dialogue/line_sender.h"
#include "twistdpp/mail_dialogue/sasl_lines.h"
#include "twistdpp/pop3/drop.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/tls/tls_transport.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::pop3 {

/// How a server is set up. Shared by its connections; does not change.
struct ServerOptions {
    ServerOptions() = default;
    std::string hostname = "localhost";
    Duration idleTime = std::chrono::minutes(10); // RFC 1939 section 3: at least ten minutes
    bool passwordsInClear = true;                 // PASS without TLS
    std::shared_ptr<const ContextFactory> tls;    // for STLS; nullptr: not offered
    std::optional<Authenticator> accounts;
    /// The messages of someone who has logged in; fails with InUse when another session has them.
    std::function<Deferred<std::unique_ptr<Drop>>(const AvatarId&)> open;
};

/// The server's end of POP3 (RFC 1939): USER and PASS, APOP where passwords are kept in clear, AUTH (5034),
/// STLS (2595), CAPA (2449), UIDL, TOP, pipelining, response codes (3206), UTF8 (6856). Owned by its
/// transport.
class Pop3Server final : public mail::LineDialogue, public HandshakeListener {
public:
    Pop3Server(std::shared_ptr<const ServerOptions> options, Logger log);

    void drain() override;

private:
    struct Verb {
        Bytes name;
        void (Pop3Server::*run)(Bytes argument);
        bool needsDrop;
    };

    void connectionMade() override;
    void lineReceived(Bytes line) override;
    void lineLengthExceeded(Bytes beginning) override;
    void connectionLost(const Failure& reason) override;
    void handshakeCompleted(const TlsInfo& info) override;
    void timedOut() override;

    void capa(Bytes argument);
    void user(Bytes argument);
    void pass(Bytes argument);
    void apop(Bytes argument);
    void auth(Bytes argument);
    void stls(Bytes argument);
    void utf8(Bytes argument);
    void quit(Bytes argument);
    void noop(Bytes argument);
    void stat(Bytes argument);
    void list(Bytes argument);
    void uidl(Bytes argument);
    void retr(Bytes argument);
    void top(Bytes argument);
    void dele(Bytes argument);
    void rset(Bytes argument);

    void ok(Bytes text = {});
    void no(Bytes text);
    bool mayUsePasswords() const noexcept { return encrypted_ || options_->passwordsInClear; }
    bool offersApop() const;
    void logIn(const Credentials& credentials);
    void loggedIn(const AvatarId& who);
    void refused(const Failure& why);
    void saslEnded(mail::SaslLines::End how, const AvatarId* who);
    SaslConnection saslConnection();
    /// The index of a message by the number that clients use; says why there is none.
    std::optional<std::size_t> message(Bytes number);
    /// A line for each message that is not deleted, or for the one that is named.
    template <class Line>
    void listing(Bytes argument, Line line);
    void send(std::size_t index, std::uint64_t bodyLines);
    void sendNext();

    std::shared_ptr<const ServerOptions> options_;
    Logger log_;
    mail::SaslLines sasl_;
    std::string timestamp_; // APOP's, of the greeting
    std::string user_;      // between USER and PASS
    std::unique_ptr<Drop> drop_;
    std::vector<bool> deleted_;
    std::unique_ptr<Message> sending_;
    mail::LineSender sender_;
    std::size_t errors_ = 0;
    bool encrypted_ = false;
    bool draining_ = false;
};

} // namespace twistdpp::pop3
