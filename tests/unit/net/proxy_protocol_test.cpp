#include "twistdpp/net/proxy_protocol.h"

#include "twistdpp/base/log.h"
#include "unit/net/doubles.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using namespace std::chrono_literals;
using test::FakeTransport;
using test::ManualReactor;

class Silence final : public LogSink {
public:
    Silence() : before_(setLogSink(this)) {}
    ~Silence() override { setLogSink(before_); }
    bool wants(LogLevel, Bytes) const noexcept override { return true; }
    void write(LogLevel, Bytes name, Bytes text) noexcept override {
        lines.push_back(std::string(name) + " " + std::string(text));
    }
    std::vector<std::string> lines;

private:
    LogSink* before_;
};

struct Seen {
    std::string built;
    std::string peer;
    std::string host;
    std::string got;
    std::string sni;
    bool pauseAtOnce = false;
};

/// Writes down whom it believes to talk to.
class Recorder : public Protocol {
public:
    explicit Recorder(Seen& seen) : seen_(seen) {}
    void connectionMade() override {
        seen_.peer = transport().peer().toString();
        seen_.host = transport().host().toString();
        if (const ProxyHeader* header = proxyHeader(transport()))
            seen_.sni = header->serverName();
        transport().write("hello");
        if (seen_.pauseAtOnce)
            transport().pauseProducing();
    }
    void dataReceived(Bytes data) override { seen_.got.append(data); }
    void readConnectionLost() override { seen_.got += "<end>"; }

private:
    Seen& seen_;
};

class ProxyProtocolTest : public testing::Test {
protected:
    void begin(ProxyServerOptions options = {}) { factory = acceptProxyHeader(inner(), std::move(options)); }
    std::shared_ptr<Factory> inner() {
        return makeFactory([this](const Address& peer) {
            seen.built = peer.toString();
            return std::make_unique<Recorder>(seen);
        });
    }
    ManualReactor reactor;
    Silence log;
    Seen seen;
    std::shared_ptr<Factory> factory;
    FakeTransport balancer{reactor, "127.0.0.1", 9};
};

constexpr const char* kHeader = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";

} // namespace

TEST_F(ProxyProtocolTest, TheProtocolSeesTheClient) {
    begin();
    ASSERT_TRUE(balancer.accept(*factory));
    EXPECT_EQ(seen.built, "") << "nobody is there before the header";
    balancer.deliver(std::string(kHeader) + "GET");
    EXPECT_EQ(seen.built, "192.0.2.1:56324");
    EXPECT_EQ(seen.peer, "192.0.2.1:56324");
    EXPECT_EQ(seen.host, "198.51.100.2:443");
    EXPECT_EQ(seen.got, "GET");
    EXPECT_EQ(balancer.sent(), "hello");
    balancer.deliver(" /");
    EXPECT_EQ(seen.got, "GET /");
}

TEST_F(ProxyProtocolTest, WhatCameBehindTheHeaderWaitsForAProtocolThatPaused) {
    begin();
    seen.pauseAtOnce = true;
    ASSERT_TRUE(balancer.accept(*factory));
    Protocol& wrapper = *balancer.protocol();
    auto& upper = dynamic_cast<Transport&>(wrapper);
    balancer.deliver(std::string(kHeader) + "GET");
    EXPECT_TRUE(balancer.paused);
    EXPECT_EQ(seen.got, "");
    upper.resumeProducing();
    EXPECT_EQ(seen.got, "") << "not from inside the protocol's own call";
    upper.pauseProducing();
    reactor.turn();
    EXPECT_EQ(seen.got, "") << "paused once more";
    upper.resumeProducing();
    EXPECT_TRUE(balancer.paused) << "what came later stays behind it";
    reactor.turn();
    EXPECT_EQ(seen.got, "GET");
    EXPECT_FALSE(balancer.paused);
    balancer.deliver(" /");
    balancer.halfClose();
    EXPECT_EQ(seen.got, "GET /<end>");
}

TEST_F(ProxyProtocolTest, WhatWasHeldForAProtocolIsDroppedWithIt) {
    begin();
    seen.pauseAtOnce = true;
    ASSERT_TRUE(balancer.accept(*factory));
    balancer.deliver(std::string(kHeader) + "GET");
    dynamic_cast<Transport&>(*balancer.protocol()).resumeProducing();
    balancer.lose(ConnectionLost());
    reactor.turn();
    EXPECT_EQ(seen.got, "");
}

TEST_F(ProxyProtocolTest, TheHeaderMayComeByteByByte) {
    begin();
    balancer.accept(*factory);
    ProxyHeader header(*Address::parse("2001:db8::7", 7), *Address::parse("2001:db8::8", 8));
    header.authority = "www.example.org";
    balancer.deliverByByte(formatProxyV2(header, true) + "data");
    EXPECT_EQ(seen.peer, "[2001:db8::7]:7");
    EXPECT_EQ(seen.sni, "www.example.org");
    EXPECT_EQ(seen.got, "data");
}

TEST_F(ProxyProtocolTest, AHealthCheckIsWhoItIs) {
    begin();
    balancer.accept(*factory);
    balancer.deliver("PROXY UNKNOWN\r\n");
    EXPECT_EQ(seen.peer, "127.0.0.1:9");
}

TEST_F(ProxyProtocolTest, OnlyTrustedAddressesMaySpeakForOthers) {
    begin();
    FakeTransport stranger(reactor, "203.0.113.9");
    EXPECT_FALSE(stranger.accept(*factory));
    EXPECT_FALSE(FakeTransport(reactor, "203.0.113.9").accept(*factory));
    EXPECT_FALSE(FakeTransport(reactor, "203.0.113.9").accept(*factory));
    ASSERT_EQ(log.lines.size(), 2U) << "the first and the second, then ever fewer";
    EXPECT_EQ(
        log.lines[0],
        "net.proxy 203.0.113.9:5000: refused, as it is none of the trusted balancers (refused so far: 1)"
    );
}

TEST_F(ProxyProtocolTest, OthersMayBeServedAsWhatTheyAre) {
    ProxyServerOptions options;
    options.trusted = *parsePrefixes("10.0.0.0/8,2001:db8::/32");
    options.untrusted = ProxyServerOptions::Untrusted::direct;
    begin(std::move(options));
    ASSERT_TRUE(balancer.accept(*factory));
    balancer.deliver(kHeader);
    EXPECT_EQ(seen.peer, "127.0.0.1:9") << "loopback is not in the list given";
    EXPECT_EQ(seen.got, kHeader) << "the header of a stranger is just data";
    FakeTransport trusted(reactor, "10.200.0.1");
    ASSERT_TRUE(trusted.accept(*factory));
    trusted.deliver(kHeader);
    EXPECT_EQ(seen.peer, "192.0.2.1:56324");
}

TEST_F(ProxyProtocolTest, ABrokenHeaderAbortsAndIsLogged) {
    begin();
    balancer.accept(*factory);
    balancer.deliver("GET / HTTP/1.1\r\n");
    ASSERT_TRUE(balancer.aborted);
    ASSERT_EQ(log.lines.size(), 1U);
    EXPECT_EQ(log.lines[0], "net.proxy 127.0.0.1:9: PROXY header: there is none");
    balancer.deliver(kHeader);
    EXPECT_EQ(seen.built, "");
}

TEST_F(ProxyProtocolTest, TheHeaderMustComeInTime) {
    begin();
    balancer.accept(*factory);
    balancer.deliver("PROXY ");
    reactor.advance(5s);
    ASSERT_TRUE(balancer.aborted);
    EXPECT_NE(balancer.aborted->find("did not come in time"), std::string::npos);
}

TEST_F(ProxyProtocolTest, TheTimeEndsWithTheHeader) {
    begin();
    balancer.accept(*factory);
    balancer.deliver(kHeader);
    reactor.advance(1h);
    EXPECT_FALSE(balancer.closing());
}

TEST_F(ProxyProtocolTest, AnEndBeforeTheHeaderIsAnEnd) {
    begin();
    balancer.accept(*factory);
    balancer.halfClose();
    EXPECT_TRUE(balancer.aborted);
    balancer.lose(ConnectionAborted());
    EXPECT_EQ(seen.built, "");
}

TEST_F(ProxyProtocolTest, OneVersionMayBeAskedFor) {
    ProxyServerOptions options;
    options.accept = ProxyServerOptions::Accept::v2;
    begin(std::move(options));
    balancer.accept(*factory);
    balancer.deliver(kHeader);
    EXPECT_TRUE(balancer.aborted);
}

TEST_F(ProxyProtocolTest, AClientSaysWhomItSpeaksFor) {
    const auto client = sendProxyHeader(inner(), ProxyVersion::v1);
    ASSERT_TRUE(balancer.accept(*client));
    EXPECT_EQ(balancer.sent(), "PROXY TCP4 192.0.2.200 127.0.0.1 80 9\r\nhello");

    FakeTransport other(reactor);
    const ProxyHeader header(*Address::parse("2001:db8::7", 7), *Address::parse("2001:db8::8", 8));
    const auto speaking =
        sendProxyHeader(inner(), ProxyVersion::v2, [header](const Transport&) { return header; });
    ASSERT_TRUE(other.accept(*speaking));
    EXPECT_EQ(other.sent(), formatProxyV2(header) + "hello");
}

TEST(Prefix, ReadsNetworks) {
    const auto prefix = Prefix::parse("10.0.0.0/8");
    ASSERT_TRUE(prefix);
    EXPECT_TRUE(prefix->contains(*Address::parse("10.255.0.1", 1)));
    EXPECT_FALSE(prefix->contains(*Address::parse("11.0.0.1", 1)));
    EXPECT_EQ(Prefix::parse("192.0.2.1")->bits, 32U);
    EXPECT_EQ(Prefix::parse("::1")->bits, 128U);
    EXPECT_EQ(
        Prefix::parse("10.0.0.0/33").error().message(),
        "'10.0.0.0/33' is not a network: its width must be 0 to 32"
    );
    EXPECT_EQ(
        Prefix::parse("ten").error().message(), "'ten' is not a network (as in 10.0.0.0/8 or 2001:db8::/32)"
    );
    EXPECT_EQ(parsePrefixes("10.0.0.0/8, ::1")->size(), 2U);
    EXPECT_FALSE(parsePrefixes("10.0.0.0/8,,::1"));
}

} // namespace twistdpp
