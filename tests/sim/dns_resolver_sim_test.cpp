// layers: dns_resolver
// A question and several servers: loss, failover, health, sharing.
#include "dns_world.h"

#include "support/results.h"
#include "twistdpp/defer/gather.h"

#include <set>

namespace twistdpp::test {

namespace {

using dns::Rcode;
using dns::Type;

FakeServer::Script answerWith(Bytes address) {
    return [text = std::string(address)](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query).a(dns::nameText(query.question.name), text);
    };
}
std::optional<std::string> silence(const DnsQuery&, bool) {
    return std::nullopt;
}
FakeServer::Script refuse(Rcode code) {
    return
        [code](const DnsQuery& query, bool) -> std::optional<std::string> { return DnsReply(query, code); };
}

TEST(DnsResolver, ADeadFirstServerCostsLittle) {
    DnsWorld world;
    FakeServer second(world.reactor, 54, answerWith("192.0.2.2"));
    FakeServer first(world.reactor, 53, silence);
    const auto resolver = world.resolver(world.to({53, 54}));
    EXPECT_EQ(world.addressOf(*resolver, "a.test."), "192.2");
    EXPECT_LT(world.reactor.elapsed(), seconds(1));
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(world.addressOf(*resolver, "b" + std::to_string(i) + ".test."), "192.2");
    EXPECT_EQ(first.queries.size(), 3U) << "after three in a row it is left alone";
    EXPECT_FALSE(resolver->servers()[0]->healthy());
    // Later a query goes to both: nobody waits for the dead one.
    world.reactor.advance(seconds(3));
    const auto before = world.reactor.elapsed();
    EXPECT_EQ(world.addressOf(*resolver, "c.test."), "192.2");
    EXPECT_LT(world.reactor.elapsed() - before, milliseconds(100));
    // It is back: it is found out, and is asked first again.
    first.setScript(answerWith("192.0.2.1"));
    world.reactor.advance(seconds(61));
    world.addressOf(*resolver, "d.test.");
    world.reactor.advance(seconds(1));
    EXPECT_TRUE(resolver->servers()[0]->healthy());
    const auto asked = second.queries.size();
    EXPECT_EQ(world.addressOf(*resolver, "e.test."), "192.1");
    EXPECT_EQ(second.queries.size(), asked);
}

TEST(DnsResolver, NobodyAnswers) {
    DnsWorld world;
    FakeServer first(world.reactor, 53, silence);
    const auto resolver = world.resolver(world.to({53, 54}));
    const auto outcome = world.wait(resolver->query(name("www.test."), Type::A));
    ASSERT_FALSE(outcome.ok());
    const auto* const error = outcome.failure().as<dns::NoAnswerError>();
    ASSERT_TRUE(error);
    EXPECT_EQ(outcome.failure().message(), "no answer for www.test. A: 127.0.0.1:53 does not answer");
    EXPECT_FALSE(error->network());
    EXPECT_LE(world.reactor.elapsed(), resolver->options().limit);
    EXPECT_LE(first.queries.size(), 4U);
    EXPECT_EQ(resolver->pending(), 0U);
}

TEST(DnsResolver, ALateAnswerIsAnAnswer) {
    SimOptions slow = SimOptions::calm();
    slow.minLatency = slow.maxLatency = milliseconds(1500); // one way
    DnsWorld world(slow);
    FakeServer server(world.reactor, 53, answerWith("192.0.2.1"));
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "www.test."), "192.1");
    EXPECT_EQ(world.reactor.elapsed(), seconds(3));
}

TEST(DnsResolver, LossIsMadeUpFor) {
    SimOptions lossy(7);
    lossy.loss = 0.3;
    lossy.duplicate = 0.2;
    lossy.reorder = 0.2;
    DnsWorld world(lossy);
    FakeServer server(world.reactor, 53, answerWith("192.0.2.1"));
    FakeServer other(world.reactor, 54, answerWith("192.0.2.1"));
    auto options = world.to({53, 54});
    options.order = dns::ServerOrder::rotate;
    const auto resolver = world.resolver(options);
    int answered = 0;
    for (int i = 0; i < 200; ++i)
        answered += world.addressOf(*resolver, "n" + std::to_string(i) + ".test.") == "192.1";
    EXPECT_GE(answered, 199); // eight tries, each with a chance of one half
    EXPECT_EQ(resolver->pending(), 0U);
}

TEST(DnsResolver, ErrorsOfOneServerAreNotTheLastWord) {
    for (const Rcode code : {Rcode::servFail, Rcode::refused, Rcode::notImp, Rcode::formErr}) {
        DnsWorld world;
        FakeServer first(world.reactor, 53, refuse(code));
        FakeServer second(world.reactor, 54, answerWith("192.0.2.2"));
        const auto resolver = world.resolver(world.to({53, 54}));
        EXPECT_EQ(world.addressOf(*resolver, "www.test."), "192.2") << dns::rcodeText(code);
        second.die();
        EXPECT_EQ(world.addressOf(*resolver, "other.test."), dns::rcodeText(code)) << "better than nothing";
    }
    DnsWorld world;
    FakeServer first(world.reactor, 53, [](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query, Rcode::nxDomain).soa("test.");
    });
    FakeServer second(world.reactor, 54, answerWith("192.0.2.2"));
    const auto resolver = world.resolver(world.to({53, 54}));
    EXPECT_EQ(world.addressOf(*resolver, "www.test."), "NXDOMAIN");
    EXPECT_EQ(second.queries.size(), 0U) << "that a name is not there is an answer";
}

TEST(DnsResolver, AReferralIsNoAnswer) {
    DnsWorld world;
    FakeServer first(world.reactor, 53, [](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query).record(dns::Section::authority, "test.", Type::NS, 60, name("ns.test."));
    });
    FakeServer second(world.reactor, 54, answerWith("192.0.2.2"));
    const auto resolver = world.resolver(world.to({53, 54}));
    EXPECT_EQ(world.addressOf(*resolver, "www.test."), "192.2");
}

TEST(DnsResolver, EqualQuestionsShareALookUp) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, answerWith("192.0.2.1"));
    const auto resolver = world.resolver(world.to({53}));
    std::vector<Deferred<dns::AnswerRef>> all;
    for (const Bytes text : {"www.test.", "WWW.TEST.", "www.test."})
        all.push_back(resolver->query(name(text), Type::A));
    all.push_back(resolver->query(name("www.test."), Type::AAAA));
    EXPECT_EQ(resolver->pending(), 2U);
    auto dropped = resolver->query(name("www.test."), Type::A);
    dropped.cancel();
    const auto found = world.wait(gather(std::move(all)));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(server.queries.size(), 2U);
    EXPECT_EQ(found.value()[0], found.value()[1]);
    EXPECT_TRUE(world.wait(std::move(dropped)).failure().check<CancelledError>());
}

TEST(DnsResolver, CancellingTheLastOneStopsTheLookUp) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, silence);
    const auto resolver = world.resolver(world.to({53}));
    auto one = resolver->query(name("www.test."), Type::A);
    auto two = resolver->query(name("www.test."), Type::A);
    one.cancel();
    EXPECT_EQ(resolver->pending(), 1U);
    two.cancel();
    EXPECT_EQ(resolver->pending(), 0U);
    world.reactor.advance(seconds(20));
    EXPECT_LE(server.queries.size(), 1U);
    EXPECT_TRUE(world.wait(std::move(one)).failure().check<CancelledError>());
    EXPECT_TRUE(world.wait(std::move(two)).failure().check<CancelledError>());
}

TEST(DnsResolver, WhoeverIsToldMayDestroyIt) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, answerWith("192.0.2.1"));
    auto resolver = world.resolver(world.to({53, 54}));
    int told = 0;
    auto end = [&](const Outcome<dns::AnswerRef>&) {
        ++told;
        resolver.reset();
    };
    auto one = resolver->query(name("www.test."), Type::A).addBoth(end);
    auto two = resolver->query(name("www.test."), Type::A).addBoth(end);
    auto three = resolver->query(name("other.test."), Type::A).addBoth(end);
    world.reactor.runUntilIdle();
    EXPECT_EQ(told, 3);
}

TEST(DnsResolver, OrdersOfServers) {
    DnsWorld world;
    FakeServer first(world.reactor, 53, answerWith("192.0.2.1"));
    FakeServer second(world.reactor, 54, answerWith("192.0.2.2"));
    auto options = world.to({53, 54});
    options.order = dns::ServerOrder::rotate;
    const auto resolver = world.resolver(options);
    EXPECT_EQ(world.addressOf(*resolver, "a.test."), "192.1");
    EXPECT_EQ(world.addressOf(*resolver, "b.test."), "192.2");
    EXPECT_EQ(world.addressOf(*resolver, "c.test."), "192.1");
}

TEST(DnsResolver, SocketsAreBounded) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, answerWith("192.0.2.1"));
    auto options = world.to({53});
    options.maxSockets = 4;
    options.maxLookups = 50;
    const auto resolver = world.resolver(options);
    std::vector<Deferred<dns::AnswerRef>> all;
    for (int i = 0; i < 50; ++i)
        all.push_back(resolver->query(name("n" + std::to_string(i) + ".test."), Type::A));
    failureResultOf<dns::NoAnswerError>(resolver->query(name("one-more.test."), Type::A));
    EXPECT_TRUE(world.wait(gather(std::move(all))).ok());
    std::set<std::uint16_t> ports;
    for (const Address& source : server.sources)
        ports.insert(source.port());
    EXPECT_LE(ports.size(), 4U);
}

TEST(DnsResolver, OptionsAreChecked) {
    DnsWorld world;
    EXPECT_FALSE(dns::Resolver::make(world.reactor, world.to({})).ok());
    EXPECT_FALSE(dns::Resolver::make(world.reactor, world.to({0})).ok());
}

} // namespace

} // namespace twistdpp::test
