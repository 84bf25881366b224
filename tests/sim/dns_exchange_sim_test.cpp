// layers: dns_resolver
// One question to one server: what is sent, what is believed, and what is done about the rest.
#include "dns_world.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/defer/gather.h"

#include <set>

namespace twistdpp::test {

namespace {

using dns::Flag;
using dns::Rcode;
using dns::Type;

TEST(DnsExchange, AQueryIsUnpredictable) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, plainAnswers);
    const auto resolver = world.resolver(world.to({53}));
    std::set<std::uint16_t> ports, ids;
    std::set<std::string> names;
    constexpr int kQueries = 24;
    for (int i = 0; i < kQueries; ++i)
        EXPECT_EQ(world.addressOf(*resolver, "a-name-with-many-letters.example."), "192.1");
    for (std::size_t i = 0; i < server.queries.size(); ++i) {
        ids.insert(server.queries[i].id);
        ports.insert(server.sources[i].port());
        names.insert(dns::nameText(server.queries[i].question.name));
        EXPECT_EQ(server.queries[i].udpSize, 1232);
        EXPECT_EQ(server.queries[i].flags, Flag::rd);
    }
    EXPECT_EQ(server.queries.size(), static_cast<std::size_t>(kQueries));
    EXPECT_GE(ids.size(), 22U);
    EXPECT_GE(ports.size(), 22U);
    EXPECT_GE(names.size(), 22U) << "0x20";
}

TEST(DnsExchange, WhatIsNoResponseIsIgnored) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, plainAnswers);
    FakeServer liar(world.reactor, 54, plainAnswers);
    server.setScript([&](const DnsQuery& query, bool) -> std::optional<std::string> {
        const Address& to = server.sources.back();
        const std::string evil = DnsReply(query).a(dns::nameText(query.question.name), "6.6.6.6");
        liar.send(evil, to); // from another address
        std::string other = evil;
        other[0] = static_cast<char>(other[0] ^ 1); // with another id
        server.send(other, to);
        other = evil;
        other[2] = static_cast<char>(other[2] & 0x7f); // no response
        server.send(other, to);
        other = evil;
        other[12 + query.question.name.wire().size() + 1] = 28; // another type
        server.send(other, to);
        DnsQuery elsewhere = query;
        elsewhere.question.name.assign(name("other.test."));
        server.send(DnsReply(elsewhere).a("other.test.", "6.6.6.6"), to); // another name
        server.send(evil.substr(0, evil.size() - 3), to);                 // cut short
        server.send("x", to);
        return plainAnswers(query, false);
    });
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "www.test."), "192.1");
    EXPECT_EQ(server.queries.size(), 1U);
}

TEST(DnsExchange, AForgedAnswerInAnotherCaseIsAskedAboutOverTcp) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, plainAnswers);
    server.setScript([&](const DnsQuery& query, bool overTcp) -> std::optional<std::string> {
        if (overTcp)
            return plainAnswers(query, true);
        // Someone who knows all but the case.
        DnsQuery guess = query;
        const std::string lower = ascii::toLower(query.question.name.wire());
        guess.question.name.assign(lower);
        return DnsReply(guess).a(dns::nameText(lower), "6.6.6.6");
    });
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "a.name.with.letters.test."), "192.1");
    EXPECT_EQ(server.tcpQueries.size(), 1U);
}

TEST(DnsExchange, AServerThatLowersTheCaseIsRememberedOnceConfirmed) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, plainAnswers);
    server.setScript([&](const DnsQuery& query, bool) -> std::optional<std::string> {
        DnsQuery lowered = query;
        const std::string lower = ascii::toLower(query.question.name.wire());
        lowered.question.name.assign(lower);
        return plainAnswers(lowered, false);
    });
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "one.of.some.names.test."), "192.1");
    EXPECT_EQ(server.tcpQueries.size(), 1U);
    EXPECT_EQ(world.addressOf(*resolver, "Two.of.some.names.test."), "192.1");
    EXPECT_EQ(server.tcpQueries.size(), 1U) << "the case is not played with any more";
    EXPECT_EQ(server.queries.size(), 2U);
}

TEST(DnsExchange, TruncationIsFollowedByTcpOverOneConnection) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, [](const DnsQuery& query, bool overTcp) {
        const std::string owner = dns::nameText(query.question.name);
        return overTcp ? DnsReply(query).a(owner, "192.0.2.7").bytes()
                       : DnsReply(query).flags(Flag::tc).bytes();
    });
    const auto resolver = world.resolver(world.to({53}));
    std::vector<Deferred<dns::AnswerRef>> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(resolver->query(name("n" + std::to_string(i) + ".test."), Type::A));
    auto found = world.wait(gather(std::move(all)));
    ASSERT_TRUE(found.ok()) << found.failure().message();
    EXPECT_EQ(server.tcpQueries.size(), 20U);
    EXPECT_EQ(server.connections, 1);
    EXPECT_EQ(world.addressOf(*resolver, "again.test."), "192.7");
    EXPECT_EQ(server.connections, 1);
    EXPECT_TRUE(resolver->servers()[0]->tcp().connected());
    world.reactor.advance(seconds(11));
    EXPECT_FALSE(resolver->servers()[0]->tcp().connected()) << "idle connections are closed";
    EXPECT_EQ(world.addressOf(*resolver, "later.test."), "192.7");
    EXPECT_EQ(server.connections, 2);
}

TEST(DnsExchange, AConnectionThatTheServerClosesIsMadeAgain) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, [](const DnsQuery& query, bool overTcp) {
        return overTcp ? plainAnswers(query, true) : DnsReply(query).flags(Flag::tc).bytes();
    });
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "one.test."), "192.1");
    // The next query is on its way when the connection goes.
    auto next = resolver->query(name("two.test."), Type::A);
    world.reactor.runUntil([&] { return resolver->servers()[0]->tcp().pending() == 1; });
    world.reactor.dropConnections();
    EXPECT_EQ(DnsWorld::shown(world.wait(std::move(next))), "192.1");
    EXPECT_EQ(server.connections, 2);
}

TEST(DnsExchange, AConnectionOverWhichNothingComesIsGivenUp) {
    DnsWorld world;
    bool mute = false;
    FakeServer server(
        world.reactor, 53,
        [&](const DnsQuery& query, bool overTcp) -> std::optional<std::string> {
            if (overTcp && mute)
                return std::nullopt;
            return overTcp ? plainAnswers(query, true) : DnsReply(query).flags(Flag::tc).bytes();
        }
    );
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "one.test."), "192.1");
    mute = true;
    EXPECT_NE(world.addressOf(*resolver, "two.test."), "192.1");
    mute = false;
    EXPECT_EQ(world.addressOf(*resolver, "three.test."), "192.1");
    EXPECT_GE(server.connections, 2);
}

TEST(DnsExchange, EdnsIsLeftOutForWhoDoesNotKnowIt) {
    for (const bool headerOnly : {false, true}) {
        for (const Rcode code : {Rcode::formErr, Rcode::notImp}) {
            DnsWorld world;
            FakeServer server(world.reactor, 53, [&](const DnsQuery& query, bool) {
                if (!query.udpSize)
                    return plainAnswers(query, false);
                std::string reply = DnsReply(query, code);
                if (headerOnly) {
                    reply.resize(12);
                    dns::put16(&reply[4], 0);
                }
                return std::optional(reply);
            });
            const auto resolver = world.resolver(world.to({53}));
            EXPECT_EQ(world.addressOf(*resolver, "one.test."), "192.1");
            EXPECT_EQ(server.queries.size(), 2U);
            EXPECT_EQ(world.addressOf(*resolver, "two.test."), "192.1");
            EXPECT_EQ(server.queries.size(), 3U) << "it is remembered";
            world.reactor.advance(std::chrono::hours(1));
            EXPECT_EQ(world.addressOf(*resolver, "three.test."), "192.1");
            EXPECT_EQ(server.queries.size(), 5U) << "but not for ever";
        }
    }
}

TEST(DnsExchange, CookiesComeBack) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, plainAnswers);
    const std::string mine = "0123456789abcdef";
    server.setScript([&](const DnsQuery& query, bool) -> std::optional<std::string> {
        const std::string owner = dns::nameText(query.question.name);
        const std::string client = query.cookie.substr(0, 8);
        // Answers without the right cookie are forged: they are not to be believed once there was one.
        if (query.cookie.size() > 8) {
            server.send(DnsReply(query).a(owner, "6.6.6.6"), server.sources.back());
            server.send(DnsReply(query).a(owner, "6.6.6.6").cookie("ABCDEFGH" + mine), server.sources.back());
        }
        return DnsReply(query).a(owner, "192.0.2.1").cookie(client + mine);
    });
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "one.test."), "192.1");
    EXPECT_EQ(world.addressOf(*resolver, "two.test."), "192.1");
    ASSERT_EQ(server.queries.size(), 2U);
    EXPECT_EQ(server.queries[0].cookie.size(), 8U);
    EXPECT_EQ(server.queries[1].cookie, server.queries[0].cookie + mine);
}

TEST(DnsExchange, AServerThatGivesNoCookiesAnyMoreIsBelievedAfterATime) {
    DnsWorld world;
    bool cookies = true;
    FakeServer server(world.reactor, 53, [&](const DnsQuery& query, bool) -> std::optional<std::string> {
        const std::string owner = dns::nameText(query.question.name);
        if (!cookies)
            return DnsReply(query).a(owner, "192.0.2.1");
        return DnsReply(query).a(owner, "192.0.2.1").cookie(query.cookie.substr(0, 8) + "12345678");
    });
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "one.test."), "192.1");
    cookies = false;
    EXPECT_EQ(world.addressOf(*resolver, "two.test."), "192.1");
    EXPECT_EQ(server.queries.size(), 3U);
}

TEST(DnsExchange, BadCookieIsAskedAgainWithTheRightOne) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, [](const DnsQuery& query, bool) -> std::optional<std::string> {
        const std::string cookie = query.cookie.substr(0, 8) + "12345678";
        if (query.cookie != cookie)
            return DnsReply(query, static_cast<Rcode>(23 & 15)).cookie(cookie, 1);
        return DnsReply(query).a(dns::nameText(query.question.name), "192.0.2.1").cookie(cookie);
    });
    const auto resolver = world.resolver(world.to({53}));
    EXPECT_EQ(world.addressOf(*resolver, "one.test."), "192.1");
    EXPECT_EQ(server.queries.size(), 2U);
}

TEST(DnsExchange, AServerWithOneTrickAfterTheOtherIsGivenUp) {
    DnsWorld world;
    FakeServer server(world.reactor, 53, [](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query, static_cast<Rcode>(23 & 15)).cookie(query.cookie.substr(0, 8) + "12345678", 1);
    });
    const auto resolver = world.resolver(world.to({53}));
    const auto outcome = world.wait(resolver->query(name("www.test."), Type::A));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<dns::NoAnswerError>());
    EXPECT_LE(server.queries.size() + server.tcpQueries.size(), 20U);
}

} // namespace

} // namespace twistdpp::test
