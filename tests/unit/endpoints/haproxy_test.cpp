#include "unit/endpoints/fixture.h"

#include "twistdpp/base/log.h"

namespace twistdpp {

using Haproxy = test::EndpointTest;
using test::FakeTransport;

namespace {

class Silence final : public LogSink {
public:
    Silence() : before_(setLogSink(this)) {}
    ~Silence() override { setLogSink(before_); }
    bool wants(LogLevel, Bytes) const noexcept override { return false; }
    void write(LogLevel, Bytes, Bytes) noexcept override {}

private:
    LogSink* before_;
};

constexpr const char* kHeader = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";

} // namespace

TEST_F(Haproxy, WrapsAnyEndpoint) {
    EXPECT_EQ(listen("haproxy:tcp:8080").address.toString(), "0.0.0.0:8080");
    EXPECT_EQ(listen("haproxy:tcp:8080:interface=127.0.0.1:backlog=9").backlog, 9);
    EXPECT_EQ(listen("haproxy:unix:@x").address.path(), Bytes("\0x", 2));
}

TEST_F(Haproxy, TheProtocolSeesTheClient) {
    listen("haproxy:tcp:8080");
    FakeTransport balancer(reactor, "127.0.0.1");
    ASSERT_TRUE(balancer.accept(*reactor.lastPort->factory));
    EXPECT_EQ(sink, nullptr);
    balancer.deliver(std::string(kHeader) + "data");
    ASSERT_NE(sink, nullptr);
    EXPECT_EQ(sink->transport().peer().toString(), "192.0.2.1:56324");
    EXPECT_EQ(sink->got, "data");
}

TEST_F(Haproxy, ItsOwnArgumentsMayStandAnywhere) {
    const Silence silence;
    listen("haproxy:tcp:8080:trust=10.0.0.0/8,192.0.2.7:untrusted=direct:proxy=v1:headerTimeout=0.5");
    FakeTransport balancer(reactor, "10.1.2.3");
    ASSERT_TRUE(balancer.accept(*reactor.lastPort->factory));
    EXPECT_EQ(sink, nullptr);
    reactor.advance(std::chrono::milliseconds(500));
    EXPECT_TRUE(balancer.aborted);
    FakeTransport other(reactor, "127.0.0.1");
    ASSERT_TRUE(other.accept(*reactor.lastPort->factory));
    EXPECT_NE(sink, nullptr) << "served as what it is";
}

TEST_F(Haproxy, APolicyGoesBelowTheHeader) {
    int wrapped = 0;
    auto opening = server("haproxy:tcp:8080")->listenBelow(factory(), [&](std::shared_ptr<Factory> inner) {
        return makeFactory([&wrapped, inner](const Address& peer) {
            ++wrapped;
            return inner->buildProtocol(peer);
        });
    });
    port = std::move(opening).take().get();
    FakeTransport balancer(reactor, "127.0.0.1");
    ASSERT_TRUE(balancer.accept(*reactor.lastPort->factory));
    EXPECT_EQ(wrapped, 1);
    EXPECT_EQ(sink, nullptr);
}

TEST_F(Haproxy, Mistakes) {
    EXPECT_EQ(
        serverError("haproxy:"),
        "haproxy needs the endpoint that it stands before, as haproxy:tcp:8080, in endpoint 'haproxy:'"
    );
    EXPECT_EQ(
        serverError("haproxy:tcp:x"), "'x' is not a port number (0 to 65535) in endpoint 'haproxy:tcp:x'"
    );
    EXPECT_EQ(
        serverError("haproxy:tcp:1:trust=ten"), "trust: 'ten' is not a network (as in 10.0.0.0/8 or "
                                                "2001:db8::/32) in endpoint 'haproxy:tcp:1:trust=ten'"
    );
    EXPECT_EQ(
        serverError("haproxy:tcp:1:untrusted=x"),
        "untrusted: 'x' is neither refuse nor direct in endpoint 'haproxy:tcp:1:untrusted=x'"
    );
    EXPECT_EQ(
        serverError("haproxy:tcp:1:proxy=v3"),
        "proxy: 'v3' is none of v1, v2 and any in endpoint 'haproxy:tcp:1:proxy=v3'"
    );
    EXPECT_EQ(
        serverError("haproxy:tcp:1:headerTimeout=-1"),
        "headerTimeout: '-1' is not a number of seconds in endpoint 'haproxy:tcp:1:headerTimeout=-1'"
    );
}

} // namespace twistdpp
