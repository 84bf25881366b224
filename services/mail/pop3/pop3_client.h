#pragma once
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
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp::pop3 {

/// A server's "-ERR", with what it said behind it.
class POP3Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    /// The response code (RFC 2449 section 8), "IN-USE" or "AUTH", without brackets; empty: none.
    std::string code() const;
};

/// How much is in a maildrop.
struct DropSize {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

/// The client's end of POP3 (RFC 1939), with Twisted's calls. What is asked is sent at once when the server
/// is known to read ahead (PIPELINING in capabilities()), else one behind the other; answers come in their
/// order. All calls fail with POP3Error when the server says no, and with what ended the connection. Owned by
/// its transport; belongs to its thread.
///
///     class Reader : public POP3Client {
///         void serverGreeting(Bytes) override { read().detach(); }
///         Deferred<void> read() {
///             co_await login({"joe", Secret("password")});
///             const auto sizes = co_await listSize();
///             for (const auto& [number, size] : sizes) {
///                 const std::string text = co_await retrieve(number); ...
///             }
///             co_await quit();
///         }
///     };
class POP3Client : public LineReceiver, public HandshakeListener {
public:
    POP3Client();
    ~POP3Client() override;

    // Before connectionMade().
    Duration timeout = std::chrono::minutes(1); ///< for a line of an answer
    /// A password may be sent as it is over a network in clear.
    bool allowInsecureLogin = false;
    /// Longest text of a message that is kept for retrieve(); a longer one fails, and the connection ends.
    std::uint64_t maxMessage = 256U << 20U;

    /// What the server can do (CAPA, RFC 2449): keywords in upper case, and what stands behind them. A server
    /// that does not know the question can nothing of it.
    Deferred<std::map<std::string, std::string>> capabilities();
    /// Turns to TLS (STLS, RFC 2595); `name` is whom the certificate is to be for. What was known of the
    /// server is forgotten.
    Deferred<void> startTLS(std::shared_ptr<const ContextFactory> context, std::string name);
    /// Logs in by the best way there is: SASL, APOP, or USER and PASS where that is safe or allowed.
    Deferred<void> login(SaslIdentity who);

    Deferred<DropSize> stat();
    /// Bytes of each message, and the names that they keep (UIDL), by number. Numbers of removed messages are
    /// missing.
    Deferred<std::map<std::uint32_t, std::uint64_t>> listSize();
    Deferred<std::map<std::uint32_t, std::string>> listUID();
    /// A message, lines with CRLF.
    Deferred<std::string> retrieve(std::uint32_t number);
    /// The same in pieces, for a long one: `take` gets a line with its CRLF, borrowed.
    Deferred<void> retrieve(std::uint32_t number, std::function<void(Bytes line)> take);
    /// Its header and so many lines of its body.
    Deferred<std::string> top(std::uint32_t number, std::uint32_t lines);
    /// Removes it at quit() (Twisted's delete).
    Deferred<void> remove(std::uint32_t number);
    /// Takes all remove() back.
    Deferred<void> reset();
    Deferred<void> noop();
    /// Ends: what was to be removed is, and the connection closes. Fails when it could not be removed.
    Deferred<void> quit();

protected:
    /// The server is there. Nothing can be asked before.
    virtual void serverGreeting(Bytes text) { static_cast<void>(text); }
    /// An override calls these, too.
    void connectionMade() override;
    void connectionLost(const Failure& reason) override;

private:
    struct Question {
        std::string line;                     // with its end
        std::function<void(Bytes line)> take; // of an answer of several lines; null: it has one
        Promise<std::string> promise;         // gets what stands behind +OK
    };

    void lineReceived(Bytes line) final;
    void lineLengthExceeded(Bytes beginning) final;
    void handshakeCompleted(const TlsInfo& info) final;
    Deferred<std::string> ask(std::string line, std::function<void(Bytes line)> take = {});
    Deferred<std::vector<std::string>> askForLines(std::string line);
    Deferred<void> run(std::string line);
    void next();
    void answered(std::optional<Failure> failure, std::string text);
    void fail(const std::string& why);
    void wind();
    Deferred<void> bySasl(std::unique_ptr<SaslClient> sasl);

    std::deque<Question> questions_; // the first ones were sent
    std::size_t sent_ = 0;
    bool greeted_ = false;
    bool inside_ = false; // of an answer of several lines
    bool ahead_ = false;  // the server reads ahead
    std::string stamp_;   // for APOP, of the greeting
    std::optional<std::map<std::string, std::string>> capabilities_;
    std::optional<Promise<void>> secured_;
    std::optional<Failure> lost_;
    Timer clock_;
};

} // namespace twistdpp::pop3
