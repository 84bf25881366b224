#pragma once
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap_server/account.h"
#include "twistdpp/imap_server/list_request.h"
#include "twistdpp/imap_server/manner.h"
#include "twistdpp/imap_server/message_set.h"
#include "twistdpp/imap_server/selection.h"
#include "twistdpp/imap_server/status.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/mail_dialogue/line_dialogue.h"
#include "twistdpp/mail_dialogue/sasl_lines.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/tls/tls_transport.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// How a server is set up. Shared by its connections; does not change.
struct ServerOptions {
    ServerOptions() = default;
    std::string hostname = "localhost";
    Duration loginTime = std::chrono::minutes(1);
    Duration idleTime = std::chrono::minutes(30); // RFC 3501 section 5.4: at least that
    std::uint64_t maxSize = 50U << 20U;           // bytes of a message of APPEND
    bool passwordsInClear = true;
    std::shared_ptr<const ContextFactory> tls; // for STARTTLS; nullptr: not offered
    std::optional<Authenticator> accounts;
    /// The mailboxes of someone who has logged in; nullptr when there are none.
    std::function<std::unique_ptr<Account>(const AvatarId&)> open;
};

/// The server's end of IMAP4rev2 (RFC 9051) and IMAP4rev1 (RFC 3501), the latter with what the former has of
/// itself, and CONDSTORE (RFC 7162), SPECIAL-USE (6154), CHILDREN (3348), ID (2971) and APPENDLIMIT (7889).
/// Owned by its transport.
class ImapServer final : public mail::LineDialogue, public HandshakeListener {
public:
    ImapServer(std::shared_ptr<const ServerOptions> options, Logger log);

    void drain() override;

private:
    enum class When : std::uint8_t { always, before, loggedIn, selected };
    struct Verb {
        Bytes name;
        void (ImapServer::*run)();
        When when;
        bool tells = true; // numbers may change before it ends (RFC 3501 section 7.4.1)
    };
    /// What the bytes of a literal are for.
    enum class Literal : std::uint8_t { command, message, skipped };

    void connectionMade() override;
    void lineReceived(Bytes line) override;
    void rawDataReceived(Bytes data) override;
    void lineLengthExceeded(Bytes beginning) override;
    void connectionLost(const Failure& reason) override;
    void handshakeCompleted(const TlsInfo& info) override;
    void timedOut() override;

    /// A line of a command has come, which ends with a literal's announcement.
    void announced(const LiteralMark& mark);
    void expectLiteral(Literal kind, std::uint64_t size, bool waits);
    /// Reads "A1 APPEND name (flags) date", which a message follows; false when it is none.
    bool beginAppend(const LiteralMark& mark);
    void endAppend();
    void run();

    void capability();
    void noop();
    void logout();
    void id();
    void startTls();
    void authenticate();
    void login();
    void select();
    void examine();
    void create();
    void remove();
    void rename();
    void subscribe();
    void unsubscribe();
    void list();
    void lsub();
    void status();
    void enable();
    void nameSpace();
    void idle();
    void check();
    void close();
    void unselect();
    void expunge();
    void search();
    void fetch();
    void store();
    void copy();
    void move();
    void uid();

    /// The answers to the present command.
    void ok(Bytes text = "done");
    void no(Bytes text);
    void bad(Bytes text = "that is not how this command goes");
    void say(const std::string& line);
    void finish(const std::string& line);
    void failed(const Failure& why);
    /// A name of a mailbox, with what stands before it: " INBOX".
    std::optional<std::string> mailboxName();

    std::string capabilities();
    SaslConnection saslConnection();
    void saslEnded(mail::SaslLines::End how, const AvatarId* who);
    void loggedIn(const AvatarId& who);
    void open(bool readOnly);
    void listNames(bool subscribedOnly);
    Deferred<std::string> doList(ListRequest request);
    Deferred<void> tellStatus(std::string name, std::vector<StatusItem> items);
    void pushChanges();
    std::optional<MessageSet> messageSet();
    bool refusedReadOnly();
    void copyOrMove(bool moves);
    /// Waits for a command that has several steps, which says what it has to say but for the end.
    void perform(Deferred<std::string> work);
    template <class T, class Then>
    void when(Deferred<T> pending, Then then) {
        await(std::move(pending), [this, then = std::move(then)](Outcome<T> outcome) mutable {
            if (!outcome.ok())
                return failed(outcome.failure());
            if constexpr (std::is_void_v<T>)
                then();
            else
                then(std::move(outcome).value());
        });
    }

    std::shared_ptr<const ServerOptions> options_;
    Logger log_;
    mail::SaslLines sasl_;
    std::string command_; // as far as it has come
    std::string tag_;
    Cursor cursor_{Bytes()}; // in command_, behind its name
    Literal literal_ = Literal::command;
    std::uint64_t literalLeft_ = 0;
    bool byUid_ = false;
    bool idling_ = false;
    bool encrypted_ = false;
    bool draining_ = false;
    bool tells_ = false; // of the present command
    std::size_t errors_ = 0;
    Manner manner_;
    std::unique_ptr<Account> account_;
    std::unique_ptr<Selection> selection_;
    std::unique_ptr<Appending> appending_;
};

} // namespace twistdpp::imap
