#include "twistdpp/mail_dialogue/sasl_lines.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"

#include <utility>

namespace twistdpp::mail {

SaslConnection saslConnectionOf(
    Transport& transport, const std::string& service, const std::string& hostname, bool passwordsInClear
) {
    SaslConnection connection(transport.peer(), service);
    const TlsInfo* const tls = transport.tls();
    connection.hostname = hostname;
    connection.encrypted = tls != nullptr;
    connection.passwordsInClear = passwordsInClear;
    connection.oldMechanisms = true;
    if (tls && !tls->peerCertificate.empty())
        connection.certificate = toHex(sha256(tls->peerCertificate));
    return connection;
}

void SaslLines::begin(const Authenticator& accounts, SaslConnection connection, Bytes argument) {
    const std::string mechanism(ascii::cut(argument, ' '));
    const Bytes text = ascii::trim(argument);
    std::optional<std::string> initial;
    if (text == "=")
        initial.emplace();
    else if (!text.empty() && !(initial = fromBase64(text)))
        return end(End::noBase64);
    server_ = std::make_unique<SaslServer>(accounts, std::move(connection), [this](Bytes challenge) {
        calls_.challenge(toBase64(challenge));
        calls_.read(true);
    });
    auto login =
        server_->begin(mechanism, std::move(initial)).addBoth([this](const Outcome<AvatarId>& outcome) {
            if (outcome.ok())
                return end(End::loggedIn, &outcome.value());
            const Failure& why = outcome.failure();
            if (why.check<CancelledError>())
                return;
            end(why.check<SaslMalformed>()          ? End::malformed
                : why.check<UnhandledCredentials>() ? End::notOffered
                : why.check<UnauthorizedLogin>()    ? End::refused
                                                    : End::unavailable);
        });
    if (login.called())
        return;
    login_ = std::move(login);
    if (!server_->expectsResponse())
        calls_.read(false);
}

void SaslLines::line(Bytes text) {
    if (text == "*")
        return end(End::givenUp);
    auto response = fromBase64(text);
    if (!response)
        return end(End::noBase64);
    server_->respond(*std::move(response));
    if (server_ && !server_->expectsResponse())
        calls_.read(false);
}

void SaslLines::stop() {
    if (auto login = std::exchange(login_, std::nullopt))
        login->cancel();
    server_.reset();
}

void SaslLines::end(End how, const AvatarId* who) {
    if (how == End::givenUp || how == End::noBase64)
        stop();
    login_.reset();
    server_.reset();
    calls_.ended(how, who);
    calls_.read(true);
}

} // namespace twistdpp::mail
