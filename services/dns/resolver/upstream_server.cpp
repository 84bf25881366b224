#include "twistdpp/dns_resolver/upstream_server.h"

#include "twistdpp/dns_resolver/random.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned kLostBeforeRest = 3;
constexpr Duration kFirstRest = seconds(2), kLongestRest = seconds(60);
constexpr Duration kFirstPatience = milliseconds(800), kLeastPatience = milliseconds(150);

} // namespace

UpstreamServer::UpstreamServer(Address where, std::shared_ptr<TcpChannel> channel)
    : address_(std::move(where)), tcp_(std::move(channel)), clientCookie_(8, '\0') {
    fillRandom(clientCookie_);
}

void UpstreamServer::answered(Duration after) noexcept {
    if (smoothed_ == Duration(0)) {
        smoothed_ = std::max(after, Duration(1));
        variation_ = after / 2;
    } else {
        const Duration difference = smoothed_ > after ? smoothed_ - after : after - smoothed_;
        variation_ = (variation_ * 3 + difference) / 4;
        smoothed_ = std::max((smoothed_ * 7 + after) / 8, Duration(1));
    }
    lostInRow_ = 0;
    rest_ = Duration(0);
    probing_ = false;
}

void UpstreamServer::lost(TimePoint now) noexcept {
    if (resting(now))
        return; // queries that were under way together are lost together: that is one sign and not many
    if (++lostInRow_ < kLostBeforeRest && rest_ == Duration(0))
        return;
    rest_ = rest_ == Duration(0) ? kFirstRest : std::min(rest_ * 2, kLongestRest);
    restUntil_ = now + rest_;
    probing_ = false;
}

Duration UpstreamServer::patience(Duration most) const noexcept {
    if (smoothed_ == Duration(0))
        return std::min(kFirstPatience, most);
    return std::min(std::max(smoothed_ + variation_ * 4, kLeastPatience), most);
}

bool UpstreamServer::probeDue(TimePoint now) noexcept {
    if (healthy() || now < restUntil_ || probing_)
        return false;
    return probing_ = true;
}

void UpstreamServer::noEdns(TimePoint now) noexcept {
    plainUntil_ = now + hours(1);
    serverCookie_.clear();
}

void UpstreamServer::lowersCase(TimePoint now) noexcept {
    lowersUntil_ = now + hours(1);
}

} // namespace twistdpp::dns
