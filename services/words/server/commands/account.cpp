#include "twistdpp/words_server/account_maker.h"
#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include <array>

// REGISTER and VERIFY: an account of one's own (IRCv3 "account-registration").

namespace twistdpp::words {

namespace {

constexpr Bytes kName = "REGISTER";

void answer(Session& session, const std::string& account, AccountMade made) {
    const auto refuse = [&](Bytes code, Bytes text) {
        session.standardReply("FAIL", kName, code, account, text);
    };
    switch (made) {
    case AccountMade::yes: {
        irc::LineWriter line(session.server().name(), kName);
        line.word("SUCCESS").word(account);
        return session.send(line.trailing(
            session.server().store().lasting() ? Bytes("The account is made")
                                               : Bytes("The account is made, until this server is restarted")
        ));
    }
    case AccountMade::exists:
        return refuse("ACCOUNT_EXISTS", "There is such an account, or someone uses that nick");
    case AccountMade::badName:
        return refuse("BAD_ACCOUNT_NAME", "An account is called as a nick may be");
    case AccountMade::weakPassword:
        return refuse("WEAK_PASSWORD", "The password has to have 6 to 300 bytes");
    case AccountMade::notAllowed:
        return refuse("TEMPORARILY_UNAVAILABLE", "Accounts are not made here");
    case AccountMade::loggedIn:
        return refuse("ALREADY_AUTHENTICATED", "You are logged in already");
    case AccountMade::busy:
        return refuse("TEMPORARILY_UNAVAILABLE", "One at a time, please");
    case AccountMade::tooMany:
        return refuse("TEMPORARILY_UNAVAILABLE", "Too many accounts were made from your address");
    case AccountMade::notKept:
        return refuse("TEMPORARILY_UNAVAILABLE", "The account could not be kept; try again");
    }
}

void registerAccount(Session& session, const irc::Message& message) {
    if (message.count < 3)
        return session.standardReply(
            "FAIL", kName, "NEED_MORE_PARAMS", {}, "Say: REGISTER ACCOUNT * PASSWORD"
        );
    std::string account(message.param(0));
    if (account == "*")
        account = session.user().nick;
    if (account.empty())
        return session.standardReply("FAIL", kName, "BAD_ACCOUNT_NAME", "*", "Choose a nick first");
    makeAccount(session, account, message.param(2), [to = session.handle(), account](AccountMade made) {
        answer(**to, account, made);
    });
}

/// Nothing here has to be verified.
void verify(Session& session, const irc::Message& message) {
    session.standardReply("FAIL", "VERIFY", "INVALID_CODE", message.param(0), "No account waits for a code");
}

constexpr std::array<Command, 2> kCommands{{
    {"REGISTER", registerAccount, 0, Access::anyone},
    {"VERIFY", verify, 0, Access::anyone},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
