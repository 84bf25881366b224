#pragma once
#include "twistdpp/base/time.h"
#include "twistdpp/dns_resolver/tcp_channel.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <memory>
#include <string>

namespace twistdpp::dns {

/// What is known of one server that is asked: how long it takes, whether it answers, what it understands.
class UpstreamServer {
public:
    UpstreamServer(Address where, std::shared_ptr<TcpChannel> channel);

    const Address& address() const noexcept { return address_; }
    TcpChannel& tcp() noexcept { return *tcp_; }

    // Time and health.
    /// An answer came `after` its query.
    void answered(Duration after) noexcept;
    /// A query was not answered in time, or the server refused to be talked to. Several in a row, and it is
    /// left alone for a time that grows each time.
    void lost(TimePoint now) noexcept;
    /// How long to wait for it before another one is asked as well (as TCP's, RFC 6298).
    Duration patience(Duration most) const noexcept;
    Duration roundTrip() const noexcept { return smoothed_; }
    /// Whether it is left alone at present; others are asked first.
    bool resting(TimePoint now) const noexcept { return rest_ > Duration(0) && now < restUntil_; }
    /// Whether its rest is over and nobody knows yet if it is back: one query is to find out. True once,
    /// until that one was answered or lost.
    bool probeDue(TimePoint now) noexcept;
    bool healthy() const noexcept { return rest_ == Duration(0); }

    // What it understands; forgotten after an hour, as servers are replaced.
    bool edns(TimePoint now) const noexcept { return now >= plainUntil_; }
    void noEdns(TimePoint now) noexcept;
    /// Whether it gives the question back in the case in which it was sent.
    bool keepsCase(TimePoint now) const noexcept { return now >= lowersUntil_; }
    void lowersCase(TimePoint now) noexcept;

    // Cookies (RFC 7873).
    Bytes clientCookie() const noexcept { return clientCookie_; }
    /// Empty as long as it has given none.
    Bytes serverCookie() const noexcept { return serverCookie_; }
    void setServerCookie(Bytes cookie) { serverCookie_ = cookie; }

private:
    Address address_;
    std::shared_ptr<TcpChannel> tcp_;
    Duration smoothed_{0}, variation_{0}; // 0: no answer yet
    unsigned lostInRow_ = 0;
    Duration rest_{0};
    TimePoint restUntil_{}, plainUntil_{}, lowersUntil_{};
    bool probing_ = false;
    std::string clientCookie_, serverCookie_;
};

} // namespace twistdpp::dns
