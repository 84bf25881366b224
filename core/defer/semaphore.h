#pragma once
#include "twistdpp/defer/waiters.h"

#include <cstddef>

namespace twistdpp {

/// At most `tokens` holders at a time; the others wait in the order in which they came. Belongs to one thread
/// and must outlive its permits. One token makes it a lock.
class Semaphore {
public:
    /// Holding it is having the token; it is given back when the Permit dies.
    class Permit {
    public:
        Permit() noexcept = default;
        Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        Permit& operator=(Permit&& other) noexcept {
            if (this != &other) {
                release();
                owner_ = std::exchange(other.owner_, nullptr);
            }
            return *this;
        }
        ~Permit() { release(); }
        void release() {
            if (Semaphore* owner = std::exchange(owner_, nullptr))
                owner->giveBack();
        }

    private:
        friend class Semaphore;
        explicit Permit(Semaphore& owner) noexcept : owner_(&owner) {}
        Semaphore* owner_ = nullptr;
    };

    explicit Semaphore(std::size_t tokens) noexcept : free_(tokens) {}

    std::size_t available() const noexcept { return free_; }

    /// Fires with a Permit when a token is free; may be cancelled while it waits.
    Deferred<Permit> acquire() {
        if (free_ > 0) {
            --free_;
            return Deferred<Permit>(Permit(*this));
        }
        return waiters_.wait();
    }

private:
    void giveBack() {
        if (waiters_.empty()) {
            ++free_;
            return;
        }
        Promise<Permit> next = waiters_.next();
        next.callback(Permit(*this));
    }

    std::size_t free_;
    Waiters<Permit> waiters_;
};

} // namespace twistdpp
