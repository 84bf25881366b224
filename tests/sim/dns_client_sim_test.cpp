// layers: dns_resolver
// Look-ups as programs make them, and a reactor that looks its names up with them.
#include "dns_world.h"

#include "support/results.h"
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/dns_resolver/host_resolver.h"
#include "twistdpp/reactor/errors.h"

#include <cstdio>
#include <fstream>

namespace twistdpp::test {

namespace {

using dns::Client;
using dns::ClientOptions;
using dns::DNSNameError;
using dns::Rcode;
using dns::Section;
using dns::Type;

/// A small zone; what it does not have is NXDOMAIN.
std::optional<std::string> zone(const DnsQuery& query, bool) {
    const std::string asked = query.text();
    DnsReply reply(query);
    if (asked == "www.test. A")
        return reply.a("www.test.", "192.0.2.1");
    if (asked == "www.test. AAAA")
        return reply.aaaa("www.test.", "2001:db8::1");
    if (asked == "four.test. A")
        return reply.a("four.test.", "192.0.2.4");
    if (asked == "four.test. AAAA")
        return reply.soa("test.");
    if (asked == "alias.test. A")
        return reply.cname("alias.test.", "www.test."); // and leaves the rest to the asker
    if (asked == "round.test. A")
        return reply.cname("round.test.", "dnuor.test.");
    if (asked == "dnuor.test. A")
        return reply.cname("dnuor.test.", "round.test.");
    if (asked == "test. MX") {
        const dns::Name host = name("mail.test.");
        const std::string data = std::string("\0\12", 2) + std::string(host.wire());
        return reply.record(Section::answer, "test.", Type::MX, 60, data)
            .record(Section::additional, "mail.test.", Type::A, 60, Bytes("\xc0\0\2\5", 4));
    }
    if (asked == "_http._tcp.test. SRV") {
        const dns::Name host = name("www.test.");
        const std::string data = std::string("\0\1\0\2\0\x50", 6) + std::string(host.wire());
        return reply.record(Section::answer, "_http._tcp.test.", Type::SRV, 60, data);
    }
    if (asked == "test. TXT")
        return reply.record(Section::answer, "test.", Type::TXT, 60, Bytes("\5hello\5world", 12));
    if (asked == "1.2.0.192.in-addr.arpa. PTR")
        return reply.record(Section::answer, "1.2.0.192.in-addr.arpa.", Type::PTR, 60, name("www.test."));
    return DnsReply(query, Rcode::nxDomain).soa("test.");
}

struct ClientWorld : DnsWorld {
    explicit ClientWorld(const ClientOptions& options = ClientOptions()) {
        auto upstream = to({53});
        upstream.exchange.randomCase = false; // so that the script can compare text
        client.emplace(resolver(upstream), options);
    }
    std::string addresses(const std::string& host, Family family = Family::any) {
        auto found = wait(client->resolve(host, family));
        if (!found.ok())
            return found.failure().message();
        std::string text;
        for (const Address& address : found.value())
            text += (text.empty() ? "" : " ") + address.host();
        return text;
    }

    FakeServer server{reactor, 53, zone};
    std::optional<Client> client;
};

TEST(DnsClient, LookUps) {
    ClientWorld world;
    auto mx = world.wait(world.client->lookupMailExchange("test"));
    ASSERT_TRUE(mx.ok()) << mx.failure().message();
    ASSERT_EQ(mx.value().answers.size(), 1U);
    const auto exchange = dns::mailExchangeOf(mx.value().answers[0]);
    ASSERT_TRUE(exchange);
    EXPECT_EQ(exchange->preference, 10);
    EXPECT_EQ(exchange->host.toString(), "mail.test.");
    ASSERT_EQ(mx.value().additional.size(), 1U);
    EXPECT_EQ(dns::addressOf(mx.value().additional[0])->host(), "192.0.2.5");

    auto service = world.wait(world.client->lookupService("_http._tcp.test."));
    ASSERT_TRUE(service.ok());
    EXPECT_EQ(dns::serviceOf(service.value().answers.at(0))->port, 80);
    auto text = world.wait(world.client->lookupText("test"));
    EXPECT_EQ(dns::textOf(text.value().answers.at(0)), (std::vector<std::string>{"hello", "world"}));
    auto pointer = world.wait(world.client->getNameByAddress(Address::parse("192.0.2.1", 0).value()));
    EXPECT_EQ(pointer.value().toString(), "www.test.");
    EXPECT_EQ(
        dns::reverseName(Address::parse("2001:db8::1", 0).value()).toString(),
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."
    );
}

TEST(DnsClient, NothingOfTheKindIsNoErrorAndNoSuchNameIsOne) {
    ClientWorld world;
    auto none = world.wait(world.client->lookupIPV6Address("four.test"));
    ASSERT_TRUE(none.ok());
    EXPECT_TRUE(none.value().answers.empty());
    EXPECT_EQ(none.value().authority.size(), 1U);
    for (int i = 0; i < 2; ++i) { // from the server, and from the cache
        const auto error = world.wait(world.client->lookupAddress("no.test"));
        ASSERT_FALSE(error.ok());
        EXPECT_TRUE(error.failure().check<DNSNameError>());
        EXPECT_EQ(error.failure().message(), "no.test. A: NXDOMAIN");
    }
    EXPECT_EQ(world.server.queries.size(), 2U);
    failureResultOf<std::invalid_argument>(world.client->lookupAddress("a..b"));
}

TEST(DnsClient, AliasesAreFollowed) {
    ClientWorld world;
    auto found = world.wait(world.client->lookupAddress("alias.test"));
    ASSERT_TRUE(found.ok()) << found.failure().message();
    ASSERT_EQ(found.value().answers.size(), 2U);
    EXPECT_EQ(found.value().answers[0].type, Type::CNAME);
    EXPECT_EQ(found.value().answers[1].owner.toString(), "www.test.");
    const auto error = world.wait(world.client->lookupAddress("round.test"));
    ASSERT_FALSE(error.ok());
    EXPECT_TRUE(error.failure().check<dns::DNSServerError>()) << error.failure().message();
    EXPECT_EQ(world.server.queries.size(), 4U);
}

TEST(DnsClient, AnswersAreKeptAndGrowOld) {
    ClientWorld world;
    ASSERT_TRUE(world.wait(world.client->lookupAddress("www.test")).ok());
    world.reactor.advance(seconds(100));
    auto found = world.wait(world.client->lookupAddress("www.test"));
    EXPECT_EQ(found.value().answers.at(0).ttl, 200U);
    EXPECT_EQ(world.server.queries.size(), 1U);
}

TEST(DnsClient, HostNames) {
    ClientOptions options;
    options.search = {name("test.")};
    ClientWorld world(options);
    EXPECT_EQ(world.addresses("www.test"), "2001:db8::1 192.0.2.1");
    EXPECT_EQ(world.addresses("www.test", Family::ipv4), "192.0.2.1");
    EXPECT_EQ(world.addresses("www"), "2001:db8::1 192.0.2.1") << "by the search list";
    EXPECT_EQ(world.addresses("www."), "cannot look up 'www.': no such name");
    EXPECT_EQ(world.addresses("four.test"), "192.0.2.4");
    EXPECT_EQ(world.addresses("four.test", Family::ipv6), "cannot look up 'four.test': it has no address");
    EXPECT_EQ(world.addresses("no.test"), "cannot look up 'no.test': no such name");
    EXPECT_EQ(world.addresses("192.0.2.9"), "192.0.2.9");
    EXPECT_EQ(world.addresses("a..b"), "cannot look up 'a..b': the name 'a..b' has an empty label");
    const auto asked = world.server.queries.size();
    EXPECT_EQ(world.addresses("localhost"), "::1 127.0.0.1");
    EXPECT_EQ(world.addresses("my.localhost.", Family::ipv4), "127.0.0.1");
    EXPECT_EQ(world.server.queries.size(), asked) << "RFC 6761";
    EXPECT_EQ(world.wait(world.client->getHostByName("www.test", Family::ipv4)).value().host(), "192.0.2.1");
}

TEST(DnsClient, AFamilyThatIsLateIsNotWaitedFor) {
    ClientWorld world;
    world.server.setScript([](const DnsQuery& query, bool overTcp) -> std::optional<std::string> {
        if (query.question.type == Type::AAAA)
            return std::nullopt;
        return zone(query, overTcp);
    });
    EXPECT_EQ(world.addresses("www.test"), "192.0.2.1");
    EXPECT_LT(world.reactor.elapsed(), milliseconds(100));
    EXPECT_EQ(world.client->resolver().pending(), 0U);
}

TEST(DnsClient, NobodyAnswers) {
    ClientWorld world;
    world.server.setScript([](const DnsQuery&, bool) { return std::nullopt; });
    EXPECT_EQ(
        world.addresses("www.test", Family::ipv4),
        "cannot look up 'www.test': no answer for www.test. A: 127.0.0.1:53 does not answer"
    );
}

TEST(DnsClient, TheHostsFileComesFirst) {
    const std::string path = testing::TempDir() + "dns_client_hosts";
    std::ofstream(path) << "192.0.2.77 www.test mine\n";
    ClientOptions options;
    options.hostsFile = path;
    ClientWorld world(options);
    EXPECT_EQ(world.addresses("www.test"), "192.0.2.77");
    EXPECT_EQ(world.addresses("mine"), "192.0.2.77");
    auto found = world.wait(world.client->lookupAddress("WWW.test."));
    EXPECT_EQ(dns::addressOf(found.value().answers.at(0))->host(), "192.0.2.77");
    EXPECT_TRUE(world.wait(world.client->lookupIPV6Address("mine")).value().answers.empty());
    EXPECT_TRUE(world.server.queries.empty());
    std::remove(path.c_str());
}

TEST(DnsClient, TheSystemsFilesSayWhomToAsk) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, plainAnswers);
    const std::string conf = testing::TempDir() + "dns_client_resolv_conf";
    std::ofstream(conf) << "nameserver 127.0.0.1\nsearch a.test b.test\noptions ndots:2\n";
    const auto client = Client::system(world.reactor, conf, "/nonexistent/hosts");
    ASSERT_TRUE(client.ok()) << client.error().message();
    const auto found = world.wait(client->getHostByName("one.two", Family::ipv4));
    ASSERT_TRUE(found.ok()) << found.failure().message();
    EXPECT_EQ(found.value().host(), "192.0.2.1");
    ASSERT_EQ(server.queries.size(), 1U);
    EXPECT_EQ(dns::Name(server.queries[0].question.name), name("one.two.a.test."));
    std::ofstream(conf) << "nameserver nobody\n";
    EXPECT_EQ(
        Client::system(world.reactor, conf).error().message(),
        conf + ":1: nameserver 'nobody' is no IPv4 or IPv6 address"
    );
    std::remove(conf.c_str());
    EXPECT_FALSE(Client::system(world.reactor, conf).ok());
}

class Nothing final : public Protocol {
    void dataReceived(Bytes) override {}
};

TEST(DnsClient, AReactorConnectsToNamesThatItLooksUp) {
    ClientWorld world;
    world.reactor.installResolver(dns::makeHostResolver(*world.client));
    const auto port = world.reactor.listenTCP(80, makeFactory<Nothing>(), "192.0.2.1");
    auto connected = world.wait(world.reactor.connectTCP("www.test", 80, makeFactory<Nothing>()));
    ASSERT_TRUE(connected.ok()) << connected.failure().message();
    EXPECT_EQ(connected.value()->peer().toString(), "192.0.2.1:80") << "the other family had nobody there";
    const auto unknown = world.wait(world.reactor.connectTCP("no.test", 80, makeFactory<Nothing>()));
    ASSERT_FALSE(unknown.ok());
    EXPECT_TRUE(unknown.failure().check<DNSLookupError>());
    world.client.reset(); // the reactor keeps what it was given, and lets go of it when it ends
}

TEST(DnsClient, CancellingReachesTheNetwork) {
    ClientWorld world;
    world.server.setScript([](const DnsQuery&, bool) { return std::nullopt; });
    auto found = world.client->resolve("www.test");
    world.reactor.advance(milliseconds(10));
    EXPECT_EQ(world.client->resolver().pending(), 2U);
    found.cancel();
    EXPECT_EQ(world.client->resolver().pending(), 0U);
    EXPECT_FALSE(world.wait(std::move(found)).ok());
}

} // namespace

} // namespace twistdpp::test
