#pragma once
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <optional>

namespace twistdpp {

class Connections;

/// A protocol derives from this, beside Protocol, for its service to wait for it when it stops. A factory
/// given to serveEndpoint() needs to do no more than that.
class Drainable : private ListHook {
public:
    virtual ~Drainable();
    /// The service stops: finish what is in progress, then close. Idle connections close at once.
    virtual void drain() = 0;
    /// The time for that is over.
    virtual void abort() = 0;

private:
    friend class Connections;
    template <class, class>
    friend class IntrusiveList;
    struct Shared;
    std::shared_ptr<Shared> of_;
};

/// The live connections of a service on one reactor.
class Connections {
public:
    explicit Connections(Reactor& reactor);
    ~Connections();

    void add(Drainable& connection);
    std::size_t size() const noexcept;
    /// Drains all, aborts those that are left after the limit, and fires when none is left.
    Deferred<void> stop(Duration limit);

private:
    Reactor& reactor_;
    std::shared_ptr<Drainable::Shared> shared_;
};

} // namespace twistdpp
