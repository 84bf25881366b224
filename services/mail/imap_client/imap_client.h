#pragma once
#include "twistdpp/imap_client/value.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/timer.h"
#include "twistdpp/sasl/sasl_client.h"
#include "twistdpp/tls/tls_transport.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp::imap {

/// A server's NO or BAD, with what it said behind it.
class IMAP4Error : public std::runtime_error {
public:
    IMAP4Error(const std::string& text, std::string code)
        : std::runtime_error(text), code_(std::move(code)) {}
    /// The response code without brackets, "TRYCREATE"; empty: none.
    const std::string& code() const noexcept { return code_; }

private:
    std::string code_;
};

/// What a command came to: the untagged responses that came with it, each without its "*", and the text and
/// code of its OK.
struct Answer {
    std::vector<std::vector<Value>> untagged;
    std::string text, code;
};

/// A mailbox when it is opened.
struct MailboxState {
    std::uint32_t exists = 0;
    std::uint32_t uidValidity = 0, uidNext = 0; // 0: not said
    std::vector<std::string> flags;
    bool readOnly = false;
};

/// A line of LIST.
struct ListedMailbox {
    std::string name; // in UTF-8
    std::string delimiter;
    std::vector<std::string> attributes; // "\Sent"
};

/// What FETCH gives of a message, as far as it was asked for.
struct FetchedMessage {
    std::uint32_t uid = 0;
    std::optional<std::uint64_t> size; // RFC822.SIZE
    std::optional<std::vector<std::string>> flags;
    std::string date;                        // INTERNALDATE
    std::map<std::string, std::string> body; // by what was asked for: "BODY[]", "BODY[HEADER]"
    std::map<std::string, Value> others;     // "ENVELOPE", "BODYSTRUCTURE"
};

/// The client's end of IMAP (RFC 3501, RFC 9051), with Twisted's calls. Each command is sent when
/// the one before was answered. All calls fail with IMAP4Error when the
/// server says no, and with what ended the connection. Names of mailboxes are in UTF-8. Owned by its
/// transport; belongs to its thread.
///
///     class Reader : public IMAP4Client {
///         void serverGreeting(const std::string&) override { read().detach(); }
///         Deferred<void> read() {
///             co_await login({"joe", Secret("password")});
///             const auto inbox = co_await select("INBOX");
///             const auto messages = co_await fetch("1:*", "(FLAGS BODY.PEEK[HEADER])");
///             co_await logout();
///         }
///     };
class IMAP4Client : public LineReceiver, public HandshakeListener {
public:
    IMAP4Client();
    ~IMAP4Client() override;

    // Before connectionMade().
    Duration timeout = std::chrono::minutes(2); ///< for something to come while an answer is waited for
    /// A password may be sent as it is over a network in clear.
    bool allowInsecureLogin = false;
    /// Longest response that is kept, in bytes; a longer one ends the connection.
    std::uint64_t maxResponse = 256U << 20U;

    /// In upper case.
    Deferred<std::set<std::string>> getCapabilities();
    /// Turns to TLS; `name` is whom the certificate is to be for.
    Deferred<void> startTLS(std::shared_ptr<const ContextFactory> context, std::string name);
    /// Logs in by SASL (AUTHENTICATE), or by LOGIN where that is safe or allowed.
    Deferred<void> login(SaslIdentity who);

    Deferred<MailboxState> select(std::string mailbox);
    /// To read it alone.
    Deferred<MailboxState> examine(std::string mailbox);
    Deferred<void> create(std::string mailbox);
    /// Removes a mailbox (Twisted's delete).
    Deferred<void> remove(std::string mailbox);
    Deferred<void> rename(std::string from, std::string to);
    Deferred<void> subscribe(std::string mailbox);
    Deferred<void> unsubscribe(std::string mailbox);
    Deferred<std::vector<ListedMailbox>> list(std::string reference, std::string pattern);
    /// `items`: "MESSAGES UNSEEN".
    Deferred<std::map<std::string, std::uint64_t>> status(std::string mailbox, std::string items);
    /// Adds a message, lines with CRLF. `flags`: "\Seen".
    Deferred<Answer> append(std::string mailbox, std::string message, std::vector<std::string> flags = {});

    /// Messages, by their numbers. `messages` is a set, "1:*"; of UIDs with `uid`. `items` is what is wanted,
    /// "(FLAGS UID)".
    Deferred<std::map<std::uint32_t, FetchedMessage>>
    fetch(std::string messages, std::string items, bool uid = false);
    /// Numbers of messages, or UIDs. `criteria`: "UNSEEN SINCE 1-Jan-2026".
    Deferred<std::vector<std::uint32_t>> search(std::string criteria, bool uid = false);
    Deferred<void> setFlags(std::string messages, std::vector<std::string> flags, bool uid = false);
    Deferred<void> addFlags(std::string messages, std::vector<std::string> flags, bool uid = false);
    Deferred<void> removeFlags(std::string messages, std::vector<std::string> flags, bool uid = false);
    Deferred<Answer> copy(std::string messages, std::string mailbox, bool uid = false);
    Deferred<Answer> move(std::string messages, std::string mailbox, bool uid = false);
    Deferred<void> expunge();
    /// Leaves the mailbox; what is \Deleted goes.
    Deferred<void> close();
    Deferred<void> noop();
    Deferred<void> logout();

    /// Listens for changes until done() (IDLE, RFC 2177); the events below tell them. What else is asked
    /// waits for that.
    Deferred<void> idle();
    void done();

    /// Any other command of one line: "NAMESPACE".
    Deferred<Answer> command(std::string text);

protected:
    /// The server is there. Nothing can be asked before.
    virtual void serverGreeting(const std::string& text) { static_cast<void>(text); }
    // What changes in the open mailbox; numbers are as they are then.
    virtual void newMessages(std::uint32_t exists) { static_cast<void>(exists); }
    virtual void expunged(std::uint32_t number) { static_cast<void>(number); }
    virtual void flagsChanged(std::uint32_t number, const std::vector<std::string>& flags) {
        static_cast<void>(number);
        static_cast<void>(flags);
    }
    /// An override calls these, too.
    void connectionMade() override;
    void connectionLost(const Failure& reason) override;

private:
    struct Command {
        std::string tag;
        std::deque<std::string> parts; // to be sent; behind each but the last the server has to say "+"
        bool idles = false;
        std::function<std::string(Bytes challenge)> respond; // to challenges; null: there are none
        Answer answer;
        Promise<Answer> promise;
    };

    void lineReceived(Bytes line) final;
    void lineLengthExceeded(Bytes beginning) final;
    void rawDataReceived(Bytes data) final;
    void handshakeCompleted(const TlsInfo& info) final;
    void responded(Bytes whole);
    void continued(Bytes text);
    void untagged(Bytes text);
    void finished(Bytes tag, Bytes text);
    void tell(const std::vector<Value>& values);
    Deferred<Answer> ask(Command command);
    Deferred<Answer> ask(std::deque<std::string> parts);
    Deferred<void> run(std::deque<std::string> parts);
    Deferred<MailboxState> open(std::string verb, std::string mailbox);
    Deferred<void> store(std::string messages, Bytes what, std::vector<std::string> flags, bool uid);
    Deferred<void> bySasl(std::unique_ptr<SaslClient> sasl);
    void next();
    void fail(const std::string& why);
    void wind();

    std::deque<Command> commands_; // not answered; the first may have been sent
    bool sent_ = false;            // the first one, as far as it can be
    bool greeted_ = false;
    std::string response_;      // of which not all is there
    std::uint64_t literal_ = 0; // bytes that are still missing of one
    unsigned tags_ = 0;
    std::optional<std::set<std::string>> capabilities_;
    std::optional<Promise<void>> secured_;
    std::optional<Failure> lost_;
    Timer clock_;
};

} // namespace twistdpp::imap
