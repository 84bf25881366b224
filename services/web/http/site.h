#pragma once
#include "twistdpp/http/date.h"
#include "twistdpp/http/parse_result.h"
#include "twistdpp/http/request.h"
#include "twistdpp/http/request_parser.h"
#include "twistdpp/http/resource.h"

#include "twistdpp/base/intrusive_list.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/gate.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/reactor.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::http {

class Channel;

/// What a Site grants its clients.
struct SiteLimits {
    HeadLimits head;
    Duration headTime =
        std::chrono::seconds(20); ///< from the first byte of a head (or the connection) to its end
    Duration idleTime = std::chrono::seconds(75);  ///< between requests
    Duration stallTime = std::chrono::seconds(30); ///< without any progress of an answer; of a body see next
    Duration lingerTime =
        std::chrono::seconds(2); ///< for the client to read an error before the connection goes
    Duration lastCall = std::chrono::seconds(1); ///< for a request that is on its way when the site stops
    std::uint64_t bodyRate = 128;                ///< bytes a second that a body must bring in each stallTime
    std::size_t drainBody = 64 * 1024; ///< how much of an unread body is taken in to keep the connection
};

/// What a line of an access log is made of; borrowed for the call.
struct AccessRecord {
    const Request& request;
    const Address& peer;
    UnixSeconds time;
    int status;
    std::uint64_t bytes;
};

/// A web server on one reactor: Twisted's Site. It makes the connections' protocols (give it to listen() or
/// an endpoint as the factory), parses, keeps time limits and asks the resource tree. Must outlive its
/// connections: stop() and wait, or destroy the reactor first.
class Site final : public Factory {
public:
    Site(Reactor& reactor, std::shared_ptr<Resource> root, const SiteLimits& limits = {});
    ~Site() override;

    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override;

    Reactor& reactor() const noexcept { return reactor_; }
    const SiteLimits& limits() const noexcept { return limits_; }
    /// Answers a request from another tree: for a resource that has asked who it is for.
    void dispatchIn(std::shared_ptr<Resource> root, const RequestPtr& request);
    /// Replaces the tree; requests in progress keep the one they began with.
    void setRoot(std::shared_ptr<Resource> root) { root_ = std::move(root); }
    /// Replaces the limits, for what begins from here on; those of time hold at once.
    void setLimits(const SiteLimits& limits);
    /// The value of Server; empty, or one that no field may have: the field is not sent.
    void setServerName(std::string name);
    /// Called once for each answer, when it is finished or cut.
    void setAccessLog(UniqueFunction<void(const AccessRecord&)> log) { accessLog_ = std::move(log); }
    /// Whether setHeaders() takes that field: a valid one that says nothing of the very message, as
    /// Content-Length, Content-Type, ETag, Connection and Date do.
    static bool mayAddHeader(Bytes name, Bytes value);
    /// Fields for every answer, errors included; those that may not be added are left out. A Server among
    /// them takes the place of setServerName()'s.
    void setHeaders(std::vector<std::pair<std::string, std::string>> headers);

    /// No new connections: each that is open gets its answer, or one last request within lastCall, and
    /// closes. Fires when none is left.
    Deferred<void> stop();
    /// Cuts what is left.
    void abortAll();
    std::size_t connections() const noexcept { return connections_; }
    std::uint64_t requests() const noexcept { return requests_; }

    /// Seconds of the wall clock, and the Date field's text for them, at most a second old.
    UnixSeconds unixNow() noexcept { return refreshDate(), unixNow_; }
    Bytes dateText() noexcept { return refreshDate(), Bytes(date_.data(), date_.size()); }
    /// "Date: ...\r\nServer: ...\r\n" and the fixed fields: what every head contains.
    Bytes commonFields();
    /// Where in commonFields() the date stands, so that a ready-made answer can be brought up to date in
    /// place.
    static constexpr std::size_t kDateOffset = 6;

private:
    friend class Channel;
    friend class Request;

    /// In which list a connection stands, and so which limit it is under. Each stands in one as long as it
    /// lives.
    enum class Phase : std::uint8_t {
        head,    ///< a request's head is to come: headTime
        idle,    ///< nothing is going on: idleTime
        active,  ///< a body comes or an answer leaves: stallTime and bodyRate
        closing, ///< an answer leaves (stallTime), then the client reads it (lingerTime)
    };
    static constexpr std::size_t kPhases = 4;

    RequestPtr takeRequest();
    void giveBack(RequestPtr request);
    void dispatch(const RequestPtr& request);
    std::shared_ptr<Resource> answerFrom(std::shared_ptr<Resource> root, const RequestPtr& request);
    static std::shared_ptr<Resource> serve(std::shared_ptr<Resource> at, const RequestPtr& request);
    void answered(Request& request, const Address& peer);
    void enter(Channel& channel, Phase phase);
    void gone(Channel& channel);
    void sweep();
    void endLastCall();
    void refreshDate() noexcept;

    Reactor& reactor_;
    std::shared_ptr<Resource> root_;
    SiteLimits limits_;
    std::string serverName_ = "twistdpp";
    std::vector<std::pair<std::string, std::string>> fixedHeaders_;
    UniqueFunction<void(const AccessRecord&)> accessLog_;
    RequestParser parser_; // of requests that arrive whole; others get their own
    RequestPtr spare_;
    std::array<IntrusiveList<Channel>, kPhases> phases_;
    TimerNode sweeper_, lastCall_;
    bool stopping_ = false;
    std::size_t connections_ = 0;
    std::uint64_t requests_ = 0;
    std::vector<Promise<void>> whenEmpty_;
    DateBuffer date_{};
    UnixSeconds unixNow_ = 0;
    TimePoint dateTime_{};
    std::string commonFields_;
    std::string scratch_;
};

} // namespace twistdpp::http
