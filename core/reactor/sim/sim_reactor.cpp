#include "twistdpp/sim/sim_reactor.h"

#include "twistdpp/sim/sim_network.h"
#include "twistdpp/sim/sim_watch.h"

#include <algorithm>
#include <cstdio>

namespace twistdpp {

namespace {

// What calls for more of its kind without end must not keep a turn from ending.
constexpr int kRounds = 4;

Result<std::unique_ptr<Reactor>> makeSim(std::string_view arguments) {
    auto options = SimOptions::parse(arguments);
    if (!options)
        return std::move(options).error();
    return std::unique_ptr<Reactor>(std::make_unique<SimReactor>(*options));
}

const Registry<ReactorMaker>::Entry
    entry({"sim", "virtual time and a simulated network, by seed: sim:seed=7,latency=1ms-20ms", &makeSim});

} // namespace

SimReactor::SimReactor(const SimOptions& options)
    : options_(options), random_(options.seed), network_(std::make_unique<SimNetwork>(*this)) {
    hosts_["localhost"] = {Address::parse("::1", 0).value(), Address::loopback(0)};
}

SimReactor::~SimReactor() {
    installResolver(nullptr);
    endAll();
}

void SimReactor::endAll() noexcept {
    // What ends may begin something new once; nobody goes on for ever.
    for (int round = 0; round < 16; ++round) {
        while (SimOperation* operation = pending_.popFront())
            operation->reactorEnds();
        network_->endAll();
        soon_.clear();
        if (pending_.empty() && network_->idle())
            break;
    }
    // Not under the lock: what the calls hold may call again as it goes.
    std::vector<UniqueFunction<void()>> unmade;
    const std::lock_guard lock(mutex_);
    unmade.swap(fromThreads_);
}

void SimReactor::run() {
    if (std::exchange(stopping_, false)) { // it came before: one turn, without waiting
        turn(now());
        stopping_ = false;
        return;
    }
    while (turn(TimePoint::max())) {
    }
    stopping_ = false;
}

void SimReactor::advance(Duration by) {
    const TimePoint end = now() + by;
    while (turn(end)) {
    }
    if (!std::exchange(stopping_, false))
        clock_.setNow(end);
}

bool SimReactor::runUntilIdle(Duration most) {
    const TimePoint end = now() + most;
    while (turn(end)) {
    }
    stopping_ = false;
    return !clock_.next();
}

bool SimReactor::turn(TimePoint end) {
    if (stopping_)
        return false;
    const bool called = takeThreadCalls();
    if (!called && soon_.empty() && network_->idle()) {
        const auto next = clock_.next();
        if (!next || *next > end)
            return false;
        clock_.setNow(std::max(*next, clock_.now()));
    }
    clock_.runDue();
    finishTurn();
    statistics_.add(Duration(0));
    return true;
}

bool SimReactor::takeThreadCalls() {
    std::vector<UniqueFunction<void()>> calls;
    {
        const std::lock_guard lock(mutex_);
        calls.swap(fromThreads_);
    }
    for (UniqueFunction<void()>& call : calls)
        call();
    return !calls.empty();
}

void SimReactor::finishTurn() {
    for (int round = 0; round < kRounds; ++round) {
        runSoon();
        network_->finishTurn();
        if (soon_.empty() && network_->idle())
            break;
    }
    std::erase_if(children_, [](const auto& child) { return child->over(); });
}

void SimReactor::runSoon() {
    std::vector<UniqueFunction<void()>> calls;
    calls.swap(soon_);
    for (UniqueFunction<void()>& call : calls)
        call();
}

void SimReactor::callFromThread(UniqueFunction<void()> f) {
    const std::lock_guard lock(mutex_);
    fromThreads_.push_back(std::move(f));
}

Duration SimReactor::latency() noexcept {
    const auto low = static_cast<std::uint64_t>(options_.minLatency.count());
    const auto high = static_cast<std::uint64_t>(options_.maxLatency.count());
    return Duration(static_cast<Duration::rep>(high > low ? random_.between(low, high) : low));
}

void SimReactor::beginNote(std::string_view what) {
    char time[32];
    const auto ns = elapsed().count();
    std::snprintf(
        time, sizeof time, "%lld.%09lld ", static_cast<long long>(ns / 1'000'000'000),
        static_cast<long long>(ns % 1'000'000'000)
    );
    trace_.append(time).append(what);
}

void SimReactor::setUnreachable(const Address& address, bool unreachable) {
    network_->setUnreachable(address, unreachable);
}

void SimReactor::dropConnections() {
    network_->dropConnections();
}

Result<std::unique_ptr<Port>> SimReactor::listen(ListenSpec spec, std::shared_ptr<Factory> factory) {
    return network_->listen(std::move(spec), std::move(factory));
}

Deferred<Transport*> SimReactor::connect(ConnectSpec spec, std::shared_ptr<Factory> factory) {
    return network_->connect(std::move(spec), std::move(factory));
}

Result<Transport*> SimReactor::adopt(UniqueFd socket, std::unique_ptr<Protocol>) {
    return Error(
        "reactor sim: cannot take over descriptor " + std::to_string(socket.get()) +
        ": a simulated network has no real sockets"
    );
}

Result<std::unique_ptr<DatagramPort>> SimReactor::bind(DatagramSpec spec, DatagramProtocol& protocol) {
    return network_->bind(std::move(spec), protocol);
}

} // namespace twistdpp
