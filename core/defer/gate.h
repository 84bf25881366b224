#pragma once
#include "twistdpp/defer/waiters.h"

#include <cstddef>
#include <optional>

namespace twistdpp {

/// Counts what is in flight, so that an owner can wait for its end before it dies. Belongs to one thread and
/// must outlive its holders.
class Gate {
public:
    /// One operation inside; it leaves when the Holder dies.
    class Holder {
    public:
        Holder(Holder&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Holder& operator=(Holder&&) = delete;
        ~Holder() {
            if (gate_)
                gate_->leave();
        }

    private:
        friend class Gate;
        explicit Holder(Gate& gate) noexcept : gate_(&gate) { ++gate.inside_; }
        Gate* gate_;
    };

    std::size_t inside() const noexcept { return inside_; }
    bool closed() const noexcept { return closed_; }

    /// Nothing when the gate is closed: then do not begin.
    std::optional<Holder> enter() {
        if (closed_)
            return std::nullopt;
        return Holder(*this);
    }

    /// Lets nobody in any more, and fires when the last one has left.
    Deferred<void> close() {
        closed_ = true;
        return inside_ == 0 ? succeed() : waiters_.wait();
    }

private:
    void leave() {
        if (--inside_ > 0 || !closed_)
            return;
        waiters_.callAll(); // the last thing done here: whoever is told may destroy the gate
    }

    std::size_t inside_ = 0;
    bool closed_ = false;
    Waiters<void> waiters_;
};

} // namespace twistdpp
