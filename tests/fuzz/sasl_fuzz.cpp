// layers: sasl
#include "unit/net/doubles.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/sasl/sasl_client.h"
#include "twistdpp/sasl/sasl_server.h"

#include <cstdint>
#include <cstdlib>

// The first line names a mechanism, the others are what the other end says: to a server that has one user,
// whom nobody becomes who was not told the password, and to a client, which never says that all is done too
// early.

using namespace twistdpp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

/// Credentials are judged without hashing: the fuzzer is after the messages.
class NeverChecker final : public Checker {
public:
    CredentialKinds kinds() const noexcept override { return CredentialKinds::all(); }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override {
        require(credentials.claimedUser().size() <= SaslServer::kMaxMessage);
        return Failure(CheckerUnavailable("a fuzzer"));
    }
};

void serve(Bytes mechanism, Bytes lines) {
    test::ManualReactor reactor;
    CheckerSet checkers;
    checkers.add(std::make_unique<NeverChecker>());
    const Authenticator accounts(reactor, std::move(checkers), std::make_shared<LoginThrottle>());
    SaslConnection connection(Address::loopback(1), "fuzz");
    connection.encrypted = connection.oldMechanisms = true;
    connection.certificate = std::string(64, 'a');
    bool ended = false;
    std::size_t asked = 0;
    SaslServer server(accounts, connection, [&](Bytes) { ++asked; });
    server.begin(mechanism)
        .addBoth([&](const Outcome<AvatarId>& outcome) {
            require(!outcome.ok());
            ended = true;
        })
        .detach();
    while (!ended && server.expectsResponse() && !lines.empty())
        server.respond(std::string(ascii::cut(lines, '\n')));
    require(asked <= 3);
}

void ask(Bytes mechanism, Bytes lines) {
    SaslIdentity identity("user", Secret(Bytes("pencil")));
    identity.certificate = true;
    const std::vector<std::string> offered{std::string(mechanism)};
    const auto client = SaslClient::choose(offered, identity, true);
    if (!client)
        return;
    if (client->speaksFirst())
        require(client->respond("").ok());
    while (!lines.empty()) {
        const Bytes line = ascii::cut(lines, '\n');
        // PBKDF2 is not what is looked for; a few rounds are refused anyway.
        if (line.find(",i=") != Bytes::npos)
            break;
        if (!client->respond(line))
            break;
        // The server's proof cannot be guessed.
        require(client->mechanism() != "SCRAM-SHA-256");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes text(reinterpret_cast<const char*>(data), size);
    const Bytes mechanism = ascii::cut(text, '\n');
    serve(mechanism, text);
    ask(mechanism, text);
    return 0;
}
