#pragma once
#include "twistdpp/base/chain.h"
#include "twistdpp/defer/waiters.h"
#include "twistdpp/net/policy.h"
#include "twistdpp/net/protocol_wrapper.h"
#include "twistdpp/net/token_bucket.h"
#include "twistdpp/reactor/timer.h"

#include <memory>
#include <optional>

namespace twistdpp {

/// The limits of a ConnectionPolicy on one connection. One timer serves them all: it is set for the earliest
/// deadline, and traffic only moves a time stamp that is looked at when the timer has run.
class PolicedConnection final : public ProtocolWrapper {
public:
    PolicedConnection(
        std::shared_ptr<ConnectionPolicy> policy, const Address& peer, std::unique_ptr<Protocol> inner
    );
    ~PolicedConnection() override;

    void connectionMade() override;
    void dataReceived(Bytes data) override;
    void writable() override;
    void connectionLost(const Failure& reason) override;

    void write(Bytes data) override;
    void write(Buffer data) override;
    void writeFile(FileRange range) override;
    void loseConnection() override;
    void abortConnection(Failure reason) override;
    void loseWriteConnection() override;
    void pauseProducing() override;
    void resumeProducing() override;
    std::size_t queued() const noexcept override;
    void setWriteLimits(const WriteLimits& limits) override;
    Deferred<void> drained() override;
    bool closing() const noexcept override;

private:
    /// What a connection with a write rate holds back.
    struct Delayed {
        explicit Delayed(double rate) : bucket(rate) {}
        TokenBucket bucket;
        Chain pending;
        WriteLimits limits;
        Waiters<void> waiters;
        bool overHigh = false;
        bool thenClose = false;
        bool thenCloseWriting = false;
    };
    enum PauseReason : unsigned { byProtocol = 1, byReadRate = 2, byQueue = 4 };

    TimePoint now() const noexcept { return policy_->reactor_.now(); }
    void setPause(PauseReason reason, bool on);
    void wrote(std::size_t bytes);
    template <class Data>
    void delay(Data data, std::size_t size);
    void sendDelayed();
    void sendHead(std::size_t most, TimePoint at);
    void steerQueue();
    void finishDelayed();
    Duration untilMayWrite() const noexcept;
    void setTimer();
    void timerRan();
    void end(const char* why, std::uint64_t& counter);

    std::shared_ptr<ConnectionPolicy> policy_;
    Address counted_; // the network's end, whatever a PROXY header inside may claim
    TimerNode timer_;
    TimePoint began_{};
    TimePoint lastByte_{};
    std::optional<TokenBucket> reads_;
    std::unique_ptr<Delayed> delayed_;
    unsigned pauses_ = 0;
    bool heard_ = false;
    bool over_ = false;
};

} // namespace twistdpp
