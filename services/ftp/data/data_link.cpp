#include "twistdpp/ftp_data/data_link.h"

#include "twistdpp/reactor/errors.h"
#include "twistdpp/tls/start_tls.h"
#include "twistdpp/tls/tls_transport.h"

#include <utility>

namespace twistdpp::ftp {

namespace {

constexpr std::size_t kAhead = 1024 * 1024; // bytes that are taken in before anybody asks for them

void fire(std::optional<Promise<void>>& promise) {
    if (auto waiting = std::exchange(promise, std::nullopt))
        waiting->callback();
}

void fire(std::optional<Promise<void>>& promise, const Failure& why) {
    if (auto waiting = std::exchange(promise, std::nullopt))
        waiting->errback(why);
}

} // namespace

class DataLink::Connection final : public Protocol, public HandshakeListener {
public:
    explicit Connection(std::shared_ptr<DataLink> link) : link_(std::move(link)) {}

    void connectionMade() override {
        link_->transport_ = &transport();
        // Some clients begin with TLS before they are told to (150), and that is not to be taken for data.
        link_->paused_ = true;
        transport().pauseProducing();
    }
    void handshakeCompleted(const TlsInfo&) override {
        link_->transport_ = &transport();
        fire(link_->secured_);
    }
    void dataReceived(Bytes data) override {
        link_->waiting_.append(data);
        if (link_->waiting_.size() > kAhead && !std::exchange(link_->paused_, true))
            transport().pauseProducing();
        link_->serve();
    }
    // It may still be sent to.
    void readConnectionLost() override {
        link_->ended_ = true;
        link_->serve();
    }
    void connectionLost(const Failure& reason) override {
        const auto keep = link_;
        link_->transport_ = nullptr;
        link_->lost_ = reason;
        link_->serve();
        fire(link_->secured_, reason);
        if (reason.check<ConnectionDone>())
            fire(link_->finished_);
        else
            fire(link_->finished_, reason);
    }

private:
    std::shared_ptr<DataLink> link_;
};

std::unique_ptr<Protocol> DataLink::protocol(std::shared_ptr<DataLink> link) {
    return std::make_unique<Connection>(std::move(link));
}

void DataLink::serve() {
    if (!reader_ || (waiting_.empty() && !ended_ && !lost_))
        return;
    Promise<std::string> reader = std::move(*reader_);
    reader_.reset();
    if (waiting_.empty() && !ended_ && !lost_->check<ConnectionDone>())
        return reader.errback(*lost_);
    std::string block = std::exchange(waiting_, {});
    resume();
    reader.callback(std::move(block));
}

void DataLink::resume() {
    if (std::exchange(paused_, false) && transport_)
        transport_->resumeProducing();
}

Deferred<std::string> DataLink::read() {
    const auto keep = shared_from_this();
    reader_.emplace([this] { reader_.reset(); });
    auto out = reader_->deferred();
    serve();
    if (reader_)
        resume();
    return out;
}

Deferred<void> DataLink::handshake(UniqueFunction<void(Transport&)> start) {
    if (!transport_)
        return fail(*lost_);
    secured_.emplace([this] { secured_.reset(); });
    auto out = secured_->deferred();
    resume();
    start(*transport_);
    return out;
}

Deferred<void> DataLink::secureAsServer(const std::shared_ptr<const ContextFactory>& context) {
    return handshake([&](Transport& to) { startTlsServerWithoutTickets(to, context); });
}

Deferred<void> DataLink::secureAsClient(const Transport& control) {
    return handshake([&](Transport& to) { startTlsClientLike(to, control); });
}

Deferred<void> DataLink::drained() {
    return transport_ ? transport_->drained() : fail(*lost_);
}

Deferred<void> DataLink::finish() {
    if (!transport_)
        return lost_->check<ConnectionDone>() ? succeed() : fail(*lost_);
    finished_.emplace([this] { finished_.reset(); });
    auto out = finished_->deferred();
    transport_->loseConnection();
    return out;
}

void DataLink::abort() {
    if (const auto socket = socket_.lock())
        socket->abort();
    if (transport_)
        transport_->abortConnection();
}

std::shared_ptr<RawSocket> DataLink::takeSocket() {
    if (!transport_ || transport_->tls() || !waiting_.empty() || ended_ || !transport_->reactor().fds())
        return nullptr;
    auto fd = transport_->releaseFd();
    if (!fd)
        return nullptr;
    transport_ = nullptr;
    lost_ = ConnectionDone(); // as far as the link is concerned
    auto out = std::make_shared<RawSocket>(*std::move(fd));
    socket_ = out;
    return out;
}

} // namespace twistdpp::ftp
