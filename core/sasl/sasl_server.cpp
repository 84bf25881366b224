#include "twistdpp/sasl/sasl_server.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/sasl/mechanism.h"

#include <algorithm>
#include <utility>

namespace twistdpp {

namespace {

bool canBeOffered(
    const SaslMechanism& mechanism, const Authenticator& accounts, const SaslConnection& connection
) {
    if (mechanism.showsPassword && !connection.encrypted && !connection.passwordsInClear)
        return false;
    if (mechanism.old && !connection.oldMechanisms)
        return false;
    if (mechanism.needs == CredentialKind::certificate && connection.certificate.empty())
        return false;
    return accounts.offered().has(mechanism.needs);
}

std::vector<const SaslMechanism*> offered(const Authenticator& accounts, const SaslConnection& connection) {
    std::vector<const SaslMechanism*> out;
    for (const SaslMechanism* mechanism : Registry<SaslMechanism>::all()) {
        if (canBeOffered(*mechanism, accounts, connection))
            out.push_back(mechanism);
    }
    std::stable_sort(out.begin(), out.end(), [](const SaslMechanism* a, const SaslMechanism* b) {
        return a->strength > b->strength;
    });
    return out;
}

} // namespace

std::vector<Bytes> saslMechanisms(const Authenticator& accounts, const SaslConnection& connection) {
    std::vector<Bytes> names;
    for (const SaslMechanism* mechanism : offered(accounts, connection))
        names.push_back(mechanism->name);
    return names;
}

Deferred<std::string> SaslDialogue::first() {
    if (initial_)
        return succeed(std::move(*initial_));
    return ask({});
}

Deferred<std::string> SaslDialogue::ask(Bytes challenge) {
    if (!send_)
        return fail<std::string>(CancelledError());
    due_.emplace();
    auto answer = due_->deferred();
    send_(challenge);
    return answer;
}

Deferred<AvatarId> SaslDialogue::login(const Credentials& credentials) {
    return accounts_.login(credentials, LoginSource(connection.peer, connection.service));
}

SaslServer::SaslServer(const Authenticator& accounts, SaslConnection connection, Challenge challenge)
    : dialogue_(std::make_shared<SaslDialogue>(accounts, std::move(connection), std::move(challenge))) {}

SaslServer::~SaslServer() {
    dialogue_->send_.reset();
    if (auto due = std::exchange(dialogue_->due_, std::nullopt))
        due->errback(CancelledError());
}

Deferred<AvatarId> SaslServer::begin(Bytes mechanism, std::optional<std::string> initial) {
    if (initial && initial->size() > kMaxMessage)
        return fail<AvatarId>(SaslMalformed("the message is too long"));
    dialogue_->initial_ = std::move(initial);
    for (const SaslMechanism* each : offered(dialogue_->accounts_, dialogue_->connection)) {
        if (ascii::equalsIgnoreCase(each->name, mechanism))
            return each->serve(dialogue_);
    }
    return fail<AvatarId>(UnhandledCredentials("a SASL mechanism that is not offered"));
}

bool SaslServer::expectsResponse() const noexcept {
    return dialogue_->due_.has_value();
}

void SaslServer::respond(std::string response) {
    auto due = std::exchange(dialogue_->due_, std::nullopt);
    if (!due)
        return;
    if (response.size() > kMaxMessage)
        due->errback(SaslMalformed("the message is too long"));
    else
        due->callback(std::move(response));
}

} // namespace twistdpp
