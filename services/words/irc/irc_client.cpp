#include "twistdpp/irc/irc_client.h"

#include "twistdpp/irc/names.h"
#include "twistdpp/irc/text_split.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/reactor/reactor.h"

#include <array>
#include <ctime>

namespace twistdpp::irc {

namespace {

constexpr double kBurst = 5;
// What a server may put between ours and the others: "user@host" is not known before the first own line.
constexpr std::size_t kLongestHost = 10 + 1 + 63;
constexpr Bytes kAction("\1ACTION ", 8);
constexpr double kCtcpRate = 1.0 / 10; // answers a second
constexpr double kCtcpBurst = 3;

/// UTC, as other programs write it.
std::string timeText() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts)};
}

} // namespace

IRCClient::IRCClient()
    : LineReceiver(kMaxTags + kMaxBody, LineEnd::crlfOrLf),
      login_([this](Bytes line) { sendRaw(line); }, [this](Bytes why) { loginFailed(why); }),
      dcc_([this](Bytes user, const DccRequest& request) { ctcpMakeQuery(user, "DCC", request.toString()); }),
      rate_(1e9), ctcpReplies_(kCtcpRate, kCtcpBurst) {}

void IRCClient::connectionMade() {
    if (lineRate > 0)
        rate_ = TokenBucket(lineRate, kBurst);
    dcc_.useReactor(transport().reactor());
    login_.wanted = capabilities;
    login_.account = account;
    login_.begin(transport().tls() != nullptr || transport().peer().isLoopback());
    if (!password.empty())
        send(LineWriter({}, "PASS").trailing(password));
    send(LineWriter({}, "NICK").word(nickname));
    send(LineWriter({}, "USER")
             .word(username.empty() ? nickname : username)
             .word("0")
             .word("*")
             .trailing(realname.empty() ? nickname : realname));
}

void IRCClient::loginFailed(Bytes) {
    transport().loseConnection();
}

void IRCClient::connectionLost(const Failure& reason) {
    pump_ = Timer();
    waiting_.clear();
    queries_.lost(reason);
}

void IRCClient::send(LineWriter line) {
    put(line.line());
}

void IRCClient::put(Bytes line) {
    if (!connected() || transport().closing())
        return;
    if (lineRate <= 0)
        return transport().write(line);
    waiting_.emplace_back(line);
    if (!pump_.active())
        pump();
}

void IRCClient::pump() {
    const TimePoint now = transport().reactor().now();
    while (!waiting_.empty() && rate_.available(now) > 0) {
        rate_.take(1, now);
        transport().write(Bytes(waiting_.front()));
        waiting_.pop_front();
    }
    if (!waiting_.empty())
        pump_ = transport().reactor().callLater(rate_.untilAvailable(1, now), [this] { pump(); });
}

void IRCClient::join(Bytes channel, Bytes key) {
    LineWriter line({}, "JOIN");
    line.word(channel);
    if (!key.empty())
        line.word(key);
    send(line);
}

void IRCClient::leave(Bytes channel, Bytes reason) {
    LineWriter line({}, "PART");
    line.word(channel);
    if (!reason.empty())
        line.trailing(reason);
    send(line);
}

void IRCClient::kick(Bytes channel, Bytes user, Bytes reason) {
    LineWriter line({}, "KICK");
    line.word(channel).word(user);
    if (!reason.empty())
        line.trailing(reason);
    send(line);
}

void IRCClient::invite(Bytes user, Bytes channel) {
    send(LineWriter({}, "INVITE").word(user).word(channel));
}

void IRCClient::topic(Bytes channel) {
    send(LineWriter({}, "TOPIC").word(channel));
}

void IRCClient::setTopic(Bytes channel, Bytes text) {
    send(LineWriter({}, "TOPIC").word(channel).trailing(text));
}

void IRCClient::mode(Bytes target, bool set, Bytes modes, Bytes param) {
    LineWriter line({}, "MODE");
    line.word(target).word(set ? "+" : "-").put(modes);
    if (!param.empty())
        line.word(param);
    send(line);
}

void IRCClient::say(Bytes command, Bytes target, Bytes text) {
    // ":nick!user@host COMMAND target :text" is what the others get.
    const std::size_t host = host_.empty() ? kLongestHost : host_.size();
    const std::size_t around = nickname.size() + host + command.size() + target.size() + 6;
    forPieces(text, kMaxBody - std::min(around, kMaxBody - 100), [&](Bytes piece) {
        send(LineWriter({}, command).word(target).trailing(piece));
    });
}

void IRCClient::msg(Bytes target, Bytes text) {
    say("PRIVMSG", target, text);
}

void IRCClient::notice(Bytes target, Bytes text) {
    say("NOTICE", target, text);
}

void IRCClient::describe(Bytes channel, Bytes action) {
    send(LineWriter({}, "PRIVMSG").word(channel).put(" :").put(kAction).put(action).put("\1"));
}

void IRCClient::ctcpMakeQuery(Bytes user, Bytes tag, Bytes data) {
    LineWriter line({}, "PRIVMSG");
    line.word(user).put(" :\1").put(tag);
    if (!data.empty())
        line.put(" ").put(data);
    send(line.put("\1"));
}

void IRCClient::ctcpMakeReply(Bytes user, Bytes tag, Bytes data) {
    LineWriter line({}, "NOTICE");
    line.word(user).put(" :\1").put(tag);
    if (!data.empty())
        line.put(" ").put(data);
    send(line.put("\1"));
}

void IRCClient::ctcpQuery(Bytes user, Bytes, Bytes tag, Bytes data) {
    std::string answer;
    if (tag == "VERSION")
        answer = versionName;
    else if (tag == "SOURCE")
        answer = sourceUrl;
    else if (tag == "USERINFO")
        answer = userInfo;
    else if (tag == "PING")
        answer = data;
    else if (tag == "CLIENTINFO")
        answer = "ACTION CLIENTINFO PING SOURCE TIME USERINFO VERSION";
    else if (tag == "TIME")
        answer = timeText();
    const TimePoint now = transport().reactor().now();
    if (answer.empty() || ctcpReplies_.available(now) == 0)
        return;
    ctcpReplies_.take(1, now);
    ctcpMakeReply(user, tag, answer);
}

void IRCClient::away(Bytes text) {
    LineWriter line({}, "AWAY");
    if (!text.empty())
        line.trailing(text);
    send(line);
}

Deferred<Whois> IRCClient::whois(Bytes user) {
    auto answer = queries_.whois(user);
    send(LineWriter({}, "WHOIS").word(user));
    return answer;
}

Deferred<std::vector<std::string>> IRCClient::names(Bytes channel) {
    auto answer = queries_.names(channel);
    send(LineWriter({}, "NAMES").word(channel));
    return answer;
}

void IRCClient::setNick(Bytes nick) {
    send(LineWriter({}, "NICK").word(nick));
}

void IRCClient::quit(Bytes text) {
    LineWriter line({}, "QUIT");
    if (!text.empty())
        line.trailing(text);
    send(line);
}

void IRCClient::sendRaw(Bytes line) {
    send(LineWriter({}, line));
}

void IRCClient::lineLengthExceeded(Bytes beginning) {
    lineReceived(beginning.substr(0, kMaxTags + kMaxBody));
}

void IRCClient::lineReceived(Bytes line) {
    Message message;
    if (parseMessage(line, message, kMaxTags) != ParseStatus::ok)
        return;
    messageReceived(message);
    if (login_.handle(message))
        return;
    if (ascii::isDigit(message.command.front()))
        return handleNumeric(message);
    std::string command(message.command);
    for (char& c : command)
        c = ascii::upper(c);
    const Source source(message.source);
    if (isMe(source.nick) && !source.host.empty())
        host_ = std::string(source.user) + "@" + std::string(source.host);
    handleCommand(message, command, source.nick);
}

void IRCClient::handleNumeric(const Message& message) {
    const Bytes code = message.command;
    queries_.handle(message, supported_.casemapping());
    if (code == "001") {
        nickname = message.param(0);
        login_.welcomed();
    } else if (code == "005") {
        supported_.apply(message);
    } else if (code == "375") {
        motd_.clear();
    } else if (code == "372") {
        constexpr std::size_t kMostLines = 1000;
        if (motd_.size() < kMostLines)
            motd_.emplace_back(message.last());
    } else if (code == "376" || code == "422") {
        if (code == "376")
            receivedMOTD(std::exchange(motd_, {}));
        // The end of the greeting: what the server supports is known by now.
        if (!std::exchange(signedOn_, true))
            signedOn();
    } else if ((code == "433" || code == "432") && !signedOn_) {
        nickname = alterCollidedNick(nickname);
        setNick(nickname);
    } else if (code == "332") {
        topicUpdated({}, message.param(1), message.param(2));
    }
}

void IRCClient::handleCommand(const Message& message, const std::string& command, Bytes who) {
    const bool mine = isMe(who);
    if (command == "PING") {
        send(LineWriter({}, "PONG").trailing(message.last()));
    } else if (command == "PRIVMSG" || command == "NOTICE") {
        handleSaying(message, who, command == "NOTICE");
    } else if (command == "JOIN") {
        mine ? joined(message.param(0)) : userJoined(who, message.param(0));
    } else if (command == "PART") {
        mine ? left(message.param(0)) : userLeft(who, message.param(0), message.param(1));
    } else if (command == "QUIT") {
        userQuit(who, message.param(0));
    } else if (command == "KICK") {
        isMe(message.param(1)) ? kickedFrom(message.param(0), who, message.param(2))
                               : userKicked(message.param(1), message.param(0), who, message.param(2));
    } else if (command == "NICK") {
        if (mine) {
            nickname = message.param(0);
            nickChanged(nickname);
        } else {
            userRenamed(who, message.param(0));
        }
    } else if (command == "TOPIC") {
        topicUpdated(who, message.param(0), message.param(1));
    } else if (command == "INVITE") {
        invited(who, message.param(1));
    } else if (command == "MODE" && supported_.isChannel(message.param(0))) {
        ModeReader reader(supported_.modes(), message, 1);
        for (ModeChange change; reader.next(change);)
            modeChanged(who, message.param(0), change);
    }
}

void IRCClient::handleSaying(const Message& message, Bytes who, bool isNotice) {
    const Bytes target = message.param(0);
    const Bytes text = message.param(1);
    if (text.size() > 1 && text.front() == '\1')
        return handleCtcp(who, target, text.substr(1), isNotice);
    isNotice ? noticed(who, target, text) : privmsg(who, target, text);
}

void IRCClient::handleCtcp(Bytes who, Bytes target, Bytes text, bool isNotice) {
    // The one at the end is left out by some programs.
    text = text.substr(0, text.find('\1'));
    std::string tag(ascii::cut(text, ' '));
    for (char& c : tag)
        c = ascii::upper(c);
    if (isNotice)
        ctcpReply(who, target, tag, text);
    else if (tag == "ACTION")
        action(who, target, text);
    else if (tag == "DCC")
        handleDcc(who, text);
    else
        ctcpQuery(who, target, tag, text);
}

void IRCClient::handleDcc(Bytes who, Bytes text) {
    const auto request = DccRequest::parse(text);
    if (request && !dcc_.handle(who, *request))
        dccOffered(who, *request);
}

// What a program does not override.
void IRCClient::dccOffered(Bytes, const DccRequest&) {}
void IRCClient::kickedFrom(Bytes, Bytes, Bytes) {}
void IRCClient::privmsg(Bytes, Bytes, Bytes) {}
void IRCClient::noticed(Bytes, Bytes, Bytes) {}
void IRCClient::action(Bytes, Bytes, Bytes) {}
void IRCClient::ctcpReply(Bytes, Bytes, Bytes, Bytes) {}
void IRCClient::userJoined(Bytes, Bytes) {}
void IRCClient::userLeft(Bytes, Bytes, Bytes) {}
void IRCClient::userQuit(Bytes, Bytes) {}
void IRCClient::userKicked(Bytes, Bytes, Bytes, Bytes) {}
void IRCClient::userRenamed(Bytes, Bytes) {}
void IRCClient::topicUpdated(Bytes, Bytes, Bytes) {}
void IRCClient::modeChanged(Bytes, Bytes, const ModeChange&) {}
void IRCClient::invited(Bytes, Bytes) {}

} // namespace twistdpp::irc
