#include "twistdpp/words_server/command.h"
#include "twistdpp/words_server/sasl.h"
#include "twistdpp/words_server/server.h"
#include "twistdpp/words_server/session.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <array>
#include <string>

// CAP: capability negotiation (IRCv3).

namespace twistdpp::words {

namespace {

bool offered(const Session& session, irc::Cap cap) {
    const Server& server = session.server();
    switch (cap) {
    case irc::Cap::sasl:
        return session.server().accounts() != nullptr;
    case irc::Cap::accountRegistration:
        return server.options().registration;
    case irc::Cap::sts:
        // Of no use where all is said already, and never to be believed without TLS.
        return session.capVersion() >= 302 &&
               (session.secure() ? server.options().stsDuration > Duration::zero()
                                 : server.options().stsPort != 0);
    case irc::Cap::chathistory:
    case irc::Cap::eventPlayback:
    case irc::Cap::messageRedaction:
        return server.options().history.messages > 0;
    default:
        return true;
    }
}

/// What stands behind '=' in CAP LS for a client that knows version 302; empty: nothing.
std::string valueOf(Session& session, irc::Cap cap) {
    const NameLimits& most = session.server().options().names;
    switch (cap) {
    case irc::Cap::sasl:
        return saslMechanismList(session);
    case irc::Cap::sts: {
        const ServerOptions& options = session.server().options();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options.stsDuration).count();
        return session.secure() ? "duration=" + std::to_string(seconds)
                                : "port=" + std::to_string(options.stsPort);
    }
    case irc::Cap::accountRegistration:
        return "before-connect,custom-account-name";
    case irc::Cap::metadata:
        return "max-subs=" + std::to_string(most.metadataSubscriptions) +
               ",max-keys=" + std::to_string(most.metadataKeys) +
               ",max-value-bytes=" + std::to_string(most.metadataValue);
    case irc::Cap::multiline:
        return "max-bytes=" + std::to_string(most.multilineBytes) +
               ",max-lines=" + std::to_string(most.multilineLines);
    default:
        return {};
    }
}

/// Sends words as `CAP target SUB :...`, in several lines if need be; those that are not the last have a '*'
/// in front when the client understands it.
void sendWords(Session& session, Bytes sub, const std::vector<std::string>& words, bool mayContinue) {
    const auto start = [&](bool more) {
        irc::LineWriter line(session.server().name(), "CAP");
        line.word(session.target()).word(sub);
        if (more)
            line.word("*");
        line.put(" :");
        return line;
    };
    irc::LineWriter line = start(mayContinue);
    const std::size_t empty = line.size();
    std::string body;
    for (const std::string& word : words) {
        if (mayContinue && line.room() < word.size() + 1) {
            session.send(line);
            line = start(true);
            body.clear();
        }
        line.put(line.size() > empty ? " " : "").put(word);
        body.append(body.empty() ? "" : " ").append(word);
    }
    session.send(start(false).put(body));
}

void list(Session& session, bool all) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < irc::kCapabilityNames.size(); ++i) {
        const auto cap = static_cast<irc::Cap>(i);
        if (all ? !offered(session, cap) : !session.has(cap))
            continue;
        words.emplace_back(irc::kCapabilityNames[i]);
        if (all && session.capVersion() >= 302) {
            if (const std::string value = valueOf(session, cap); !value.empty())
                words.back().append("=").append(value);
        }
    }
    sendWords(session, all ? "LS" : "LIST", words, session.capVersion() >= 302);
}

/// All of it or nothing.
void request(Session& session, Bytes text) {
    irc::CapSet caps = session.caps();
    bool good = true;
    for (Bytes rest = text; !rest.empty();) {
        Bytes word = ascii::cut(rest, ' ');
        if (word.empty())
            continue;
        const bool off = word.front() == '-';
        if (off)
            word.remove_prefix(1);
        const auto cap = irc::findCapability(word);
        // Who speaks version 302 is always told of changes.
        if (!cap || *cap == irc::Cap::sts || !offered(session, *cap) ||
            (off && *cap == irc::Cap::capNotify && session.capVersion() >= 302)) {
            good = false;
            break;
        }
        off ? caps.remove(*cap) : caps.add(*cap);
    }
    session.negotiate(true);
    irc::LineWriter line(session.server().name(), "CAP");
    session.send(line.word(session.target()).word(good ? "ACK" : "NAK").trailing(text));
    if (good)
        session.setCaps(caps);
}

void cap(Session& session, const irc::Message& message) {
    const Bytes sub = message.param(0);
    if (ascii::equalsIgnoreCase(sub, "LS")) {
        const int version = parseUnsigned<std::uint16_t>(message.param(1)).value_or(301);
        session.setCapVersion(std::max(session.capVersion(), version));
        if (session.capVersion() >= 302) {
            irc::CapSet caps = session.caps();
            caps.add(irc::Cap::capNotify);
            session.setCaps(caps);
        }
        session.negotiate(true);
        return list(session, true);
    }
    if (ascii::equalsIgnoreCase(sub, "LIST"))
        return list(session, false);
    if (ascii::equalsIgnoreCase(sub, "REQ"))
        return request(session, message.param(1));
    if (ascii::equalsIgnoreCase(sub, "END"))
        return session.negotiate(false);
    session.reply(irc::numeric::ERR_INVALIDCAPCMD, sub.empty() ? Bytes("*") : sub);
}

constexpr std::array<Command, 1> kCommands{{
    {"CAP", cap, 1, Access::anyone},
}};
const CommandFamily family(kCommands);

} // namespace

} // namespace twistdpp::words
