#pragma once
#include "twistdpp/defer/waiters.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Stand-ins for what a protocol is given: a reactor whose time a test turns, a transport that only writes
/// down, and ports and connectors that a test drives by hand.
namespace twistdpp::test {

class ManualTimers final : public TimerQueue {
public:
    TimePoint now() const noexcept override { return now_; }
    void advance(Duration by) {
        const TimePoint end = now_ + by;
        while (TimerNode* next = earliest(end)) {
            now_ = std::max(now_, next->due());
            next->unlink();
            next->fire();
        }
        now_ = end;
    }

private:
    void arm(TimerNode& node) noexcept override {
        node.rank = ++armed_;
        nodes_.pushBack(node);
    }
    void disarm(TimerNode& node) noexcept override { node.unlink(); }
    TimerNode* earliest(TimePoint end) {
        TimerNode* best = nullptr;
        nodes_.forEach([&](TimerNode& node) {
            if (node.due() > end)
                return;
            if (!best || node.due() < best->due() || (node.due() == best->due() && node.rank < best->rank))
                best = &node;
        });
        return best;
    }

    TimePoint now_{std::chrono::hours(1)};
    IntrusiveList<TimerNode> nodes_;
    std::uint64_t armed_ = 0;
};

class FakeTransport;

/// A port that a test accepts on by hand.
struct FakePort final : Port {
    FakePort(Address where, std::shared_ptr<Factory> accepting)
        : address_(std::move(where)), factory(std::move(accepting)) {}
    const Address& address() const noexcept override { return address_; }
    void stopListening() override { stopped = true; }
    void pauseAccepting() override { paused = true; }
    void resumeAccepting() override { paused = false; }

    Address address_;
    std::shared_ptr<Factory> factory;
    bool paused = false;
    bool stopped = false;
};

class ManualReactor final : public Reactor {
public:
    void run() override {}
    void stop() override {}
    void callFromThread(UniqueFunction<void()> f) override { f(); }
    TimerQueue& timers() const noexcept override { return timers_; }
    void callSoon(UniqueFunction<void()> f) override { soon_.push_back(std::move(f)); }
    void turn() {
        auto soon = std::move(soon_);
        soon_.clear();
        for (auto& f : soon)
            f();
    }
    void advance(Duration by) {
        turn();
        timers_.advance(by);
        turn();
    }

    Result<std::unique_ptr<Port>> listen(ListenSpec spec, std::shared_ptr<Factory> factory) override {
        if (listenError)
            return *listenError;
        listened.push_back(std::move(spec));
        const Address& asked = listened.back().address;
        auto port = std::make_unique<FakePort>(
            asked.isIp() && asked.port() == 0 ? asked.withPort(40000) : asked, std::move(factory)
        );
        lastPort = port.get();
        return std::unique_ptr<Port>(std::move(port));
    }
    Deferred<Transport*> connect(ConnectSpec spec, std::shared_ptr<Factory> factory) override {
        connected.push_back(spec);
        connectFactory = std::move(factory);
        connecting.emplace();
        return connecting->deferred();
    }
    Result<Transport*> adopt(UniqueFd socket, std::unique_ptr<Protocol>) override {
        adopted = socket.get();
        return Error("nothing can be adopted here");
    }
    Result<std::unique_ptr<DatagramPort>> bind(DatagramSpec, DatagramProtocol&) override {
        return Error("no datagrams here");
    }
    Deferred<std::vector<Address>> resolveBySystem(std::string host, Family) override {
        resolved.push_back(host);
        auto address = Address::parse(host, 0);
        return std::vector<Address>{address ? *address : *Address::parse("192.0.2.80", 0)};
    }
    Deferred<void> runInThread(Pool, UniqueFunction<void()> f) override {
        f();
        return succeed();
    }
    Result<std::unique_ptr<Process>> spawn(ProcessSpec, ProcessProtocol&) override {
        return Error("no processes here");
    }
    Result<Watch> onSignal(int, UniqueFunction<void()>) override { return Error("no signals here"); }
    Result<Watch> watchFile(const std::string&, UniqueFunction<void()>) override {
        return Error("no files here");
    }
    const LoopStatistics& statistics() const noexcept override { return statistics_; }

    std::vector<ListenSpec> listened;
    std::optional<Error> listenError;
    FakePort* lastPort = nullptr;
    std::vector<ConnectSpec> connected;
    std::shared_ptr<Factory> connectFactory;
    std::optional<Promise<Transport*>> connecting;
    std::vector<std::string> resolved;
    int adopted = -1;

private:
    mutable ManualTimers timers_;
    std::vector<UniqueFunction<void()>> soon_;
    LoopStatistics statistics_;
};

/// One end of a connection. It owns its protocol; a test plays the network: deliver(), finish(), lose().
class FakeTransport final : public Transport {
public:
    explicit FakeTransport(ManualReactor& reactor, const char* peer = "192.0.2.1", std::uint16_t port = 5000)
        : reactor_(reactor), peer_(*Address::parse(peer, port)), host_(*Address::parse("192.0.2.200", 80)) {}
    ~FakeTransport() override {
        if (!ended_ && protocol_)
            lose(ConnectionLost());
    }

    /// Gives it its protocol and begins.
    template <class P>
    P& attach(std::unique_ptr<P> protocol) {
        P& it = *protocol;
        protocol_ = std::move(protocol);
        protocol_->makeConnection(*this);
        return it;
    }
    /// As a port would do; false when the factory refused.
    bool accept(Factory& factory) {
        protocol_ = factory.buildProtocol(peer_);
        if (!protocol_)
            return false;
        protocol_->makeConnection(*this);
        return true;
    }
    void deliver(Bytes data) { protocol_->dataReceived(data); }
    void deliverByByte(Bytes data) {
        for (std::size_t i = 0; i < data.size() && !closing(); ++i)
            protocol_->dataReceived(data.substr(i, 1));
    }
    void halfClose() { protocol_->readConnectionLost(); }
    void lose(Failure reason) {
        if (std::exchange(ended_, true))
            return;
        drainWaiters_.failAll(reason);
        protocol_->connectionLost(reason);
        protocol_.reset();
    }
    /// Takes what was written.
    std::string sent() { return std::exchange(out_, {}); }
    Protocol* protocol() const { return protocol_.get(); }

    void write(Bytes data) override {
        if (!closing())
            out_.append(data);
    }
    void write(Buffer data) override { write(data.bytes()); }
    void writeFile(FileRange range) override { out_ += "<file " + std::to_string(range.length) + ">"; }
    void loseConnection() override { losing = true; }
    void abortConnection(Failure reason) override {
        if (!aborted)
            aborted = reason.message();
    }
    using Transport::abortConnection;
    void loseWriteConnection() override { writeClosed = true; }
    void pauseProducing() override { paused = true; }
    void resumeProducing() override { paused = false; }
    std::size_t queued() const noexcept override { return queuedBytes; }
    void setWriteLimits(const WriteLimits& limits) override { limits_ = limits; }
    Deferred<void> drained() override {
        return queuedBytes <= limits_.low ? succeed() : drainWaiters_.wait();
    }
    const Address& peer() const noexcept override { return peer_; }
    Address host() const override { return host_; }
    Reactor& reactor() const noexcept override { return reactor_; }
    bool closing() const noexcept override { return losing || aborted || ended_; }
    std::unique_ptr<Protocol> switchProtocol(std::unique_ptr<Protocol> next) override {
        return std::exchange(protocol_, std::move(next));
    }
    void cork() noexcept override { ++corked; }
    void uncork() override { --corked; }

    bool losing = false;
    bool writeClosed = false;
    bool paused = false;
    std::optional<std::string> aborted;
    std::size_t queuedBytes = 0;
    int corked = 0;

private:
    ManualReactor& reactor_;
    Address peer_;
    Address host_;
    std::unique_ptr<Protocol> protocol_;
    std::string out_;
    WriteLimits limits_;
    Waiters<void> drainWaiters_;
    bool ended_ = false;
};

} // namespace twistdpp::test
