#pragma once
#include "twistdpp/base/time.h"

#include <optional>

namespace twistdpp {

/// Says when descriptors are ready, and turns the loop. What a new event backend implements. Events are the
/// bits of FdEvents, level-triggered.
class Poller {
public:
    /// Told of a descriptor's readiness. It may unwatch itself and others in the call. An error is told as
    /// all events at once; the descriptor is not watched from then on until the next modify().
    class Handler {
    public:
        virtual void ready(unsigned events) = 0;

    protected:
        ~Handler() = default;
    };

    /// One watched descriptor; made and destroyed by the poller.
    class Entry;

    /// What becomes of a descriptor that is watched no more.
    enum class Then {
        keepsOpen,  // it may live on, here or in another process
        closesHere, // its owner closes it at once and nobody else has it: the system forgets it by itself
    };

    /// The parts of a loop turn that are not the poller's.
    class Turn {
    public:
        /// All events of this turn were told. Returns how long the loop may wait at most; nothing: for ever.
        virtual std::optional<Duration> endTurn() = 0;
        /// The loop has waited, or its timer has run out, and tells events next.
        virtual void beginTurn() = 0;
        /// wake() was called, once or more, by some thread.
        virtual void woken() = 0;

    protected:
        ~Turn() = default;
    };

    virtual ~Poller() = default;
    virtual Entry* watch(int fd, unsigned events, Handler& handler) = 0;
    virtual void modify(Entry* entry, unsigned events) = 0;
    /// Before the descriptor is closed.
    virtual void unwatch(Entry* entry, Then then = Then::keepsOpen) = 0;
    /// Turns until stop().
    virtual void run() = 0;
    virtual void stop() = 0;
    /// From any thread: makes the loop end its wait and call Turn::woken().
    virtual void wake() = 0;
};

} // namespace twistdpp
