#include "twistdpp/words_server/sasl.h"
#include "twistdpp/words_server/account_checker.h"
#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/irc/names.h"

#include <algorithm>
#include <array>

// AUTHENTICATE: SASL in IRCv3's frame, by PLAIN (RFC 4616), SCRAM-SHA-256 (RFC 7677) and EXTERNAL (RFC 4422
// appendix A), which is the certificate of the TLS connection.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

constexpr std::size_t kChunk = 400;
constexpr std::size_t kLongest = 3 * kChunk;

void end(Session& session, const irc::Numeric& why) {
    session.sasl.reset();
    session.reply(why);
    session.tryRegister();
}

/// In chunks; one that is full is never the last.
void challenge(Session& session, Bytes text) {
    const std::string encoded = toBase64(text);
    for (std::size_t at = 0; at <= encoded.size(); at += kChunk) {
        const Bytes chunk = Bytes(encoded).substr(at, kChunk);
        session.send(irc::LineWriter({}, "AUTHENTICATE").word(chunk.empty() ? Bytes("+") : chunk));
    }
}

/// "authzid NUL authcid NUL password".
void plain(Session& session, const std::string& response) {
    Bytes rest = response;
    const auto separators = std::count(response.begin(), response.end(), '\0');
    const Bytes asWhom = ascii::cut(rest, '\0');
    const Bytes name = ascii::cut(rest, '\0');
    if (separators != 2 || name.empty() || (!asWhom.empty() && asWhom != name))
        return end(session, ERR_SASLFAIL);
    session.sasl.reset();
    session.logIn(std::string(name), rest, Session::LoginBy::sasl);
}

/// The response is whom to act for, or nothing.
void external(Session& session, const std::string& response) {
    const Account* account = session.server().store().accounts().findFingerprint(session.certificate());
    if (!account || session.certificate().empty() ||
        (!response.empty() && !irc::sameName(response, account->name)))
        return end(session, ERR_SASLFAIL);
    const std::string name = account->name;
    session.sasl.reset();
    session.server().log().info("login accepted: user=\"{}\" by its certificate", name);
    session.beLoggedIn(name, Session::LoginBy::sasl);
}

void scram(Session& session, const std::string& response) {
    SaslExchange& sasl = *session.sasl;
    switch (sasl.step++) {
    case 0: {
        const auto user = sasl.scram.begin(response);
        if (!user)
            return end(session, ERR_SASLFAIL);
        // Who does not exist is found out at the end, as a wrong password is.
        const auto keys = scramKeysOf(session.server().store(), *user);
        return challenge(session, sasl.scram.challenge(keys ? *keys : ScramKeys::decoy(irc::fold(*user))));
    }
    case 1: {
        const auto proof = sasl.scram.finish(response);
        if (!proof)
            return end(session, ERR_SASLFAIL);
        return session.prove(*proof, [&session](const std::string& account) {
            session.sasl->account = account;
            challenge(session, session.sasl->scram.verdict());
        });
    }
    default:
        // The client has seen the server's proof.
        if (!response.empty() || sasl.account.empty())
            return end(session, ERR_SASLFAIL);
        const std::string account = std::move(sasl.account);
        session.sasl.reset();
        session.beLoggedIn(account, Session::LoginBy::sasl);
    }
}

void begin(Session& session, Bytes name) {
    for (const Bytes mechanism : saslMechanisms(session)) {
        if (!ascii::equalsIgnoreCase(name, mechanism))
            continue;
        session.sasl = std::make_unique<SaslExchange>();
        session.sasl->mechanism = mechanism;
        return session.send(irc::LineWriter({}, "AUTHENTICATE").word("+"));
    }
    session.reply(RPL_SASLMECHS, saslMechanismList(session));
    session.reply(ERR_SASLFAIL);
}

void authenticate(Session& session, const irc::Message& message) {
    const Bytes text = message.param(0);
    if (!session.has(irc::Cap::sasl))
        return session.reply(ERR_SASLFAIL);
    if (!session.user().account.empty() || session.loggingIn())
        return session.reply(ERR_SASLALREADY);
    if (text == "*")
        return end(session, ERR_SASLABORTED);
    if (text.size() > kChunk)
        return end(session, ERR_SASLTOOLONG);
    if (!session.sasl)
        return begin(session, text);
    std::string& buffer = session.sasl->buffer;
    if (text != "+")
        buffer += text;
    if (buffer.size() > kLongest)
        return end(session, ERR_SASLTOOLONG);
    if (text.size() == kChunk)
        return; // a whole chunk is never the last
    const auto response = fromBase64(std::exchange(buffer, {}));
    if (!response)
        return end(session, ERR_SASLFAIL);
    if (session.sasl->mechanism == "EXTERNAL")
        return external(session, *response);
    session.sasl->mechanism == "PLAIN" ? plain(session, *response) : scram(session, *response);
}

constexpr std::array<Command, 1> kCommands{{
    {"AUTHENTICATE", authenticate, 1, Access::anyone},
}};
const CommandFamily family(kCommands);

} // namespace

std::vector<Bytes> saslMechanisms(Session& session) {
    const Authenticator* accounts = session.server().accounts();
    std::vector<Bytes> out;
    if (accounts && accounts->kinds().has(CredentialKind::password))
        out.emplace_back("PLAIN");
    if (accounts && accounts->kinds().has(CredentialKind::scram))
        out.emplace_back("SCRAM-SHA-256");
    // Only accounts that were made here know certificates.
    if (accounts && session.server().options().registration && !session.certificate().empty())
        out.emplace_back("EXTERNAL");
    return out;
}

std::string saslMechanismList(Session& session) {
    std::string out;
    for (const Bytes mechanism : saslMechanisms(session))
        out.append(out.empty() ? "" : ",").append(mechanism);
    return out;
}

} // namespace twistdpp::words
