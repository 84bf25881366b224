#include "twistdpp/net/stream.h"

#include "twistdpp/base/log.h"
#include "twistdpp/net/stream_state.h"

#include <utility>

namespace twistdpp {

struct Stream::Lease {
    explicit Lease(std::shared_ptr<detail::StreamState> of) noexcept : state(std::move(of)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { state->close(); }
    std::shared_ptr<detail::StreamState> state;
};

namespace {

constexpr Bytes kLogName = "net.stream";

/// Feeds a StreamState from its connection, and on a server runs the handler.
class StreamProtocol final : public Protocol {
public:
    StreamProtocol(
        std::shared_ptr<detail::StreamState> state, std::shared_ptr<const StreamHandler> handler
    ) noexcept
        : state_(std::move(state)), handler_(std::move(handler)) {}

    void connectionMade() override {
        state_->attach(*this);
        if (handler_)
            runHandler(state_, handler_);
    }
    void dataReceived(Bytes data) override { state_->received(data); }
    // Not the end: the handler may have its answer still to send.
    void readConnectionLost() override { state_->readEnded(); }
    void connectionLost(const Failure& reason) override { state_->lost(reason); }

private:
    static void runHandler(
        const std::shared_ptr<detail::StreamState>& state, const std::shared_ptr<const StreamHandler>& handler
    ) {
        // The state and the handler (with what a lambda captured) stay until the handler's end.
        succeed()
            .addCallback([state, handler] { return (*handler)(state->handle()); })
            .addBoth([state, handler](Outcome<void> outcome) {
                if (outcome.ok())
                    state->close();
                else
                    handlerFailed(*state, outcome.failure());
            })
            .detach();
    }

    static void handlerFailed(detail::StreamState& state, const Failure& failure) {
        Transport* const transport = state.transport();
        const bool ending = failure.check<EndOfStream>() || failure.check<CancelledError>();
        if (ending || (!transport && failure.check<ConnectionEnd>())) {
            state.close();
            return;
        }
        logLine(
            LogLevel::error, kLogName, state.peer().toString() + ": the handler failed: " + failure.message()
        );
        if (transport)
            transport->abortConnection();
    }

    std::shared_ptr<detail::StreamState> state_;
    std::shared_ptr<const StreamHandler> handler_;
};

} // namespace

Stream::Stream(std::shared_ptr<detail::StreamState> state)
    : lease_(std::make_shared<Lease>(std::move(state))) {}

detail::StreamState& Stream::state() const noexcept {
    assert(lease_ != nullptr);
    return *lease_->state;
}

Deferred<Bytes> Stream::read() {
    return state().read();
}
Deferred<std::string> Stream::readLine(std::size_t max, LineEnd lineEnd) {
    return state().readLine(max, lineEnd);
}
Deferred<std::string> Stream::readExactly(std::size_t count) {
    return state().readExactly(count);
}

void Stream::write(Bytes data) {
    if (Transport* const to = transport())
        to->write(data);
}
void Stream::write(Buffer data) {
    if (Transport* const to = transport())
        to->write(std::move(data));
}
void Stream::writeFile(FileRange range) {
    if (Transport* const to = transport())
        to->writeFile(std::move(range));
}
Deferred<void> Stream::drain() {
    return state().drain();
}

void Stream::close() {
    state().close();
}
void Stream::abort() {
    if (Transport* const to = transport())
        to->abortConnection();
}
void Stream::closeWriting() {
    if (Transport* const to = transport())
        to->loseWriteConnection();
}
bool Stream::connected() const noexcept {
    const Transport* const to = transport();
    return to && !to->closing();
}

const Address& Stream::peer() const noexcept {
    return state().peer();
}
Address Stream::host() const {
    const Transport* const to = transport();
    return to ? to->host() : Address();
}
const TlsInfo* Stream::tls() const noexcept {
    const Transport* const to = transport();
    return to ? to->tls() : nullptr;
}
Reactor& Stream::reactor() const noexcept {
    return state().reactor();
}
Transport* Stream::transport() const noexcept {
    return state().transport();
}

std::size_t Stream::readMark() const noexcept {
    return state().readMark();
}
void Stream::setReadMark(std::size_t bytes) {
    state().setReadMark(bytes);
}

std::shared_ptr<Factory> makeStreamFactory(StreamHandler handler) {
    return makeFactory([handler = std::make_shared<const StreamHandler>(std::move(handler))](const Address&) {
        return std::make_unique<StreamProtocol>(std::make_shared<detail::StreamState>(), handler);
    });
}

Deferred<Stream> connectStream(UniqueFunction<Deferred<Transport*>(std::shared_ptr<Factory>)> connect) {
    const auto made = std::make_shared<std::shared_ptr<detail::StreamState>>();
    auto factory = makeFactory([made](const Address&) {
        *made = std::make_shared<detail::StreamState>();
        return std::make_unique<StreamProtocol>(*made, nullptr);
    });
    return connect(std::move(factory)).addCallback([made](Transport*) { return (*made)->handle(); });
}

Deferred<Stream>
connectStream(Reactor& reactor, std::string host, std::uint16_t port, const ConnectHostOptions& options) {
    return connectStream([&](std::shared_ptr<Factory> factory) {
        return connectHost(reactor, std::move(host), port, std::move(factory), options);
    });
}

} // namespace twistdpp
