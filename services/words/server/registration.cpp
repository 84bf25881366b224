#include "twistdpp/words_server/join_events.h"
#include "twistdpp/words_server/past.h"
#include "twistdpp/words_server/replies.h"
#include "twistdpp/words_server/sasl.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"
#include "twistdpp/words_server/user_mode.h"

#include <ctime>

namespace twistdpp::words {

void Session::negotiate(bool going) {
    if (registered())
        return;
    negotiating_ = going;
    if (!going)
        tryRegister();
}

void Session::tryRegister() {
    if (registered() || closed_ || negotiating_ || login_ || sasl || user_->nick.empty() ||
        user_->ident.empty())
        return;
    const ServerOptions& options = server_.options();
    if (options.password && !passwordGood_)
        return checkServerPassword();
    if (server_.accounts() && user_->account.empty()) {
        // PASS is the user's, unless the server has a password of its own.
        if (!password_.empty() && !options.password) {
            const Secret password = std::exchange(password_, Secret());
            return logIn(user_->nick, password.bytes(), LoginBy::pass);
        }
        if (options.accountNeeded) {
            if (!std::exchange(asked_, true))
                nickServ("Password?");
            return;
        }
    }
    if (const ServerBan* ban = server_.findBan(*user_)) {
        reply(irc::numeric::ERR_YOUREBANNEDCREEP, "You are banned from this server: " + ban->reason);
        return quit("Banned");
    }
    User* const holder = server_.findUser(user_->nick);
    if (!holder && !isReserved(user_->nick))
        return becomeUser();
    if (holder && !user_->account.empty() && holder->account == user_->account)
        return joinUser(*holder);
    // Someone else has it, or it is an account's. The name goes, so that the client may choose another.
    const std::string taken = std::exchange(user_->nick, {});
    reply(irc::numeric::ERR_NICKNAMEINUSE, taken);
}

bool Session::mayLogInYet() const noexcept {
    return !registered() &&
           (negotiating_ || login_ || sasl || !password_.empty() || server_.options().accountNeeded);
}

bool Session::mayShareWith(const User& holder) const noexcept {
    // It can still turn out that both are one.
    return !holder.account.empty() && !registered() && (mayLogInYet() || user_->account == holder.account);
}

bool Session::isReserved(Bytes nick) const {
    return server_.store().accounts().find(nick) && !irc::sameName(user_->account, nick);
}

void Session::becomeUser() {
    user_->updatePrefix();
    user_->attach(*this);
    server_.enter(std::move(own_));
    greet();
}

void Session::joinUser(User& present) {
    const std::int64_t leftAt = present.leftAt;
    user_ = &present;
    own_.reset();
    present.attach(*this);
    greet();
    showChannels();
    server_.markPresent(present);
    // Who knows chathistory asks for it.
    if (leftAt > 0 && !has(irc::Cap::chathistory))
        sendMissed(*this, leftAt - 1); // also what came in the same millisecond
}

void Session::showChannels() {
    for (const User::Place& place : user_->channels) {
        const Channel& channel = *place.channel;
        JoinEvents events(server_, *user_, channel);
        deliver(events.forCaps(caps_));
        sendTopic(*this, channel, false);
        sendMarker(*this, channel.name);
        if (!has(irc::Cap::noImplicitNames))
            sendNames(*this, channel);
    }
}

void Session::greet() {
    using namespace irc::numeric;
    password_ = Secret();
    server_.countRegistered(1);
    const std::string& host = server_.name();
    const ServerOptions& options = server_.options();
    const auto started = static_cast<std::time_t>(server_.startTime());
    std::tm parts{};
    ::gmtime_r(&started, &parts);
    std::array<char, 40> created{};
    std::strftime(created.data(), created.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
    reply(RPL_WELCOME, "Welcome to the " + options.network + " IRC network, " + user_->prefix());
    reply(RPL_YOURHOST, "Your host is " + host + ", running version " + options.version);
    reply(RPL_CREATED, "This server was created " + std::string(created.data()));
    send(irc::LineWriter(host, RPL_MYINFO.code)
             .word(user_->nick)
             .word(host)
             .word(options.version)
             .word(kUserModeLetters)
             .word("abCehiIklmMnoqRstv")
             .word("abehIkloqv"));
    sendIsupport(*this);
    sendLusers(*this);
    sendMotd(*this);
    if (user_->modes != 0)
        reply(RPL_UMODEIS, userModeText(*user_));
    server_.log().debug("{} is here", user_->prefix());
    clock_.start(options.connections.pingInterval);
}

} // namespace twistdpp::words
