#pragma once
#include "twistdpp/base/buffer.h"
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/file.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/address.h"
#include "twistdpp/reactor/protocol.h"

#include <cstddef>
#include <memory>
#include <string>

namespace twistdpp {

class Reactor;

/// What is known of a TLS connection once its handshake is done. Owned by the transport.
struct TlsInfo {
    std::string version;         // "TLSv1.3"
    std::string cipher;          // OpenSSL's name
    std::string alpn;            // the protocol agreed on, or empty
    std::string serverName;      // what the client asked for by SNI, or empty
    std::string peerCertificate; // the verified peer's certificate in DER, or empty
    std::string peerSubject;     // its subject, RFC 4514 form, or empty
    /// Of a server's connection: random bytes that tell the session from all others, and that whatever
    /// resumes it has again; both ends of a data connection and its control connection are one client then.
    /// Empty for a client, and where no ticket was given.
    std::string origin;
    bool resumed = false;
};

/// How much a connection may have queued to send, in bytes.
struct WriteLimits {
    std::size_t high = 64 * 1024; // above it the transport stops reading, and writable() will be called
    std::size_t low = 16 * 1024;  // at or below it reading goes on
    std::size_t hard = 0;         // above it the connection is aborted; 0: never
    bool pauseReading = true;     // false: the protocol looks after a slow reader itself
};

/// One end of a connection. The reactor owns it; it and its protocol die at the end of the loop turn in which
/// connectionLost() was called. Every call comes from the reactor's thread. Calls after the connection was
/// closed do nothing.
///
/// Backpressure is on by default: while more than WriteLimits::high bytes wait to be sent, nothing more is
/// read, so a peer that sends and never reads cannot make the queue grow.
class Transport {
public:
    virtual ~Transport() = default;

    /// Copies and queues; what an event queues is sent together when the event's callback returns.
    virtual void write(Bytes data) = 0;
    /// Queues without a copy.
    virtual void write(Buffer data) = 0;
    /// Queues a part of a file, sent by sendfile where that can be. A file that is shorter than promised
    /// aborts the connection: the peer must not take what follows for its rest.
    virtual void writeFile(FileRange range) = 0;
    /// Sends what is queued, then closes.
    virtual void loseConnection() = 0;
    /// Closes at once and drops what is queued.
    virtual void abortConnection(Failure reason) = 0;
    void abortConnection();
    /// Sends what is queued, then tells the peer that no more comes; reading goes on.
    virtual void loseWriteConnection() = 0;

    /// Stop and go of dataReceived(). A peer that vanishes is noticed all the same.
    virtual void pauseProducing() = 0;
    virtual void resumeProducing() = 0;

    /// Bytes that wait to be sent.
    virtual std::size_t queued() const noexcept = 0;
    virtual void setWriteLimits(const WriteLimits& limits) = 0;
    /// Fires when queued() is at or below the low mark: at once when it is. Fails with the reason when the
    /// connection ends first.
    virtual Deferred<void> drained() = 0;

    virtual const Address& peer() const noexcept = 0;
    virtual Address host() const = 0;
    /// nullptr without TLS or before the handshake is done.
    virtual const TlsInfo* tls() const noexcept { return nullptr; }
    virtual Reactor& reactor() const noexcept = 0;
    /// Whether loseConnection(), abortConnection() or the end of the connection came already.
    virtual bool closing() const noexcept = 0;

    /// Puts `next` in place of the protocol and gives the old one back; neither is told. For upgrades
    /// (STARTTLS, WebSocket): call next->makeConnection() or changeTransport() as fits.
    virtual std::unique_ptr<Protocol> switchProtocol(std::unique_ptr<Protocol> next) = 0;
    /// Counts as an event in progress until the matching uncork(): writes are held together. For adapters
    /// that call protocols from outside of dataReceived().
    virtual void cork() noexcept = 0;
    virtual void uncork() = 0;

    /// Options of the socket; nothing happens where there is none.
    virtual void setTcpNoDelay(bool on) { static_cast<void>(on); }
    virtual void setTcpKeepAlive(bool on) { static_cast<void>(on); }
    /// Gives the socket away and forgets the connection without a call to connectionLost(). Only before
    /// anything was queued; the error says why it cannot be.
    virtual Result<UniqueFd> releaseFd();
};

/// Holds a transport's writes together while it lives.
class Corked {
public:
    explicit Corked(Transport& transport) noexcept : transport_(transport) { transport.cork(); }
    ~Corked() { transport_.uncork(); }
    Corked(const Corked&) = delete;
    Corked& operator=(const Corked&) = delete;

private:
    Transport& transport_;
};

/// A listening socket. Dropping it, or stopListening(), closes it; connections it has accepted live on.
class Port {
public:
    virtual ~Port() = default;
    /// Where it listens, with the real port number.
    virtual const Address& address() const noexcept = 0;
    virtual void stopListening() = 0;
    /// Leaves new connections in the system's backlog, and takes them again.
    virtual void pauseAccepting() = 0;
    virtual void resumeAccepting() = 0;
};

} // namespace twistdpp
