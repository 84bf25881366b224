#pragma once
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/sim/sim_child.h"
#include "twistdpp/sim/sim_clock.h"
#include "twistdpp/sim/sim_options.h"
#include "twistdpp/sim/sim_random.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace twistdpp {

class SimNetwork;
class SimWatch;

/// What waits for a later time and must be told when the reactor goes first.
class SimOperation : public ListHook {
public:
    virtual void reactorEnds() = 0;

protected:
    SimOperation() = default;
    ~SimOperation() = default;
};

/// A reactor in which nothing is real: time jumps to the next event, and every socket is connected to
/// another one of the same reactor, through a network whose delays and faults a seed decides. Protocols and
/// services are tested with it, years of traffic in seconds, and a run can be repeated exactly.
///
/// run() returns after stop() or when nothing is left to happen; a listening port alone is nothing to wait
/// for. All addresses, whatever their IP, are on this one host. Files named in writeFile() are real. Threads
/// are not: runInThread() runs its function in the loop, some virtual time later.
class SimReactor : public Reactor {
public:
    explicit SimReactor(const SimOptions& options = SimOptions());
    ~SimReactor() override;

    // How a test drives it. stop() ends each of these too.
    /// Lets `by` pass, with all that happens in it.
    void advance(Duration by);
    /// Until nothing is left to happen, for `most` of virtual time; false when there still was something.
    bool runUntilIdle(Duration most = std::chrono::hours(1));
    /// Until `condition()` holds, for `most` of virtual time, or until nothing is left to happen; returns
    /// whether it holds.
    template <class Condition>
    bool runUntil(Condition condition, Duration most = std::chrono::hours(1)) {
        const TimePoint end = now() + most;
        bool holds = condition();
        while (!holds && turn(end))
            holds = condition();
        stopping_ = false;
        return holds;
    }
    /// Virtual time since the beginning.
    Duration elapsed() const noexcept { return clock_.elapsed(); }

    // What a test arranges.
    SimOptions& options() noexcept { return options_; }
    /// What resolveBySystem() finds for a name; an empty list makes the look-up fail, as for unknown names.
    /// "localhost" is there from the beginning.
    void setHost(std::string name, std::vector<Address> addresses);
    /// Connections to it are never answered, and time out. The port does not matter when it is 0.
    void setUnreachable(const Address& address, bool unreachable = true);
    /// Cuts every connection that is open now, as a failing network does.
    void dropConnections();
    /// The program that all children of spawn() run.
    void setChildProgram(SimProgram program) { program_ = std::move(program); }
    /// The process gets a signal. False when nobody watches for it; it has no other effect.
    bool raiseSignal(int signal);
    /// A file was changed: tells who watches it or its folder.
    void touch(const std::string& path);

    /// With SimOptions::trace: one line an event of the network and of what else chance decides, "time what
    /// who details". Equal for equal seeds.
    const std::string& trace() const noexcept { return trace_; }

    void run() override;
    void stop() override { stopping_ = true; }
    void callFromThread(UniqueFunction<void()> f) override;
    TimerQueue& timers() const noexcept override { return clock_; }
    void callSoon(UniqueFunction<void()> f) override { soon_.push_back(std::move(f)); }
    Result<std::unique_ptr<Port>> listen(ListenSpec spec, std::shared_ptr<Factory> factory) override;
    Deferred<Transport*> connect(ConnectSpec spec, std::shared_ptr<Factory> factory) override;
    /// Always an Error: a real socket has no place here.
    Result<Transport*> adopt(UniqueFd socket, std::unique_ptr<Protocol> protocol) override;
    Result<std::unique_ptr<DatagramPort>> bind(DatagramSpec spec, DatagramProtocol& protocol) override;
    Deferred<std::vector<Address>> resolveBySystem(std::string host, Family family) override;
    Deferred<void> runInThread(Pool pool, UniqueFunction<void()> f) override;
    /// An Error unless setChildProgram() was called.
    Result<std::unique_ptr<Process>> spawn(ProcessSpec spec, ProcessProtocol& protocol) override;
    Result<Watch> onSignal(int signal, UniqueFunction<void()> f) override;
    Result<Watch> watchFile(const std::string& path, UniqueFunction<void()> f) override;
    const LoopStatistics& statistics() const noexcept override { return statistics_; }

    // For the classes of this folder.
    SimRandom& random() noexcept { return random_; }
    SimNetwork& network() noexcept { return *network_; }
    Duration latency() noexcept;
    void track(SimOperation& operation) noexcept { pending_.pushBack(operation); }
    template <class... Words>
    void note(std::string_view what, const Words&... words) {
        if (!options_.trace)
            return;
        beginNote(what);
        (trace_.append(" ").append(words), ...);
        trace_.append("\n");
    }

private:
    /// One turn of the loop, at the time of the next event; false when there is none until `end` or stop()
    /// was called.
    bool turn(TimePoint end);
    bool takeThreadCalls();
    void finishTurn();
    void runSoon();
    void beginNote(std::string_view what);
    void endAll() noexcept;

    SimOptions options_;
    SimRandom random_;
    mutable SimClock clock_;
    LoopStatistics statistics_;
    std::unique_ptr<SimNetwork> network_;
    std::map<std::string, std::vector<Address>> hosts_;
    SimProgram program_;
    int lastPid_ = 1000;
    std::vector<std::shared_ptr<SimChild>> children_;
    IntrusiveList<SimWatch> watches_;
    IntrusiveList<SimOperation> pending_;
    std::vector<UniqueFunction<void()>> soon_;
    std::string trace_;
    bool stopping_ = false;

    std::mutex mutex_; // guards what follows
    std::vector<UniqueFunction<void()>> fromThreads_;
};

} // namespace twistdpp
