// layers: dns_resolver
// Zones fetched by a client (AXFR).
#include "dns_world.h"

#include "support/results.h"
#include "twistdpp/dns_resolver/client.h"
#include "twistdpp/dns_resolver/zone_transfer.h"
#include "twistdpp/reactor/errors.h"

namespace twistdpp::test {

namespace {

using dns::Record;
using dns::Section;

using dns::TransferLimits;
using dns::Type;

/// Sends these messages when asked for a zone, and then closes if told so.
class Primary final : public Int16StringReceiver {
public:
    using Messages = std::function<std::vector<std::string>(const DnsQuery&)>;
    Primary(Messages messages, bool closes)
        : Int16StringReceiver(65535), messages_(std::move(messages)), closes_(closes) {}
    void stringReceived(Bytes data) override {
        const DnsQuery query(data);
        EXPECT_EQ(query.question.type, Type::AXFR);
        for (const std::string& message : messages_(query))
            sendString(message);
        if (closes_)
            transport().loseConnection();
    }

private:
    Messages messages_;
    bool closes_;
};

DnsReply& soa(DnsReply& reply, std::uint32_t serial = 1) {
    return reply.record(Section::answer, "test.", Type::SOA, 60, DnsReply::soaData(60, serial));
}

struct TransferWorld : DnsWorld {
    std::string fetch(Primary::Messages messages, bool closes = true, const TransferLimits& limits = {}) {
        const auto port = reactor.listenTCP(
            53, makeFactory([&](const Address&) -> std::unique_ptr<Protocol> {
                return std::make_unique<Primary>(messages, closes);
            }),
            "127.0.0.1"
        );
        const dns::Client client(resolver(to({53})));
        auto zone = wait(client.lookupZone("test", limits));
        if (!zone.ok())
            return zone.failure().message();
        std::string text;
        for (const Record& record : zone.value())
            text += (text.empty() ? "" : ", ") + record.owner.toString() + " " + dns::typeText(record.type);
        return text;
    }
};

TEST(DnsTransfer, AZoneInManyMessages) {
    TransferWorld world;
    EXPECT_EQ(
        world.fetch([](const DnsQuery& query) {
            DnsReply first(query), second(query), third(query);
            soa(first).a("a.test.", "192.0.2.1");
            second.a("b.test.", "192.0.2.2");
            soa(third);
            return std::vector<std::string>{first, second, third};
        }),
        "test. SOA, a.test. A, b.test. A, test. SOA"
    );
    EXPECT_EQ(
        world.fetch([](const DnsQuery& query) {
            DnsReply all(query);
            soa(soa(all).a("a.test.", "192.0.2.1"));
            return std::vector<std::string>{all};
        }),
        "test. SOA, a.test. A, test. SOA"
    );
}

TEST(DnsTransfer, WhatIsNoZoneIsRefused) {
    TransferWorld world;
    const auto one = [&](std::function<void(DnsReply&)> fill) {
        return world.fetch([fill](const DnsQuery& query) {
            DnsReply reply(query);
            fill(reply);
            return std::vector<std::string>{reply};
        });
    };
    EXPECT_EQ(
        one([](DnsReply& reply) { reply.a("a.test.", "192.0.2.1"); }),
        "transfer of test.: it does not begin with the SOA"
    );
    EXPECT_EQ(
        one([](DnsReply& reply) { soa(soa(reply), 2); }),
        "transfer of test.: it ends with another SOA than it began with"
    );
    EXPECT_EQ(
        one([](DnsReply& reply) { soa(reply).a("a.other.", "192.0.2.1"); }),
        "transfer of test.: a.other. is not in the zone"
    );
    EXPECT_EQ(
        one([](DnsReply& reply) { soa(reply); }),
        "transfer of test.: the connection ended before the zone did (connection closed cleanly)"
    );
    EXPECT_EQ(
        world.fetch([](const DnsQuery& query) {
            return std::vector<std::string>{DnsReply(query, dns::Rcode::refused)};
        }),
        "transfer of test.: REFUSED"
    );
    EXPECT_EQ(
        world.fetch([](const DnsQuery& query) {
            DnsQuery other = query;
            other.id = static_cast<std::uint16_t>(query.id + 1);
            DnsReply reply(other);
            soa(soa(reply));
            return std::vector<std::string>{reply};
        }),
        "transfer of test.: the server sent something that is no answer"
    );
}

TEST(DnsTransfer, IsBounded) {
    TransferWorld world;
    const auto endless = [](const DnsQuery& query) {
        std::vector<std::string> all;
        DnsReply first(query), more(query);
        all.push_back(soa(first));
        for (int i = 0; i < 100; ++i)
            more.a("n" + std::to_string(i) + ".test.", "192.0.2.1");
        for (int i = 0; i < 20; ++i)
            all.push_back(more);
        return all;
    };
    TransferLimits limits;
    limits.records = 150;
    EXPECT_EQ(world.fetch(endless, false, limits), "transfer of test.: it has more than 150 records");
    limits = TransferLimits();
    limits.bytes = 5000;
    EXPECT_EQ(world.fetch(endless, false, limits), "transfer of test.: it is larger than 5000 bytes");
    limits = TransferLimits();
    const auto before = world.reactor.elapsed();
    EXPECT_EQ(world.fetch(endless, false, limits), "transfer of test.: nothing came for too long");
    EXPECT_LT(world.reactor.elapsed() - before, seconds(31));
}

TEST(DnsTransfer, NobodyThereAndCancelling) {
    TransferWorld world;
    const dns::Client client(world.resolver(world.to({53})));
    const auto refused = world.wait(client.lookupZone("test"));
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(refused.failure().check<ConnectError>()) << refused.failure().message();
    auto cancelled = client.lookupZone("test");
    cancelled.cancel();
    failureResultOf<CancelledError>(std::move(cancelled));
    world.reactor.runUntilIdle();
}

} // namespace

} // namespace twistdpp::test
