#include "twistdpp/dns_transfer/datagram_exchange.h"

#include "twistdpp/app/service_error.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/dns_wire/message_reader.h"

#include <memory>
#include <optional>

namespace twistdpp::dns {

namespace {

/// Held by its timer until it is over.
class DatagramExchange final : public DatagramProtocol,
                               public std::enable_shared_from_this<DatagramExchange> {
public:
    DatagramExchange(Address to, std::string request, std::vector<Duration> waits)
        : to_(std::move(to)), request_(std::move(request)), waits_(std::move(waits)) {}

    static Deferred<std::string> start(Reactor& reactor, std::shared_ptr<DatagramExchange> self) {
        const bool ipv4 = self->to_.kind() == Address::Kind::ipv4;
        auto port = reactor.bind(DatagramSpec(ipv4 ? Address::anyIpv4(0) : Address::anyIpv6(0)), *self);
        if (!port)
            return fail<std::string>(ServiceError(port.error()));
        self->socket_ = *std::move(port);
        self->promise_.emplace([weak = std::weak_ptr(self)] {
            if (const auto still = weak.lock())
                still->close();
        });
        auto answer = self->promise_->deferred();
        self->timer_ = reactor.callLater(Duration::zero(), [self] { self->send(); });
        return answer;
    }

private:
    void send() {
        if (sent_ == waits_.size())
            return finish(Failure(TimeoutError("no answer from " + to_.toString())));
        socket_->write(request_, to_);
        timer_.reset(waits_[sent_++]);
    }
    void datagramReceived(Bytes data, const Address& from) override {
        if (from.withPort(0) == to_.withPort(0) && from.port() == to_.port() && answers(data, request_))
            finish(std::string(data));
    }
    void finish(Outcome<std::string> outcome) {
        if (!promise_)
            return;
        close();
        Promise<std::string> promise = std::move(*promise_);
        promise_.reset();
        promise.fireOutcome(std::move(outcome));
    }
    /// The port may be the one that calls: both live until the end of the turn.
    void close() {
        socket_->stopListening();
        socket_->reactor().callSoon([keep = shared_from_this()] { static_cast<void>(keep); });
        timer_.cancel();
    }

    const Address to_;
    const std::string request_;
    const std::vector<Duration> waits_;
    std::size_t sent_ = 0;
    std::unique_ptr<DatagramPort> socket_;
    Timer timer_;
    std::optional<Promise<std::string>> promise_;
};

} // namespace

bool answers(Bytes answer, Bytes request) {
    MessageReader theirs(answer), ours(request);
    if (theirs.malformed() || theirs.id() != ours.id() || theirs.opcode() != ours.opcode() ||
        (theirs.flags() & Flag::qr) == 0)
        return false;
    if (theirs.questions() == 0)
        return theirs.rcode() != Rcode::noError;
    Question asked, told;
    return theirs.questions() == 1 && ours.nextQuestion(asked) && theirs.nextQuestion(told) &&
           asked.type == told.type && asked.klass == told.klass && equalNames(asked.name, told.name);
}

Deferred<std::string>
exchangeDatagram(Reactor& reactor, const Address& to, std::string request, std::vector<Duration> waits) {
    return DatagramExchange::start(
        reactor, std::make_shared<DatagramExchange>(to, std::move(request), std::move(waits))
    );
}

} // namespace twistdpp::dns
