#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/base/result.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/semaphore.h"
#include "twistdpp/dns_answer/catalog.h"
#include "twistdpp/dns_keeper/zone_source.h"
#include "twistdpp/reactor/reactor.h"

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// Keeps what a name server serves, for all reactors of the service: reads the files, notices their changes,
/// and gives every reactor each new catalog. A zone that was edited wrongly stays as it was, and the log says
/// what is wrong. The first reactor leads: what is not said to be for any thread is called on its thread
/// alone.
class ZoneKeeper : public std::enable_shared_from_this<ZoneKeeper> {
public:
    /// Called on the leader's thread when a zone has got another version; `before` is nullptr for its first
    /// one.
    using ZoneChange = std::function<
        void(const std::shared_ptr<const Zone>& before, const std::shared_ptr<const Zone>& now)>;

    explicit ZoneKeeper(Logger log) : log_(std::move(log)) {}

    /// Reads all files; the first time. What can be served with a flaw is a warning in the log, what cannot
    /// is the error: it names the file, the line and what is wrong.
    Result<void> load(ZoneSources sources);
    /// Begins to watch the files; `leader` runs this object from now on.
    void start(Reactor& leader);
    void stop();
    /// SIGHUP: reads all files again, with the sources as they are now. Zones that cannot be read stay as
    /// they were when they were there before; one that is new and bad is the failure, and nothing is changed
    /// then.
    Deferred<void> reload(ZoneSources sources);

    /// Puts a version of a zone in place that did not come from a file (a transfer); nullptr: it has expired.
    void replace(Bytes origin, std::shared_ptr<const Zone> zone);
    void onZoneChange(ZoneChange f) { changes_.push_back(std::move(f)); }

    /// Any thread.
    std::shared_ptr<const Catalog> catalog() const;

    /// A reactor's share: `f` is called on its thread with each new catalog until the subscription is
    /// dropped, which happens on that thread.
    class Subscription {
    public:
        Subscription(
            std::shared_ptr<ZoneKeeper> keeper, Reactor& reactor,
            std::function<void(std::shared_ptr<const Catalog>)> f
        );
        ~Subscription();
        Subscription(const Subscription&) = delete;
        Subscription& operator=(const Subscription&) = delete;

    private:
        friend class ZoneKeeper;
        struct Target;
        std::shared_ptr<ZoneKeeper> keeper_;
        std::shared_ptr<Target> target_;
    };

private:
    /// A file's zone with the versions of all that it was made of.
    struct Served {
        explicit Served(ZoneSource from) : source(std::move(from)) {}
        ZoneSource source;
        LoadedZone loaded;
    };
    struct Reading;

    static Reading read(const ZoneSources& sources);
    Result<void> accept(Reading& reading, bool first);
    void tell(const std::vector<ZoneProblem>& problems);
    void publish();
    void watchFiles();
    void fileChanged();
    /// Without sources: the ones in use.
    Deferred<void> readAgain(std::optional<ZoneSources> sources);

    Logger log_;
    ZoneSources sources_;
    std::vector<Served> served_;
    LoadedZone hosts_;
    std::vector<ServedZone> transferred_;
    std::vector<ZoneChange> changes_;
    Reactor* leader_ = nullptr;
    std::vector<Watch> watches_;
    Timer changed_;
    Semaphore reading_{1};

    mutable std::mutex mutex_; // for what follows
    std::shared_ptr<const Catalog> catalog_ = std::make_shared<Catalog>();
    std::list<std::shared_ptr<Subscription::Target>> targets_;
};

} // namespace twistdpp::dns
