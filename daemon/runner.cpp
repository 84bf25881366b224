#include "twistdpp/daemon/runner.h"
#include "twistdpp/daemon/file_limit.h"

#include "twistdpp/app/service_error.h"
#include "twistdpp/daemon/help.h"

#include <csignal>
#include <cstdio>
#include <ctime>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

namespace twistdpp {

namespace {

constexpr auto kRollbackLimit = std::chrono::seconds(5);
/// What a service gets beyond the limit it was told, to cut what is left and say so.
constexpr auto kGrace = std::chrono::seconds(1);

Result<void>
makeInto(Shard& shard, const ConfiguredService& service, BoundAddresses& bound, unsigned shards) {
    const bool single = service.maker->reactors == Reactors::one;
    if (single && shard.index > 0)
        return {};
    const std::string name(service.maker->name);
    shard.contexts.push_back(
        {*shard.reactor, Logger(name), shard.metrics, bound, name, shard.index, single ? 1 : shards}
    );
    auto made = service.maker->make(*service.config, shard.contexts.back());
    if (!made)
        return std::move(made).error().within(name);
    shard.root->add(name, std::move(*made));
    return {};
}

unsigned workersOf(const RunnerOptions& options) {
    return options.workers > 0 ? options.workers : std::max(1u, std::thread::hardware_concurrency());
}

std::string seconds(Duration time) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    return milliseconds % 1000 ? std::to_string(milliseconds) + " ms"
                               : std::to_string(milliseconds / 1000) + " s";
}

} // namespace

Result<void, StartFailure> checkServices(const Configuration& configuration) {
    if (auto identity = resolveIdentity(*configuration.runner); !identity)
        return std::move(identity).error();
    auto reactor = makeReactor(configuration.runner->reactor);
    if (!reactor)
        return StartFailure::from(reactor.error(), ExitCode::usage);
    BoundAddresses bound;
    Shard shard(0);
    shard.reactor = std::move(*reactor);
    shard.root = std::make_unique<MultiService>();
    Result<void, StartFailure> result;
    for (const ConfiguredService& service : configuration.services) {
        if (auto made = makeInto(shard, service, bound, 1); !made) {
            result = StartFailure::from(made.error(), ExitCode::unavailable);
            break;
        }
    }
    shard.root.reset();
    return result;
}

Runner::Runner(
    const StartedAs& start, HandOver& handOver, Predecessor* predecessor, Configuration configuration
)
    : start_(start), handOver_(handOver), predecessor_(predecessor) {
    configurations_.push_back(std::make_unique<Configuration>(std::move(configuration)));
}

Runner::~Runner() {
    setLogSink(nullptr);
}

Result<void, StartFailure> Runner::prepare() {
    const RunnerOptions& options = *configurations_.back()->runner;
    auto identity = resolveIdentity(options);
    if (!identity)
        return std::move(identity).error();
    identity_ = std::move(*identity);

    LogSettings settings;
    settings.file = options.logPath();
    settings.json = options.logFormat == "json";
    settings.syslog = options.syslog;
    settings.syslogPrefix = options.prefix;
    settings.levels = options.logLevels;
    auto output = LogOutput::open(std::move(settings));
    if (!output)
        return StartFailure::from(output.error(), ExitCode::cannotCreate);
    output_ = std::move(*output);
    setLogSink(output_.get());

    if (const std::string path = options.pidfilePath(); !path.empty()) {
        auto pidfile = Pidfile::lock(path, &handOver_);
        if (!pidfile)
            return std::move(pidfile).error();
        pidfile_ = std::move(*pidfile);
    }
    // Whose place it takes is in the background already.
    if (!options.nodaemon && !predecessor_) {
        auto starter = daemonize(options.logPath());
        if (!starter) {
            pidfile_.remove();
            return std::move(starter).error();
        }
        starter_ = std::move(*starter);
    }
    return {};
}

int Runner::run() {
    if (auto prepared = prepareEngine(); !prepared) {
        failure_ = std::move(prepared).error();
        return end(static_cast<int>(failure_->code));
    }
    Reactor& reactor = crew_->mainReactor();
    reactor.callSoon([this] {
        bringUp()
            .addCallbacks([this] { becomeReady(); }, [this](const Failure& failure) { startFailed(failure); })
            .detach();
    });
    reactor.run();
    deadline_.cancel();
    profileTimer_.cancel();
    watchdogTimer_.cancel();
    finishProfile();
    return end(failure_ ? static_cast<int>(failure_->code) : 0);
}

Result<void, StartFailure> Runner::prepareEngine() {
    const Configuration& configuration = *configurations_.back();
    const RunnerOptions& options = *configuration.runner;
    log_.info(
        "{} starting, reactor {}, {} worker{}", Bytes(versionText()).substr(0, versionText().size() - 1),
        options.reactor, workersOf(options), workersOf(options) == 1 ? "" : "s"
    );
    if (pidfile_ && !predecessor_) {
        if (auto written = pidfile_.write(); !written)
            return written;
    }
    notifier_.connect();
    if (!options.originalName) {
        const std::string name = configuration.services.size() == 1
                                     ? "twistdpp-" + std::string(configuration.services.front().maker->name)
                                     : "twistdpp";
        ::prctl(PR_SET_NAME, name.substr(0, 15).c_str(), 0, 0, 0);
    }
    if (options.noNewPrivileges) {
        if (auto done = forbidNewPrivileges(); !done)
            return done;
    }
    if (!options.profile.empty()) {
        auto profiler = CpuProfiler::start(absolutePath(options.profile));
        if (!profiler)
            return StartFailure::from(profiler.error(), ExitCode::cannotCreate);
        profiler_ = std::move(*profiler);
        CpuProfiler::enterThread();
    }
    raiseFileLimit();
    auto crew = Crew::make(workersOf(options), options.reactor, handOver_);
    if (!crew)
        return StartFailure::from(crew.error(), ExitCode::usage);
    crew_ = std::move(*crew);
    auto signals = SignalListener::listen(crew_->mainReactor(), [this](int signal) { onSignal(signal); });
    if (!signals)
        return StartFailure::from(signals.error(), ExitCode::os);
    signals_ = std::move(*signals);
    if (profiler_)
        keepProfile();
    return {};
}

Deferred<void> Runner::bringUp() {
    co_await crew_->launch();
    co_await crew_->each([this](Shard& shard) { return makeServices(shard); });
    co_await crew_->each([](Shard& shard) { return shard.root->privilegedStart(); });

    if (identity_.user) {
        for (const Error& error : giveLogsTo(*identity_.user, *identity_.group))
            log_.warn("{}; it cannot be reopened after a rotation", error.message());
    }
    if (auto done = becomeUnprivileged(*configurations_.back()->runner, identity_); !done) {
        failure_ = done.error();
        Failure because = ServiceError(failure_->message);
        co_return co_await fail(std::move(because));
    }
    co_await crew_->each([](Shard& shard) { return shard.root->start(); });
}

Deferred<void> Runner::makeServices(Shard& shard) {
    shard.root = std::make_unique<MultiService>(kRollbackLimit);
    const auto shards = static_cast<unsigned>(crew_->shards().size());
    for (const ConfiguredService& service : configurations_.back()->services) {
        if (auto made = makeInto(shard, service, bound_, shards); !made)
            return fail(ServiceError(made.error()));
    }
    return succeed();
}

void Runner::becomeReady() {
    if (!predecessor_)
        return serve();
    if (stopRequested_)
        return startFailed(ServiceError("the new process was told to stop while it was starting"));
    const std::string message = bound_.summary() + " (pid " + std::to_string(::getpid()) + ")";
    auto told = predecessor_->ready(crew_->mainReactor(), message, [this](bool agreed) { takeOver(agreed); });
    if (!told)
        startFailed(ServiceError(told.error()));
}

void Runner::takeOver(bool agreed) {
    log_.info("upgrade: in place of process {}{}", predecessor_->pid(), agreed ? "" : ", which has died");
    for (const std::string& each : handOver_.takeOver())
        log_.info("upgrade: {} is not served any more, closed", each);
    crew_->post([](Shard& shard) {
        if (HandOverSeat* seat = shard.reactor->handOver())
            seat->serve();
    });
    if (pidfile_) {
        if (auto written = pidfile_.write(); !written)
            log_.error("{}", written.error().message);
    }
    serve();
}

void Runner::serve() {
    phase_ = Phase::running;
    readySince_ = crew_->mainReactor().now();
    const std::string addresses = bound_.summary();
    const std::string message = "ready: " + (addresses.empty() ? "no ports" : addresses) + " (pid " +
                                std::to_string(::getpid()) + ")";
    log_.info("{}", message);
    starter_.ready(message);
    output_->goAsync();
    notifier_.ready(message);
    keepWatchdog();
    if (stopRequested_)
        stopBecause(stopSignal_, false);
}

void Runner::startFailed(const Failure& failure) {
    if (!failure_)
        failure_ = StartFailure::from(failure, ExitCode::unavailable);
    phase_ = Phase::stopping;
    // MultiService has undone its own; this is for the reactors that had come up before.
    takeDown(kRollbackLimit).addBoth([this](Outcome<void>) { crew_->mainReactor().stop(); }).detach();
}

void Runner::onSignal(int signal) {
    switch (signal) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
        return stopBecause(signal, signal == SIGQUIT);
    case SIGHUP:
        reload()
            .addErrback([this](const Failure& failure) {
                log_.error("reload: {}; the old configuration stays", failure.message());
            })
            .detach();
        return;
    case SIGUSR1:
        for (const Error& error : reopenLogs())
            log_.error("reopening the logs: {}; the old file stays in use", error.message());
        log_.info("logs reopened");
        return;
    case SIGUSR2:
        return upgrade();
    case SIGTTIN:
        return shiftLogLevel(-1);
    case SIGTTOU:
        return shiftLogLevel(1);
    default:
        if (signal == stateSignal())
            logState();
        return;
    }
}

void Runner::stopBecause(int signal, bool immediately) {
    const char* name = ::sigabbrev_np(signal);
    const bool first = std::exchange(stopSignal_, signal) == 0;
    if (phase_ == Phase::starting && !immediately) {
        if (std::exchange(stopRequested_, true))
            force("stopped twice while it was starting", signal);
        log_.info("SIG{} while starting: stops when that is done", name);
        return;
    }
    if (immediately)
        force("stopped at once", signal);
    // A service manager tells all processes of a service, this one too that has been replaced.
    if (upgraded_ && first)
        return log_.info("SIG{}: stopping already; a second signal cuts the connections", name);
    if (phase_ == Phase::stopping)
        force("stopped again", signal);
    log_.info(
        "SIG{}: stopping; connections get {} to finish, a second signal cuts them", name,
        seconds(configurations_.back()->runner->shutdownTimeout)
    );
    if (upgrade_) {
        log_.warn("upgrade: given up, process {} killed", upgrade_->pid());
        upgrade_.reset();
    }
    finish();
}

void Runner::finish() {
    phase_ = Phase::stopping;
    const Duration limit = configurations_.back()->runner->shutdownTimeout;
    notifier_.stopping("finishing connections");
    deadline_ = crew_->mainReactor().callLater(limit + kGrace, [this] {
        failure_ = StartFailure(ExitCode::unavailable, "not stopped within the shutdown timeout");
        force("not stopped within the shutdown timeout", 0);
    });
    takeDown(limit)
        .addBoth([this](Outcome<void> outcome) {
            if (!outcome.ok())
                failure_ = StartFailure::from(outcome.failure(), ExitCode::unavailable);
            crew_->mainReactor().stop();
        })
        .detach();
}

Deferred<void> Runner::takeDown(Duration limit) {
    return crew_->all([limit](Shard& shard) {
        return shard.root ? shard.root->stop(Drain(limit)) : succeed();
    });
}

void Runner::force(const std::string& why, int signal) {
    // Other reactors say for themselves what hangs there; one that does not turn any more cannot.
    if (crew_) {
        crew_->post([](Shard& shard) {
            for (const std::string& each : shard.root ? shard.root->pending() : std::vector<std::string>())
                Logger("twistdpp").warn("worker {}: still busy: {}", shard.index, each);
        });
        if (crew_->shards().size() > 1)
            ::usleep(50'000);
        if (const auto& root = crew_->shards().front()->root) {
            for (const std::string& each : root->pending())
                log_.warn("still busy: {}", each);
        }
    }
    log_.warn("{}, ending now", why);
    upgrade_.reset();
    finishProfile();
    output_->drain();
    pidfile_.remove();
    if (starter_.background())
        starter_.failed({ExitCode::unavailable, why});
    if (predecessor_)
        predecessor_->failed({ExitCode::unavailable, why});
    if (signal == SIGTERM || signal == SIGINT)
        dieBySignal(signal);
    // Not SIGQUIT's own action, which leaves a core file behind.
    ::_exit(signal ? 128 + signal : static_cast<int>(failure_ ? failure_->code : ExitCode::unavailable));
}

std::string Runner::whyNotUpgrade() const {
    if (phase_ != Phase::running)
        return phase_ == Phase::starting ? "the daemon is starting" : "the daemon is stopping";
    if (upgrade_)
        return "one is under way already, process " + std::to_string(upgrade_->pid());
    if (reloading_)
        return "the configuration is being reloaded";
    if (::getpid() == 1)
        return "this is process 1, whose end is the end of all others: restart the container";
    if (!crew_->mainReactor().handOver())
        return "this reactor has no sockets to hand over";
    const std::string& chroot = configurations_.back()->runner->chroot;
    if (!chroot.empty())
        return "the program is out of reach after --chroot " + chroot + ": that takes a restart";
    return {};
}

void Runner::upgrade() {
    if (const std::string why = whyNotUpgrade(); !why.empty())
        return log_.error("SIGUSR2: no upgrade, {}", why);
    const Duration limit = configurations_.back()->runner->upgradeTimeout;
    auto begun =
        Upgrade::begin(crew_->mainReactor(), start_, handOver_, limit, [this](Result<std::string> ready) {
            upgraded(std::move(ready));
        });
    if (!begun)
        return log_.error("SIGUSR2: no upgrade, {}", begun.error().message());
    upgrade_ = std::move(*begun);
    log_.info(
        "SIGUSR2: upgrade: {} started as process {}, which gets {} to be ready", start_.executable,
        upgrade_->pid(), seconds(limit)
    );
}

void Runner::upgraded(Result<std::string> ready) {
    // It is not destroyed inside its own call.
    crew_->mainReactor().callSoon([this] { upgrade_.reset(); });
    if (!ready)
        return log_.error("upgrade: {}; this process goes on serving", ready.error().message());
    // In this order: what is outside belongs to the new process before it begins, and the service manager
    // hears of it before it speaks.
    upgraded_ = true;
    handOver_.leave();
    notifier_.handOver(upgrade_->pid());
    upgrade_->letGo();
    log_.info(
        "upgrade: process {} is ready and serves from here on: {}; connections here get {} to finish",
        upgrade_->pid(), *ready, seconds(configurations_.back()->runner->shutdownTimeout)
    );
    watchdogTimer_.cancel();
    finish();
}

Deferred<void> Runner::reload() {
    if (phase_ != Phase::running || std::exchange(reloading_, true))
        co_return;
    log_.info("SIGHUP: reading the configuration again");
    notifier_.reloading();
    struct Done {
        Runner& runner;
        explicit Done(Runner& r) : runner(r) {}
        ~Done() {
            runner.reloading_ = false;
            runner.notifier_.ready("ready: " + runner.bound_.summary());
        }
    } done(*this);

    auto read = readConfiguration(start_.options());
    if (!read) {
        Failure because = ServiceError(read.error().message);
        co_return co_await fail(std::move(because));
    }
    const Configuration& old = *configurations_.back();
    bool sameServices = read->services.size() == old.services.size();
    for (std::size_t i = 0; sameServices && i < old.services.size(); ++i)
        sameServices = read->services[i].maker == old.services[i].maker;
    if (!sameServices) {
        Failure because = ServiceError("which services run changed: that takes a restart");
        co_return co_await fail(std::move(because));
    }
    // Kept also when a service refuses: another one may refer to it by then.
    configurations_.insert(configurations_.end() - 1, std::make_unique<Configuration>(std::move(*read)));
    const Configuration& fresh = *configurations_[configurations_.size() - 2];
    for (std::size_t i = 0; i < fresh.services.size(); ++i) {
        const ConfiguredService& service = fresh.services[i];
        const std::string name(service.maker->name);
        const auto changed = service.options->differences(*old.services[i].options);
        co_await crew_->each([&service, &name, &changed](Shard& shard) {
            Service* running = shard.root->named(name);
            return running ? running->reload(*service.config, changed) : succeed();
        });
    }
    const auto changed = fresh.runnerOptions->differences(*old.runnerOptions);
    output_->setLevels(fresh.runner->logLevels);
    for (const std::string& each : changed) {
        if (each != "--log-level")
            log_.warn("{} changed: that takes effect at the next start", each);
    }
    std::iter_swap(configurations_.end() - 1, configurations_.end() - 2);
    log_.info("configuration reloaded");
}

void Runner::logState() {
    const auto up =
        std::chrono::duration_cast<std::chrono::seconds>(crew_->mainReactor().now() - readySince_);
    log_.info("state: up {} s, {}", phase_ == Phase::running ? up.count() : 0, bound_.summary());
    crew_->post([](Shard& shard) {
        const Logger log("twistdpp");
        const LoopStatistics& loop = shard.reactor->statistics();
        log.info(
            "worker {}: {} turns, busy {} ms in all, longest {} us", shard.index, loop.turns.load(),
            loop.busyNanoseconds.load() / 1'000'000, loop.longestNanoseconds.load() / 1'000
        );
        for (const std::string& each : shard.root ? shard.root->pending() : std::vector<std::string>())
            log.info("worker {}: {}", shard.index, each);
    });
    const auto metrics = crew_->metrics();
    std::string text = Metrics::expose(metrics);
    for (Bytes rest = text; !rest.empty();) {
        const Bytes line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (!line.starts_with('#'))
            log_.info("metric {}", line);
    }
}

void Runner::shiftLogLevel(int steps) {
    const LogLevel now = output_->shiftLevels(steps);
    log_.line(LogLevel::critical, "log level is now " + std::string(logLevelName(now)));
}

void Runner::keepWatchdog() {
    const auto interval = Notifier::watchdogInterval();
    if (!interval)
        return;
    notifier_.watchdog();
    watchdogTimer_ = crew_->mainReactor().callLater(*interval, [this] { keepWatchdog(); });
}

void Runner::keepProfile() {
    profiler_->collect();
    profileTimer_ = crew_->mainReactor().callLater(std::chrono::seconds(1), [this] { keepProfile(); });
}

void Runner::finishProfile() {
    if (!profiler_)
        return;
    const RunnerOptions& options = *configurations_.back()->runner;
    auto samples = profiler_->finish();
    if (!samples)
        log_.error("{}", samples.error().message());
    else
        log_.info("profile {}: {} samples, {} lost", options.profile, *samples, profiler_->lost());
    profiler_.reset();
    if (!crew_)
        return;

    // How long the loops kept events waiting: the time of one turn, over all workers.
    Metrics loops;
    Histogram& histogram = loops.histogram("loop_lag_seconds", "time of one turn of the loop", 1e-9);
    for (const auto& shard : crew_->shards()) {
        if (shard->reactor)
            histogram.addLog2Counts(shard->reactor->statistics().histogram);
    }
    std::vector<Metrics*> all = crew_->metrics();
    all.push_back(&loops);
    const std::string table = Metrics::table(all, "loop_lag_seconds");
    for (Bytes rest = table; !rest.empty();) {
        const Bytes line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        log_.info("loop lag {}", line);
    }
    if (!options.savestats)
        return;
    const std::string path = absolutePath(options.profile + ".stats");
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (!file || std::fputs(Metrics::expose(all).c_str(), file) < 0)
        log_.error("{} cannot be written", path);
    if (file)
        std::fclose(file);
}

int Runner::end(int code) {
    const bool started = phase_ != Phase::starting && readySince_ != TimePoint{};
    if (failure_) {
        log_.error("{}", failure_->message);
        // In the foreground the log may be the terminal as well; the line on stderr is the one that scripts
        // look for.
        if (predecessor_)
            predecessor_->failed(*failure_);
        if (!starter_.failed(*failure_) && !starter_.background())
            std::fprintf(stderr, "twistdpp: %s\n", failure_->message.c_str());
    }
    signals_.reset();
    crew_.reset();
    if (started)
        log_.info("stopped");
    output_->drain();
    pidfile_.remove();
    if (!failure_ && (stopSignal_ == SIGTERM || stopSignal_ == SIGINT))
        dieBySignal(stopSignal_);
    return code;
}

} // namespace twistdpp
