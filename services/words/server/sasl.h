#pragma once
#include "twistdpp/cred/scram.h"

#include "twistdpp/base/bytes.h"

#include <string>
#include <vector>

namespace twistdpp::words {

class Session;

/// A SASL exchange that goes on; see commands/sasl.cpp.
struct SaslExchange {
    std::string buffer; // base64 received so far of the present response
    Bytes mechanism;    // of saslMechanisms()
    unsigned step = 0;
    ScramServer scram;
    std::string account; // that was proved, until the client has seen the server's proof
};

/// What this client may log in by, the present accounts' checkers being what they are.
std::vector<Bytes> saslMechanisms(Session& session);
/// The same, with commas between.
std::string saslMechanismList(Session& session);

} // namespace twistdpp::words
