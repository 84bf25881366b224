#pragma once
#include "twistdpp/http/chunked.h"
#include "twistdpp/http/request_parser.h"
#include "twistdpp/http/site.h"

#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <cstdint>
#include <memory>
#include <string>

namespace twistdpp::http {

/// One HTTP/1 connection of a Site. Small while idle: what a message needs beyond the read buffer is
/// allocated when it does not come in one piece, and let go with it.
class Channel final : public Protocol, public ListHook {
public:
    explicit Channel(Site& site) noexcept : site_(site) {}
    ~Channel() override;

    void connectionMade() override;
    void dataReceived(Bytes data) override;
    void readConnectionLost() override;
    void writable() override;
    void connectionLost(const Failure& reason) override;

private:
    friend class Request;
    friend class Site;

    /// What is kept from one read to the next while a message is under way.
    struct Unread {
        explicit Unread(const HeadLimits& limits) : parser(limits) {}
        std::string bytes; // read and not yet used, from `begin` on
        std::size_t begin = 0;
        RequestParser parser; // of the head that begins there
        bool parsing = false;
        ChunkedDecoder decoder; // of the body under way
        Bytes rest() const noexcept { return Bytes(bytes).substr(begin); }
    };

    /// What consume() parses heads with: the site's parser while bytes come in, as nothing else can use it
    /// then; this connection's own when it is woken in the middle of another one's request.
    enum class Parser : std::uint8_t { shared, own };

    Unread& unread();
    Bytes rest() const noexcept { return unread_ ? unread_->rest() : Bytes(); }
    void consume(Bytes& input, Parser which);
    bool takeHead(Bytes& input, Parser which);
    bool takeBody(Bytes& input);
    void keep(Bytes rest);
    void resume();
    void settle(bool leftover);
    void refuse(int status, const char* reason);
    void startRequest(const RequestHead& head, bool bodyIsThere);
    void bodyPiece(Bytes data);
    void endBody();
    void nextPhase();
    void close(bool lingering);
    void finishClosing(bool leftover);
    bool readingBody() const noexcept;
    bool forgotten() const noexcept;
    // From the request:
    void bodyWanted(Request& request);
    void answerFinished(Request& request);
    // From the site:
    void timeUp();
    bool stalled();
    void lastRequest(); ///< the next one to be answered
    void shutDown();    ///< it has not come

    Site& site_;
    RequestPtr current_; // whose answer is not finished
    std::unique_ptr<Unread> unread_;
    std::uint64_t bodyLeft_ = 0; // of BodyKind::length
    TimePoint since_{};          // when the present phase began
    std::uint64_t progress_ = 0; // bytes of body since stalled() looked last, or what was left to send then
    std::uint32_t waited_ = 0;   // seconds in which the client could have gone on
    std::uint32_t drained_ = 0;  // bytes of a body that nobody wanted
    Site::Phase phase_ = Site::Phase::head;
    BodyKind body_ = BodyKind::none; // of the request's body, while some of it is still to come
    bool keepAlive_ : 1 = true;
    bool expectsContinue_ : 1 = false;
    bool closing_ : 1 = false;     // nothing more is taken from this client
    bool lingers_ : 1 = false;     // it may be sending still: it is to see our answer all the same
    bool peerDone_ : 1 = false;    // the client sends no more
    bool refused_ : 1 = false;     // what was sent could not be understood
    bool busy_ : 1 = false;        // inside consume()
    bool paused_ : 1 = false;      // enough waits here
    bool watchesBody_ : 1 = false; // what waited_ and progress_ are about
};

} // namespace twistdpp::http
