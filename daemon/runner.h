#pragma once
#include "twistdpp/app/bound_addresses.h"
#include "twistdpp/app/log_sinks.h"
#include "twistdpp/daemon/configuration.h"
#include "twistdpp/daemon/crew.h"
#include "twistdpp/daemon/daemonize.h"
#include "twistdpp/daemon/notify.h"
#include "twistdpp/daemon/pidfile.h"
#include "twistdpp/daemon/predecessor.h"
#include "twistdpp/daemon/privileges.h"
#include "twistdpp/daemon/profiler.h"
#include "twistdpp/daemon/signals.h"
#include "twistdpp/daemon/started_as.h"
#include "twistdpp/daemon/upgrade.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp {

/// --check: makes each service once and binds nothing.
Result<void, StartFailure> checkServices(const Configuration& configuration);

/// The life of the daemon, from a configuration that is in order to the exit status.
class Runner {
public:
    /// `predecessor`: the process whose place this one takes; nullptr at a start. All but the configuration
    /// outlives the runner.
    Runner(const StartedAs& start, HandOver& handOver, Predecessor* predecessor, Configuration configuration);
    ~Runner();

    /// What the user who waits at the terminal is told of directly: privileges, log, pidfile, and in the
    /// background the fork. Returns in the process that goes on.
    Result<void, StartFailure> prepare();
    /// Reactors, ports, other user, services, signals; until something stops it. Every failure was told when
    /// it returns.
    int run();

private:
    enum class Phase { starting, running, stopping };

    Result<void, StartFailure> prepareEngine();
    Deferred<void> bringUp();
    Deferred<void> makeServices(Shard& shard);
    void becomeReady();
    void takeOver(bool agreed);
    void serve();
    void startFailed(const Failure& failure);

    void onSignal(int signal);
    void stopBecause(int signal, bool immediately);
    void finish();
    void upgrade();
    std::string whyNotUpgrade() const;
    void upgraded(Result<std::string> ready);
    Deferred<void> takeDown(Duration limit);
    [[noreturn]] void force(const std::string& why, int signal);
    Deferred<void> reload();
    void logState();
    void shiftLogLevel(int steps);
    void finishProfile();
    void keepWatchdog();
    void keepProfile();
    int end(int code);

    const StartedAs& start_;
    HandOver& handOver_;
    Predecessor* const predecessor_;
    /// The last one counts; the services may refer to the earlier ones.
    std::vector<std::unique_ptr<Configuration>> configurations_;
    Logger log_{"twistdpp"};
    Identity identity_;
    std::unique_ptr<LogOutput> output_;
    Pidfile pidfile_;
    ReadyPipe starter_;
    Notifier notifier_;
    std::unique_ptr<CpuProfiler> profiler_;
    BoundAddresses bound_;
    std::unique_ptr<Crew> crew_;
    std::unique_ptr<SignalListener> signals_;
    Timer watchdogTimer_, profileTimer_, deadline_;
    std::unique_ptr<Upgrade> upgrade_;

    Phase phase_ = Phase::starting;
    int stopSignal_ = 0;
    bool stopRequested_ = false, reloading_ = false, upgraded_ = false;
    std::optional<StartFailure> failure_;
    TimePoint readySince_{};
};

} // namespace twistdpp
