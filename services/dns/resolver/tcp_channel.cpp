#include "twistdpp/dns_resolver/tcp_channel.h"

#include "twistdpp/dns_resolver/random.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/net/length_prefixed.h"
#include "twistdpp/reactor/errors.h"

#include <stdexcept>
#include <utility>
#include <vector>

namespace twistdpp::dns {

class TcpChannel::Connection final : public Int16StringReceiver {
public:
    explicit Connection(std::weak_ptr<TcpChannel> channel)
        : Int16StringReceiver(65535), channel_(std::move(channel)) {}

    void send(Bytes message) { sendString(message); }
    void connectionMade() override {
        if (const auto channel = channel_.lock())
            channel->connectionOpen(*this);
        else
            transport().loseConnection();
    }
    void stringReceived(Bytes message) override {
        if (const auto channel = channel_.lock())
            channel->received(message);
    }
    void connectionLost(const Failure& reason) override {
        const auto channel = channel_.lock();
        if (channel && channel->connection_ == this)
            channel->connectionClosed(reason);
    }

private:
    std::weak_ptr<TcpChannel> channel_;
};

TcpChannel::TcpChannel(Reactor& reactor, Address server, Duration connectTimeout, Duration idle)
    : reactor_(reactor), server_(std::move(server)), connectTimeout_(connectTimeout), idle_(idle),
      rest_(
          reactor.timers(),
          [this] {
              if (connection_)
                  std::exchange(connection_, nullptr)->transport().loseConnection();
          }
      ),
      silence_(reactor.timers(), [this] {
          used_ = false; // asking again would be of no use
          if (connection_)
              connection_->transport().abortConnection(ConnectionAborted("nothing came for too long"));
      }) {}

TcpChannel::~TcpChannel() {
    if (connecting_)
        connecting_->cancel();
    if (connection_)
        connection_->transport().loseConnection();
}

void TcpChannel::ask(std::string message, TcpUser& user) {
    if (pending_.size() >= kMost)
        return user.tcpFailed(std::runtime_error("too many queries wait for " + server_.toString()));
    std::uint16_t id;
    do {
        id = QueryRandom().id();
    } while (pending_.contains(id));
    put16(message.data(), id);
    rest_.stop();
    const Query& query = pending_.emplace(id, Query{std::move(message), &user}).first->second;
    if (connection_) {
        connection_->send(query.message);
        if (!silence_.active())
            silence_.start(kLongestSilence);
    } else if (!connecting_) {
        connect();
    }
}

void TcpChannel::forget(TcpUser& user) noexcept {
    std::erase_if(pending_, [&](const auto& entry) { return entry.second.user == &user; });
    std::erase(failing_, &user);
    restIfIdle();
}

void TcpChannel::connect() {
    used_ = false;
    const auto keep = shared_from_this(); // it may fail at once, and who is told may let go of this
    const std::weak_ptr<TcpChannel> self = weak_from_this();
    auto made = makeFactory([self](const Address&) -> std::unique_ptr<Protocol> {
        return std::make_unique<Connection>(self);
    });
    connecting_.emplace(reactor_.connect(ConnectSpec(server_, connectTimeout_), std::move(made))
                            .addBoth([self](Outcome<Transport*> outcome) {
                                const auto channel = self.lock();
                                if (!channel || outcome.ok())
                                    return;
                                channel->connecting_.reset();
                                channel->failAll(outcome.failure());
                            }));
    if (connecting_ && connecting_->called())
        connecting_.reset();
}

void TcpChannel::connectionOpen(Connection& connection) {
    connection_ = &connection;
    connecting_.reset();
    connection.transport().setTcpNoDelay(true);
    for (const auto& [id, query] : pending_)
        connection.send(query.message);
    if (!pending_.empty())
        silence_.start(kLongestSilence);
    restIfIdle();
}

void TcpChannel::connectionClosed(const Failure& reason) {
    connection_ = nullptr;
    rest_.stop();
    silence_.stop();
    if (!used_)
        return failAll(reason);
    for (auto at = pending_.begin(); at != pending_.end();) {
        if (std::exchange(at->second.again, true)) {
            failing_.push_back(at->second.user);
            at = pending_.erase(at);
        } else {
            ++at;
        }
    }
    if (!pending_.empty())
        connect();
    tellFailing(reason);
}

void TcpChannel::received(Bytes message) {
    const auto found = message.size() < 12 ? pending_.end() : pending_.find(get16(message.data()));
    if (found == pending_.end())
        return;
    used_ = true;
    TcpUser& user = *found->second.user;
    pending_.erase(found);
    if (pending_.empty())
        silence_.stop();
    else
        silence_.start(kLongestSilence);
    restIfIdle();
    user.tcpResponseReceived(message);
}

void TcpChannel::failAll(const Failure& reason) {
    for (const auto& [id, query] : std::exchange(pending_, {}))
        failing_.push_back(query.user);
    tellFailing(reason);
}

/// Whoever is told may forget others of the row, ask anew, or let go of this channel.
void TcpChannel::tellFailing(const Failure& reason) {
    const auto keep = shared_from_this();
    while (!failing_.empty()) {
        TcpUser* const user = failing_.back();
        failing_.pop_back();
        user->tcpFailed(reason);
    }
}

void TcpChannel::restIfIdle() {
    if (!connection_ || !pending_.empty())
        return;
    rest_.start(idle_); // that all have given up is no sign of life: silence_ goes on
}

} // namespace twistdpp::dns
