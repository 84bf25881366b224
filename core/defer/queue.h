#pragma once
#include "twistdpp/defer/waiters.h"

#include <cstddef>
#include <deque>
#include <limits>

namespace twistdpp {

/// Hands items from producers to consumers of one thread, in order. put() waits while `limit` items stand in
/// it.
template <class T>
class Queue {
public:
    explicit Queue(std::size_t limit = std::numeric_limits<std::size_t>::max()) noexcept : limit_(limit) {}

    std::size_t size() const noexcept { return items_.size(); }

    /// Fires when the item was taken in; fails with ClosedError after close().
    Deferred<void> put(T item) {
        if (closed_)
            return fail(ClosedError());
        if (!getters_.empty()) {
            Promise<T> getter = getters_.next();
            getter.callback(std::move(item));
            return succeed();
        }
        items_.push_back(std::move(item));
        // The item stands in the row at once, so that order holds; only the producer waits.
        return items_.size() <= limit_ ? succeed() : putters_.wait();
    }

    /// Fires with the next item; fails with ClosedError when the queue is closed and empty.
    Deferred<T> get() {
        if (items_.empty()) {
            if (closed_)
                return fail<T>(ClosedError());
            return getters_.wait();
        }
        T item = std::move(items_.front());
        items_.pop_front();
        if (putters_.empty())
            return Deferred<T>(std::move(item));
        Promise<void> putter = putters_.next();
        Deferred<T> result(std::move(item));
        putter.callback();
        return result;
    }

    /// No more put(). What stands in the queue can still be taken; who waits for more gets a ClosedError.
    void close() {
        closed_ = true;
        // Only one of the rows can have somebody in it. Whoever is told may destroy the queue.
        if (putters_.empty())
            getters_.failAll(ClosedError());
        else
            putters_.failAll(ClosedError());
    }

private:
    std::size_t limit_;
    bool closed_ = false;
    std::deque<T> items_;
    Waiters<T> getters_;
    Waiters<void> putters_;
};

} // namespace twistdpp
