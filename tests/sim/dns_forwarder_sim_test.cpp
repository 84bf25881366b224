// layers: dns_resolver
// What a forwarding server gives its clients: from the network, from the cache, from what is too old.
#include "dns_world.h"

#include "twistdpp/dns_resolver/forwarder.h"
#include "twistdpp/dns_resolver/own_address.h"

namespace twistdpp::test {

namespace {

using dns::Asked;
using dns::Ede;
using dns::Flag;
using dns::ForwardQuery;
using dns::ForwardReply;
using dns::Rcode;
using dns::Type;

/// One reply, taken apart.
struct Seen {
    std::string message;
    Rcode rcode = Rcode::noError;
    std::optional<Ede> ede;
    bool cached = false;
    std::uint32_t ttl = 0; // of the first record
    std::string address;   // "a.d" of the first A

    std::uint16_t flags() const { return dns::get16(&message[2]); }
};

struct ForwarderWorld : DnsWorld {
    explicit ForwarderWorld(dns::ForwarderOptions options = dns::ForwarderOptions()) {
        auto upstream = to({53});
        upstream.exchange.wantAuthenticated = options.trustUpstream;
        forwarder = std::move(dns::Forwarder::make(resolver(upstream), std::move(options))).value();
    }

    Seen ask(Bytes text, Type type = Type::A, std::function<void(ForwardQuery&)> change = {}) {
        std::optional<Seen> seen;
        send(text, type, std::move(change), [&](const Seen& reply) { seen = reply; });
        EXPECT_TRUE(reactor.runUntil([&] { return seen.has_value(); })) << text;
        return seen.value_or(Seen());
    }
    void
    send(Bytes text, Type type, std::function<void(ForwardQuery&)> change, std::function<void(Seen)> done) {
        const dns::Name owner = name(text);
        ForwardQuery query(77, Asked(owner.wire(), type));
        if (change)
            change(query);
        forwarder->forward(query, [done](const ForwardReply& reply) {
            Seen seen;
            seen.message = reply.message;
            seen.rcode = reply.rcode;
            seen.ede = reply.ede;
            seen.cached = reply.cached;
            dns::MessageReader reader(seen.message);
            EXPECT_EQ(reader.id(), 77);
            dns::Question question;
            EXPECT_TRUE(reader.nextQuestion(question));
            dns::RecordView record;
            for (bool first = true; reader.nextRecord(record); first = false) {
                EXPECT_NE(record.type, Type::OPT);
                if (first)
                    seen.ttl = record.ttl;
                if (record.type == Type::A)
                    seen.address = std::to_string(static_cast<unsigned char>(record.rdata[0])) + "." +
                                   std::to_string(static_cast<unsigned char>(record.rdata[3]));
            }
            EXPECT_FALSE(reader.malformed());
            done(seen);
        });
    }

    std::unique_ptr<dns::Forwarder> forwarder;
    FakeServer server{reactor, 53, plainAnswers};
};

TEST(DnsForwarder, AnswersFromTheNetworkAndThenFromTheCache) {
    ForwarderWorld world;
    Seen seen = world.ask("www.test.");
    EXPECT_EQ(seen.address, "192.1");
    EXPECT_EQ(seen.ttl, 300U);
    EXPECT_FALSE(seen.cached);
    EXPECT_EQ(seen.flags(), Flag::qr | Flag::rd | Flag::ra);
    EXPECT_FALSE(seen.ede);
    world.reactor.advance(seconds(100));
    seen = world.ask("WWW.Test.", Type::A, [](ForwardQuery& query) { query.asked.checkingDisabled = false; });
    EXPECT_TRUE(seen.cached);
    EXPECT_EQ(seen.address, "192.1");
    EXPECT_EQ(seen.ttl, 200U);
    EXPECT_EQ(seen.message.substr(12, 10), std::string("\3WWW\4Test\0", 10)) << "in the asker's case";
    EXPECT_EQ(world.server.queries.size(), 1U);
    world.reactor.advance(seconds(200));
    EXPECT_FALSE(world.ask("www.test.").cached);
    EXPECT_EQ(world.server.queries.size(), 2U);
    EXPECT_EQ(world.forwarder->statistics().hits, 1U);
    EXPECT_EQ(world.forwarder->waiting(), 0U);
}

TEST(DnsForwarder, DenialsAreKeptToo) {
    ForwarderWorld world;
    world.server.setScript([](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query, Rcode::nxDomain).soa("test.", 900, 60);
    });
    Seen seen = world.ask("no.test.");
    EXPECT_EQ(seen.rcode, Rcode::nxDomain);
    EXPECT_EQ(seen.ttl, 60U);
    world.reactor.advance(seconds(30));
    seen = world.ask("no.test.");
    EXPECT_TRUE(seen.cached);
    EXPECT_EQ(seen.rcode, Rcode::nxDomain);
    EXPECT_EQ(seen.flags() & Flag::rcodeMask, 3);
    EXPECT_EQ(seen.ttl, 30U);
    world.reactor.advance(seconds(30));
    EXPECT_FALSE(world.ask("no.test.").cached);
}

TEST(DnsForwarder, FlagsAreTheClients) {
    ForwarderWorld world;
    world.server.setScript([](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query).a(dns::nameText(query.question.name), "192.0.2.1").flags(Flag::ad | Flag::aa);
    });
    const auto eager = [](ForwardQuery& query) {
        query.wantsAuthenticated = true;
        query.asked.dnssecOk = true;
        query.asked.checkingDisabled = true;
    };
    EXPECT_EQ(world.ask("www.test.", Type::A, eager).flags(), Flag::qr | Flag::rd | Flag::ra | Flag::cd)
        << "no AD from who is not trusted";
    EXPECT_TRUE(world.server.queries.back().dnssecOk);
    EXPECT_EQ(world.server.queries.back().flags, Flag::rd | Flag::cd);

    dns::ForwarderOptions trusting;
    trusting.trustUpstream = true;
    ForwarderWorld other(trusting);
    other.server.setScript([](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query).a(dns::nameText(query.question.name), "192.0.2.1").flags(Flag::ad);
    });
    EXPECT_EQ(other.ask("www.test.").flags() & Flag::ad, 0) << "nor for who does not want it";
    EXPECT_EQ(
        other.ask(
                 "www.test.", Type::A, [](ForwardQuery& query) { query.wantsAuthenticated = true; }
        ).flags() &
            Flag::ad,
        Flag::ad
    );
    EXPECT_EQ(other.server.queries.back().flags, Flag::rd | Flag::ad);
}

TEST(DnsForwarder, WhenNobodyAnswers) {
    ForwarderWorld world;
    world.server.setScript([](const DnsQuery&, bool) { return std::nullopt; });
    Seen seen = world.ask("www.test.");
    EXPECT_EQ(seen.rcode, Rcode::servFail);
    EXPECT_EQ(seen.ede, Ede::noReachableAuthority);
    EXPECT_EQ(seen.message.size(), 12U + 10 + 4);
    const auto asked = world.server.queries.size();
    seen = world.ask("www.test.");
    EXPECT_EQ(seen.rcode, Rcode::servFail);
    EXPECT_EQ(seen.ede, Ede::cachedError);
    EXPECT_EQ(world.server.queries.size(), asked) << "the failure is remembered for a moment";
    world.reactor.advance(seconds(6));
    world.server.setScript(plainAnswers);
    EXPECT_EQ(world.ask("www.test.").address, "192.1");
}

TEST(DnsForwarder, WhenTheNetworkSaysNo) {
    ForwarderWorld world;
    world.server.setScript([](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query).flags(Flag::tc);
    });
    const Seen seen = [&] {
        std::optional<Seen> reply;
        world.send("www.test.", Type::A, {}, [&](const Seen& one) { reply = one; });
        world.reactor.runUntil([&] { return !world.server.queries.empty(); });
        world.server.die(); // nobody listens at the TCP port
        world.reactor.runUntil([&] { return reply.has_value(); });
        return reply.value_or(Seen());
    }();
    EXPECT_EQ(seen.rcode, Rcode::servFail);
    EXPECT_EQ(seen.ede, Ede::networkError);
}

TEST(DnsForwarder, OldAnswersAreBetterThanNone) {
    ForwarderWorld world;
    EXPECT_EQ(world.ask("www.test.").address, "192.1");
    world.server.setScript([](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query, Rcode::nxDomain).soa("test.", 60, 60);
    });
    EXPECT_EQ(world.ask("no.test.").rcode, Rcode::nxDomain);
    world.server.setScript([](const DnsQuery&, bool) { return std::nullopt; });
    world.reactor.advance(seconds(400));
    const auto before = world.reactor.elapsed();
    Seen seen = world.ask("www.test.");
    EXPECT_EQ(seen.address, "192.1");
    EXPECT_EQ(seen.ttl, 30U);
    EXPECT_EQ(seen.ede, Ede::staleAnswer);
    EXPECT_EQ(world.reactor.elapsed() - before, milliseconds(1800)) << "RFC 8767's client response timer";
    seen = world.ask("no.test.");
    EXPECT_EQ(seen.rcode, Rcode::nxDomain);
    EXPECT_EQ(seen.ede, Ede::staleNxdomain);
    // Once the look-up has failed the servers are left in peace for a while.
    world.reactor.advance(seconds(15));
    const auto asked = world.server.queries.size();
    seen = world.ask("www.test.");
    EXPECT_EQ(seen.ede, Ede::staleAnswer);
    EXPECT_EQ(world.server.queries.size(), asked);
    // They are back.
    world.server.setScript(plainAnswers);
    world.reactor.advance(seconds(90));
    seen = world.ask("www.test.");
    EXPECT_EQ(seen.ttl, 300U);
    EXPECT_FALSE(seen.ede);
    // Nothing is given for ever.
    world.server.setScript([](const DnsQuery&, bool) { return std::nullopt; });
    world.reactor.advance(std::chrono::hours(30));
    EXPECT_EQ(world.ask("www.test.").rcode, Rcode::servFail);
}

TEST(DnsForwarder, AnOldAnswerIsGivenForServfailAndTheNewOneComesLater) {
    ForwarderWorld world;
    world.ask("www.test.");
    world.reactor.advance(seconds(400));
    world.server.setScript([](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query, Rcode::servFail);
    });
    EXPECT_EQ(world.ask("www.test.").ede, Ede::staleAnswer);
    world.reactor.advance(seconds(60));
    // A slow server: the client gets the old answer, the next one the new.
    world.server.setScript([](const DnsQuery&, bool) { return std::nullopt; });
    EXPECT_EQ(world.ask("www.test.").ede, Ede::staleAnswer);
    const DnsQuery& last = world.server.queries.back();
    world.server.send(
        DnsReply(last).a(dns::nameText(last.question.name), "192.0.2.9"), world.server.sources.back()
    );
    world.reactor.advance(seconds(1));
    EXPECT_EQ(world.ask("www.test.").address, "192.9");
}

TEST(DnsForwarder, ServfailWithoutAnythingOldIsPassedOn) {
    ForwarderWorld world;
    world.server.setScript([](const DnsQuery& query, bool) -> std::optional<std::string> {
        return DnsReply(query, Rcode::refused);
    });
    const Seen seen = world.ask("www.test.");
    EXPECT_EQ(seen.rcode, Rcode::refused);
    EXPECT_FALSE(seen.ede);
}

TEST(DnsForwarder, WithoutRecursionOnlyWhatIsKnown) {
    ForwarderWorld world;
    const auto plain = [](ForwardQuery& query) { query.recursionDesired = false; };
    Seen seen = world.ask("www.test.", Type::A, plain);
    EXPECT_EQ(seen.rcode, Rcode::refused);
    EXPECT_EQ(seen.ede, Ede::notAuthoritative);
    EXPECT_TRUE(world.server.queries.empty());
    world.ask("www.test.");
    seen = world.ask("www.test.", Type::A, plain);
    EXPECT_EQ(seen.address, "192.1");
    EXPECT_EQ(seen.flags(), Flag::qr | Flag::ra);
}

TEST(DnsForwarder, TransfersAreNotForwarded) {
    ForwarderWorld world;
    for (const Type type : {Type::AXFR, Type::IXFR, Type::OPT, Type::TSIG, Type::TKEY, Type::none}) {
        const Seen seen = world.ask("test.", type);
        EXPECT_EQ(seen.rcode, Rcode::notImp) << dns::typeText(type);
        EXPECT_EQ(seen.ede, Ede::notSupported);
    }
    EXPECT_TRUE(world.server.queries.empty());
}

TEST(DnsForwarder, ManyClientsOneQuery) {
    ForwarderWorld world;
    int told = 0;
    for (int i = 0; i < 100; ++i)
        world.send("www.test.", Type::A, {}, [&](const Seen& seen) { told += seen.address == "192.1"; });
    EXPECT_EQ(world.forwarder->waiting(), 100U);
    world.reactor.runUntilIdle(seconds(5));
    EXPECT_EQ(told, 100);
    EXPECT_EQ(world.server.queries.size(), 1U);
    EXPECT_EQ(world.forwarder->waiting(), 0U);
}

TEST(DnsForwarder, TheNumberOfClientsIsBounded) {
    dns::ForwarderOptions few;
    few.maxClients = 3;
    ForwarderWorld world(few);
    int refused = 0;
    for (int i = 0; i < 10; ++i)
        world.send("n" + std::to_string(i) + ".test.", Type::A, {}, [&](const Seen& seen) {
            refused += seen.ede == Ede::notReady;
        });
    EXPECT_EQ(refused, 7);
    world.reactor.runUntilIdle(seconds(5));
    EXPECT_EQ(world.forwarder->waiting(), 0U);
}

TEST(DnsForwarder, AQuestionOfItsOwnThatComesBackIsALoop) {
    ForwarderWorld world;
    std::vector<Seen> looped;
    // The server hands the question to this forwarder, as one does that is configured to forward to it.
    world.server.setScript([&](const DnsQuery& query, bool) -> std::optional<std::string> {
        const Address from = world.server.sources.back();
        ForwardQuery back(query.id, Asked(query.question.name, query.question.type));
        back.from = &from;
        world.forwarder->forward(back, [&](const ForwardReply& reply) {
            Seen seen;
            seen.rcode = reply.rcode;
            looped.push_back(seen);
        });
        return DnsReply(query, Rcode::servFail);
    });
    EXPECT_EQ(world.ask("www.test.").rcode, Rcode::servFail);
    ASSERT_FALSE(looped.empty());
    EXPECT_EQ(looped[0].rcode, Rcode::servFail);
    EXPECT_EQ(world.forwarder->statistics().loops, looped.size());
}

TEST(DnsForwarder, DoesNotForwardToItself) {
    DnsWorld world;
    const auto refused = [&](const Address& listening) {
        dns::ForwarderOptions options;
        options.listening = {listening};
        const auto made = dns::Forwarder::make(world.resolver(world.to({53})), options);
        return made.ok() ? std::string() : made.error().message();
    };
    EXPECT_EQ(
        refused(Address::loopback(53)), "the server to forward to, 127.0.0.1:53, is this one itself, which "
                                        "listens on 127.0.0.1:53: name another one"
    );
    EXPECT_NE(refused(Address::anyIpv4(53)), "");
    EXPECT_NE(refused(Address::anyIpv6(53)), "");
    EXPECT_EQ(refused(Address::anyIpv4(5353)), "");
    EXPECT_EQ(refused(Address::parse("192.0.2.1", 53).value()), "");
    EXPECT_FALSE(dns::reachesOwn(Address::parse("192.0.2.1", 53).value(), Address::anyIpv4(53)));
}

TEST(DnsForwarder, MayBeDestroyedWhileClientsWait) {
    ForwarderWorld world;
    int told = 0;
    world.send("a.test.", Type::A, {}, [&](const Seen&) {
        ++told;
        world.forwarder.reset();
    });
    world.send("b.test.", Type::A, {}, [&](const Seen&) { ++told; });
    world.reactor.runUntilIdle(seconds(20));
    EXPECT_EQ(told, 1);
}

} // namespace

} // namespace twistdpp::test
