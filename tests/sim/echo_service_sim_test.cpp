// layers: app service_echo
#include "twistdpp/app/bound_addresses.h"
#include "twistdpp/app/option_set.h"
#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/service_echo/echo.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gtest/gtest.h>

namespace twistdpp {
namespace {

/// Keeps what it receives.
class Client : public Protocol {
public:
    explicit Client(std::string& received, bool& closed) : received_(received), closed_(closed) {}
    void dataReceived(Bytes data) override { received_ += data; }
    void connectionLost(const Failure&) override { closed_ = true; }

private:
    std::string& received_;
    bool& closed_;
};

/// Answers nothing and does not go by itself.
class Stubborn : public Protocol, public Drainable {
public:
    void dataReceived(Bytes) override {}
    void drain() override {}
    void abort() override { transport().abortConnection(); }
};

/// The echo service as the daemon makes it, in a simulated network of one seed.
class EchoService : public testing::TestWithParam<unsigned> {
protected:
    EchoService() : reactor(options(GetParam())) {}

    static SimOptions options(unsigned seed) {
        SimOptions made;
        made.seed = seed;
        return made;
    }

    void prepare(std::shared_ptr<Factory> factory = {}) {
        const ServiceMaker* maker = Registry<ServiceMaker>::find("echo");
        ASSERT_NE(maker, nullptr);
        config = maker->config();
        config->declare(set);
        ASSERT_TRUE(set.assign(OptionSource::commandLine, "--listen", "tcp:7:interface=127.0.0.1", ""));
        ASSERT_TRUE(set.apply());
        auto made = factory ? serveEndpoint(context, "tcp:7:interface=127.0.0.1", std::move(factory))
                            : maker->make(*config, context);
        ASSERT_TRUE(made) << made.error().message();
        service = std::move(*made);
        EXPECT_TRUE(waitFor(service->privilegedStart()));
    }
    void start(std::shared_ptr<Factory> factory = {}) {
        prepare(std::move(factory));
        EXPECT_TRUE(waitFor(service->start()));
    }
    bool waitFor(Deferred<void> operation) {
        const bool fired = reactor.runUntil([&] { return operation.called(); });
        return fired && std::move(operation).take().ok();
    }
    Transport* connect() {
        auto connecting = reactor.connect(
            ConnectSpec(Address::loopback(7)),
            makeFactory([this](const Address&) -> std::unique_ptr<Protocol> {
                return std::make_unique<Client>(received, closed);
            })
        );
        reactor.runUntil([&] { return connecting.called(); });
        auto outcome = std::move(connecting).take();
        return outcome.ok() ? outcome.value() : nullptr;
    }

    SimReactor reactor;
    Metrics metrics;
    BoundAddresses bound;
    ServiceContext context{reactor, Logger("echo"), metrics, bound, "echo", 0, 1};
    OptionSet set;
    std::unique_ptr<ServiceConfig> config;
    std::unique_ptr<Service> service;
    std::string received;
    bool closed = false;
};

TEST_P(EchoService, SendsBackEveryByteHoweverTheyAreCut) {
    start();
    EXPECT_EQ(bound.summary(), "echo on tcp 127.0.0.1:7");
    std::string sent;
    for (int i = 0; i < 5000; ++i)
        sent += std::to_string(i) + "\n";
    Transport* client = connect();
    ASSERT_NE(client, nullptr);
    client->write(Bytes(sent));
    reactor.runUntil([&] { return received.size() >= sent.size(); });
    EXPECT_EQ(received, sent);
    EXPECT_TRUE(waitFor(service->stop(Drain(std::chrono::seconds(1)))));
}

TEST_P(EchoService, AClientThatComesBeforeTheServiceHasBegunWaits) {
    prepare();
    auto connecting = reactor.connect(
        ConnectSpec(Address::loopback(7)), makeFactory([this](const Address&) -> std::unique_ptr<Protocol> {
            return std::make_unique<Client>(received, closed);
        })
    );
    reactor.advance(std::chrono::seconds(1));
    EXPECT_EQ(service->busyWith(), "");
    EXPECT_TRUE(waitFor(service->start()));
    reactor.runUntil([&] { return connecting.called() && !service->busyWith().empty(); });
    EXPECT_EQ(service->busyWith(), "1 connection");
    EXPECT_TRUE(waitFor(service->stop(Drain(std::chrono::seconds(1)))));
}

TEST_P(EchoService, ClosesItsConnectionsAndTakesNoNewOnesWhenItStops) {
    start();
    ASSERT_NE(connect(), nullptr);
    reactor.runUntil([&] { return !service->busyWith().empty(); });
    EXPECT_EQ(service->busyWith(), "1 connection");
    EXPECT_TRUE(waitFor(service->stop(Drain(std::chrono::seconds(30)))));
    EXPECT_LT(reactor.elapsed(), std::chrono::seconds(30));
    reactor.runUntil([&] { return closed; });
    EXPECT_TRUE(closed);
    EXPECT_EQ(service->busyWith(), "");
    EXPECT_EQ(connect(), nullptr);
}

TEST_P(EchoService, CutsWhatHasNotEndedAtTheLimit) {
    start(makeFactory<Stubborn>());
    ASSERT_NE(connect(), nullptr);
    reactor.runUntil([&] { return !service->busyWith().empty(); });
    const Duration before = reactor.elapsed();
    EXPECT_TRUE(waitFor(service->stop(Drain(std::chrono::seconds(5)))));
    EXPECT_GE(reactor.elapsed() - before, std::chrono::seconds(5));
    EXPECT_LT(reactor.elapsed() - before, std::chrono::seconds(6));
}

TEST_P(EchoService, CutsAtOnceWithoutALimit) {
    start(makeFactory<Stubborn>());
    ASSERT_NE(connect(), nullptr);
    reactor.runUntil([&] { return !service->busyWith().empty(); });
    const Duration before = reactor.elapsed();
    EXPECT_TRUE(waitFor(service->stop(Drain(Duration::zero()))));
    EXPECT_LT(reactor.elapsed() - before, std::chrono::seconds(1));
}

TEST_P(EchoService, SaysWhichPartOfAnEndpointIsWrong) {
    const auto made = serveEndpoint(context, "tcp:http", makeFactory<Stubborn>());
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message().find("http"), std::string::npos) << made.error().message();
}

INSTANTIATE_TEST_SUITE_P(Seeds, EchoService, testing::Range(1u, 21u));

} // namespace
} // namespace twistdpp
