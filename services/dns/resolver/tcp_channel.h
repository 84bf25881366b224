#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/defer/failure.h"
#include "twistdpp/reactor/reactor.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// Who waits for a response over TCP. Either call is the last one, and it may die in it.
class TcpUser {
public:
    /// The response to its query, borrowed for the call; the id was found right.
    virtual void tcpResponseReceived(Bytes message) = 0;
    virtual void tcpFailed(const Failure& reason) = 0;

protected:
    ~TcpUser() = default;
};

/// Queries to one server over TCP (RFC 7766): one connection, opened when there is something to ask, used by
/// all queries at once, closed after `idle` without any. Queries that a server leaves open when it closes a
/// connection that had been in use are asked again on another one, once. A connection over which nothing
/// comes although something was asked is given up.
class TcpChannel : public std::enable_shared_from_this<TcpChannel> {
public:
    TcpChannel(Reactor& reactor, Address server, Duration connectTimeout, Duration idle);
    ~TcpChannel();

    /// The id of the message is replaced by one that no other query of the channel has.
    void ask(std::string message, TcpUser& user);
    /// The user waits no longer.
    void forget(TcpUser& user) noexcept;
    std::size_t pending() const noexcept { return pending_.size(); }
    bool connected() const noexcept { return connection_ != nullptr; }

private:
    class Connection;
    friend class Connection;
    struct Query {
        std::string message;
        TcpUser* user;
        bool again = false;
    };
    static constexpr std::size_t kMost = 1000;
    static constexpr Duration kLongestSilence = std::chrono::seconds(6);

    void connect();
    void connectionOpen(Connection& connection);
    void connectionClosed(const Failure& reason);
    void received(Bytes message);
    void failAll(const Failure& reason);
    void tellFailing(const Failure& reason);
    void restIfIdle();

    Reactor& reactor_;
    Address server_;
    Duration connectTimeout_, idle_;
    std::map<std::uint16_t, Query> pending_;
    std::vector<TcpUser*> failing_; // who is still to be told of a failure
    std::optional<Deferred<void>> connecting_;
    Connection* connection_ = nullptr;
    bool used_ = false; // an answer came over the connection
    TimerNode rest_, silence_;
};

} // namespace twistdpp::dns
