#include "twistdpp/ftp_data/data_channel.h"

#include "twistdpp/defer/errors.h"
#include "twistdpp/ftp/reply.h"
#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <random>
#include <utility>

namespace twistdpp::ftp {

namespace {

constexpr unsigned kGuesses = 16; // of a free port, before the system is asked for one

/// Where the system takes ports from. It looks for a free one among all, those that still wait for late
/// packets of ended connections too, and with thousands of these that takes milliseconds; most of them are
/// free, so that one by chance is the faster way.
PortRange systemPorts() {
    static const PortRange known = [] {
        PortRange out{32768, 60999};
        std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
        PortRange read;
        if (file >> read.first >> read.last && read.first >= 1024 && read.first <= read.last)
            out = read;
        return out;
    }();
    return known;
}

} // namespace

void DataChannel::close() {
    ++arrangement_;
    port_.reset();
    target_.reset();
    clock_.cancel();
    if (const auto arrived = std::exchange(arrived_, nullptr))
        arrived->abort();
    if (auto waiting = std::exchange(waiting_, std::nullopt))
        waiting->errback(Failure(FtpError(426, "the data connection is given up")));
}

Result<Address> DataChannel::listen(const Address& local, const Address& peer) {
    close();
    const unsigned arrangement = arrangement_;
    const auto factory = makeFactory(
        [this, arrangement, host = peer.host()](const Address& from) -> std::unique_ptr<Protocol> {
            // The channel outlives its port, and its port's factory is asked by the port alone.
            if (arrangement != arrangement_ || arrived_ || from.host() != host)
                return nullptr;
            auto link = std::make_shared<DataLink>();
            auto protocol = DataLink::protocol(link);
            reactor_.callSoon([this, arrangement, link, alive = std::weak_ptr<int>(alive_)] {
                if (!alive.expired() && arrangement == arrangement_)
                    accepted(link);
                else
                    link->abort();
            });
            arrived_ = link;
            return protocol;
        }
    );
    // Another one each time, as what comes next is not to be guessed.
    static thread_local std::minstd_rand chance{std::random_device{}()};
    const bool any = ports_.first == 0;
    const PortRange range = any ? systemPorts() : ports_;
    const auto count = static_cast<unsigned>(range.last - range.first + 1);
    const unsigned begin = std::uniform_int_distribution<unsigned>(0, count - 1)(chance);
    const unsigned guesses = any ? std::min(count, kGuesses) : count;
    Error last("no port");
    for (unsigned i = 0; i < guesses + (any ? 1 : 0); ++i) {
        const unsigned port = i < guesses ? range.first + (begin + i) % count : 0;
        ListenSpec spec(local.withPort(static_cast<std::uint16_t>(port)));
        spec.backlog = 4;
        auto made = reactor_.listen(std::move(spec), factory);
        if (made) {
            port_ = *std::move(made);
            return port_->address();
        }
        last = made.error();
    }
    return last;
}

void DataChannel::accepted(const std::shared_ptr<DataLink>& link) {
    port_.reset();
    clock_.cancel();
    if (!waiting_)
        return;
    arrived_.reset();
    auto waiting = std::move(*waiting_);
    waiting_.reset();
    waiting.callback(link);
}

Deferred<std::shared_ptr<DataLink>> DataChannel::open(Duration limit) {
    if (target_) {
        auto link = std::make_shared<DataLink>();
        const auto factory = makeFactory([link](const Address&) { return DataLink::protocol(link); });
        ConnectSpec spec(*std::exchange(target_, std::nullopt), limit);
        return reactor_.connect(std::move(spec), factory).addCallback([link](Transport*) { return link; });
    }
    if (!port_) {
        if (auto link = std::exchange(arrived_, nullptr))
            return link;
        return fail<std::shared_ptr<DataLink>>(FtpError(425, "say PASV, EPSV, PORT or EPRT first"));
    }
    waiting_.emplace([this] { waiting_.reset(); });
    auto out = waiting_->deferred();
    clock_ = reactor_.callLater(limit, [this] {
        port_.reset();
        if (auto waiting = std::exchange(waiting_, std::nullopt))
            waiting->errback(Failure(FtpError(425, "no data connection has come")));
    });
    return out;
}

} // namespace twistdpp::ftp
