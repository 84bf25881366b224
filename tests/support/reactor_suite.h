#pragma once
// What every reactor must do, written once and run on each: REACTOR_TEST bodies are in the reactor_suite_*.h
// files beside this one, and a test file instantiates ReactorSuite with the names of its reactors.
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::test {

/// The reactors that one instance of the suite runs on, one after the other, and how long it may take.
struct ReactorList {
    std::string name;
    std::vector<std::string> reactors;
    std::chrono::milliseconds limit{5000};
};

inline void PrintTo(const ReactorList& list, std::ostream* out) {
    *out << list.name;
}

/// A reactor and the ways in which a test waits for something to happen in it.
class Bench {
public:
    explicit Bench(const std::string& text)
        : narrow(text.find("bytewise") != std::string::npos || text.find("window") != std::string::npos),
          reactor(std::move(makeReactor(text)).value()) {}

    /// Runs the reactor until `condition()` holds; a failure of the test when that takes ten real seconds.
    template <class Condition>
    void runUntil(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        std::optional<TimerNode> poll;
        poll.emplace(reactor->timers(), [&] {
            if (condition() || std::chrono::steady_clock::now() > deadline)
                reactor->stop();
            else
                poll->start(std::chrono::milliseconds(1));
        });
        poll->start(Duration(0));
        reactor->run();
        EXPECT_TRUE(condition()) << "it did not happen within ten seconds";
    }
    /// Lets the reactor run for a while, for what must not happen.
    void settle(Duration time = std::chrono::milliseconds(20)) {
        bool over = false;
        const Timer timer = reactor->callLater(time, [&] { over = true; });
        runUntil([&] { return over; });
    }
    template <class T>
    Outcome<T> wait(Deferred<T> deferred) {
        runUntil([&] { return deferred.called(); });
        if (!deferred.called())
            return Failure(TimeoutError());
        return std::move(deferred).take();
    }

    const bool narrow; // the network takes little at a time: send less
    std::unique_ptr<Reactor> reactor;
};

/// What happened to one protocol; it outlives the protocol.
struct Journal {
    // What the protocol is to do.
    std::function<void(Transport&)> onMade = [](Transport&) {};
    std::function<void(Transport&, Bytes)> onData = [](Transport&, Bytes) {};
    std::function<void(Transport&)> onWritable = [](Transport&) {};
    std::function<void(Transport&)> onEnd = [](Transport& own) { own.loseConnection(); };
    std::function<void()> onLost = [] {};

    // What was done to it.
    Transport* transport = nullptr; // between connectionMade() and connectionLost()
    std::string received;
    int made = 0;
    int ends = 0;
    int writable = 0;
    int lost = 0;
    bool destroyed = false;
    std::optional<Failure> reason;

    template <class E>
    bool lostBy() const {
        return reason && reason->check<E>();
    }
};

class JournalProtocol final : public Protocol {
public:
    explicit JournalProtocol(std::shared_ptr<Journal> journal) : journal_(std::move(journal)) {}
    ~JournalProtocol() override { journal_->destroyed = true; }

    void connectionMade() override {
        ++journal_->made;
        journal_->transport = &transport();
        journal_->onMade(transport());
    }
    void dataReceived(Bytes data) override {
        EXPECT_EQ(journal_->lost, 0) << "bytes after connectionLost()";
        journal_->received.append(data);
        journal_->onData(transport(), data);
    }
    void readConnectionLost() override {
        ++journal_->ends;
        journal_->onEnd(transport());
    }
    void writable() override {
        ++journal_->writable;
        journal_->onWritable(transport());
    }
    void connectionLost(const Failure& reason) override {
        ++journal_->lost;
        journal_->transport = nullptr;
        journal_->reason.emplace(reason);
        journal_->onLost();
    }

private:
    std::shared_ptr<Journal> journal_;
};

inline std::shared_ptr<Factory> journalFactory(std::shared_ptr<Journal> journal) {
    return makeFactory([journal](const Address&) { return std::make_unique<JournalProtocol>(journal); });
}

/// A server that keeps one journal for its one connection, a client, and the port between them.
class Conversation {
public:
    explicit Conversation(Bench& onBench) : bench(onBench) {}

    void connect(const Address& at = Address::loopback(0)) {
        port = std::move(bench.reactor->listen(ListenSpec(at), journalFactory(server))).value();
        auto connected =
            bench.wait(bench.reactor->connect(ConnectSpec(port->address()), journalFactory(client)));
        ASSERT_TRUE(connected.ok()) << connected.failure().message();
        if (!server->made)
            bench.runUntil([&] { return server->made > 0; });
    }
    void runUntilOver() {
        bench.runUntil([&] { return client->destroyed && server->destroyed; });
    }

    Bench& bench;
    std::shared_ptr<Journal> server = std::make_shared<Journal>();
    std::shared_ptr<Journal> client = std::make_shared<Journal>();
    std::unique_ptr<Port> port;
};

/// Bytes that show at once where something is missing or out of order.
inline std::string pattern(std::size_t size) {
    std::string data(size, '\0');
    std::uint32_t x = 12345;
    for (char& c : data) {
        x = x * 1664525 + 1013904223;
        c = static_cast<char>(x >> 24);
    }
    return data;
}

class ReactorSuite : public testing::TestWithParam<ReactorList> {
public:
    void forEachReactor(void (*body)(Bench&)) const {
        const auto begin = std::chrono::steady_clock::now();
        for (const std::string& text : GetParam().reactors) {
            if (std::chrono::steady_clock::now() - begin > GetParam().limit)
                return;
            SCOPED_TRACE("reactor " + text);
            Bench bench(text);
            body(bench);
            if (HasFailure())
                return;
        }
    }
};

inline std::string reactorListName(const testing::TestParamInfo<ReactorList>& info) {
    return info.param.name;
}

} // namespace twistdpp::test

/// A test of the suite: the body gets a fresh `bench` for every reactor of the list.
#define REACTOR_TEST(name)                                                                                   \
    static void name##Body(Bench& bench);                                                                    \
    TEST_P(ReactorSuite, name) {                                                                             \
        forEachReactor(&name##Body);                                                                         \
    }                                                                                                        \
    static void name##Body([[maybe_unused]] Bench& bench)
