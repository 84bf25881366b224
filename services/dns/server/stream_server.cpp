#include "twistdpp/dns_server/stream_server.h"

#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"

namespace twistdpp::dns {

namespace {

constexpr std::size_t kLength = 2, kLargest = 65'535;
/// Questions of one connection that wait for an upstream; the next ones are read when some are answered.
constexpr unsigned kMostPending = 100;

} // namespace

/// Survives the connection for those that answer later.
class StreamServer::Handle final : public AnswerStream {
public:
    explicit Handle(StreamServer& server) noexcept : server_(&server) {}
    bool open() const noexcept override { return server_ && !server_->transport().closing(); }
    void send(Bytes message) override {
        if (open() && message.size() <= kLargest)
            server_->sendString(message);
    }
    Deferred<void> drained() override {
        return open() ? server_->transport().drained() : fail(ConnectionLost("the client has gone"));
    }
    void abort() override {
        if (open())
            server_->transport().abortConnection();
    }
    void answered() {
        if (server_)
            server_->answerCame();
    }
    void close() noexcept { server_ = nullptr; }

private:
    StreamServer* server_;
};

StreamServer::StreamServer(Responder& responder, Elsewhere& elsewhere)
    : Int16StringReceiver(kLargest), responder_(responder), elsewhere_(elsewhere),
      handle_(std::make_shared<Handle>(*this)) {}

StreamServer::~StreamServer() {
    handle_->close();
}

void StreamServer::connectionMade() {
    idleTimer_ = transport().reactor().callLater(responder_.settings().tcpIdle, [this] { idle(); });
}

Carrier StreamServer::carrier() const noexcept {
    return transport().tls() ? Carrier::tls : Carrier::tcp;
}

void StreamServer::stringReceived(Bytes message) {
    if (ending_)
        return;
    asked_ = true;
    const std::span<char> out = responder_.scratch();
    const Responder::Fate fate =
        responder_.respond(message, transport().peer(), carrier(), out.subspan(kLength));
    std::size_t size = 0;
    switch (fate) {
    case Responder::Fate::answered:
        size = responder_.size();
        break;
    case Responder::Fate::dropped:
        break;
    case Responder::Fate::notify:
        size = elsewhere_.notify(responder_, transport().peer(), out.subspan(kLength));
        break;
    case Responder::Fate::forward:
    case Responder::Fate::transfer:
        return later(fate);
    }
    if (size == 0)
        return;
    put16(out.data(), static_cast<std::uint16_t>(size));
    transport().write(Bytes(out.data(), kLength + size));
}

void StreamServer::later(Responder::Fate fate) {
    /// Tells the connection of its end, however the one who answers ends.
    struct Pending {
        explicit Pending(std::shared_ptr<Handle> to) noexcept : handle(std::move(to)) {}
        Pending(Pending&&) noexcept = default;
        Pending& operator=(Pending&&) = delete;
        ~Pending() {
            if (handle)
                handle->answered();
        }
        std::shared_ptr<Handle> handle;
    };
    if (++pending_ == kMostPending)
        pauseProducing();
    Pending pending(handle_);
    if (fate == Responder::Fate::forward) {
        elsewhere_.forward(
            responder_, transport().peer(), carrier(),
            [pending = std::move(pending)](Bytes answer) { pending.handle->send(answer); }
        );
        return;
    }
    // The stream's owner lets go of it when the transfer is over.
    auto* const whole = new Pending(std::move(pending));
    elsewhere_.transfer(
        responder_, transport().peer(),
        std::shared_ptr<AnswerStream>(whole->handle.get(), [whole](AnswerStream*) { delete whole; })
    );
}

void StreamServer::answerCame() {
    if (pending_-- == kMostPending)
        resumeProducing();
    closeWhenDone();
}

void StreamServer::closeWhenDone() {
    if (ending_ && pending_ == 0 && connected())
        transport().loseConnection();
}

void StreamServer::idle() {
    // Not re-armed for each question: it looks whether any came since it was set.
    if (!asked_ && pending_ == 0 && transport().queued() == 0)
        return transport().loseConnection();
    asked_ = false;
    idleTimer_.reset(responder_.settings().tcpIdle);
}

void StreamServer::readConnectionLost() {
    ending_ = true;
    closeWhenDone();
}

void StreamServer::connectionLost(const Failure&) {
    handle_->close();
    idleTimer_.cancel();
}

void StreamServer::drain() {
    ending_ = true;
    closeWhenDone();
}

void StreamServer::abort() {
    transport().abortConnection();
}

} // namespace twistdpp::dns
