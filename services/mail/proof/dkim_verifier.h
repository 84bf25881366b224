#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/mime/fields.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// A DKIM-Signature field taken to pieces (RFC 6376 section 3.5).
struct DkimSignature {
    std::string algorithm, domain, selector, identity;
    std::vector<std::string> names;  // of the fields that are signed, lower case
    std::string bodyHash, signature; // out of base64
    bool relaxedHeader = false, relaxedBody = false;
    std::optional<std::uint64_t> length;    // of the body
    std::optional<std::int64_t> made, ends; // in seconds of Unix

    /// The error says what is wrong with it.
    static Result<DkimSignature> parse(Bytes value);
};

/// What became of one signature, in the words of RFC 8601 section 2.7.1.
struct DkimResult {
    enum class Status { none, pass, fail, policy, neutral, temporary, permanent };
    Status status = Status::none;
    std::string domain, selector, identity;
    std::string reason; // why it is no pass
};

/// A message to be looked at. `bodyHash` reads the body and gives its hash, or an error; it is called on a
/// thread of the pool.
struct DkimMessage {
    std::string header; // lines with LF, without the empty line
    std::function<Result<std::string>(bool relaxed, std::optional<std::uint64_t> length)> bodyHash;
};

/// Checks the first signatures of a message, at most five; a message without one gives none. Never fails but
/// by cancelling.
Deferred<std::vector<DkimResult>>
verifyDkim(Reactor& reactor, dns::Client client, DkimMessage message, std::int64_t unixSeconds);

} // namespace twistdpp::mail
