#pragma once
#include "twistdpp/app/drainable.h"
#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/timer.h"

#include <optional>
#include <utility>

namespace twistdpp::mail {

/// A server's end of a protocol of questions and answers in lines. Owned by its transport.
class LineDialogue : public LineReceiver, public Drainable {
public:
    ~LineDialogue() override { giveUp(); }
    void abort() override {
        if (connected())
            transport().abortConnection();
    }

protected:
    using LineReceiver::LineReceiver;

    /// Calls `done(Outcome<T>)` when `pending` has fired, at once when it has; until then nothing further is
    /// read and the clock stands, which begins anew then. It never comes when the connection ends first.
    template <class T, class Done>
    void await(Deferred<T> pending, Done done) {
        auto end = std::move(pending).addBoth([this, done = std::move(done)](Outcome<T> outcome) mutable {
            if (!outcome.ok() && outcome.failure().template check<CancelledError>())
                return;
            pending_.reset();
            const Corked together(transport());
            done(std::move(outcome));
            if (pending_)
                return;
            // What the peer does next is a matter of time again, whoever thinks of it.
            if (clock_ && !clock_->active() && limit_ > Duration::zero())
                clock_->start(limit_);
            resumeProducing();
        });
        if (end.called())
            return;
        pending_ = std::move(end);
        if (clock_)
            clock_->stop();
        pauseProducing();
    }
    bool waiting() const noexcept { return pending_.has_value(); }
    /// What is waited for is not wanted any more.
    void giveUp() {
        if (auto pending = std::exchange(pending_, std::nullopt))
            pending->cancel();
    }

    /// timedOut() comes after so long, unless it is started anew; once the connection is made.
    void startClock(Duration limit) {
        if (!clock_)
            clock_.emplace(transport().reactor().timers(), [this] {
                if (transport().closing())
                    transport().abortConnection();
                else
                    timedOut();
            });
        limit_ = limit;
        clock_->start(limit);
    }

    virtual void timedOut() = 0;
    /// Says the last word and closes; a peer that does not take it in is cut.
    void sayLast(Bytes text) {
        transport().write(text);
        transport().loseConnection();
        startClock(std::chrono::seconds(30));
    }

    /// An override calls this one, too.
    void connectionLost(const Failure&) override {
        clock_.reset();
        giveUp();
    }

private:
    std::optional<Deferred<void>> pending_;
    std::optional<TimerNode> clock_;
    Duration limit_{}; // of the clock, while it stands as well; 0: there is none
};

} // namespace twistdpp::mail
