#pragma once
#include "twistdpp/base/chain.h"
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/timer.h"
#include "twistdpp/reactor/transport.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp {

class SimNetwork;
class SimReactor;

/// In one list for what must still be flushed, and in one for all that are open.
struct SimDirtyHook : ListHook {};
struct SimOpenHook : ListHook {};

/// One end of a simulated stream connection. What is on its way to it stands here, so that it arrives
/// although the sender has gone. It follows the rules of a real socket: what it does not read fills its
/// window and then stops the sender; closing with unread bytes resets the connection, and so does what is
/// sent to an end that has closed.
class SimConnection final : public Transport, public SimDirtyHook, public SimOpenHook {
public:
    SimConnection(
        SimReactor& reactor, SimNetwork& network, std::uint64_t id, const Address& host, const Address& peer
    );

    static void join(SimConnection& a, SimConnection& b) noexcept {
        a.other_ = &b;
        b.other_ = &a;
    }
    std::uint64_t id() const noexcept { return id_; }
    /// Gives it its protocol and tells that one that it is connected.
    void begin(std::unique_ptr<Protocol> protocol);
    /// Sends what is queued and what the other end has room for.
    void flush();
    /// Gives connectionLost(), at the end of the turn in which the connection ended.
    void finish();
    /// Ends it here; `cut`: the other end is reset.
    void end(Failure reason, bool cut);

    void write(Bytes data) override;
    void write(Buffer data) override;
    void writeFile(FileRange range) override;
    void loseConnection() override;
    using Transport::abortConnection;
    void abortConnection(Failure reason) override { end(std::move(reason), true); }
    void loseWriteConnection() override;
    void pauseProducing() override { paused_ = true; }
    void resumeProducing() override;
    std::size_t queued() const noexcept override { return chain_.size(); }
    void setWriteLimits(const WriteLimits& limits) override { limits_ = limits; }
    Deferred<void> drained() override;
    const Address& peer() const noexcept override { return peer_; }
    Address host() const override { return host_; }
    Reactor& reactor() const noexcept override;
    bool closing() const noexcept override { return ended_ || loseWhenSent_; }
    std::unique_ptr<Protocol> switchProtocol(std::unique_ptr<Protocol> next) override {
        return std::exchange(protocol_, std::move(next));
    }
    void cork() noexcept override { ++corks_; }
    void uncork() override;

private:
    enum class Kind : std::uint8_t { data, end, reset };
    struct Segment {
        TimePoint due;
        Kind kind;
        std::string data;
    };

    // Sending.
    template <class Item>
    void queue(Item item);
    void checkFill();
    std::optional<std::string> takeQueued(std::size_t most);
    void send(std::string data);
    void afterSending();
    void markDirty();
    std::size_t roomAtPeer() const noexcept;

    // Receiving.
    void expect(Kind kind, Duration after, std::string data = {});
    void arrived();
    void deliver();
    void deliverBytes();
    bool readable() const noexcept;
    void goOnReading();
    void madeRoom();

    SimReactor& reactor_;
    SimNetwork& network_;
    const std::uint64_t id_;
    SimConnection* other_ = nullptr; // until either has ended
    std::unique_ptr<Protocol> protocol_;
    Address host_;
    Address peer_;

    Chain chain_;
    WriteLimits limits_;
    std::vector<Promise<void>> waiting_;
    TimerNode room_;          // when sending goes on after a stop
    std::size_t unheard_ = 0; // sent to an end that has closed
    unsigned corks_ = 0;

    std::deque<Segment> underWay_;
    TimePoint lastDue_{}; // order holds: nothing arrives before what was sent earlier
    TimerNode arrival_;
    TimerNode reading_;
    std::string inbox_;
    std::size_t inboxBegin_ = 0;
    std::size_t held_ = 0; // bytes under way and in the inbox

    std::unique_ptr<Failure> reason_;
    bool begun_ = false;
    bool ended_ = false;
    bool loseWhenSent_ = false;
    bool shutdownAsked_ = false;
    bool shutdownDone_ = false;
    bool endArrived_ = false;
    bool readClosed_ = false;
    bool paused_ = false;
    bool full_ = false;    // the queue has been above the high mark and not yet at the low one
    bool blocked_ = false; // the other end takes no more for now
};

} // namespace twistdpp
