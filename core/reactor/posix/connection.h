#pragma once
#include "twistdpp/base/chain.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/posix/posix_reactor.h"
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <vector>

namespace twistdpp {

/// A connected stream socket (TCP or unix). Small while idle: its queue is borrowed from the reactor while
/// there is something to send.
class Connection final : public Transport, private Poller::Handler, public DirtyHook, public OpenHook {
public:
    Connection(
        PosixReactor& reactor, UniqueFd socket, const Address& peer, std::unique_ptr<Protocol> protocol
    );
    ~Connection() override;

    /// Tells the protocol that it is connected. `accepted`: no other process has the socket, and data may be
    /// there already, so that one read may come before the poller is asked.
    void begin(bool accepted);
    /// Sends what is queued; called at the end of an event or of the turn.
    void flush();
    /// Gives connectionLost() (not after releaseFd()), at the end of the turn in which it ended.
    void finish();

    void write(Bytes data) override;
    void write(Buffer data) override;
    void writeFile(FileRange range) override;
    void loseConnection() override;
    using Transport::abortConnection;
    void abortConnection(Failure reason) override;
    void loseWriteConnection() override;
    void pauseProducing() override;
    void resumeProducing() override;
    std::size_t queued() const noexcept override { return chain_ ? chain_->size() : 0; }
    void setWriteLimits(const WriteLimits& limits) override;
    Deferred<void> drained() override;
    const Address& peer() const noexcept override { return peer_; }
    Address host() const override;
    Reactor& reactor() const noexcept override { return reactor_; }
    bool closing() const noexcept override { return ended_ || loseWhenSent_; }
    std::unique_ptr<Protocol> switchProtocol(std::unique_ptr<Protocol> next) override;
    void cork() noexcept override { ++corks_; }
    void uncork() override;
    void setTcpNoDelay(bool on) override;
    void setTcpKeepAlive(bool on) override;
    Result<UniqueFd> releaseFd() override;

private:
    enum class Sent { all, some, blocked, failed };

    void ready(unsigned events) override;
    bool wantsBytes() const noexcept;
    bool readable();
    void end(Failure reason);
    void readWhatIsLeft();
    void failedRead(int error);
    bool canWrite() const noexcept { return !ended_ && !shutdownAsked_; }
    template <class Item>
    void queue(Item item);
    bool sendQueued(std::size_t& budget);
    Sent sendBytes(std::size_t& budget);
    Sent sendFile(std::size_t& budget);
    void afterSending();
    void watchFor();
    void checkFill();
    const WriteLimits& limits() const noexcept;

    PosixReactor& reactor_;
    Poller::Entry* entry_ = nullptr;
    std::unique_ptr<Protocol> protocol_;
    std::unique_ptr<Chain> chain_;
    std::unique_ptr<WriteLimits> limits_; // unset: the defaults
    std::unique_ptr<std::vector<Promise<void>>> waiting_;
    std::unique_ptr<Failure> reason_; // set once ended
    Address peer_;
    UniqueFd fd_;
    std::uint16_t corks_ = 0;
    std::uint8_t watched_ = 0;       // events asked of the poller
    bool ended_ : 1 = false;         // closed; connectionLost() is due or given
    bool loseWhenSent_ : 1 = false;  // loseConnection() was called
    bool shutdownAsked_ : 1 = false; // loseWriteConnection() was called
    bool shutdownDone_ : 1 = false;
    bool readClosed_ : 1 = false; // the peer sends no more
    bool paused_ : 1 = false;     // by the protocol
    bool full_ : 1 = false;       // the queue has been above the high mark and not yet at the low one
    bool blocked_ : 1 = false;    // the socket takes no more: wait until it is writable
    bool hangupSeen_ : 1 = false; // told while reading was paused: not asked for again
    bool flushing_ : 1 = false;
    bool begun_ : 1 = false;
    bool accepted_ : 1 = false;
};

} // namespace twistdpp
