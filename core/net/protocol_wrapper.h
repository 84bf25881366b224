#pragma once
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <memory>

namespace twistdpp {

/// Stands between a transport and a protocol: to the transport it is the protocol, to the protocol the
/// transport. Everything passes through; a subclass overrides what it means to change. It owns the inner
/// protocol, and lives as long as one: until the end of the turn in which the connection was lost. One object
/// and no further memory a connection.
class ProtocolWrapper : public Protocol, public Transport {
public:
    /// `inner` may be empty for a wrapper that makes it later, with setInner(), before it passes anything on.
    explicit ProtocolWrapper(std::unique_ptr<Protocol> inner = nullptr) noexcept : inner_(std::move(inner)) {}

    void connectionMade() override;
    void dataReceived(Bytes data) override;
    void readConnectionLost() override;
    void writable() override;
    void connectionLost(const Failure& reason) override;

    void write(Bytes data) override;
    void write(Buffer data) override;
    void writeFile(FileRange range) override;
    void loseConnection() override;
    void abortConnection(Failure reason) override;
    using Transport::abortConnection;
    void loseWriteConnection() override;
    void pauseProducing() override;
    void resumeProducing() override;
    std::size_t queued() const noexcept override;
    void setWriteLimits(const WriteLimits& limits) override;
    Deferred<void> drained() override;
    const Address& peer() const noexcept override;
    Address host() const override;
    const TlsInfo* tls() const noexcept override;
    Reactor& reactor() const noexcept override;
    bool closing() const noexcept override;
    std::unique_ptr<Protocol> switchProtocol(std::unique_ptr<Protocol> next) override;
    void cork() noexcept override;
    void uncork() override;
    void setTcpNoDelay(bool on) override;
    void setTcpKeepAlive(bool on) override;
    Result<UniqueFd> releaseFd() override;

protected:
    Transport& lower() const noexcept { return Protocol::transport(); }
    Protocol* inner() const noexcept { return inner_.get(); }
    void setInner(std::unique_ptr<Protocol> inner) noexcept { inner_ = std::move(inner); }

private:
    std::unique_ptr<Protocol> inner_;
};

} // namespace twistdpp
