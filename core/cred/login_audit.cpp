#include "twistdpp/cred/login_audit.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/base/log.h"
#include "twistdpp/cred/errors.h"

namespace twistdpp {

namespace {

constexpr std::size_t kShown = 128;

std::string quoted(Bytes text) {
    std::string out = "\"";
    for (const char c : text.substr(0, kShown)) {
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (c >= ' ' && c <= '~')
            out += c;
        else
            (out += "\\x") += toHex(Bytes(&c, 1));
    }
    return out + (text.size() > kShown ? "\"..." : "\"");
}

std::string who(const LoginSource& source, Bytes user, bool anonymous) {
    return "user=" + (anonymous ? std::string("-") : quoted(user)) + " client=" + source.peer.host() +
           " service=" + source.service;
}

} // namespace

void auditAccepted(const LoginSource& source, const AvatarId& id) {
    if (!logWanted(LogLevel::info, "cred"))
        return;
    std::string line = "login accepted: " + who(source, id.name(), id.isAnonymous());
    if (const auto checker = id.attribute("checker"))
        line.append(" by=").append(*checker);
    logLine(LogLevel::info, "cred", line);
}

void auditRefused(const LoginSource& source, const Credentials& credentials, const Failure& why) {
    const LogLevel level = why.check<UnauthorizedLogin>() ? LogLevel::info : LogLevel::warn;
    if (!logWanted(level, "cred"))
        return;
    const bool nameless =
        credentials.kind() == CredentialKind::anonymous || credentials.kind() == CredentialKind::uid;
    logLine(
        level, "cred",
        "login refused: " + who(source, credentials.claimedUser(), nameless) +
            " reason=" + quoted(why.message())
    );
}

} // namespace twistdpp
