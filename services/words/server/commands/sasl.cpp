#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"

#include <algorithm>
#include <array>

// AUTHENTICATE: SASL PLAIN (RFC 4616) in IRCv3's frame.

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
    if (!session.sasl) {
        if (!ascii::equalsIgnoreCase(text, "PLAIN")) {
            session.reply(RPL_SASLMECHS, "PLAIN");
            return session.reply(ERR_SASLFAIL);
        }
        session.sasl = std::make_unique<Session::Sasl>();
        return session.send(irc::LineWriter({}, "AUTHENTICATE").word("+"));
    }
    std::string& buffer = session.sasl->buffer;
    if (text != "+")
        buffer += text;
    if (buffer.size() > kLongest)
        return end(session, ERR_SASLTOOLONG);
    if (text.size() == kChunk)
        return; // a whole chunk is never the last
    const auto response = fromBase64(buffer);
    if (!response)
        return end(session, ERR_SASLFAIL);
    plain(session, *response);
}

constexpr std::array<Command, 1> kCommands{{
    {"AUTHENTICATE", authenticate, 1, Access::anyone},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
