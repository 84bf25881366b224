// layers: uv
// What the real reactor costs beside the system calls: timers, calls into the loop, and round trips over
// loopback with both ends on one loop.
#include "twistdpp/reactor/reactor.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace twistdpp;
using namespace std::chrono_literals;

std::unique_ptr<Reactor> realReactor() {
    auto made = makeReactor("uv");
    if (!made)
        throw std::runtime_error(made.error().message());
    return *std::move(made);
}

/// A timer that never comes: what each request that has a deadline pays.
void timerSetAndCancel(benchmark::State& state) {
    const auto reactor = realReactor();
    for (auto step : state) {
        static_cast<void>(step);
        const Timer timer = reactor->callLater(30s, [] {});
        benchmark::DoNotOptimize(timer.active());
    }
}
BENCHMARK(timerSetAndCancel);

/// The same for an object that carries its timer, among `range` others.
void timerRearm(benchmark::State& state) {
    const auto reactor = realReactor();
    std::vector<Timer> others;
    for (std::int64_t i = 0; i < state.range(0); ++i)
        others.push_back(reactor->callLater(10s + i * 7ms, [] {}));
    TimerNode node(reactor->timers(), [] {});
    for (auto step : state) {
        static_cast<void>(step);
        node.start(30s);
    }
}
BENCHMARK(timerRearm)->Arg(0)->Arg(100000);

constexpr std::int64_t kCalls = 10000;

/// A function that asks to be called again.
class Again {
public:
    explicit Again(Reactor& reactor) : reactor_(reactor) {}
    void run() {
        left_ = kCalls;
        next();
        reactor_.run();
    }

private:
    void next() {
        reactor_.callSoon([this] {
            if (--left_ > 0)
                next();
            else
                reactor_.stop();
        });
    }

    Reactor& reactor_;
    std::int64_t left_ = 0;
};

void callSoon(benchmark::State& state) {
    const auto reactor = realReactor();
    Again again(*reactor);
    for (auto step : state) {
        static_cast<void>(step);
        again.run();
    }
    state.SetItemsProcessed(state.iterations() * kCalls);
}
BENCHMARK(callSoon);

/// Another thread posts as fast as it can.
void callFromThread(benchmark::State& state) {
    const auto reactor = realReactor();
    for (auto step : state) {
        static_cast<void>(step);
        std::int64_t left = kCalls;
        const std::jthread poster([&] {
            for (std::int64_t i = 0; i < kCalls; ++i)
                reactor->callFromThread([&] {
                    if (--left == 0)
                        reactor->stop();
                });
        });
        reactor->run();
    }
    state.SetItemsProcessed(state.iterations() * kCalls);
}
BENCHMARK(callFromThread)->UseRealTime();

constexpr std::int64_t kTrips = 1000;

class Echo final : public Protocol {
    void dataReceived(Bytes data) override { transport().write(data); }
};

/// Sends a message, waits until it is back, and so on.
class Pinger final : public Protocol {
public:
    explicit Pinger(std::size_t size) : message_(size, 'x') {}
    void begin() {
        left_ = kTrips;
        transport().write(Bytes(message_));
    }

private:
    void dataReceived(Bytes data) override {
        received_ += data.size();
        if (received_ < message_.size())
            return;
        received_ = 0;
        if (--left_ > 0)
            transport().write(Bytes(message_));
        else
            transport().reactor().stop();
    }

    std::string message_;
    std::size_t received_ = 0;
    std::int64_t left_ = 0;
};

/// One connection over loopback TCP; `range` bytes there and back.
void tcpEchoRoundTrip(benchmark::State& state) {
    const auto reactor = realReactor();
    const auto port = reactor->listenTCP(0, makeFactory<Echo>(), "127.0.0.1");
    Pinger* pinger = nullptr;
    const auto factory = makeFactory([&](const Address&) {
        auto made = std::make_unique<Pinger>(static_cast<std::size_t>(state.range(0)));
        pinger = made.get();
        return made;
    });
    reactor->connectTCP("127.0.0.1", port->address().port(), factory)
        .addBoth([&](const Outcome<Transport*>& outcome) {
            if (!outcome)
                state.SkipWithError(outcome.failure().message().c_str());
            reactor->stop();
        })
        .detach();
    reactor->run();
    for (auto step : state) {
        static_cast<void>(step);
        pinger->begin();
        reactor->run();
    }
    state.SetItemsProcessed(state.iterations() * kTrips);
}
BENCHMARK(tcpEchoRoundTrip)->Arg(64)->Arg(16384);

class UdpEcho final : public DatagramProtocol {
    void datagramReceived(Bytes data, const Address& from) override { port().write(data, from); }
};

/// Sends a batch of datagrams and waits until all are back.
class UdpPinger final : public DatagramProtocol {
public:
    UdpPinger(std::int64_t batch, const Address& server) : batch_(batch), server_(server) {}
    void begin() {
        left_ = kTrips / batch_;
        sendBatch();
    }

private:
    void datagramReceived(Bytes, const Address&) override {
        if (--waiting_ > 0)
            return;
        if (--left_ > 0)
            sendBatch();
        else
            port().reactor().stop();
    }
    void sendBatch() {
        waiting_ = batch_;
        for (std::int64_t i = 0; i < batch_; ++i)
            port().write(Bytes(message_), server_);
    }

    std::int64_t batch_;
    Address server_;
    std::string message_ = std::string(64, 'x');
    std::int64_t left_ = 0;
    std::int64_t waiting_ = 0;
};

/// 64 bytes there and back, `range` of them in flight.
void udpEchoBatch(benchmark::State& state) {
    const auto reactor = realReactor();
    UdpEcho echo;
    const auto server = reactor->listenUDP(0, echo, "127.0.0.1");
    UdpPinger pinger(state.range(0), server->address());
    const auto client = reactor->listenUDP(0, pinger, "127.0.0.1");
    // Loopback may drop a datagram, and nobody sends it again.
    bool lost = false;
    Timer patience = reactor->callLater(5s, [&] {
        lost = true;
        reactor->stop();
    });
    for (auto step : state) {
        static_cast<void>(step);
        patience.reset(5s);
        pinger.begin();
        reactor->run();
        if (lost) {
            state.SkipWithError("a datagram was lost");
            break;
        }
    }
    state.SetItemsProcessed(state.iterations() * (kTrips / state.range(0)) * state.range(0));
}
BENCHMARK(udpEchoBatch)->Arg(1)->Arg(32);

} // namespace

BENCHMARK_MAIN();
