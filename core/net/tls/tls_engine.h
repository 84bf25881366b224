#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/failure.h"
#include "twistdpp/reactor/transport.h"
#include "twistdpp/tls/connection_state.h"
#include "twistdpp/tls/openssl_handles.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace twistdpp::detail {

class ContextState;

/// Takes the records of one connection, to send them.
class RecordSink {
public:
    virtual void sendRecord(Bytes record) = 0;

protected:
    ~RecordSink() = default;
};

/// The TLS state of one connection and nothing else: what came is fed in, records come out at the sink. It
/// knows no transport and no timer.
class TlsEngine {
public:
    enum class Step {
        done,
        wantsMore, // all that was fed is used up
        closed,    // the peer's close_notify came
        failed,    // failure() says why; the alert for the peer was given to the sink
    };
    static constexpr std::size_t kRecord = 16 * 1024; // most plaintext in a record, RFC 8446 section 5.1

    /// `hostname`: whom a client expects.
    TlsEngine(
        std::shared_ptr<ContextState> context, bool server, std::string_view hostname, RecordSink& sink
    );
    ~TlsEngine();
    /// A server's; before the handshake.
    void giveNoTickets() noexcept;
    /// A server's, after the handshake: one more ticket of TLS 1.3 goes out with what is written next.
    void giveTicket() noexcept;
    /// A client's, before the handshake: resumes the session of `first` whatever the cache has.
    void resume(const TlsEngine& first);
    TlsEngine(const TlsEngine&) = delete;
    TlsEngine& operator=(const TlsEngine&) = delete;

    /// What is read from now on: borrowed until all of it is used, or feed() is called again.
    void feed(Bytes incoming) noexcept { incoming_ = incoming; }
    /// What was fed and not yet used.
    Bytes unread() const noexcept { return incoming_; }

    Step handshake();
    /// One record, or the rest of it; `room` of kRecord takes it whole.
    Step read(char* to, std::size_t room, std::size_t& got);
    /// Encrypts all of it. False: failure().
    bool write(Bytes plain);
    void sendCloseNotify();

    /// After the handshake.
    TlsInfo info() const;
    /// Why the last step failed, in a message that names the peer.
    Failure failure(const Address& peer) const;
    /// The peer in a message: the host name expected, if any, and the address.
    std::string who(const Address& peer) const;
    bool server() const noexcept { return server_; }
    /// Whom a client expects.
    const std::string& hostname() const noexcept { return state_.hostname; }

private:
    friend struct EngineBio;
    Step outcome(int result);
    void noteError();
    void prepareClient();

    std::shared_ptr<ContextState> context_;
    RecordSink& sink_;
    Bytes incoming_;
    SslHandle ssl_;
    ConnectionState state_;
    std::string error_; // what is wrong, in OpenSSL's words or ours
    bool server_;
    bool established_ = false;
};

} // namespace twistdpp::detail
