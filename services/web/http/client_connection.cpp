#include "twistdpp/http/client_connection.h"

#include "twistdpp/http/client_errors.h"

#include "twistdpp/defer/errors.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/transport.h"

#include <algorithm>
#include <utility>

namespace twistdpp::http {

namespace {

constexpr unsigned kMostInterim = 16; // 1xx answers before the one that counts

std::string seconds(Duration time) {
    const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    return whole % 1000 == 0 ? std::to_string(whole / 1000) + " s" : std::to_string(whole) + " ms";
}

/// What a producer's step comes to, when it throws too.
Deferred<std::string> nextPiece(RequestBody::Producer& next) {
    try {
        return next();
    } catch (...) {
        return Failure::current();
    }
}

} // namespace

/// Shared by the connection and the coroutine that sends a streamed body, which may outlive it: what the
/// producer waits for is not ours.
struct ClientConnection::Sender {
    ClientConnection* connection; // nullptr: nobody wants the rest
    RequestBody::Producer next;
    std::optional<std::uint64_t> left; // nothing: chunked

    bool take(std::size_t size) noexcept {
        if (left && size > *left)
            return false;
        if (left)
            *left -= size;
        return true;
    }
};

ClientConnection::ClientConnection(
    Reactor& reactor, std::string origin, std::weak_ptr<ConnectionOwner> owner, const HeadLimits& limits
)
    : reactor_(reactor), origin_(std::move(origin)), owner_(std::move(owner)), parser_(limits),
      timer_(reactor.timers(), [this] { timerFired(); }), deadline_(reactor.timers(), [this] {
          fail(Failure(TimeoutError(order_->url.toString() + " did not answer completely in the time given"))
          );
      }) {}

ClientConnection::~ClientConnection() {
    if (phase_ != Phase::closed) // the reactor was destroyed first, or refused it
        connectionLost(Failure(ConnectionAborted()));
}

Deferred<ResponsePtr> ClientConnection::exchange(ClientOrder order) {
    phase_ = Phase::head;
    order_.emplace(std::move(order));
    answered_ = false;
    whole_ = false;
    interim_ = 0;
    lastProgress_ = 0;
    written_ = 0;
    parser_.expect(order_->method);
    promise_.emplace([this] { fail(Failure(CancelledError())); });
    auto result = promise_->deferred();
    if (order_->deadline)
        deadline_.start(std::max(*order_->deadline - reactor_.now(), Duration(0)));
    armHeadTimer();
    if (open_)
        send();
    return result;
}

void ClientConnection::close() {
    if (open_)
        transport().loseConnection();
}

void ClientConnection::connectionMade() {
    open_ = true;
    transport().setTcpNoDelay(true);
    // What is read and not wanted yet is bounded here; a request that is being sent must not stop reading, or
    // two ends that both send first would wait for each other.
    WriteLimits limits;
    limits.pauseReading = false;
    transport().setWriteLimits(limits);
    if (phase_ == Phase::head)
        send();
    else if (phase_ == Phase::closed) // given up during the handshake
        transport().abortConnection();
}

void ClientConnection::send() {
    const Corked corked(transport());
    transport().write(Bytes(order_->head));
    written_ += order_->head.size();
    if (!order_->body.streamed()) {
        transport().write(order_->body.text());
        written_ += order_->body.text().size();
        return;
    }
    sender_ = std::make_shared<Sender>();
    sender_->connection = this;
    sender_->left = order_->body.length();
    sender_->next = order_->body.takeProducer();
    sending_.emplace(sendPieces(sender_));
    if (sending_->called())
        sending_.reset();
}

Deferred<void> ClientConnection::sendPieces(std::shared_ptr<Sender> sender) {
    for (;;) {
        const auto piece = co_await nextPiece(sender->next).outcome();
        ClientConnection* const connection = sender->connection;
        if (!connection)
            co_return;
        if (!piece.ok())
            co_return connection->requestFailed(piece.failure());
        const Bytes bytes = piece.value();
        const bool last = bytes.empty();
        if (!sender->take(bytes.size()) || (last && sender->left.value_or(0) != 0))
            co_return connection->requestFailed(
                Failure(RequestError("the body of the request is not as long as was said"))
            );
        Transport& transport = connection->transport();
        if (sender->left) {
            transport.write(bytes);
        } else if (last) {
            transport.write(kLastChunk);
        } else {
            std::string chunk;
            appendChunk(chunk, bytes);
            transport.write(Bytes(chunk));
        }
        connection->written_ += bytes.size();
        if (last) {
            connection->sender_.reset();
            co_return;
        }
        const auto drained = co_await transport.drained().outcome();
        if (!drained.ok() || !sender->connection)
            co_return;
    }
}

void ClientConnection::requestFailed(const Failure& failure) {
    fail(failure);
}

void ClientConnection::dataReceived(Bytes data) {
    if (phase_ == Phase::idle) { // nobody asked
        retire();
        return transport().abortConnection();
    }
    if (phase_ == Phase::closed)
        return;
    answered_ = true;
    std::string joined;
    if (phase_ == Phase::head) {
        if (!headBytes_.empty()) {
            joined = std::exchange(headBytes_, {});
            joined.append(data);
            data = joined;
        }
        data = readHead(data);
    }
    if (phase_ == Phase::body)
        readBody(data);
    tell();
}

void ClientConnection::readConnectionLost() {
    retire();
    transport().loseConnection();
}

/// Returns what stands behind the head; nothing while there is none.
Bytes ClientConnection::readHead(Bytes input) {
    for (;;) {
        const ParseResult result = parser_.parse(input);
        if (result.failed()) {
            fail(Failure(BadResponse(origin_ + " sent no valid answer: " + result.reason)));
            return {};
        }
        if (result.needMore()) {
            headBytes_.assign(input);
            return {};
        }
        const ResponseHead& head = parser_.head();
        if (head.switchesProtocol() || (head.interim() && ++interim_ > kMostInterim)) {
            fail(Failure(BadResponse(
                origin_ + (head.interim() && !head.switchesProtocol()
                               ? " sends too many interim answers"
                               : " changes to a protocol nobody asked for")
            )));
            return {};
        }
        if (!head.interim()) {
            beginBody();
            return input.substr(result.consumed);
        }
        input.remove_prefix(result.consumed);
    }
}

void ClientConnection::beginBody() {
    const ResponseHead& head = parser_.head();
    fresh_ = std::make_shared<Response>(head.status(), head.reason(), head.minorVersion());
    response_ = fresh_;
    fresh_->setUrl(order_->url.toString());
    HeaderList& headers = fresh_->mutableHeaders();
    for (std::size_t i = 0; i < head.headers().size(); ++i)
        headers.add(head.headers()[i].name, head.headers()[i].value);
    bodyKind_ = head.body();
    bodyLeft_ = head.contentLength();
    keepAlive_ = head.keepAlive() && !order_->close;
    if (bodyKind_ == BodyKind::length)
        fresh_->setLength(bodyLeft_);
    const auto coding = head.headers().find(KnownHeader::contentEncoding);
    if (order_->decode && coding && bodyKind_ != BodyKind::none &&
        !head.headers().repeated(KnownHeader::contentEncoding)) {
        if (auto decoder = ContentDecoder::forCoding(*coding)) {
            fresh_->setDecoder(std::move(decoder));
            headers.remove("Content-Encoding");
            headers.remove("Content-Length");
        }
    }
    chunks_.reset();
    phase_ = Phase::body;
    fresh_->setSource(this);
    armBodyTimer();
}

void ClientConnection::readBody(Bytes input) {
    const auto response = response_.lock();
    switch (bodyKind_) {
    case BodyKind::none:
        whole_ = true;
        break;
    case BodyKind::length: {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bodyLeft_, input.size()));
        response->append(input.substr(0, size));
        input.remove_prefix(size);
        bodyLeft_ -= size;
        whole_ = bodyLeft_ == 0;
        break;
    }
    case BodyKind::chunked:
        if (!readChunks(input))
            return;
        break;
    case BodyKind::untilClose:
        response->append(input);
        input = {};
        break;
    }
    if (whole_) {
        // More than was asked for cannot be attributed; an answer to half a request leaves the other half.
        keepAlive_ = keepAlive_ && input.empty() && !sender_ && !transport().closing();
    } else if (!paused_ && !response->readerWaits() && response->waiting() > kHighMark) {
        paused_ = true;
        timer_.stop();
        transport().pauseProducing();
    } else if (!paused_) {
        armBodyTimer();
    }
}

/// False when that was the end of the connection.
bool ClientConnection::readChunks(Bytes& input) {
    const auto response = response_.lock();
    while (!chunks_.done()) {
        const auto step = chunks_.decode(input);
        input.remove_prefix(step.consumed);
        if (step.failed()) {
            fail(Failure(BadResponse("the body of " + response->url() + " is malformed: " + step.reason)));
            return false;
        }
        if (step.data.empty())
            break;
        response->append(step.data);
    }
    whole_ = chunks_.done();
    return true;
}

/// Tells what one read has brought. It is the last thing to do, as anything may happen in the callbacks: this
/// connection may even be at its next exchange.
void ClientConnection::tell() {
    if (phase_ != Phase::body)
        return;
    const ResponsePtr response = response_.lock();
    const ResponsePtr fresh = std::exchange(fresh_, nullptr);
    std::optional<Promise<ResponsePtr>> promise;
    if (fresh)
        promise = std::exchange(promise_, std::nullopt);
    if (whole_) {
        response->setTrailers(chunks_.trailers());
        response->bodyEnded(std::nullopt);
        release();
    }
    response->serve();
    if (promise)
        promise->callback(fresh);
}

/// The answer is whole. Somebody else may use the connection when this returns.
void ClientConnection::release() {
    leave();
    const auto order = std::exchange(order_, std::nullopt); // with the slot, which goes last
    const auto owner = owner_.lock();
    if (std::exchange(paused_, false))
        transport().resumeProducing();
    phase_ = Phase::idle;
    if (!keepAlive_ || !owner || !owner->connectionIdle(*this)) {
        phase_ = Phase::closed;
        transport().loseConnection();
    }
}

/// Gives the exchange up from here, with the connection.
void ClientConnection::fail(Failure failure) {
    if (phase_ != Phase::head && phase_ != Phase::body)
        return;
    Transport* const transport = open_ ? &Protocol::transport() : lower_;
    settle(std::move(failure));
    // The callbacks do not end a connection: that comes at the end of the turn.
    if (transport)
        transport->abortConnection();
}

/// Ends the exchange with `failure`, wherever it stands.
void ClientConnection::settle(Failure failure) {
    leave();
    phase_ = Phase::closed;
    const auto order = std::exchange(order_, std::nullopt);
    const ResponsePtr held = std::exchange(fresh_, nullptr);
    const ResponsePtr response = response_.lock();
    if (response)
        response->bodyEnded(failure);
    if (promise_) {
        Promise<ResponsePtr> promise = *std::move(promise_);
        promise_.reset();
        // A response whose head has come is the answer, even if its body broke off in the same bytes.
        if (held)
            promise.callback(held);
        else
            promise.errback(std::move(failure));
    }
    if (response)
        response->serve();
}

/// What ends with every exchange.
void ClientConnection::leave() {
    timer_.stop();
    deadline_.stop();
    if (const auto sender = std::exchange(sender_, nullptr))
        sender->connection = nullptr;
    if (auto sending = std::exchange(sending_, std::nullopt))
        sending->cancel();
}

/// An idle connection that will serve no more.
void ClientConnection::retire() {
    if (phase_ != Phase::idle)
        return;
    phase_ = Phase::closed;
    timer_.stop();
    if (const auto owner = owner_.lock())
        owner->connectionGone(*this);
}

void ClientConnection::connectionLost(const Failure& reason) {
    const bool opened = std::exchange(open_, false);
    lower_ = nullptr;
    retire();
    const Phase phase = phase_;
    if (phase == Phase::closed)
        return;
    const std::string url = order_->url.toString();
    if (phase == Phase::body && bodyKind_ == BodyKind::untilClose && reason.check<ConnectionDone>()) {
        const auto response = response_.lock();
        leave();
        phase_ = Phase::closed;
        const auto order = std::exchange(order_, std::nullopt);
        response->bodyEnded(std::nullopt);
        response->serve();
    } else if (phase == Phase::body) {
        settle(Failure(ResponseCut("the answer of " + url + " is not complete: " + reason.message())));
    } else if (!opened) {
        settle(reason); // TLS says best why it did not come to be
    } else if (answered_) {
        settle(Failure(ResponseCut(url + " began to answer and went away: " + reason.message())));
    } else {
        settle(Failure(ResponseNeverReceived(url + " did not answer: " + reason.message())));
    }
}

void ClientConnection::armHeadTimer() {
    if (order_->times.head > Duration(0))
        timer_.start(order_->times.head);
    else
        timer_.stop(); // it may still be that of the idle time
}

void ClientConnection::armBodyTimer() {
    if (order_->times.body > Duration(0))
        timer_.start(order_->times.body);
    else
        timer_.stop();
}

std::uint64_t ClientConnection::progress() const noexcept {
    return open_ ? written_ - std::min<std::uint64_t>(written_, transport().queued()) : 0;
}

void ClientConnection::timerFired() {
    if (phase_ == Phase::idle) {
        retire();
        transport().loseConnection();
        return;
    }
    if (phase_ == Phase::head) {
        // A long body is on its way out: as long as it moves, the server has nothing to answer yet.
        if (progress() != lastProgress_ && (sender_ || transport().queued() > 0)) {
            lastProgress_ = progress();
            return armHeadTimer();
        }
        fail(Failure(
            TimeoutError(order_->url.toString() + " did not answer within " + seconds(order_->times.head))
        ));
    } else if (phase_ == Phase::body) {
        fail(Failure(TimeoutError(
            "the answer of " + order_->url.toString() + " stood still for " + seconds(order_->times.body)
        )));
    }
}

void ClientConnection::resumeBody() {
    const auto response = response_.lock();
    if (!paused_ || !response || (response->waiting() > kHighMark / 4 && !response->readerWaits()))
        return;
    paused_ = false;
    armBodyTimer();
    transport().resumeProducing();
}

void ClientConnection::abandonBody() {
    if (phase_ != Phase::body)
        return;
    leave();
    phase_ = Phase::closed;
    const auto order = std::exchange(order_, std::nullopt);
    transport().abortConnection();
}

} // namespace twistdpp::http
