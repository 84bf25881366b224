#include "twistdpp/dns_resolver/exchange.h"

#include "twistdpp/dns_resolver/random.h"

#include <stdexcept>
#include <utility>

namespace twistdpp::dns {

Exchange::Exchange(
    Reactor& reactor, UdpSockets& sockets, UpstreamServer& server, const Asked& asked,
    const ExchangeOptions& options, ExchangeUser& user
)
    : reactor_(reactor), sockets_(sockets), server_(server), asked_(asked), options_(options), user_(user),
      late_(reactor.timers(), [this] {
          server_.lost(reactor_.now());
          if (sawNoCookie_)
              server_.setServerCookie({}); // it gives none any more: that is not held against it for ever
          user_.exchangeLate(*this);
      }) {}

Exchange::~Exchange() {
    stop();
}

void Exchange::stop() noexcept {
    late_.stop();
    lease_.reset();
    if (std::exchange(inTcp_, false))
        server_.tcp().forget(*this);
}

void Exchange::start(Duration patience) {
    patience_ = patience;
    send(options_.alwaysTcp);
}

void Exchange::send(bool overTcp) {
    if (++queries_ > kMostQueries)
        return fail(std::runtime_error(server_.address().toString() + " gives no answer that is of use"));
    const TimePoint now = reactor_.now();
    const QueryRandom random;
    QueryDress dress;
    dress.udpSize = server_.edns(now) ? options_.udpSize : 0;
    dress.randomCase = options_.randomCase && !plainCase_ && server_.keepsCase(now) && !overTcp;
    dress.cookie = options_.cookies;
    dress.recursion = options_.recursion;
    dress.wantAuthenticated = options_.wantAuthenticated;
    dress.clientCookie = server_.clientCookie();
    dress.serverCookie = server_.serverCookie();
    query_ = UpstreamQuery(asked_, dress, random);
    sentAt_ = now;
    late_.start(patience_);
    lease_.reset();
    if (overTcp) {
        inTcp_ = true;
        return server_.tcp().ask(query_.message(), *this);
    }
    auto lease = sockets_.lease(*this, server_.address(), query_.id(), random);
    if (!lease)
        return fail(std::runtime_error(lease.error().message()));
    lease_ = *std::move(lease);
    lease_.send(query_.message());
}

void Exchange::tcpResponseReceived(Bytes message) {
    inTcp_ = false;
    judge(message, true);
}

void Exchange::tcpFailed(const Failure& reason) {
    inTcp_ = false;
    // The server lowers the case, or someone makes believe that it does, and cannot be asked by TCP: then a
    // new query on another port has to do.
    if (plainCase_)
        return send(false);
    fail(reason);
}

void Exchange::fail(const Failure& reason) {
    stop();
    server_.lost(reactor_.now());
    user_.exchangeFailed(*this, reason);
}

void Exchange::judge(Bytes response, bool overTcp) {
    std::string cookie;
    const auto verdict = query_.judge(response, overTcp, cookie);
    if (!cookie.empty() && verdict != UpstreamQuery::Verdict::foreign)
        server_.setServerCookie(cookie);
    switch (verdict) {
    case UpstreamQuery::Verdict::foreign:
        if (overTcp)
            tcpFailed(std::runtime_error(server_.address().toString() + " answers another question"));
        return;
    case UpstreamQuery::Verdict::noCookie:
        sawNoCookie_ = true;
        return;
    case UpstreamQuery::Verdict::otherCase:
        plainCase_ = true;
        return send(true);
    case UpstreamQuery::Verdict::noOpt:
        server_.noEdns(reactor_.now());
        return send(overTcp);
    case UpstreamQuery::Verdict::badCookie:
        return send(++badCookies_ > 1 || overTcp);
    case UpstreamQuery::Verdict::truncated:
        if (!overTcp)
            return send(true);
        return fail(std::runtime_error(server_.address().toString() + " truncates its answer over TCP"));
    case UpstreamQuery::Verdict::good:
        break;
    }
    late_.stop();
    lease_.reset();
    server_.answered(reactor_.now() - sentAt_);
    if (plainCase_)
        server_.lowersCase(reactor_.now());
    user_.exchangeAnswered(*this, response);
}

} // namespace twistdpp::dns
