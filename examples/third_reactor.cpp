// layers: uv
// A reactor of one's own, chosen by name like those of the engine. This one hands everything to another
// reactor and says what it was asked for.
//     third_reactor [REACTOR]     "loud" (this one over "uv"), "loud:loud", "uv"
#include "program.h"

using namespace twistdpp;

namespace {

class LoudReactor final : public Reactor {
public:
    explicit LoudReactor(std::unique_ptr<Reactor> inner) : inner_(std::move(inner)) {}
    ~LoudReactor() override { installResolver(nullptr); }

    void run() override {
        std::puts("run");
        inner_->run();
    }
    void stop() override {
        std::puts("stop");
        inner_->stop();
    }
    Result<std::unique_ptr<Port>> listen(ListenSpec spec, std::shared_ptr<Factory> factory) override {
        std::printf("listen on %s\n", spec.address.toString().c_str());
        return inner_->listen(std::move(spec), std::move(factory));
    }
    Deferred<Transport*> connect(ConnectSpec spec, std::shared_ptr<Factory> factory) override {
        std::printf("connect to %s\n", spec.address.host().c_str());
        return inner_->connect(std::move(spec), std::move(factory));
    }

    // What it has nothing to say about.
    void callFromThread(UniqueFunction<void()> f) override { inner_->callFromThread(std::move(f)); }
    void callSoon(UniqueFunction<void()> f) override { inner_->callSoon(std::move(f)); }
    TimerQueue& timers() const noexcept override { return inner_->timers(); }
    Result<Transport*> adopt(UniqueFd socket, std::unique_ptr<Protocol> protocol) override {
        return inner_->adopt(std::move(socket), std::move(protocol));
    }
    Result<std::unique_ptr<DatagramPort>> bind(DatagramSpec spec, DatagramProtocol& protocol) override {
        return inner_->bind(std::move(spec), protocol);
    }
    Deferred<std::vector<Address>> resolveBySystem(std::string host, Family family) override {
        return inner_->resolveBySystem(std::move(host), family);
    }
    Deferred<void> runInThread(Pool pool, UniqueFunction<void()> f) override {
        return inner_->runInThread(pool, std::move(f));
    }
    Result<std::unique_ptr<Process>> spawn(ProcessSpec spec, ProcessProtocol& protocol) override {
        return inner_->spawn(std::move(spec), protocol);
    }
    Result<Watch> onSignal(int signal, UniqueFunction<void()> f) override {
        return inner_->onSignal(signal, std::move(f));
    }
    Result<Watch> watchFile(const std::string& path, UniqueFunction<void()> f) override {
        return inner_->watchFile(path, std::move(f));
    }
    FdWatch* fds() noexcept override { return inner_->fds(); }
    const LoopStatistics& statistics() const noexcept override { return inner_->statistics(); }

private:
    std::unique_ptr<Reactor> inner_;
};

Result<std::unique_ptr<Reactor>> makeLoud(std::string_view arguments) {
    auto inner = makeReactor(arguments.empty() ? "uv" : arguments);
    if (!inner)
        return std::move(inner).error();
    return std::make_unique<LoudReactor>(*std::move(inner));
}

const Registry<ReactorMaker>::Entry entry({"loud", "tells what another reactor is asked for", &makeLoud});

/// Sends one line to whoever connects.
class Greeter : public Protocol {
    void connectionMade() override {
        transport().write("hello\n");
        transport().loseConnection();
    }
    void dataReceived(Bytes) override {}
};

/// Prints that line.
class Visitor : public Protocol {
public:
    explicit Visitor(Reactor& reactor) : reactor_(reactor) {}

private:
    void dataReceived(Bytes data) override {
        std::printf("%.*s", static_cast<int>(data.size()), data.data());
    }
    void connectionLost(const Failure&) override { reactor_.stop(); }

    Reactor& reactor_;
};

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv, argc > 1 ? argv[1] : "loud");
    Reactor& reactor = program.reactor();
    const auto port = reactor.listenTCP(0, makeFactory<Greeter>(), "127.0.0.1");
    const auto visitors = makeFactory([&](const Address&) { return std::make_unique<Visitor>(reactor); });
    reactor.connectTCP("127.0.0.1", port->address().port(), visitors).detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
