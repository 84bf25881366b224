#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace twistdpp {

class ServiceConfig;

/// How a service shall stop: finish what is in progress within `limit`, then cut what is left. A limit of
/// zero asks for the second only.
struct Drain {
    explicit Drain(Duration most) : limit(most) {}
    Duration limit;
    bool immediate() const noexcept { return limit <= Duration::zero(); }
};

/// Something that runs for the life of the daemon on one reactor: ports, their connections, timers. Every
/// call comes on that reactor's thread, in this order: privilegedStart(), start(), any number of reload(),
/// stop(), destruction.
class Service {
public:
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    virtual ~Service() = default;

    /// While the process may still be root and see the whole file system: bind ports, read keys, open files.
    virtual Deferred<void> privilegedStart() { return succeed(); }
    /// Begin the work. A service that fails here or in privilegedStart() cleans up after itself: stop() does
    /// not come.
    virtual Deferred<void> start() { return succeed(); }
    /// End it: accept no more, let the connections finish, fire when all is over. Comes once, after a
    /// successful privilegedStart(), also when start() was never reached because another service failed.
    virtual Deferred<void> stop(Drain drain) = 0;
    /// SIGHUP: `fresh` holds the options as they are now, `changed` names those whose values differ. On a
    /// failure the old configuration must stay in use. The default takes no change and says so.
    virtual Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed);
    /// What keeps it from being stopped, for people: "3 connections". Empty when nothing does.
    virtual std::string busyWith() const { return {}; }
};

/// Services that live and die together. They start in the order in which they were added, each when the one
/// before has started; when one fails, those before it are stopped again, latest first, and the failure is
/// passed on. All are told to stop at once, latest first.
class MultiService : public Service {
public:
    /// `limit` is what the services get to stop when a later one fails to start.
    explicit MultiService(Duration rollbackLimit = std::chrono::seconds(5)) : rollbackLimit_(rollbackLimit) {}
    ~MultiService() override;

    /// Before privilegedStart() only. The name appears in errors and in pending().
    void add(std::string name, std::unique_ptr<Service> service);
    Service* named(std::string_view name) const noexcept;
    std::size_t size() const noexcept { return children_.size(); }

    Deferred<void> privilegedStart() override;
    Deferred<void> start() override;
    /// Fires when all have stopped; fails with the first error of a service, after all have ended.
    Deferred<void> stop(Drain drain) override;
    /// All are reloaded; fails with the first error.
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override;
    std::string busyWith() const override;
    /// The services that have not stopped yet, with what they are busy with: "web (3 connections)".
    std::vector<std::string> pending() const;

private:
    enum class State { idle, prepared, running, stopping, stopped, failed };
    struct Child {
        std::string name;
        std::unique_ptr<Service> service;
        State state = State::idle;
    };
    using Phase = Deferred<void> (Service::*)();

    Deferred<void> inOrder(Phase phase, State reached);
    Deferred<void> stopChild(Child& child, Drain drain);

    std::vector<std::unique_ptr<Child>> children_;
    Duration rollbackLimit_;
};

} // namespace twistdpp
