#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/mail_proof/dkim_key.h"

#include <cstdint>
#include <string>

namespace twistdpp::mail {

/// Who signs: the record of `key` is at SELECTOR._domainkey.DOMAIN.
struct DkimIdentity {
    std::string domain, selector;
    DkimKey key;
};

/// The DKIM-Signature field (RFC 6376) of a message, folded, lines with LF, its last one too. `header`: lines
/// with LF. `bodyHash`: of a relaxed BodyHash. What people see of a message is signed, and that nothing of it
/// is there twice.
Result<std::string>
dkimSignature(const DkimIdentity& identity, Bytes header, Bytes bodyHash, std::int64_t unixSeconds);

/// The domain of the one mailbox in From (RFC 5322 section 3.6.2), in lower case; empty when there is none,
/// or several.
std::string fromDomain(Bytes header);

} // namespace twistdpp::mail
