#include "unit/endpoints/fixture.h"

#include "twistdpp/endpoints/connect_stream.h"

namespace twistdpp {

using TcpClient = test::EndpointTest;
using test::FakeTransport;

TEST_F(TcpClient, HostAndPortComeByPositionAndByName) {
    for (const char* text :
         {"tcp:192.0.2.5:80", "tcp:host=192.0.2.5:port=80", "tcp:host=192.0.2.5:80",
          "tcp:192.0.2.5:port=80"}) {
        auto connecting = client(text)->connect(factory());
        EXPECT_EQ(reactor.connected.back().address.toString(), "192.0.2.5:80") << text;
        connecting.cancel();
    }
}

TEST_F(TcpClient, LooksNamesUp) {
    auto connecting = client("tcp:www.example.org:80:timeout=9:bindAddress=192.0.2.9")->connect(factory());
    EXPECT_EQ(reactor.resolved, (std::vector<std::string>{"www.example.org"}));
    EXPECT_EQ(reactor.connected.at(0).address.toString(), "192.0.2.80:80");
    EXPECT_EQ(reactor.connected.at(0).bindAddress.host(), "192.0.2.9");
    reactor.advance(std::chrono::seconds(9));
    EXPECT_TRUE(connecting.called()) << "the time is up";
    EXPECT_FALSE(std::move(connecting).take().ok());
}

TEST_F(TcpClient, MayBeginWithAProxyHeader) {
    auto connecting = client("tcp:192.0.2.5:80:proxy=v1")->connect(factory());
    FakeTransport transport(reactor, "192.0.2.5", 80);
    ASSERT_TRUE(transport.accept(*reactor.connectFactory));
    EXPECT_EQ(transport.sent(), "PROXY TCP4 192.0.2.200 192.0.2.5 80 80\r\n");
    connecting.cancel();
}

TEST_F(TcpClient, GivesAStream) {
    const auto endpoint = client("tcp:192.0.2.5:80");
    auto connecting = connectStream(*endpoint);
    FakeTransport transport(reactor);
    ASSERT_TRUE(transport.accept(*reactor.connectFactory));
    reactor.connecting->callback(&transport);
    ASSERT_TRUE(connecting.called());
    Stream stream = std::move(connecting).take().get();
    stream.write("hello");
    EXPECT_EQ(transport.sent(), "hello");
}

TEST_F(TcpClient, Mistakes) {
    const std::pair<const char*, const char*> cases[] = {
        {"tcp:host", "a port number is missing (port) in endpoint 'tcp:host'"},
        {"tcp", "a host is missing (host) in endpoint 'tcp'"},
        {"tcp:host:0", "port 0 cannot be connected to in endpoint 'tcp:host:0'"},
        {"tcp:host:http", "'http' is not a port number (0 to 65535) in endpoint 'tcp:host:http'"},
        {"tcp:host:80:timeout=soon",
         "timeout: 'soon' is not a number of seconds in endpoint 'tcp:host:80:timeout=soon'"},
        {"tcp:host:80:5",
         "one value too many, '5', for tcp (it has host, port, timeout, bindAddress, proxy) in endpoint "
         "'tcp:host:80:5'"},
        {"tcp:host:80:proxy=v9", "proxy: 'v9' is neither v1 nor v2 in endpoint 'tcp:host:80:proxy=v9'"},
        {"gopher:host",
         "there is no kind 'gopher' (there are ssl, tcp, tls, unix) in endpoint 'gopher:host'"},
    };
    for (const auto& [text, message] : cases)
        EXPECT_EQ(clientError(text), message);
}

} // namespace twistdpp
