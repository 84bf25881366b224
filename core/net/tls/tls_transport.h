#pragma once
#include "twistdpp/base/chain.h"
#include "twistdpp/defer/waiters.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/timer.h"
#include "twistdpp/reactor/transport.h"
#include "twistdpp/tls/plaintext_sniffer.h"
#include "twistdpp/tls/record_writer.h"
#include "twistdpp/tls/tls_engine.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace twistdpp {

/// A protocol that derives from it as well is told when TLS that was put under it by startTls...() is ready.
class HandshakeListener {
public:
    virtual void handshakeCompleted(const TlsInfo& info) = 0;

protected:
    ~HandshakeListener() = default;
};

/// A server's protocol that derives from it as well may answer a peer that speaks no TLS, in the clear.
class PlaintextResponder {
public:
    /// `received`: the peer's first line, or 1 KiB of it. What is returned is sent and the connection closed;
    /// connectionLost() then gets the TlsPlaintextError. connectionMade() was not called.
    virtual std::string plaintextReceived(Bytes received) = 0;

protected:
    ~PlaintextResponder() = default;
};

/// TLS between two layers: a Protocol to the transport below and a Transport to the protocol above, which it
/// owns. Made by TlsContext or startTls...().
///
/// The inner protocol gets connectionMade() when the handshake is done, and from then on has tls(). When the
/// handshake fails, it gets connectionLost() alone, with a TlsHandshakeError (tls_errors.h) that says why;
/// transport() can be used there too. The peer's close_notify is readConnectionLost(); an end without one is
/// ConnectionLost, as the data may have been cut short by anybody (RFC 8446 section 6.1).
///
/// What the inner protocol writes during one event is sent as few records; large data is encrypted as the
/// peer takes it, so queued() is plaintext that waits plus what waits below. Reading pauses when more than
/// the smaller of WriteLimits::high and 64 KiB waits below.
class TlsProtocol final : public Protocol, public Transport, private detail::RecordSink {
public:
    TlsProtocol(
        std::shared_ptr<detail::ContextState> context, std::unique_ptr<Protocol> inner, bool server,
        std::string_view hostname
    );
    ~TlsProtocol() override;

    /// Puts a protocol inside that has had its connectionMade(); before makeConnection() only.
    void adoptRunning(std::unique_ptr<Protocol> inner);
    /// As a server of TLS 1.3; before makeConnection() only.
    void giveNoTickets() noexcept { engine_.giveNoTickets(); }
    /// As a server of TLS 1.3, once tls() is there; see giveTlsTicket().
    void giveTicket() noexcept { engine_.giveTicket(); }
    /// As a client: a layer for another connection to the same server that resumes the session of this one.
    std::unique_ptr<TlsProtocol> another() const;

    // As the protocol of the transport below.
    void connectionMade() override;
    void dataReceived(Bytes data) override;
    void readConnectionLost() override;
    void writable() override;
    void connectionLost(const Failure& reason) override;

    // As the transport of the inner protocol.
    void write(Bytes data) override;
    void write(Buffer data) override;
    void writeFile(FileRange range) override;
    void loseConnection() override;
    using Transport::abortConnection;
    void abortConnection(Failure reason) override;
    void loseWriteConnection() override;
    void pauseProducing() override;
    void resumeProducing() override;
    std::size_t queued() const noexcept override;
    void setWriteLimits(const WriteLimits& limits) override;
    Deferred<void> drained() override;
    const Address& peer() const noexcept override { return lower().peer(); }
    Address host() const override { return lower().host(); }
    const TlsInfo* tls() const noexcept override { return info_.get(); }
    Reactor& reactor() const noexcept override { return lower().reactor(); }
    bool closing() const noexcept override;
    std::unique_ptr<Protocol> switchProtocol(std::unique_ptr<Protocol> next) override;
    void cork() noexcept override;
    void uncork() override;
    void setTcpNoDelay(bool on) override { lower().setTcpNoDelay(on); }
    void setTcpKeepAlive(bool on) override { lower().setTcpKeepAlive(on); }

private:
    enum class Phase : std::uint8_t {
        fresh,
        handshaking,
        open,
        finishing, // TLS is over; the transport below is being closed
        ended,
    };

    Transport& lower() const noexcept { return Protocol::transport(); }
    void sendRecord(Bytes record) override { lower().write(record); }
    TimePoint now() const;
    /// For calls that come later, perhaps after the end.
    std::shared_ptr<TlsProtocol*> self();

    // Incoming.
    bool speaksTls(Bytes data);
    void failPlaintext();
    void process(Bytes chunk);
    void stepHandshake();
    void handshakeDone();
    void readRecords();
    void closeNotifyReceived();
    void lowerReadClosed();
    void processHeld();
    void processHeldSoon();

    // Outgoing.
    bool canWrite() const noexcept;
    template <class Item>
    void queue(Item item);
    void afterWrite();
    void pump();
    bool sent(detail::RecordWriter::Result result);
    bool encryptQueued();
    bool tellWritable();
    /// For what waits in the queue below without filling it: that ends without a call of writable().
    void watchLower();
    /// Whether there were some.
    bool serveWaiters();

    // The end.
    void fail(Failure reason);
    void closeLower();
    std::string who() const { return engine_.who(lower().peer()); }
    void deadline();
    [[nodiscard]] Failure endReason(const Failure& reason) const;

    std::shared_ptr<detail::ContextState> context_;
    std::unique_ptr<Protocol> inner_;
    detail::TlsEngine engine_;
    detail::RecordWriter records_;
    std::unique_ptr<TlsInfo> info_;
    std::unique_ptr<detail::PlaintextSniffer> sniffer_; // until the peer's first bytes were seen
    std::optional<TimerNode> timer_;                    // handshake, then closing
    std::optional<Failure> reason_;                     // why, when the transport below cannot know
    std::shared_ptr<TlsProtocol*> self_;                // made when a later call to this is planned
    std::shared_ptr<Waiters<void>> waiters_;            // drained() while plaintext waits
    Chain plain_;                                       // not yet encrypted
    std::string held_;                                  // records that came while reading was paused
    WriteLimits limits_;
    std::size_t lowerHigh_ = 0;  // no more is encrypted while that much waits below
    std::size_t lastQueued_ = 0; // at the last look of the closing timer
    unsigned corks_ = 0;
    Phase phase_ = Phase::fresh;
    bool innerStarted_ = false;
    bool busy_ = false;          // inside process()
    bool paused_ = false;        // by the inner protocol
    bool full_ = false;          // queued() has been above the high mark and not yet at the low one
    bool lowerFull_ = false;     // the same below: encrypt no more until writable()
    bool watchingLower_ = false; // it was asked to say when little is left
    bool encrypting_ = false;    // records are being given to the transport below
    bool losing_ = false;        // loseConnection() was called
    bool writeLost_ = false;     // loseWriteConnection() was called
    bool notified_ = false;      // close_notify was sent
    bool peerNotified_ = false;  // and received
    bool lowerEof_ = false;      // the peer will send no more, with or without close_notify
    bool lowerWriteLost_ = false;
};

} // namespace twistdpp
