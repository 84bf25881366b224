#pragma once
#include "twistdpp/base/chain.h"
#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/posix/first_read.h"
#include "twistdpp/posix/poller.h"
#include "twistdpp/posix/timer_wheel.h"
#include "twistdpp/reactor/hand_over.h"
#include "twistdpp/reactor/reactor.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace twistdpp {

class Connection;
class PosixDatagramPort;

/// In one list for what must still be flushed, and in one for all that are open.
struct DirtyHook : ListHook {};
struct OpenHook : ListHook {};

/// Something under way that must be told when the reactor dies before it has ended.
class PendingOperation : public ListHook {
public:
    virtual void reactorEnds() = 0;

protected:
    ~PendingOperation() = default;
};

/// The part of a real reactor that is the same over every Poller: sockets, timers, calls and the order of a
/// turn. The backend adds signals, threads, look-ups and file watching.
class PosixReactor : public Reactor, protected Poller::Turn {
public:
    ~PosixReactor() override;

    void run() override;
    void stop() override;
    void callFromThread(UniqueFunction<void()> f) override;
    TimerQueue& timers() const noexcept override { return wheel_; }
    void callSoon(UniqueFunction<void()> f) override;

    Result<std::unique_ptr<Port>> listen(ListenSpec spec, std::shared_ptr<Factory> factory) override;
    Deferred<Transport*> connect(ConnectSpec spec, std::shared_ptr<Factory> factory) override;
    Result<Transport*> adopt(UniqueFd socket, std::unique_ptr<Protocol> protocol) override;
    Result<std::unique_ptr<DatagramPort>> bind(DatagramSpec spec, DatagramProtocol& protocol) override;
    Result<std::unique_ptr<Process>> spawn(ProcessSpec spec, ProcessProtocol& protocol) override;
    FdWatch* fds() noexcept override;
    HandOverSeat* handOver() noexcept override { return &handOver_; }
    const LoopStatistics& statistics() const noexcept override { return statistics_; }

    // For the classes of this folder.
    static constexpr std::size_t kReadBuffer = 64 * 1024;
    Poller& poller() noexcept { return *poller_; }
    FirstRead& firstRead() noexcept { return firstRead_; }
    /// One read of one connection at a time stands in it.
    char* readBuffer();
    /// Send queues are lent to connections while they have something to send.
    std::unique_ptr<Chain> borrowChain();
    void giveBack(std::unique_ptr<Chain> chain);
    void markDirty(DirtyHook& connection) noexcept { dirty_.pushBack(connection); }
    void markDirty(PosixDatagramPort& port);
    void forget(PosixDatagramPort& port) noexcept;
    void track(PendingOperation& operation) noexcept { pending_.pushBack(operation); }
    /// connectionLost() and destruction come at the end of the turn.
    void bury(Connection& connection) { ended_.push_back(&connection); }
    /// A connected socket becomes a connection with `protocol`; it is the reactor's from then on.
    Transport&
    attach(UniqueFd socket, const Address& peer, std::unique_ptr<Protocol> protocol, bool accepted);

protected:
    PosixReactor();
    /// The backend's constructor gives the Poller, which was made with this as its Turn.
    void setPoller(std::unique_ptr<Poller> poller);
    /// The backend's destructor calls it while its own members still live: ends every connection and
    /// operation.
    void endAll();

    std::optional<Duration> endTurn() override;
    void beginTurn() override;
    void woken() override;

private:
    friend class Connection;
    class ForeignFds;

    Result<std::unique_ptr<Port>>
    listenOn(std::vector<UniqueFd> inherited, const ListenSpec& spec, std::shared_ptr<Factory> factory);
    void finishTurn();
    void buryDead();

    std::unique_ptr<Poller> poller_;
    mutable TimerWheel wheel_;
    LoopStatistics statistics_;
    HandOverSeat handOver_;
    FirstRead firstRead_;
    IntrusiveList<DirtyHook> dirty_;
    IntrusiveList<OpenHook> open_;
    IntrusiveList<PendingOperation> pending_;
    std::vector<PosixDatagramPort*> dirtyPorts_;
    std::vector<Connection*> ended_;
    std::vector<UniqueFunction<void()>> soon_;
    std::vector<std::unique_ptr<Chain>> spareChains_;
    std::unique_ptr<char[]> readBuffer_;
    std::unique_ptr<ForeignFds> foreign_;
    TimePoint turnBegan_{};

    std::mutex mutex_; // guards what follows
    std::vector<UniqueFunction<void()>> fromThreads_;
};

} // namespace twistdpp
