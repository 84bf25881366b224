#pragma once
#include "twistdpp/http/chunked.h"
#include "twistdpp/http/client_body.h"
#include "twistdpp/http/client_response.h"
#include "twistdpp/http/client_url.h"
#include "twistdpp/http/method.h"
#include "twistdpp/http/response_parser.h"

#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/timer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp {
class Reactor;
class Transport;
} // namespace twistdpp

namespace twistdpp::http {

class ClientConnection;

/// Who keeps connections between requests: the pool.
class ConnectionOwner {
public:
    /// It could serve another request now. False: nobody will want it, and it closes.
    virtual bool connectionIdle(ClientConnection& connection) = 0;
    /// An idle one has ended; forget it.
    virtual void connectionGone(ClientConnection& connection) noexcept = 0;

protected:
    ~ConnectionOwner() = default;
};

/// How long a server may take. Zero: as long as it likes.
struct ClientTimes {
    ClientTimes() = default;
    Duration head = std::chrono::seconds(60); ///< from the last progress of the request to the answer's head
    Duration body = std::chrono::seconds(60); ///< between two bytes of the answer, while somebody wants them
};

/// One request, ready to be sent.
struct ClientOrder {
    explicit ClientOrder(ClientUrl where) : url(std::move(where)) {}

    ClientUrl url;
    Method method = Method::get; ///< decides about the answer's body
    std::string head;            ///< request line and fields, with the blank line
    RequestBody body;
    bool decode = false; ///< take the content coding off the answer
    bool close = false;  ///< the server was asked to close after it
    ClientTimes times;
    std::optional<TimePoint> deadline; ///< by when all of the answer must be there
    std::shared_ptr<void> slot;        ///< let go when the exchange has ended
};

/// The client's end of one HTTP/1.1 connection: one request at a time, its answer, then the next. The
/// transport owns it.
class ClientConnection final : public Protocol, private BodySource {
public:
    static constexpr std::size_t kHighMark = 64 * 1024; // of unread body

    /// `origin`: ClientUrl::origin() of whom it is for.
    ClientConnection(
        Reactor& reactor, std::string origin, std::weak_ptr<ConnectionOwner> owner, const HeadLimits& limits
    );
    ~ClientConnection() override;

    /// Sends the request; fires with the response once its head is there. Only when not busy. Before the
    /// connection is made (the handshake of TLS) it waits for that. Cancelling closes the connection.
    Deferred<ResponsePtr> exchange(ClientOrder order);

    const std::string& origin() const noexcept { return origin_; }
    /// The connection below the TLS handshake, for giving up in the middle of that.
    void setLower(Transport& lower) noexcept { lower_ = &lower; }
    /// Closes itself when it stays idle for `limit`.
    void waitIdle(Duration limit) { timer_.start(limit); }
    /// Ends an idle one.
    void close();

    void connectionMade() override;
    void dataReceived(Bytes data) override;
    void readConnectionLost() override;
    void connectionLost(const Failure& reason) override;

private:
    enum class Phase : std::uint8_t { idle, head, body, closed };
    struct Sender;

    void send();
    static Deferred<void> sendPieces(std::shared_ptr<Sender> sender);
    void requestFailed(const Failure& failure);

    Bytes readHead(Bytes input);
    void beginBody();
    void readBody(Bytes input);
    bool readChunks(Bytes& input);
    void tell();
    void release();

    void fail(Failure failure);
    void settle(Failure failure);
    void leave();
    void retire();
    void armHeadTimer();
    void armBodyTimer();
    void timerFired();
    std::uint64_t progress() const noexcept;

    void resumeBody() override;
    void abandonBody() override;

    Reactor& reactor_;
    std::string origin_;
    std::weak_ptr<ConnectionOwner> owner_;
    Transport* lower_ = nullptr;
    Phase phase_ = Phase::idle;
    bool open_ = false; // between connectionMade and connectionLost
    bool paused_ = false;
    bool answered_ = false; // a byte of the answer has come
    bool keepAlive_ = false;
    bool whole_ = false; // all of the answer has come
    unsigned interim_ = 0;

    std::optional<ClientOrder> order_;
    std::optional<Promise<ResponsePtr>> promise_;
    std::shared_ptr<Sender> sender_;        // while a streamed body is being sent
    std::optional<Deferred<void>> sending_; // the coroutine that does it
    std::string headBytes_;                 // of a head that is not complete
    ResponseParser parser_;
    ResponsePtr fresh_; // until it is handed out
    std::weak_ptr<Response> response_;
    BodyKind bodyKind_ = BodyKind::none;
    std::uint64_t bodyLeft_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t lastProgress_ = 0;
    ChunkedDecoder chunks_;
    TimerNode timer_;    // idle, head or body
    TimerNode deadline_; // the whole
};

} // namespace twistdpp::http
