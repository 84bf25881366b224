// layers: tls
#include "sim/tls_world.h"
#include "twistdpp/tls/reloadable_context.h"
#include "twistdpp/tls/start_tls.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <unistd.h>

namespace twistdpp::test {
namespace {

using testing::HasSubstr;
using ClientCertificate = ServerTlsOptions::ClientCertificate;

const PemPair& authority() {
    static const PemPair pair = [] {
        CertificateSpec spec({"Test Authority"});
        spec.names = {"authority.example"};
        spec.authority = true;
        return *makeCertificate(spec);
    }();
    return pair;
}

PemPair signedFor(std::vector<std::string> names) {
    CertificateSpec spec(std::move(names));
    spec.issuer = &authority();
    return *makeCertificate(spec);
}

TEST(TlsHandshake, TellsBothEndsWhatWasAgreedOn) {
    TlsWorld world;
    world.meet(server(), client());
    ASSERT_TRUE(world.here->made && world.there->made) << world.here->lostMessage();
    EXPECT_EQ(world.here->tls.version, "TLSv1.3");
    EXPECT_EQ(world.there->tls.version, "TLSv1.3");
    EXPECT_EQ(world.here->tls.cipher, world.there->tls.cipher);
    EXPECT_EQ(world.there->tls.serverName, "server.example");
    EXPECT_EQ(world.here->tls.peerSubject, "CN=server.example");
    EXPECT_FALSE(world.here->tls.peerCertificate.empty());
    EXPECT_TRUE(world.there->tls.peerCertificate.empty());
    EXPECT_FALSE(world.here->tls.resumed);
}

TEST(TlsHandshake, WorksByteByByte) {
    SimOptions options;
    options.bytewise = true;
    TlsWorld world(options);
    world.meet(server(), client());
    EXPECT_TRUE(world.here->made && world.there->made) << world.here->lostMessage();
}

TEST(TlsHandshake, WorksWithTls12) {
    TlsWorld world;
    ServerTlsOptions options = serverOptions();
    options.maxVersion = TlsVersion::tls12;
    world.meet(server(options), client());
    ASSERT_TRUE(world.here->made) << world.here->lostMessage();
    EXPECT_EQ(world.here->tls.version, "TLSv1.2");
}

TEST(TlsHandshake, NamesTheReasonWhenNoVersionIsCommon) {
    TlsWorld world;
    ServerTlsOptions old = serverOptions();
    old.maxVersion = TlsVersion::tls12;
    ClientTlsOptions modern = clientOptions();
    modern.minVersion = TlsVersion::tls13;
    world.meet(server(old), client(modern));
    EXPECT_FALSE(world.here->made || world.there->made);
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("unsupported protocol"));
    EXPECT_THAT(world.here->lostMessage(), HasSubstr("the peer sent the alert 'protocol version'"));
    EXPECT_TRUE(world.here->lost->check<TlsHandshakeError>());
}

TEST(TlsHandshake, AgreesOnTheServersFirstProtocol) {
    TlsWorld world;
    ServerTlsOptions options = serverOptions();
    options.alpn = {"h2", "http/1.1"};
    ClientTlsOptions offers = clientOptions();
    offers.alpn = {"http/1.1", "h2"};
    world.meet(server(options), client(offers));
    EXPECT_EQ(world.here->tls.alpn, "h2");
    EXPECT_EQ(world.there->tls.alpn, "h2");
}

TEST(TlsHandshake, RefusesAClientWithoutACommonProtocol) {
    TlsWorld world;
    ServerTlsOptions options = serverOptions();
    options.alpn = {"h2"};
    ClientTlsOptions offers = clientOptions();
    offers.alpn = {"imap"};
    world.meet(server(options), client(offers));
    EXPECT_FALSE(world.here->made);
    EXPECT_THAT(world.here->lostMessage(), HasSubstr("no application protocol"));
}

TEST(TlsHandshake, ClientsWithoutAlpnAreWelcome) {
    TlsWorld world;
    ServerTlsOptions options = serverOptions();
    options.alpn = {"h2"};
    world.meet(server(options), client());
    EXPECT_TRUE(world.here->made);
    EXPECT_EQ(world.here->tls.alpn, "");
}

TEST(TlsHandshake, ChoosesTheCertificateByName) {
    ServerTlsOptions options = serverOptions();
    const PemPair other = signedFor({"other.example"});
    const PemPair wild = signedFor({"*.other.example"});
    options.sni.emplace_back(std::vector<std::string>{"other.example"}, other.identity());
    options.sni.emplace_back(std::vector<std::string>{}, wild.identity()); // its own names
    const auto shared = server(options);
    const auto trusting =
        client(ClientTlsOptions(Pem::text(authority().certificate + serverPair().certificate)));
    const auto subject = [&](const char* host) {
        TlsWorld world;
        world.meet(shared, trusting, host);
        return world.here->made ? world.here->tls.peerSubject : world.here->lostMessage();
    };
    EXPECT_EQ(subject("server.example"), "CN=server.example");
    EXPECT_EQ(subject("other.example"), "CN=other.example");
    EXPECT_EQ(subject("www.other.example"), "CN=*.other.example");
    EXPECT_EQ(subject("127.0.0.1"), "CN=server.example");
    EXPECT_THAT(subject("elsewhere.example"), HasSubstr("hostname mismatch"));
}

TEST(TlsHandshake, WithoutADefaultCertificateUnknownNamesAreRefused) {
    ServerTlsOptions options;
    options.sni.emplace_back(std::vector<std::string>{"server.example"}, serverPair().identity());
    const auto shared = server(options);
    TlsWorld known;
    known.meet(shared, client());
    EXPECT_TRUE(known.here->made) << known.here->lostMessage();
    TlsWorld unknown;
    unknown.meet(shared, client(), "other.example");
    EXPECT_FALSE(unknown.here->made);
    EXPECT_THAT(unknown.here->lostMessage(), HasSubstr("unrecognized name"));
}

TEST(TlsHandshake, ServesEcdsaAndRsaSideBySide) {
    CertificateSpec spec({"server.example"});
    spec.rsa = true;
    const PemPair rsa = *makeCertificate(spec);
    ServerTlsOptions options = serverOptions();
    options.identities.push_back(rsa.identity());
    options.maxVersion = TlsVersion::tls12;
    const auto shared = server(options);
    ClientTlsOptions onlyRsa(Pem::text(rsa.certificate));
    onlyRsa.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
    TlsWorld first;
    first.meet(shared, client(onlyRsa));
    EXPECT_EQ(first.here->tls.cipher, "ECDHE-RSA-AES128-GCM-SHA256") << first.here->lostMessage();
    ClientTlsOptions onlyEcdsa = clientOptions();
    onlyEcdsa.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    TlsWorld second;
    second.meet(shared, client(onlyEcdsa));
    EXPECT_EQ(second.here->tls.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256") << second.here->lostMessage();
}

class TlsResumption : public testing::TestWithParam<TlsVersion> {
protected:
    void connectTwice(TlsWorld& world, const std::shared_ptr<const TlsContext>& from) {
        world.connect(from);
        world.reactor.runUntil([&] { return world.here->made && world.there->made; });
        EXPECT_FALSE(world.here->tls.resumed);
        world.again();
        world.connect(from);
        world.reactor.runUntil([&] { return world.here->made && world.there->made; });
    }
    ServerTlsOptions options() {
        ServerTlsOptions made = serverOptions();
        made.maxVersion = GetParam();
        return made;
    }
};

TEST_P(TlsResumption, TheSecondConnectionIsResumed) {
    TlsWorld world;
    world.listen(server(options()));
    connectTwice(world, client());
    EXPECT_TRUE(world.here->tls.resumed);
    EXPECT_TRUE(world.there->tls.resumed);
    EXPECT_EQ(world.here->tls.peerSubject, "CN=server.example");
}

TEST_P(TlsResumption, WorksForAddressesToo) {
    TlsWorld world;
    const auto from = client();
    world.meet(server(options()), from, "127.0.0.1");
    world.again();
    world.connect(from, "127.0.0.1");
    world.reactor.runUntil([&] { return world.here->made && world.there->made; });
    EXPECT_TRUE(world.here->tls.resumed);
}

TEST_P(TlsResumption, EachResumedConnectionBringsTheNextTicket) {
    TlsWorld world;
    const auto from = client();
    world.meet(server(options()), from);
    for (int i = 0; i < 6; ++i) {
        world.again();
        world.connect(from);
        world.reactor.runUntil([&] { return world.here->made && world.there->made; });
        EXPECT_TRUE(world.here->tls.resumed) << i;
    }
}

TEST_P(TlsResumption, TicketsOutliveOneRotationAndNotTwo) {
    TlsWorld world;
    const auto context = server(options());
    const auto from = client();
    world.listen(context);
    const auto resumedAfter = [&](int rotations) {
        world.again();
        for (int i = 0; i < rotations; ++i)
            context->rotateTicketKeys();
        world.connect(from);
        world.reactor.runUntil([&] { return world.here->made && world.there->made; });
        return world.here->tls.resumed;
    };
    resumedAfter(0);
    EXPECT_TRUE(resumedAfter(1));
    EXPECT_FALSE(resumedAfter(2));
}

TEST_P(TlsResumption, CanBeOffOnEitherSide) {
    TlsWorld world;
    ServerTlsOptions off = options();
    off.sessionTickets = false;
    world.listen(server(off));
    connectTwice(world, client());
    EXPECT_FALSE(world.here->tls.resumed);
    TlsWorld other;
    ClientTlsOptions forgetful = clientOptions();
    forgetful.sessionCache = false;
    other.listen(server(options()));
    connectTwice(other, client(forgetful));
    EXPECT_FALSE(other.here->tls.resumed);
}

TEST_P(TlsResumption, ASessionIsKnownByItsOriginHoweverOftenItIsResumed) {
    TlsWorld world;
    const auto from = client();
    world.meet(server(options()), from);
    const std::string first = world.there->tls.origin;
    EXPECT_EQ(first.size(), 16u);
    EXPECT_EQ(world.here->tls.origin, "");
    for (int i = 0; i < 3; ++i) {
        world.again();
        world.connect(from);
        world.reactor.runUntil([&] { return world.here->made && world.there->made; });
        EXPECT_EQ(world.there->tls.origin, first) << i;
    }
    world.again();
    world.connect(client());
    world.reactor.runUntil([&] { return world.here->made && world.there->made; });
    EXPECT_EQ(world.there->tls.origin.size(), 16u);
    EXPECT_NE(world.there->tls.origin, first);
}

/// Clients that connect at once and so use a ticket each, as many as there are.
int resumedAtOnce(TlsWorld& world, const std::shared_ptr<const TlsContext>& from, int clients) {
    int made = 0;
    int resumed = 0;
    world.there->onMade = [&](const Transport& transport) {
        ++made;
        resumed += transport.tls()->resumed ? 1 : 0;
    };
    for (int i = 0; i < clients; ++i)
        world.connect(from);
    world.reactor.runUntil([&] { return made == clients; });
    world.there->onMade = nullptr;
    return resumed;
}

TEST_P(TlsResumption, AServerGivesMoreTicketsWhenItIsTold) {
    TlsWorld world;
    const auto from = client();
    world.meet(server(options()), from);
    giveTlsTicket(*world.there->transport);
    giveTlsTicket(*world.there->transport);
    world.there->transport->write("x");
    world.reactor.runUntil([&] { return world.here->data == "x"; });
    const bool once = GetParam() == TlsVersion::tls13;
    EXPECT_EQ(resumedAtOnce(world, from, 4), once ? 3 : 4);
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsResumption, testing::Values(TlsVersion::tls12, TlsVersion::tls13));

TEST(TlsVerification, RefusesAnUnknownAuthority) {
    TlsWorld world;
    world.meet(server(), client(ClientTlsOptions(Pem::text(authority().certificate))));
    EXPECT_FALSE(world.here->made || world.there->made);
    ASSERT_TRUE(world.here->lost && world.here->lost->check<TlsCertificateError>());
    EXPECT_FALSE(world.here->lost->as<TlsCertificateError>()->wrongHost());
    EXPECT_THAT(
        world.here->lostMessage(), HasSubstr("TLS handshake with server.example (127.0.0.1:443) failed")
    );
    EXPECT_THAT(world.here->lostMessage(), HasSubstr("certificate verify failed: self-signed certificate"));
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("the peer sent the alert 'unknown CA'"));
}

TEST(TlsVerification, RefusesTheCertificateOfAnotherHost) {
    TlsWorld world;
    world.meet(server(), client(), "other.example");
    ASSERT_TRUE(world.here->lost && world.here->lost->check<TlsCertificateError>())
        << world.here->lostMessage();
    EXPECT_TRUE(world.here->lost->as<TlsCertificateError>()->wrongHost());
    EXPECT_THAT(
        world.here->lostMessage(),
        HasSubstr(
            "hostname mismatch: it is for server.example, IP Address:127.0.0.1 and not for 'other.example'"
        )
    );
}

TEST(TlsVerification, ChecksIpAddresses) {
    TlsWorld good;
    good.meet(server(), client(), "127.0.0.1");
    EXPECT_TRUE(good.here->made) << good.here->lostMessage();
    EXPECT_EQ(good.there->tls.serverName, ""); // names only
    TlsWorld bad;
    const PemPair named = *makeSelfSigned({"server.example"});
    bad.meet(
        server(ServerTlsOptions(named.identity())), client(ClientTlsOptions(Pem::text(named.certificate))),
        "127.0.0.1"
    );
    EXPECT_THAT(bad.here->lostMessage(), HasSubstr("IP address mismatch"));
}

TEST(TlsVerification, TheHostCheckCanBeOff) {
    ClientTlsOptions options = clientOptions();
    options.checkHostname = false;
    TlsWorld world;
    world.meet(server(), client(options), "other.example");
    EXPECT_TRUE(world.here->made) << world.here->lostMessage();
}

TEST(TlsVerification, InsecureBelievesEverybodyAndSaysSo) {
    ClientTlsOptions options;
    options.trust = ClientTlsOptions::Trust::insecure;
    TlsWorld world;
    world.meet(server(), client(options), "other.example");
    EXPECT_TRUE(world.here->made) << world.here->lostMessage();
    EXPECT_TRUE(world.here->tls.peerCertificate.empty());
}

TEST(TlsVerification, RefusesExpiredCertificates) {
    CertificateSpec spec({"server.example"});
    spec.notBefore = std::chrono::hours(-48);
    spec.notAfter = std::chrono::hours(-24);
    const PemPair old = *makeCertificate(spec);
    TlsWorld world;
    world.meet(
        server(ServerTlsOptions(old.identity())), client(ClientTlsOptions(Pem::text(old.certificate)))
    );
    EXPECT_THAT(world.here->lostMessage(), HasSubstr("certificate has expired (CN=server.example)"));
}

TEST(TlsVerification, AnEmptyHostNameFailsBeforeAnythingIsSent) {
    TlsWorld world;
    auto seen = std::make_shared<Seen>();
    const auto context = client();
    world.port = world.reactor.listenTCP(443, recorders(world.there));
    auto factory = makeFactory([&](const Address&) {
        return context->clientProtocol(std::make_unique<Recorder>(seen), "");
    });
    world.reactor.connectTCP("server.example", 443, factory).addBoth([] {}).detach();
    world.reactor.runUntilIdle();
    EXPECT_THAT(seen->lostMessage(), HasSubstr("there is no host name to check"));
    EXPECT_EQ(world.there->data, "");
}

TEST(TlsVerification, AContextForTheOtherEndIsRefused) {
    TlsWorld world;
    world.meet(client(), client());
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("a client's TLS settings were given to a server"));
}

TEST(TlsClientCertificate, IsCheckedAndTold) {
    ServerTlsOptions options = serverOptions();
    options.clientCa = Pem::text(authority().certificate);
    options.clientCertificates = ClientCertificate::required;
    ClientTlsOptions from = clientOptions();
    from.identity = signedFor({"alice.example"}).identity();
    TlsWorld world;
    world.meet(server(options), client(from));
    ASSERT_TRUE(world.there->made) << world.there->lostMessage();
    EXPECT_EQ(world.there->tls.peerSubject, "CN=alice.example");
}

TEST(TlsClientCertificate, SurvivesResumption) {
    ServerTlsOptions options = serverOptions();
    options.clientCa = Pem::text(authority().certificate);
    options.clientCertificates = ClientCertificate::required;
    ClientTlsOptions from = clientOptions();
    from.identity = signedFor({"alice.example"}).identity();
    const auto context = client(from);
    TlsWorld world;
    world.meet(server(options), context);
    world.again();
    world.connect(context);
    world.reactor.runUntil([&] { return world.there->made || world.there->lost; });
    EXPECT_TRUE(world.there->tls.resumed);
    EXPECT_EQ(world.there->tls.peerSubject, "CN=alice.example");
}

TEST(TlsClientCertificate, MissingOnesAreRefusedWhenRequiredOnly) {
    ServerTlsOptions options = serverOptions();
    options.clientCa = Pem::text(authority().certificate);
    options.clientCertificates = ClientCertificate::required;
    TlsWorld strict;
    strict.meet(server(options), client());
    strict.reactor.runUntilIdle();
    EXPECT_FALSE(strict.there->made);
    EXPECT_THAT(strict.there->lostMessage(), HasSubstr("peer did not return a certificate"));
    EXPECT_THAT(strict.here->lostMessage(), HasSubstr("the peer sent the alert"));
    options.clientCertificates = ClientCertificate::optional;
    TlsWorld lenient;
    lenient.meet(server(options), client());
    EXPECT_TRUE(lenient.there->made) << lenient.there->lostMessage();
    EXPECT_EQ(lenient.there->tls.peerSubject, "");
}

TEST(TlsClientCertificate, OfWhomeverIsToldWhereAnyWillDo) {
    ServerTlsOptions options = serverOptions();
    options.clientCertificates = ClientCertificate::any;
    ClientTlsOptions from = clientOptions();
    from.identity = makeSelfSigned({"mallory.example"})->identity();
    TlsWorld world;
    world.meet(server(options), client(from));
    ASSERT_TRUE(world.there->made) << world.there->lostMessage();
    EXPECT_EQ(world.there->tls.peerSubject, "CN=mallory.example");
    EXPECT_FALSE(world.there->tls.peerCertificate.empty());
    TlsWorld without;
    without.meet(server(options), client());
    ASSERT_TRUE(without.there->made) << without.there->lostMessage();
    EXPECT_TRUE(without.there->tls.peerCertificate.empty());
}

TEST(TlsClientCertificate, OfAnotherAuthorityIsRefused) {
    ServerTlsOptions options = serverOptions();
    options.clientCa = Pem::text(authority().certificate);
    options.clientCertificates = ClientCertificate::optional;
    ClientTlsOptions from = clientOptions();
    from.identity = makeSelfSigned({"mallory.example"})->identity();
    TlsWorld world;
    world.meet(server(options), client(from));
    world.reactor.runUntilIdle();
    EXPECT_FALSE(world.there->made);
    EXPECT_THAT(world.there->lostMessage(), HasSubstr("(CN=mallory.example)"));
}

TEST(TlsReload, NewConnectionsGetTheNewCertificateAndABadOneChangesNothing) {
    const auto folder = std::filesystem::temp_directory_path() / ("tls_reload_" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
    const std::string path = folder / "server.pem";
    const auto store = [&](const std::string& text) { std::ofstream(path) << text; };
    const PemPair first = signedFor({"server.example"});
    const PemPair second = signedFor({"server.example", "other.example"});
    store(first.certificate + first.privateKey);
    auto made = ReloadableTlsContext::make(ServerTlsOptions(TlsIdentity::files(path)));
    ASSERT_TRUE(made.ok());
    const auto context = *std::move(made);
    const auto from = client(ClientTlsOptions(Pem::text(authority().certificate)));
    TlsWorld world;
    world.meet(context, from, "other.example");
    EXPECT_THAT(world.here->lostMessage(), HasSubstr("hostname mismatch"));

    EXPECT_FALSE(*context->reload()); // nothing has changed
    store(second.certificate + first.privateKey);
    auto failed = context->reload();
    ASSERT_FALSE(failed.ok());
    EXPECT_THAT(failed.error().message(), HasSubstr(path + "' holds a private key that does not belong to"));

    store(second.certificate + second.privateKey);
    const auto reloaded = context->reload();
    ASSERT_TRUE(reloaded.ok());
    EXPECT_TRUE(*reloaded);
    world.again();
    world.connect(from, "other.example");
    world.reactor.runUntil([&] { return world.here->made || world.here->lost; });
    EXPECT_TRUE(world.here->made) << world.here->lostMessage();
    std::filesystem::remove_all(folder);
}

TEST(TlsReload, TicketsStayGood) {
    TlsWorld world;
    const auto old = server();
    const auto from = client();
    world.meet(old, from);
    world.again();
    world.port.reset();
    world.listen(*TlsContext::forServer(serverOptions(), *old));
    world.connect(from);
    world.reactor.runUntil([&] { return world.here->made || world.here->lost; });
    EXPECT_TRUE(world.here->tls.resumed) << world.here->lostMessage();
}

} // namespace
} // namespace twistdpp::test
