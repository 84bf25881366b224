#pragma once
#include "twistdpp/ftp_data/raw_socket.h"

#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp::ftp {

/// A data connection, as a transfer sees it: it asks for bytes, or writes some, and waits. Shared by the
/// connection and whoever uses it. What fails, fails with the reason of the connection's end. On the
/// reactor's thread.
class DataLink : public std::enable_shared_from_this<DataLink> {
public:
    /// The protocol of a connection, which belongs to its transport.
    static std::unique_ptr<Protocol> protocol(std::shared_ptr<DataLink> link);

    /// TLS from here on, as its server, whoever has made the connection (RFC 4217 section 7). Fires when it
    /// is there.
    Deferred<void> secureAsServer(const std::shared_ptr<const ContextFactory>& context);
    /// The same as its client: resumes the session of the control connection.
    Deferred<void> secureAsClient(const Transport& control);
    /// What has come, at least a byte; empty at the end. With TLS an end without its goodbye is a failure, as
    /// somebody may have cut the rest off.
    Deferred<std::string> read();
    /// Sends what is queued, and waits until little is.
    Deferred<void> drained();
    /// Ends it when all was sent, and fires when it has ended.
    Deferred<void> finish();
    void abort();
    /// The socket itself, of which the link knows no more from then on than how to abort it. Before anything
    /// was read or written; nullptr where there is none to give, as with TLS.
    std::shared_ptr<RawSocket> takeSocket();
    /// nullptr when it has ended.
    Transport* transport() const noexcept { return transport_; }

private:
    class Connection;
    Deferred<void> handshake(UniqueFunction<void(Transport&)> start);
    void serve();
    void resume();

    Transport* transport_ = nullptr;
    std::weak_ptr<RawSocket> socket_;
    std::string waiting_;
    bool ended_ = false; // the peer sends no more
    bool paused_ = false;
    std::optional<Failure> lost_;
    std::optional<Promise<std::string>> reader_;
    std::optional<Promise<void>> secured_, finished_;
};

} // namespace twistdpp::ftp
