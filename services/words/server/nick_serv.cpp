#include "twistdpp/words_server/nick_serv.h"

#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::words {

namespace {

void identify(Session& session, Bytes account, Bytes password) {
    if (!session.server().accounts())
        return session.nickServ("There are no accounts on this server.");
    if (session.user().nick.empty())
        return session.nickServ("Choose a nick first.");
    if (!session.user().account.empty())
        return session.nickServ("You are logged in as " + session.user().account + " already.");
    if (session.loggingIn())
        return session.nickServ("One login at a time, please.");
    session.logIn(
        std::string(account.empty() ? Bytes(session.user().nick) : account), password,
        Session::LoginBy::nickServ
    );
}

} // namespace

void nickServ(Session& session, Bytes text) {
    Bytes rest = ascii::trim(text);
    const Bytes all = rest;
    const Bytes word = ascii::cut(rest, ' ');
    if (ascii::equalsIgnoreCase(word, "IDENTIFY") && !rest.empty()) {
        const Bytes first = ascii::cut(rest, ' ');
        return rest.empty() ? identify(session, {}, first) : identify(session, first, rest);
    }
    if (session.registered() && ascii::equalsIgnoreCase(all, "LOGOUT")) {
        if (session.user().account.empty())
            return session.nickServ("You are not logged in.");
        if (session.server().options().accountNeeded)
            return session.nickServ("Nobody stays here without an account; use QUIT.");
        return session.logOut();
    }
    if (session.registered() && ascii::equalsIgnoreCase(all, "HELP"))
        return session.nickServ("Say: PASSWORD, or IDENTIFY [ACCOUNT] PASSWORD, or LOGOUT.");
    identify(session, {}, text);
}

} // namespace twistdpp::words
