#include "twistdpp/sim/sim_port.h"

#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_connection.h"
#include "twistdpp/sim/sim_network.h"
#include "twistdpp/sim/sim_reactor.h"

#include <algorithm>

namespace twistdpp {

SimPort::SimPort(
    SimReactor& reactor, SimNetwork& network, const Address& address, const ListenSpec& spec,
    std::shared_ptr<Factory> factory
)
    : reactor_(reactor), network_(&network), address_(address), factory_(std::move(factory)),
      backlog_(static_cast<std::size_t>(std::max(spec.backlog, 1))), dualStack_(spec.dualStack),
      reusePort_(spec.reusePort), accepting_(reactor.timers(), [this] { acceptWaiting(); }) {}

SimPort::~SimPort() {
    SimPort::stopListening();
}

void SimPort::stopListening() {
    if (SimNetwork* network = std::exchange(network_, nullptr)) {
        *open_ = false;
        accepting_.stop();
        network->forget(*this);
        reactor_.note("stop", address_.toString());
        for (SimConnection* connection : std::exchange(waiting_, {}))
            connection->end(ConnectionAborted("the port was closed"), true);
    }
}

bool SimPort::hasRoom() const noexcept {
    return waiting_.size() < backlog_;
}

void SimPort::incoming(SimConnection& connection) {
    waiting_.push_back(&connection);
    if (!paused_ && !accepting_.active())
        acceptWaiting();
}

void SimPort::resumeAccepting() {
    paused_ = false;
    if (network_)
        accepting_.start(Duration(0));
}

void SimPort::acceptWaiting() {
    const auto open = open_;
    const auto factory = factory_;
    while (*open && !paused_ && !waiting_.empty()) {
        SimConnection* const connection = waiting_.front();
        waiting_.pop_front();
        if (auto protocol = factory->buildProtocol(connection->peer()))
            connection->begin(std::move(protocol));
        else
            connection->end(ConnectionAborted("the factory refused it"), false);
    }
}

} // namespace twistdpp
