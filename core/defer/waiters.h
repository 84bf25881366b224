#pragma once
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/defer/promise.h"

namespace twistdpp {

/// Consumers that wait in a row for something to be handed to them; a cancelled one leaves the row. The base
/// of Semaphore, Queue and Gate.
template <class T>
class Waiters {
    struct Waiter : ListHook {
        Waiter() : promise([this] { delete this; }) {}
        Promise<T> promise;
    };

public:
    Waiters() = default;
    ~Waiters() {
        while (Waiter* waiter = waiting_.popFront())
            delete waiter;
    }
    Waiters(const Waiters&) = delete;
    Waiters& operator=(const Waiters&) = delete;

    bool empty() const noexcept { return waiting_.empty(); }

    Deferred<T> wait() {
        auto* waiter = new Waiter;
        waiting_.pushBack(*waiter);
        return waiter->promise.deferred();
    }
    /// Takes the first one's Promise out; only when not empty().
    Promise<T> next() {
        Waiter* waiter = waiting_.popFront();
        Promise<T> promise = std::move(waiter->promise);
        delete waiter;
        return promise;
    }
    /// Whoever is told may destroy this row, and cancel others of it.
    void failAll(const Failure& failure) {
        tellAll([&](Promise<T>& promise) { promise.errback(failure); });
    }
    void callAll() requires std::is_void_v<T> {
        tellAll([](Promise<T>& promise) { promise.callback(); });
    }

private:
    template <class Tell>
    void tellAll(Tell tell) {
        IntrusiveList<Waiter> all;
        all.splice(waiting_);
        while (Waiter* waiter = all.popFront()) {
            Promise<T> promise = std::move(waiter->promise);
            delete waiter;
            tell(promise);
        }
    }

    IntrusiveList<Waiter> waiting_;
};

} // namespace twistdpp
