#include "twistdpp/sasl/sasl_client.h"
#include "twistdpp/sasl/sasl_server.h"

#include "support/scratch_folder.h"
#include "twistdpp/cred/checker_maker.h"
#include "unit/net/doubles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Both ends of each mechanism against each other, and a server against what no client of ours says.

namespace twistdpp {
namespace {

using testing::ElementsAre;
using namespace std::string_literals;

class Sasl : public testing::Test {
protected:
    Sasl() {
        connection.oldMechanisms = true;
        accept({"memory:ann:secret:bob:other"});
    }
    void accept(const std::vector<std::string>& checkers) {
        accounts.emplace(reactor, *makeCheckers(reactor, checkers), std::make_shared<LoginThrottle>());
    }
    /// A new exchange; what it asks is in `asked`, how it ended in `outcome`.
    SaslServer& server(Bytes mechanism, std::optional<std::string> initial = std::nullopt) {
        asked.clear();
        outcome.reset();
        exchange = std::make_unique<SaslServer>(*accounts, connection, [this](Bytes challenge) {
            asked.emplace_back(challenge);
        });
        exchange->begin(mechanism, std::move(initial))
            .addBoth([this](Outcome<AvatarId> end) { outcome = std::move(end); })
            .detach();
        return *exchange;
    }
    /// Who logged in; "malformed", "refused", "not offered", "cancelled", or "" while it goes on.
    std::string result() {
        reactor.advance(std::chrono::seconds(20)); // refusals take their time
        if (!outcome)
            return "";
        if (outcome->ok())
            return outcome->value().name();
        const Failure& why = outcome->failure();
        return why.check<SaslMalformed>()          ? "malformed"
               : why.check<UnauthorizedLogin>()    ? "refused"
               : why.check<UnhandledCredentials>() ? "not offered"
               : why.check<CancelledError>()       ? "cancelled"
                                                   : why.message();
    }
    /// Client and server, until one has said all.
    std::string talk(const std::vector<std::string>& offered, const SaslIdentity& identity) {
        const auto client = SaslClient::choose(offered, identity, true);
        if (!client)
            return "no mechanism";
        spoken = std::string(client->mechanism());
        auto initial = client->speaksFirst() ? std::optional(*client->respond("")) : std::nullopt;
        SaslServer& serving = server(client->mechanism(), std::move(initial));
        for (std::size_t at = 0; serving.expectsResponse() && at < asked.size(); ++at) {
            auto answer = client->respond(asked[at]);
            if (!answer)
                return answer.error().message();
            serving.respond(*std::move(answer));
        }
        const std::string who = result();
        return who + (client->complete() ? "" : ", too early");
    }

    test::ManualReactor reactor;
    std::optional<Authenticator> accounts;
    SaslConnection connection{Address::loopback(4000), "test"};
    std::vector<std::string> asked;
    std::optional<Outcome<AvatarId>> outcome;
    std::unique_ptr<SaslServer> exchange;
    std::string spoken;
};

SaslIdentity ann(Bytes password = "secret") {
    return {"ann", Secret(password)};
}

TEST_F(Sasl, BothEndsOfEachMechanismUnderstandEachOther) {
    connection.encrypted = true;
    for (const char* mechanism : {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"}) {
        EXPECT_EQ(talk({mechanism}, ann()), "ann") << mechanism;
        EXPECT_THAT(talk({mechanism}, ann("guess")), testing::StartsWith("refused")) << mechanism;
    }
}

TEST_F(Sasl, TheStrongestThatBothHaveIsTaken) {
    connection.encrypted = true;
    EXPECT_EQ(talk({"LOGIN", "PLAIN", "scram-sha-256", "CRAM-MD5"}, ann()), "ann");
    EXPECT_EQ(spoken, "SCRAM-SHA-256");
    EXPECT_EQ(talk({"GSSAPI", "LOGIN", "PLAIN"}, ann()), "ann");
    EXPECT_EQ(spoken, "PLAIN");
    EXPECT_EQ(talk({"GSSAPI"}, ann()), "no mechanism");
    const std::vector<std::string> clear{"PLAIN", "LOGIN"};
    EXPECT_EQ(SaslClient::choose(clear, ann(), false), nullptr) << "the password would cross in clear";
}

TEST_F(Sasl, WhatIsOfferedIsWhatEveryAccountCanDo) {
    EXPECT_THAT(saslMechanisms(*accounts, connection), ElementsAre("SCRAM-SHA-256", "CRAM-MD5"));
    connection.encrypted = true;
    EXPECT_THAT(
        saslMechanisms(*accounts, connection), ElementsAre("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN")
    );
    connection.oldMechanisms = false;
    EXPECT_THAT(saslMechanisms(*accounts, connection), ElementsAre("SCRAM-SHA-256", "PLAIN"));
    connection.oldMechanisms = true;
    accept({"memory:ann:secret", "unix"});
    EXPECT_THAT(saslMechanisms(*accounts, connection), ElementsAre("PLAIN", "LOGIN"))
        << "users of the system have no SCRAM keys, and a client takes the strongest";
    EXPECT_EQ((server("SCRAM-SHA-256"), result()), "not offered");
    EXPECT_EQ((server("NONSENSE"), result()), "not offered");
}

TEST_F(Sasl, PlainSaysEverythingAtOnce) {
    connection.encrypted = true;
    EXPECT_EQ((server("PLAIN", "\0ann\0secret"s), result()), "ann");
    EXPECT_EQ((server("plain", "ann\0ann\0secret"s), result()), "ann");
    EXPECT_EQ((server("PLAIN", "bob\0ann\0secret"s), result()), "refused") << "nobody acts for others";
    EXPECT_EQ((server("PLAIN", "ann\0secret"s), result()), "malformed");
    EXPECT_EQ((server("PLAIN", "\0ann\0secret\0"s), result()), "malformed");
    EXPECT_EQ((server("PLAIN", ""), result()), "malformed");
    server("PLAIN").respond("\0bob\0other"s);
    EXPECT_THAT(asked, ElementsAre(""));
    EXPECT_EQ(result(), "bob");
    EXPECT_EQ((server("PLAIN", std::string(SaslServer::kMaxMessage + 1, 'x')), result()), "malformed");
}

TEST_F(Sasl, LoginTakesTheNameEarlyToo) {
    connection.encrypted = true;
    server("LOGIN", "ann").respond("secret");
    EXPECT_THAT(asked, ElementsAre("Password:"));
    EXPECT_EQ(result(), "ann");
}

TEST_F(Sasl, ExternalGoesByTheCertificate) {
    EXPECT_EQ((server("EXTERNAL", ""), result()), "not offered");
    const test::ScratchFolder folder;
    const std::string print(64, 'a');
    accept({"certificate:" + folder.write("certs", "ann:" + print + "\n")});
    EXPECT_EQ((server("EXTERNAL", ""), result()), "not offered") << "none was shown";
    connection.certificate = print;
    EXPECT_EQ((server("EXTERNAL", ""), result()), "ann");
    EXPECT_EQ((server("EXTERNAL", "ann"), result()), "ann");
    EXPECT_EQ((server("EXTERNAL", "bob"), result()), "refused");
    SaslIdentity identity;
    identity.certificate = true;
    EXPECT_EQ(talk({"EXTERNAL", "PLAIN"}, identity), "ann");
    connection.certificate = std::string(64, 'b');
    EXPECT_EQ((server("EXTERNAL", ""), result()), "refused");
}

TEST_F(Sasl, AScramServerThatDoesNotKnowThePasswordIsNotBelieved) {
    const std::vector<std::string> scram{"SCRAM-SHA-256"};
    const auto client = SaslClient::choose(scram, ann(), false);
    SaslServer& serving = server("SCRAM-SHA-256", *client->respond(""));
    serving.respond(*client->respond(asked[0]));
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_FALSE(client->complete());
    EXPECT_FALSE(client->respond("v=" + std::string(43, 'A') + "="));
    EXPECT_FALSE(client->respond(asked[1])) << "it is over";
}

TEST_F(Sasl, ScramOfNobodyLooksLikeAWrongPassword) {
    const SaslIdentity nobody("nobody", Secret(Bytes("secret")));
    EXPECT_THAT(talk({"SCRAM-SHA-256"}, nobody), testing::StartsWith("refused"));
    const std::string first = asked[0].substr(asked[0].find(",s="));
    EXPECT_THAT(talk({"SCRAM-SHA-256"}, nobody), testing::StartsWith("refused"));
    EXPECT_EQ(asked[0].substr(asked[0].find(",s=")), first) << "the salt stays the same";
}

TEST_F(Sasl, AnExchangeCanBeGivenUp) {
    server("SCRAM-SHA-256");
    exchange.reset();
    EXPECT_EQ(result(), "cancelled");
}

} // namespace
} // namespace twistdpp
