#pragma once
#include "twistdpp/words_server/label.h"

#include "twistdpp/sasl/sasl_server.h"

#include <memory>
#include <string>

namespace twistdpp::words {

class Session;

/// A SASL exchange that goes on, in IRCv3's frame; see commands/sasl.cpp.
struct SaslExchange {
    SaslExchange(const Authenticator& accounts, SaslConnection connection, SaslServer::Challenge challenge)
        : server(accounts, std::move(connection), std::move(challenge)) {}
    SaslServer server;
    std::unique_ptr<LabeledReply> label; // of the client's last message, while it is being judged
    std::string buffer;                  // base64 received so far of the present response
};

/// What this client may log in by, the present accounts' checkers being what they are; with commas between.
std::string saslMechanismList(Session& session);

} // namespace twistdpp::words
