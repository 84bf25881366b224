#include "twistdpp/words_server/account_maker.h"
#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/helpers/helper.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <array>

// NickServ: accounts. What Twisted's users know works too: the password alone logs in to the nick's account.

namespace twistdpp::words {

namespace {

void identifyAs(Session& session, Bytes account, Bytes password) {
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

void identify(Session& session, const Words& words) {
    words.size() > 1 ? identifyAs(session, words[0], words[1]) : identifyAs(session, {}, words[0]);
}

/// The password alone.
bool password(Session& session, Bytes text) {
    identifyAs(session, {}, text);
    return true;
}

void logOut(Session& session, const Words&) {
    if (session.user().account.empty())
        return session.nickServ("You are not logged in.");
    if (session.server().options().accountNeeded)
        return session.nickServ("Nobody stays here without an account; use QUIT.");
    session.logOut();
}

void tell(Session& session, AccountMade made, Bytes done) {
    switch (made) {
    case AccountMade::yes:
        return session.nickServ(done);
    case AccountMade::exists:
        return session.nickServ("That account exists.");
    case AccountMade::badName:
        return session.nickServ("An account is called as a nick may be; choose another nick first.");
    case AccountMade::weakPassword:
        return session.nickServ("The password has to have 6 to 300 bytes.");
    case AccountMade::notAllowed:
        return session.nickServ("That is not done here: the accounts of this server are kept elsewhere.");
    case AccountMade::loggedIn:
        return session.nickServ("You are logged in already.");
    case AccountMade::busy:
        return session.nickServ("One at a time, please.");
    case AccountMade::tooMany:
        return session.nickServ("Too many accounts were made from your address; try again in an hour.");
    case AccountMade::notKept:
        return session.nickServ("It could not be kept; try again.");
    }
}

void registerAccount(Session& session, const Words& words) {
    const std::string name = session.user().nick;
    const std::string said =
        "The account " + name + " is yours" +
        (session.server().store().lasting() ? "." : ", until this server is restarted: it has no database.");
    makeAccount(session, name, words[0], [to = session.handle(), said](AccountMade made) {
        tell(**to, made, said);
    });
}

void changeTo(Session& session, const Words& words) {
    if (session.user().account.empty())
        return session.nickServ("Log in first.");
    changePassword(session, words[0], [to = session.handle()](AccountMade made) {
        tell(**to, made, "The password is changed.");
    });
}

/// The client's account as it is kept; one that is judged elsewhere gets an entry for its settings.
std::optional<Account> ownAccount(Session& session) {
    const std::string& name = session.user().account;
    if (name.empty()) {
        session.nickServ("Log in first.");
        return std::nullopt;
    }
    if (const Account* kept = session.server().store().accounts().find(name))
        return *kept;
    Account fresh;
    fresh.name = name;
    fresh.created = fresh.seen = unixTime();
    return fresh;
}

void keep(Session& session, Account account, const std::string& said) {
    session.server()
        .store()
        .accounts()
        .save(std::move(account))
        .addBoth([to = session.handle(), said](const Outcome<void>& kept) {
            if (*to)
                (*to)->nickServ(kept.ok() ? Bytes(said) : Bytes("It could not be kept; try again."));
        })
        .detach();
}

void set(Session& session, const Words& words) {
    const bool on = ascii::equalsIgnoreCase(words[1], "ON");
    if (!ascii::equalsIgnoreCase(words[0], "ALWAYSON") || (!on && !ascii::equalsIgnoreCase(words[1], "OFF")))
        return session.nickServ("Say: SET ALWAYSON ON or OFF.");
    auto account = ownAccount(session);
    if (!account)
        return;
    account->alwaysOn = on;
    if (!on)
        account->presence = {};
    keep(
        session, *std::move(account),
        on ? "You stay here when you disconnect, and come back to all that was said."
           : "You leave when you disconnect."
    );
    session.server().keeper().changed(session.user());
}

void cert(Session& session, const Words& words) {
    auto account = ownAccount(session);
    if (!account)
        return;
    auto& kept = account->fingerprints;
    const std::string& own = session.certificate();
    if (ascii::equalsIgnoreCase(words[0], "LIST")) {
        for (const std::string& fingerprint : kept)
            session.nickServ(fingerprint);
        return session.nickServ(std::to_string(kept.size()) + " certificates.");
    }
    const std::string given = words.size() > 1 ? ascii::toLower(words[1]) : own;
    const bool good = given.size() == 64 && given.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!good)
        return session.nickServ("Connect with a certificate, or say its SHA-256 fingerprint in hexadecimal.");
    const auto at = std::find(kept.begin(), kept.end(), given);
    if (ascii::equalsIgnoreCase(words[0], "DEL")) {
        if (at == kept.end())
            return session.nickServ("That one is not yours.");
        kept.erase(at);
        return keep(session, *std::move(account), "The certificate is taken away.");
    }
    if (!ascii::equalsIgnoreCase(words[0], "ADD"))
        return session.nickServ("Say: CERT ADD, DEL or LIST.");
    constexpr std::size_t kMost = 10;
    if (session.server().store().accounts().findFingerprint(given) || kept.size() >= kMost)
        return session.nickServ("That one is known already, or there are too many.");
    kept.push_back(given);
    keep(session, *std::move(account), "That certificate logs you in from now on.");
}

void info(Session& session, const Words& words) {
    const Bytes name = words.empty() ? Bytes(session.user().account) : words[0];
    const Account* account = session.server().store().accounts().find(name);
    if (!account)
        return session.nickServ("There is no such account.");
    const bool own = irc::sameName(name, session.user().account) || session.user().isOper();
    session.nickServ(account->name + ", made " + timestampOf(account->created * 1000));
    if (own)
        session.nickServ(std::string("Always on: ") + (account->alwaysOn ? "yes" : "no"));
}

void drop(Session& session, const Words& words) {
    Server& server = session.server();
    const Account* account = server.store().accounts().find(session.user().account);
    if (!account || account->password.empty())
        return session.nickServ("Log in to the account first.");
    if (!irc::sameName(words[0], account->name))
        return session.nickServ("Say its name, " + account->name + ", to show that you mean it.");
    const std::string name = account->name;
    server.store().metadata().clear(irc::fold(name));
    for (const auto& [key, record] : server.store().channels().all()) {
        if (irc::sameName(record.founder, name))
            return session.nickServ("Give up " + record.name + " first (ChanServ DROP or TRANSFER).");
    }
    server.store()
        .accounts()
        .drop(name)
        .addBoth([to = session.handle(), name](const Outcome<void>& kept) {
            if (!*to || (*to)->closed())
                return;
            (*to)->nickServ(
                kept.ok() ? Bytes("The account is gone.") : Bytes("It could not be kept; try again.")
            );
            if (kept.ok() && irc::sameName((*to)->user().account, name))
                (*to)->logOut();
        })
        .detach();
}

/// Ends the other connections of one's account, or who uses its nick.
void ghost(Session& session, const Words& words) {
    Server& server = session.server();
    User* user = server.findUser(words[0]);
    const std::string& account = session.user().account;
    if (!user || account.empty() || user == &session.user())
        return session.nickServ("There is nobody to be ended.");
    if (!irc::sameName(user->account, account) && !irc::sameName(user->nick, account))
        return session.nickServ("That nick is not your account's.");
    server.remove(*user, "GHOST by " + session.user().nick);
    session.nickServ("It is gone.");
}

constexpr std::array<HelperCommand, 9> kCommands{{
    {"REGISTER", registerAccount, 1, "PASSWORD", "makes an account of your nick"},
    {"IDENTIFY", identify, 1, "[ACCOUNT] PASSWORD", "logs in; the password alone does too"},
    {"LOGOUT", logOut, 0, "", "ends that"},
    {"PASSWD", changeTo, 1, "PASSWORD", "changes your password"},
    {"SET", set, 2, "ALWAYSON ON|OFF", "whether you stay here without a connection"},
    {"CERT", cert, 1, "ADD|DEL [FINGERPRINT] or LIST", "certificates that log you in (SASL EXTERNAL)"},
    {"INFO", info, 0, "[ACCOUNT]", "what is known of an account"},
    {"GHOST", ghost, 1, "NICK", "ends who holds your nick"},
    {"DROP", drop, 1, "ACCOUNT", "gives your account up"},
}};
const Helper nickServ{"NickServ", kCommands, password, true};
const HelperEntry entry(nickServ);

void command(Session& session, const irc::Message& message) {
    tellHelper(nickServ, session, message);
}

constexpr std::array<Command, 2> kIrcCommands{{
    {"NICKSERV", command, 1, Access::anyone},
    {"NS", command, 1, Access::anyone},
}};
const CommandFamily family(kIrcCommands);

} // namespace

} // namespace twistdpp::words
