#pragma once
#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/event.h"
#include "twistdpp/words_server/label.h"
#include "twistdpp/words_server/user.h"

#include "twistdpp/app/drainable.h"
#include "twistdpp/cred/authenticator.h"
#include "twistdpp/irc/capability.h"
#include "twistdpp/irc/line_writer.h"
#include "twistdpp/irc/numerics.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/net/token_bucket.h"
#include "twistdpp/reactor/timer.h"

#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace twistdpp::words {

class Server;

struct Gateway;
struct IncomingBatch;
struct SaslExchange;

/// One connection of a client. Owned by its transport. Commands (command.h) read and
/// change it; others write to it through send() and deliver(), which never call back.
class Session final : public LineReceiver, public Drainable {
public:
    Session(Server& server, const Address& peer);
    ~Session() override;

    Server& server() const noexcept { return server_; }
    /// Who it is; another object after it was attached to a user that was here already, or has ended.
    User& user() noexcept { return *user_; }
    const User& user() const noexcept { return *user_; }
    bool registered() const noexcept { return user_->registered; }
    /// The next session of the same user.
    Session* next() const noexcept { return next_; }
    bool closed() const noexcept { return closed_; }
    /// Where the client is, as far as is known: its gateway may have said it.
    const Address& peer() const noexcept { return peer_; }

    // What it is sent.
    /// A numeric: the params, and then the numeric's own text. Of one that has none the last of `params` is
    /// the text.
    template <class... Params>
    void reply(const irc::Numeric& numeric, const Params&... params) {
        replyList(numeric, {Bytes(params)...});
    }
    void replyList(const irc::Numeric& numeric, std::initializer_list<Bytes> params);
    /// FAIL, WARN or NOTE for who has asked for standard-replies, a NOTICE for others.
    void standardReply(Bytes kind, Bytes command, Bytes code, Bytes context, Bytes text);
    /// A line for this client alone.
    void send(const irc::LineWriter& line);
    /// A line that others may be given too. It is sent when the turn of the loop ends, or before what is
    /// sent otherwise.
    void deliver(Event& event);
    /// For Bursts: the turn ends.
    void writeBurst();
    /// Takes the label of the command that is being run, whose answer comes later; nullptr when it has none.
    std::unique_ptr<LabeledReply> deferLabel() noexcept { return std::move(labeled_); }
    /// What is sent until the command that is being run ends, or until answerLabel(), answers that label.
    void resumeLabel(std::unique_ptr<LabeledReply> label) noexcept { labeled_ = std::move(label); }
    void answerLabel();
    /// Lines that belong together: a batch of that type, with its parameters, for who knows batches.
    void sendBatch(Bytes typeAndParams, std::vector<TaggedLine> lines);
    /// A notice from one of the server's helpers ("NickServ").
    void notice(Bytes helper, Bytes text);
    void nickServ(Bytes text) { notice("NickServ", text); }
    /// For an answer that comes later: points to nothing once the session has ended.
    std::shared_ptr<Session*> handle();
    /// How the client is called in replies: its nick, or "*" before it has one.
    Bytes target() const noexcept { return user_->nick.empty() ? Bytes("*") : Bytes(user_->nick); }

    // Capabilities.
    bool has(irc::Cap cap) const noexcept { return caps_.has(cap); }
    irc::CapSet caps() const noexcept { return caps_; }
    Variant variant() const noexcept { return variant_; }
    void setCaps(irc::CapSet caps);
    int capVersion() const noexcept { return capVersion_; }
    void setCapVersion(int version) noexcept { capVersion_ = static_cast<std::uint16_t>(version); }
    /// Between CAP LS or REQ and CAP END registration waits.
    void negotiate(bool going);

    // Registration and login; see registration.cpp and login.cpp.
    /// Whether a client that asks for the nick of `holder` may turn out to be the same one, once it has
    /// logged in.
    bool mayShareWith(const User& holder) const noexcept;
    /// Whether the nick is that of an account that the client is not logged in to.
    bool isReserved(Bytes nick) const;
    /// Whether a login can still come before it is let in.
    bool mayLogInYet() const noexcept;
    /// Whether its connection is encrypted, all the way to its gateway.
    bool secure() const noexcept {
        return connected() && (viaGateway_ ? secureBehindGateway_ : transport().tls() != nullptr);
    }
    /// WEBIRC: the client is at `client`, if the gateway knows its password; otherwise the connection ends.
    void arriveBy(const Gateway& gateway, Bytes password, const Address& client, bool secure);
    /// SHA-256 of the client's certificate in hexadecimal; empty without one.
    const std::string& certificate();
    void setPassword(Bytes password) { password_ = Secret(password); }
    /// Goes as far as what is known allows.
    void tryRegister();
    /// Whether the client is at NickServ's question for the password.
    bool asked() const noexcept { return asked_; }
    enum class LoginBy : unsigned char { pass, nickServ, sasl };
    /// Checks a name and a password; the client is told the result.
    void logIn(const std::string& name, Bytes password, LoginBy by);
    bool loggingIn() const noexcept { return login_.has_value(); }
    void logOut();
    /// The client has proved that the account is its own, by making it.
    void beLoggedIn(const std::string& account, LoginBy by = LoginBy::nickServ) { loggedIn(account, by); }
    /// Runs the exchange in `sasl`; the client is told the result. `offered` is what it is told of when there
    /// is no such mechanism.
    void logInBySasl(Bytes mechanism, const std::string& offered);
    /// Gives an exchange up, without a word.
    void abortSasl();
    bool makingAccount() const noexcept { return makingAccount_; }
    void setMakingAccount(bool making) noexcept { makingAccount_ = making; }
    /// OPER.
    void becomeOperator(const std::string& name, Bytes password);

    std::unique_ptr<SaslExchange> sasl;
    /// A message of several lines that is coming in; see commands/batch.cpp.
    std::unique_ptr<IncomingBatch> batch;

    /// Sends ERROR, closes, and lets the others know; the user is out of everything when it returns.
    void quit(Bytes reason) { end(reason, true); }

    void drain() override;
    void abort() override;

    std::vector<std::string> monitored;  // folded nicks; see Server::watch()
    std::set<std::string> subscriptions; // keys of METADATA

private:
    friend class User;
    void connectionMade() override;
    void lineReceived(Bytes line) override;
    void lineLengthExceeded(Bytes beginning) override;
    void readConnectionLost() override;
    void writable() override;
    void connectionLost(const Failure& reason) override;

    void end(Bytes reason, bool tellOthers);
    void leaveUser(const std::string& why, bool tellOthers);
    void handle(Bytes line);
    void dispatch(const irc::Message& message);
    void meter();
    void tick();
    void write(const Buffer& buffer);
    void flushBurst();
    template <class Data>
    void put(const Data& data);
    template <class Data>
    void queue(const Data& data);
    void cutSlowReader();
    void becomeUser();
    void joinUser(User& present);
    void greet();
    void showChannels();
    template <class Done>
    void await(Deferred<AvatarId> login, Done done);
    /// Asks `by`; `done(const AvatarId*)` gets nullptr for a no, and does not come when the client has gone.
    template <class Done>
    void check(Authenticator& by, const std::string& name, Bytes password, Bytes service, Done done);
    void loggedIn(const std::string& account, LoginBy by);
    void loginFailed(LoginBy by);
    void tellAccount();
    void checkServerPassword();

    Server& server_;
    Address peer_;
    std::unique_ptr<User> own_; // while the user is in nobody else's hands
    User* user_;
    Session* next_ = nullptr;
    irc::CapSet caps_;
    Variant variant_;
    Stretch burst_;      // of the run of its kind: what it is to be written
    bool noted_ = false; // with Bursts
    std::uint16_t capVersion_ = 0;
    bool negotiating_ = false;
    bool passwordGood_ = false;
    bool asked_ = false;
    bool closed_ = false;
    bool viaGateway_ = false;
    bool secureBehindGateway_ = false;
    std::uint8_t cost_ = 1; // of the present line, see Command
    bool makingAccount_ = false;
    bool pinged_ = false;
    bool busy_ = false;         // with a line of its own client
    bool full_ = false;         // reads no further line until the client has taken in what waits for it
    std::size_t allowance_ = 0; // of the send queue beyond its limit: answers that the client asked for
    std::uint32_t batches_ = 0;
    Secret password_;
    std::optional<Deferred<void>> login_;
    std::unique_ptr<LabeledReply> labeled_;
    std::shared_ptr<Session*> handle_;
    TokenBucket lines_;
    TimePoint heard_{};
    TimerNode clock_; // registration, pings, the end
    Timer resume_;    // when a client that was too fast is read again
    std::string certificate_;
    std::string ended_; // why it was cut, when that is not what the network says
};

/// While it lives, what a session is sent answers the label of a command from before, if it had one.
class LateAnswer {
public:
    LateAnswer(Session& session, std::unique_ptr<LabeledReply>& label);
    /// For a label that several hold; it is copied.
    LateAnswer(Session& session, const std::shared_ptr<LabeledReply>& label);
    ~LateAnswer();
    LateAnswer(const LateAnswer&) = delete;
    LateAnswer& operator=(const LateAnswer&) = delete;

private:
    Session& session_;
    bool late_;
};

template <class F>
void User::forSessions(F f) const {
    for (Session* session = sessions_; session;) {
        Session* const next = session->next();
        f(*session);
        session = next;
    }
}

} // namespace twistdpp::words
