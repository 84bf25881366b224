#pragma once
#include "twistdpp/reactor/reactor.h"

#include <deque>
#include <memory>

namespace twistdpp {

class SimConnection;
class SimNetwork;
class SimReactor;

/// A simulated listening socket with its backlog.
class SimPort final : public Port {
public:
    SimPort(
        SimReactor& reactor, SimNetwork& network, const Address& address, const ListenSpec& spec,
        std::shared_ptr<Factory> factory
    );
    ~SimPort() override;

    const Address& address() const noexcept override { return address_; }
    void stopListening() override;
    void pauseAccepting() override { paused_ = true; }
    void resumeAccepting() override;

    bool dualStack() const noexcept { return dualStack_; }
    bool reusePort() const noexcept { return reusePort_; }
    /// Whether one more may come.
    bool hasRoom() const noexcept;
    /// The server's end of a new connection.
    void incoming(SimConnection& connection);

private:
    void acceptWaiting();

    SimReactor& reactor_;
    SimNetwork* network_; // null once closed
    Address address_;
    std::shared_ptr<Factory> factory_;
    std::size_t backlog_;
    bool dualStack_;
    bool reusePort_;
    bool paused_ = false;
    std::deque<SimConnection*> waiting_;
    TimerNode accepting_;
    std::shared_ptr<bool> open_ =
        std::make_shared<bool>(true); // outlives the port for who is in a call of it
};

} // namespace twistdpp
