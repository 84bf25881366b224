#include "twistdpp/cred/credential_kinds.h"

#include <utility>

namespace twistdpp {

std::string toString(CredentialKinds kinds) {
    static constexpr std::pair<CredentialKind, const char*> names[] = {
        {CredentialKind::password, "password"},
        {CredentialKind::hashedPassword, "hashed password"},
        {CredentialKind::anonymous, "anonymous"},
        {CredentialKind::sshKey, "SSH key"},
        {CredentialKind::uid, "user id of a local process"},
        {CredentialKind::scram, "SCRAM"},
        {CredentialKind::certificate, "TLS certificate"},
    };
    std::string text;
    for (const auto& [kind, name] : names) {
        if (!kinds.has(kind))
            continue;
        if (!text.empty())
            text += ", ";
        text += name;
    }
    return text.empty() ? "nothing" : text;
}

} // namespace twistdpp
