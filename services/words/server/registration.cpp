#include "twistdpp/words_server/replies.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

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
    if (registered() || closed_ || negotiating_ || login_ || sasl || user_.nick.empty() ||
        user_.ident.empty())
        return;
    const ServerOptions& options = server_.options();
    if (options.password && !passwordGood_)
        return checkServerPassword();
    if (server_.accounts() && user_.account.empty()) {
        // PASS is the user's, unless the server has a password of its own.
        if (!password_.empty() && !options.password) {
            const Secret password = std::exchange(password_, Secret());
            return logIn(user_.nick, password.bytes(), LoginBy::pass);
        }
        if (options.accountNeeded) {
            if (!std::exchange(asked_, true))
                nickServ("Password?");
            return;
        }
    }
    if (server_.findUser(user_.nick)) {
        // Someone else was faster. The name goes, so that the client may choose another.
        const std::string taken = std::exchange(user_.nick, {});
        return reply(irc::numeric::ERR_NICKNAMEINUSE, taken);
    }
    welcome();
}

void Session::welcome() {
    using namespace irc::numeric;
    password_ = Secret();
    user_.updatePrefix();
    server_.enter(user_);
    const std::string& host = server_.name();
    const ServerOptions& options = server_.options();
    const auto started = static_cast<std::time_t>(server_.startTime());
    std::tm parts{};
    ::gmtime_r(&started, &parts);
    std::array<char, 40> created{};
    std::strftime(created.data(), created.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
    reply(RPL_WELCOME, "Welcome to the " + options.network + " IRC network, " + user_.prefix());
    reply(RPL_YOURHOST, "Your host is " + host + ", running version " + options.version);
    reply(RPL_CREATED, "This server was created " + std::string(created.data()));
    send(irc::LineWriter(host, RPL_MYINFO.code)
             .word(user_.nick)
             .word(host)
             .word(options.version)
             .word("iosw")
             .word("abehiIklmnoqstv")
             .word("abehIkloqv"));
    sendIsupport(*this);
    sendLusers(*this);
    sendMotd(*this);
    server_.log().debug("{} is here", user_.prefix());
    clock_.start(options.connections.pingInterval);
}

} // namespace twistdpp::words
