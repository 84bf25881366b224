#include "twistdpp/endpoints/tls_connector.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/tls/self_signed.h"
#include "twistdpp/tls/tls_context.h"
#include "unit/endpoints/fixture.h"

#include <functional>

namespace twistdpp {

namespace {

using test::FakeTransport;
using test::Sink;

class TlsEndpoints : public test::EndpointTest {
protected:
    static const PemPair& pair() {
        static const PemPair made = *makeSelfSigned({"localhost", "192.0.2.5"});
        return made;
    }
    TlsEndpoints() {
        folder.write("key.pem", pair().privateKey);
        folder.write("cert.pem", pair().certificate);
        folder.write("server.pem", pair().certificate + pair().privateKey);
        std::filesystem::create_directory(folder / "sni");
        folder.write("sni/localhost.pem", pair().certificate + pair().privateKey);
    }
    /// `text` with every $ for the folder.
    std::string in(std::string text) const {
        for (std::size_t at; (at = text.find('$')) != std::string::npos;)
            text.replace(at, 1, folder.path());
        return text;
    }
    /// Carries what either side wrote to the other until both are silent.
    static void pump(FakeTransport& a, FakeTransport& b) {
        for (bool busy = true; busy;) {
            const std::string toB = a.sent();
            const std::string toA = b.sent();
            if (!toB.empty())
                b.deliver(toB);
            if (!toA.empty())
                a.deliver(toA);
            busy = !toA.empty() || !toB.empty();
        }
    }
    test::ScratchFolder folder;
};

} // namespace

TEST_F(TlsEndpoints, ServersListenWhereTheyAreTold) {
    EXPECT_EQ(
        listen(in("ssl:443:privateKey=$/key.pem:certKey=$/cert.pem")).address.toString(), "0.0.0.0:443"
    );
    EXPECT_EQ(listen(in("ssl:443:$/server.pem:interface=127.0.0.1")).address.toString(), "127.0.0.1:443");
    EXPECT_EQ(listen(in("tls:443:cert=$/server.pem")).address.toString(), "0.0.0.0:443");
    EXPECT_EQ(listen(in("tls:$/sni:443:interface=*")).address.toString(), "[::]:443");
    EXPECT_EQ(listen(in("tls:$/sni:tcp:443:backlog=7")).backlog, 7);
    EXPECT_EQ(listen(in("tls:$/sni:port=443")).address.port(), 443);
    EXPECT_EQ(
        listen(in("tls:cert=$/cert.pem:key=$/key.pem:endpoint=unix\\:@x")).address.path(), Bytes("\0x", 2)
    );
    EXPECT_EQ(listen(in("haproxy:ssl:443:$/server.pem")).address.port(), 443);
}

TEST_F(TlsEndpoints, ServerMistakes) {
    const std::string none = in("$/none.pem");
    EXPECT_EQ(
        serverError(in("ssl:443:privateKey=$/none.pem")),
        "certKey: cannot read '" + none +
            "': No such file or directory in endpoint 'ssl:443:privateKey=" + none + "'"
    );
    EXPECT_EQ(serverError("tls:443"), "a certificate is missing (cert or sni) in endpoint 'tls:443'");
    EXPECT_NE(
        serverError(in("ssl:443:$/server.pem:sslmethod=SSLv3_METHOD")).find("SSLv3_METHOD is broken"),
        std::string::npos
    );
    EXPECT_NE(
        serverError(in("ssl:443:$/server.pem:dhParameters=dh.pem")).find("elliptic"), std::string::npos
    );
    EXPECT_NE(
        serverError(in("ssl:443:$/server.pem:foo=1")).find("ssl has no argument 'foo'"), std::string::npos
    );
    EXPECT_NE(
        serverError(in("tls:443:cert=$/server.pem:foo=1")).find("has no argument 'foo'"), std::string::npos
    );
    EXPECT_NE(
        serverError(in("tls:443:cert=$/server.pem:endpoint=tcp\\:443"))
            .find("belongs into the nested endpoint"),
        std::string::npos
    );
    EXPECT_NE(
        serverError(in("tls:443:cert=$/server.pem:clientCertificate=required")).find("needs clientCA"),
        std::string::npos
    );
    EXPECT_NE(serverError(in("tls:443:cert=$/server.pem:minVersion=1.0")).find("'1.0'"), std::string::npos);
    folder.write("broken.pem", "no certificate");
    EXPECT_NE(serverError(in("tls:443:cert=$/broken.pem")).find("broken.pem"), std::string::npos);
    EXPECT_TRUE(reactor.listened.empty());
}

TEST_F(TlsEndpoints, CertificatesCanBeReloaded) {
    const auto endpoint = server(in("tls:443:cert=$/server.pem"));
    EXPECT_EQ(*endpoint->reload(), false) << "nothing has changed";
    const PemPair renewed = *makeSelfSigned({"localhost"});
    folder.write("server.pem", renewed.certificate + renewed.privateKey);
    EXPECT_EQ(*endpoint->reload(), true);
    folder.write("server.pem", "half written");
    EXPECT_FALSE(endpoint->reload());
    EXPECT_EQ(*server("tcp:80")->reload(), false);
}

TEST_F(TlsEndpoints, EndpointsOfOneDescriptionShareTheirTickets) {
    const auto first = server(in("ssl:443:$/server.pem"));
    const auto second = server(in("ssl:443:$/server.pem"));
    const PemPair renewed = *makeSelfSigned({"localhost"});
    folder.write("server.pem", renewed.certificate + renewed.privateKey);
    EXPECT_EQ(*first->reload(), true);
    EXPECT_EQ(*second->reload(), false) << "the other's context is its own";
}

TEST_F(TlsEndpoints, AClientMeetsAServer) {
    listen(in("ssl:443:$/server.pem"));
    FakeTransport atServer(reactor);
    ASSERT_TRUE(atServer.accept(*reactor.lastPort->factory));
    Sink* atServerSink = sink;

    Sink* clientSink = nullptr;
    auto connecting =
        client(in("tls:192.0.2.5:443:trustRoots=$/cert.pem"))->connect(makeFactory([&](const Address&) {
            return std::make_unique<Sink>(clientSink);
        }));
    FakeTransport atClient(reactor, "192.0.2.5", 443);
    ASSERT_TRUE(atClient.accept(*reactor.connectFactory));
    reactor.connecting->callback(&atClient);
    EXPECT_FALSE(connecting.called()) << "the handshake is still to come";
    pump(atClient, atServer);
    ASSERT_TRUE(connecting.called());
    Transport* const secured = std::move(connecting).take().get();
    ASSERT_NE(clientSink, nullptr);
    EXPECT_TRUE(clientSink->made);
    EXPECT_EQ(secured, &clientSink->transport());
    ASSERT_NE(secured->tls(), nullptr);
    secured->write("over TLS");
    pump(atClient, atServer);
    EXPECT_EQ(atServerSink->got, "over TLS");
    atServerSink->transport().write("and back");
    pump(atClient, atServer);
    EXPECT_EQ(clientSink->got, "and back");
}

TEST_F(TlsEndpoints, AClientRefusesAStranger) {
    listen(in("ssl:443:$/server.pem"));
    for (const char* text : {"tls:www.example.org:443:trustRoots=$/cert.pem", "ssl:192.0.2.5:443"}) {
        FakeTransport atServer(reactor);
        ASSERT_TRUE(atServer.accept(*reactor.lastPort->factory));
        Sink* clientSink = nullptr;
        auto connecting = client(in(text))->connect(makeFactory([&](const Address&) {
            return std::make_unique<Sink>(clientSink);
        }));
        FakeTransport atClient(reactor, "192.0.2.5", 443);
        ASSERT_TRUE(atClient.accept(*reactor.connectFactory));
        reactor.connecting->callback(&atClient);
        pump(atClient, atServer);
        atClient.lose(ConnectionAborted());
        ASSERT_TRUE(connecting.called()) << text;
        EXPECT_FALSE(std::move(connecting).take().ok());
        EXPECT_EQ(clientSink, nullptr) << "the protocol never began";
    }
}

TEST_F(TlsEndpoints, AConnectionThatIsGivenUpInTheHandshakeIsAborted) {
    Sink* clientSink = nullptr;
    auto connecting = client("tls:192.0.2.5:443")->connect(makeFactory([&](const Address&) {
        return std::make_unique<Sink>(clientSink);
    }));
    FakeTransport atClient(reactor, "192.0.2.5", 443);
    ASSERT_TRUE(atClient.accept(*reactor.connectFactory));
    reactor.connecting->callback(&atClient);
    connecting.cancel();
    EXPECT_TRUE(connecting.called());
    EXPECT_TRUE(atClient.aborted);
}

TEST_F(TlsEndpoints, AConnectionThatCannotBeMadeFails) {
    auto connecting = client("ssl:192.0.2.5:443")->connect(factory());
    reactor.connecting->errback(ConnectionRefusedError("192.0.2.5:443"));
    ASSERT_TRUE(connecting.called());
    EXPECT_TRUE(std::move(connecting).take().failure().check<ConnectionRefusedError>());
}

TEST_F(TlsEndpoints, ClientMistakes) {
    EXPECT_EQ(clientError("tls:host"), "a port number is missing (port) in endpoint 'tls:host'");
    EXPECT_NE(
        clientError(in("tls:h:443:trustRoots=$/none")).find("trustRoots: cannot read"), std::string::npos
    );
    EXPECT_NE(clientError("tls:h:443:insecure=1").find("tls has no argument 'insecure'"), std::string::npos);
    EXPECT_NE(
        clientError("tls:h:443:endpoint=gopher\\:x").find("there is no kind 'gopher'"), std::string::npos
    );
    test::ScratchFolder empty;
    EXPECT_NE(
        clientError("ssl:h:443:caCertsDir=" + empty.path()).find("holds no *.pem files"), std::string::npos
    );
}

} // namespace twistdpp
