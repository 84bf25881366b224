#include "twistdpp/words_server/sasl.h"
#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/base64.h"

#include <array>

// AUTHENTICATE: SASL in IRCv3's frame (ircv3.net/specs/extensions/sasl-3.2): base64 in chunks of 400.

namespace twistdpp::words {

namespace {

using namespace irc::numeric;

constexpr std::size_t kChunk = 400;
constexpr std::size_t kLongest = 3 * kChunk;

void end(Session& session, const irc::Numeric& why) {
    session.abortSasl();
    session.reply(why);
    session.tryRegister();
}

/// In chunks; one that is full is never the last.
void challenge(Session& session, Bytes text) {
    const LateAnswer late(session, session.sasl->label);
    const std::string encoded = toBase64(text);
    for (std::size_t at = 0; at <= encoded.size(); at += kChunk) {
        const Bytes chunk = Bytes(encoded).substr(at, kChunk);
        session.send(irc::LineWriter({}, "AUTHENTICATE").word(chunk.empty() ? Bytes("+") : chunk));
    }
}

SaslConnection connectionOf(Session& session) {
    SaslConnection connection(session.peer(), "words.sasl");
    connection.hostname = session.server().name();
    connection.encrypted = session.secure();
    connection.passwordsInClear = true; // as PASS is; who wants better gives no plain port
    connection.certificate = session.certificate();
    return connection;
}

void begin(Session& session, Bytes name) {
    const std::string offered = saslMechanismList(session);
    if (!session.server().accounts() || offered.empty())
        return session.reply(ERR_SASLFAIL);
    session.sasl = std::make_unique<SaslExchange>(
        *session.server().accounts(), connectionOf(session),
        [&session](Bytes text) { challenge(session, text); }
    );
    session.logInBySasl(name, offered);
}

void authenticate(Session& session, const irc::Message& message) {
    const Bytes text = message.param(0);
    if (!session.has(irc::Cap::sasl))
        return session.reply(ERR_SASLFAIL);
    if (text == "*")
        return end(session, ERR_SASLABORTED);
    if (text.size() > kChunk)
        return end(session, ERR_SASLTOOLONG);
    if (!session.sasl) {
        if (!session.user().account.empty() || session.loggingIn())
            return session.reply(ERR_SASLALREADY);
        return begin(session, text);
    }
    if (!session.sasl->server.expectsResponse())
        return session.reply(ERR_SASLALREADY); // the present answer is being judged
    std::string& buffer = session.sasl->buffer;
    if (text != "+")
        buffer += text;
    if (buffer.size() > kLongest)
        return end(session, ERR_SASLTOOLONG);
    if (text.size() == kChunk)
        return; // a whole chunk is never the last
    auto response = fromBase64(std::exchange(buffer, {}));
    if (!response)
        return end(session, ERR_SASLFAIL);
    session.sasl->server.respond(*std::move(response));
    if (session.sasl && !session.sasl->server.expectsResponse())
        session.sasl->label = session.deferLabel();
}

constexpr std::array<Command, 1> kCommands{{
    {"AUTHENTICATE", authenticate, 1, Access::anyone},
}};
const CommandFamily family(kCommands);

} // namespace

std::string saslMechanismList(Session& session) {
    std::string out;
    if (!session.server().accounts())
        return out;
    for (const Bytes mechanism : saslMechanisms(*session.server().accounts(), connectionOf(session)))
        out.append(out.empty() ? "" : ",").append(mechanism);
    return out;
}

} // namespace twistdpp::words
