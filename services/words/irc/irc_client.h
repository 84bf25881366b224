#pragma once
#include "twistdpp/irc/client_login.h"
#include "twistdpp/irc/dcc_desk.h"
#include "twistdpp/irc/isupport.h"
#include "twistdpp/irc/line_writer.h"
#include "twistdpp/irc/message.h"
#include "twistdpp/irc/queries.h"

#include "twistdpp/net/line_receiver.h"
#include "twistdpp/net/token_bucket.h"
#include "twistdpp/reactor/timer.h"

#include <deque>
#include <string>
#include <vector>

namespace twistdpp::irc {

/// A client of IRC with Twisted's calls and events: derive from it, override what the program cares about. It
/// registers when the connection is made, answers PING, follows its own nick, and takes another one when the
/// first is in use. Owned by its transport.
///
///     class Greeter : public IRCClient {
///         void signedOn() override { join("#channel"); }
///         void userJoined(Bytes user, Bytes channel) override { msg(channel, "hello, " + std::string(user));
///         }
///     };
///
/// Names that come in events are borrowed for the call. A nick that is given to a call must have no spaces; a
/// line end in any text becomes a space, so that nothing can be put in between.
class IRCClient : public LineReceiver {
public:
    IRCClient();

    // Before connectionMade().
    std::string nickname = "irc";
    std::string username; ///< empty: the nickname
    std::string realname; ///< empty: the nickname
    std::string password; ///< for PASS; empty: none
    /// Capabilities that are taken where the server has them: "server-time", "account-tag".
    std::vector<std::string> capabilities;
    /// Whom to log in as by SASL; nothing: nobody. The password is not sent as it is over a network in clear.
    std::optional<SaslIdentity> account;
    /// Lines a second that it sends at most, after a burst of five; 0: as many as there are.
    double lineRate = 0;
    std::string versionName; ///< what CTCP VERSION is answered with; empty: nothing
    std::string sourceUrl;   ///< SOURCE
    std::string userInfo;    ///< USERINFO

    // What it does.
    void join(Bytes channel, Bytes key = {});
    void leave(Bytes channel, Bytes reason = {});
    void kick(Bytes channel, Bytes user, Bytes reason = {});
    void invite(Bytes user, Bytes channel);
    void topic(Bytes channel);
    void setTopic(Bytes channel, Bytes text);
    /// `modes` without a sign: "o"; `param` is their parameters, several with spaces between.
    void mode(Bytes target, bool set, Bytes modes, Bytes param = {});
    /// PRIVMSG, as many as are needed: a text is split at its line ends and at spaces, so that none is cut on
    /// the way to the others.
    void msg(Bytes target, Bytes text);
    void notice(Bytes target, Bytes text);
    /// "/me".
    void describe(Bytes channel, Bytes action);
    /// Asks somebody's program (CTCP): "VERSION", "PING" with a text that comes back, and what others know.
    void ctcpMakeQuery(Bytes user, Bytes tag, Bytes data = {});
    void ctcpMakeReply(Bytes user, Bytes tag, Bytes data = {});
    void away(Bytes text = {});
    /// Fails with NumericError when there is no such user, and with ConnectionEnd when the connection ends
    /// first.
    Deferred<Whois> whois(Bytes user);
    /// Who is on a channel, with prefixes of rank: "@alice". Fails likewise; empty for one that is not seen.
    Deferred<std::vector<std::string>> names(Bytes channel);
    void setNick(Bytes nick);
    /// Says QUIT; the server closes.
    void quit(Bytes text = {});
    /// Any line, without its CRLF.
    void sendRaw(Bytes line);

    /// Whether the server has agreed to a capability.
    bool has(Bytes capability) const { return login_.has(capability); }
    /// The account that one is logged in to, as the server says; empty: none.
    const std::string& loggedInAs() const noexcept { return login_.loggedInAs(); }
    /// Files and chats without the server in between; once the connection is made.
    DccDesk& dcc() noexcept { return dcc_; }
    const ISupport& supported() const noexcept { return supported_; }
    /// Whether the name is ours now.
    bool isMe(Bytes nick) const noexcept { return sameName(nick, nickname, supported_.casemapping()); }

protected:
    // What happens. `user` is a nick.
    virtual void signedOn() {}
    /// The login by SASL came to nothing. The default closes the connection: whoever asks for an account does
    /// not want to be there without it. Where an override does not, registration goes on.
    virtual void loginFailed(Bytes why);
    virtual void joined(Bytes channel) { static_cast<void>(channel); }
    virtual void left(Bytes channel) { static_cast<void>(channel); }
    virtual void kickedFrom(Bytes channel, Bytes kicker, Bytes text);
    virtual void nickChanged(Bytes nick) { static_cast<void>(nick); }
    /// What somebody says to `channel`, or to us when it is our nick.
    virtual void privmsg(Bytes user, Bytes channel, Bytes text);
    /// Never answer one by itself: two programs would not end.
    virtual void noticed(Bytes user, Bytes channel, Bytes text);
    virtual void action(Bytes user, Bytes channel, Bytes text);
    /// A program asks ours by CTCP; `tag` is in upper case, and never ACTION. The default answers VERSION,
    /// SOURCE, USERINFO (where these texts are set), PING, TIME and CLIENTINFO, a few a minute, so that
    /// nobody can make us flood the server. An override may call it.
    virtual void ctcpQuery(Bytes user, Bytes channel, Bytes tag, Bytes data);
    /// The answer to ctcpMakeQuery().
    virtual void ctcpReply(Bytes user, Bytes channel, Bytes tag, Bytes data);
    /// Somebody offers a file or a chat (Kind::send, Kind::chat): dcc() takes it. Nobody has checked the
    /// address, which may be any.
    virtual void dccOffered(Bytes user, const DccRequest& offer);
    virtual void userJoined(Bytes user, Bytes channel);
    virtual void userLeft(Bytes user, Bytes channel, Bytes text);
    virtual void userQuit(Bytes user, Bytes text);
    virtual void userKicked(Bytes user, Bytes channel, Bytes kicker, Bytes text);
    virtual void userRenamed(Bytes former, Bytes now);
    virtual void topicUpdated(Bytes user, Bytes channel, Bytes text);
    virtual void modeChanged(Bytes user, Bytes channel, const ModeChange& change);
    virtual void invited(Bytes user, Bytes channel);
    virtual void receivedMOTD(const std::vector<std::string>& lines) { static_cast<void>(lines); }
    /// The nick was refused: another one to try. The default appends '_'.
    virtual std::string alterCollidedNick(Bytes nick) { return std::string(nick) + "_"; }
    /// Every line, before the events above.
    virtual void messageReceived(const Message& message) { static_cast<void>(message); }

    /// An override calls this one, too.
    void connectionMade() override;
    void connectionLost(const Failure& reason) override;

private:
    void lineReceived(Bytes line) final;
    void lineLengthExceeded(Bytes beginning) final;
    void handleNumeric(const Message& message);
    void handleCommand(const Message& message, const std::string& command, Bytes who);
    void handleCtcp(Bytes who, Bytes target, Bytes text, bool isNotice);
    void handleDcc(Bytes who, Bytes text);
    void handleSaying(const Message& message, Bytes who, bool isNotice);
    void say(Bytes command, Bytes target, Bytes text);
    void send(LineWriter line);
    void put(Bytes line);
    void pump();

    ISupport supported_;
    ClientLogin login_;
    Queries queries_;
    DccDesk dcc_;
    std::vector<std::string> motd_;
    std::string host_; // "user@host" as others see us, once it was seen
    bool signedOn_ = false;
    TokenBucket rate_;
    TokenBucket ctcpReplies_;
    std::deque<std::string> waiting_;
    Timer pump_;
};

} // namespace twistdpp::irc
