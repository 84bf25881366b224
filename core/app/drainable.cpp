#include "twistdpp/app/drainable.h"

namespace twistdpp {

/// Outlives the set as long as a connection does.
struct Drainable::Shared {
    IntrusiveList<Drainable> list;
    std::size_t count = 0;
    std::optional<Promise<void>> empty;
    Timer limit;
};

Drainable::~Drainable() {
    if (!of_)
        return;
    unlink();
    if (--of_->count > 0 || !of_->empty)
        return;
    of_->limit.cancel();
    Promise<void> last = std::move(*of_->empty);
    of_->empty.reset();
    last.callback();
}

Connections::Connections(Reactor& reactor)
    : reactor_(reactor), shared_(std::make_shared<Drainable::Shared>()) {}

Connections::~Connections() {
    // The reactor may go next, and connections may outlive both: nothing of it may stay behind.
    shared_->limit.cancel();
}

void Connections::add(Drainable& connection) {
    connection.of_ = shared_;
    shared_->list.pushBack(connection);
    ++shared_->count;
}

std::size_t Connections::size() const noexcept {
    return shared_->count;
}

Deferred<void> Connections::stop(Duration limit) {
    if (limit > Duration::zero())
        shared_->list.forEach([](Drainable& each) { each.drain(); });
    if (shared_->count == 0)
        return succeed();
    Promise<void>& promise = shared_->empty.emplace();
    auto done = promise.deferred();
    auto abortAll = [shared = shared_.get()] { shared->list.forEach([](Drainable& each) { each.abort(); }); };
    if (limit > Duration::zero())
        shared_->limit = reactor_.callLater(limit, abortAll);
    else
        abortAll();
    return done;
}

} // namespace twistdpp
