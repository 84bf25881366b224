#include "unit/endpoints/fixture.h"

#include "twistdpp/reactor/errors.h"

namespace twistdpp {

using TcpServer = test::EndpointTest;

TEST_F(TcpServer, ListensWhereItIsTold) {
    const std::pair<const char*, const char*> cases[] = {
        {"tcp:8080", "0.0.0.0:8080"},
        {"tcp:port=8080", "0.0.0.0:8080"},
        {"TCP:8080", "0.0.0.0:8080"},
        {"tcp:8080:interface=127.0.0.1", "127.0.0.1:8080"},
        {"tcp:8080:127.0.0.1:50", "127.0.0.1:8080"},
        {"tcp:8080:interface=localhost", "127.0.0.1:8080"},
        {"tcp:8080:interface=", "0.0.0.0:8080"},
        {"tcp:8080:interface=\\:\\:1", "[::1]:8080"},
        {"tcp6:8080", "[::]:8080"},
        {"tcp6:8080:interface=\\:\\:1", "[::1]:8080"},
        {"8080", "0.0.0.0:8080"},
        {"8080:interface=127.0.0.1", "127.0.0.1:8080"},
        {"127.0.0.1:8080", "127.0.0.1:8080"},
        {"localhost:8080", "127.0.0.1:8080"},
        {"[::1]:8080", "[::1]:8080"},
        {"[::1]:8080:backlog=7", "[::1]:8080"},
    };
    for (const auto& [text, where] : cases) {
        const ListenSpec& spec = listen(text);
        EXPECT_EQ(spec.address.toString(), where) << text;
        EXPECT_FALSE(spec.dualStack) << text;
    }
}

TEST_F(TcpServer, AStarIsBothFamilies) {
    for (const char* text : {"tcp:8080:interface=*", "*:8080"}) {
        const ListenSpec& spec = listen(text);
        EXPECT_EQ(spec.address.toString(), "[::]:8080");
        EXPECT_TRUE(spec.dualStack);
    }
}

TEST_F(TcpServer, BacklogAndSharing) {
    EXPECT_EQ(listen("tcp:80").backlog, 4096);
    EXPECT_EQ(listen("tcp:80:backlog=50").backlog, 50);
    EXPECT_FALSE(listen("tcp:80").reusePort);
    EXPECT_TRUE(listen("tcp:80:reuseport=1").reusePort);
    EXPECT_TRUE(listen("tcp:80", EndpointOptions(true)).reusePort);
}

TEST_F(TcpServer, ThePortTellsItsRealAddress) {
    listen("tcp:0");
    EXPECT_EQ(port->address().toString(), "0.0.0.0:40000");
    EXPECT_EQ(server("tcp:0")->describe(), "tcp:0");
}

TEST_F(TcpServer, MistakesAreFoundBeforeAnythingIsBound) {
    const std::pair<const char*, const char*> cases[] = {
        {"tcp:abc", "'abc' is not a port number (0 to 65535) in endpoint 'tcp:abc'"},
        {"tcp:65536", "'65536' is not a port number (0 to 65535) in endpoint 'tcp:65536'"},
        {"tcp:-1", "'-1' is not a port number (0 to 65535) in endpoint 'tcp:-1'"},
        {"tcp", "a port number is missing (port) in endpoint 'tcp'"},
        {"tcp:", "a port number is missing (port) in endpoint 'tcp:'"},
        {"tcp:80:interface=eth0",
         "interface: 'eth0' is not a numeric address (as 127.0.0.1 or \\:\\:1) in endpoint "
         "'tcp:80:interface=eth0'"},
        {"tcp6:80:interface=127.0.0.1",
         "interface: '127.0.0.1' is not an IPv6 address in endpoint 'tcp6:80:interface=127.0.0.1'"},
        {"tcp:80:backlog=many",
         "backlog: 'many' is not a number from 1 to 1048576 in endpoint 'tcp:80:backlog=many'"},
        {"tcp:80:reuseport=maybe",
         "reuseport: 'maybe' is neither 1 nor 0 in endpoint 'tcp:80:reuseport=maybe'"},
        {"tcp:80:foo=1",
         "tcp has no argument 'foo' (it has port, interface, backlog, reuseport) in endpoint 'tcp:80:foo=1'"},
        {"tcp:80:127.0.0.1:50:1:5",
         "one value too many, '5', for tcp (it has port, interface, backlog, reuseport) in endpoint "
         "'tcp:80:127.0.0.1:50:1:5'"},
        {"example.org:80", "there is no kind 'example.org' (there are fd, haproxy, ssl, stdio, systemd, tcp, "
                           "tcp6, tls, unix) in "
                           "endpoint 'example.org:80'"},
    };
    for (const auto& [text, message] : cases)
        EXPECT_EQ(serverError(text), message);
    EXPECT_TRUE(reactor.listened.empty());
}

TEST_F(TcpServer, WhatTheSystemRefusesFailsTheDeferred) {
    reactor.listenError = Error::fromErrno(EADDRINUSE, "cannot listen on 0.0.0.0:80");
    auto opening = server("tcp:80")->listen(factory());
    ASSERT_TRUE(opening.called());
    const auto outcome = std::move(opening).take();
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<CannotListenError>());
    EXPECT_EQ(outcome.failure().message(), "cannot listen on 0.0.0.0:80: Address already in use");
}

TEST_F(TcpServer, ThereIsAListOfKindsForHelp) {
    const std::string text = describeServerEndpoints();
    for (const char* part : {"tcp:PORT", "unix:PATH", "systemd:domain=INET", "backlog", "haproxy:tcp:PORT"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
    EXPECT_NE(describeClientEndpoints().find("tls:HOST:PORT"), std::string::npos);
}

TEST_F(TcpServer, NestingHasAnEnd) {
    std::string deep;
    for (int i = 0; i < 1000; ++i)
        deep += "haproxy:";
    EXPECT_NE(serverError(deep + "tcp:80").find("nested too deeply"), std::string::npos);
}

} // namespace twistdpp
