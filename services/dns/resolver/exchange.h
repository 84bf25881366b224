#pragma once
#include "twistdpp/dns_resolver/tcp_channel.h"
#include "twistdpp/dns_resolver/udp_sockets.h"
#include "twistdpp/dns_resolver/upstream_query.h"
#include "twistdpp/dns_resolver/upstream_server.h"
#include "twistdpp/reactor/reactor.h"

#include <string>

namespace twistdpp::dns {

class Exchange;

/// Who has started an exchange. Each call may destroy it.
class ExchangeUser {
public:
    /// The response, which is the server's as far as one can know; borrowed for the call. The last call.
    virtual void exchangeAnswered(Exchange& exchange, Bytes response) = 0;
    /// No response yet; others may be asked. It goes on and takes a late one.
    virtual void exchangeLate(Exchange& exchange) = 0;
    /// The last call.
    virtual void exchangeFailed(Exchange& exchange, const Failure& reason) = 0;

protected:
    ~ExchangeUser() = default;
};

/// How exchanges go about it.
struct ExchangeOptions {
    std::uint16_t udpSize = 1232; // 0: without EDNS
    bool randomCase = true;
    bool cookies = true;
    bool alwaysTcp = false; // resolv.conf's use-vc
    bool recursion = true;
    bool wantAuthenticated = false; // sets AD, so that a validating server says what it has validated
};

/// One question to one server: over UDP, over TCP when the response was truncated or is not to be believed,
/// without EDNS when the server does not know it. What is not a response to the query is ignored until the
/// time is over. Ends when it dies.
class Exchange final : UdpUser, TcpUser {
public:
    Exchange(
        Reactor& reactor, UdpSockets& sockets, UpstreamServer& server, const Asked& asked,
        const ExchangeOptions& options, ExchangeUser& user
    );
    ~Exchange();
    Exchange(const Exchange&) = delete;

    /// Sends the query. The user may be called in it.
    void start(Duration patience);
    /// Gives up: the user is called no more.
    void stop() noexcept;
    UpstreamServer& server() const noexcept { return server_; }

private:
    /// A server that answers with one trick after the other is given up.
    static constexpr unsigned kMostQueries = 5;

    void send(bool overTcp);
    void fail(const Failure& reason);
    void judge(Bytes response, bool overTcp);
    void responseReceived(Bytes message) override { judge(message, false); }
    void tcpResponseReceived(Bytes message) override;
    void tcpFailed(const Failure& reason) override;

    Reactor& reactor_;
    UdpSockets& sockets_;
    UpstreamServer& server_;
    Asked asked_;
    ExchangeOptions options_;
    ExchangeUser& user_;
    UpstreamQuery query_;
    UdpLease lease_;
    TimerNode late_;
    TimePoint sentAt_{};
    Duration patience_{}; // for each query
    unsigned queries_ = 0, badCookies_ = 0;
    bool plainCase_ = false; // after a response in another case
    bool sawNoCookie_ = false;
    bool inTcp_ = false;
};

} // namespace twistdpp::dns
