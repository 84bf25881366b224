#pragma once
#include "twistdpp/cred/avatar_id.h"
#include "twistdpp/cred/credentials.h"
#include "twistdpp/defer/failure.h"
#include "twistdpp/reactor/address.h"

#include <string>
#include <utility>

namespace twistdpp {

/// Where a login comes from: for the throttle and the audit log.
struct LoginSource {
    LoginSource(Address where, std::string what) : peer(std::move(where)), service(std::move(what)) {}
    Address peer;
    std::string service; // "ftp"; may say more: "mail.submission"
};

// One line under the log name "cred" for each login, made to be read by programs such as fail2ban too:
//
//     login accepted: user="alice" client=192.0.2.7 service=ftp by=file
//     login refused: user="alice" client=192.0.2.7 service=ftp reason="the credentials were not accepted"
//
// Names are cut and escaped, so that none can forge a line; nothing secret is written.

/// Level info.
void auditAccepted(const LoginSource& source, const AvatarId& id);
/// Level info for wrong credentials, warn where someone should look (no verdict, locked out).
void auditRefused(const LoginSource& source, const Credentials& credentials, const Failure& why);

} // namespace twistdpp
