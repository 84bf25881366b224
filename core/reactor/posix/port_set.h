#pragma once
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <utility>
#include <vector>

namespace twistdpp {

/// Several sockets of one address as one port; at least one.
class PortSet final : public Port {
public:
    explicit PortSet(std::vector<std::unique_ptr<Port>> ports) : ports_(std::move(ports)) {}
    const Address& address() const noexcept override { return ports_.front()->address(); }
    void stopListening() override { forEach(&Port::stopListening); }
    void pauseAccepting() override { forEach(&Port::pauseAccepting); }
    void resumeAccepting() override { forEach(&Port::resumeAccepting); }

private:
    void forEach(void (Port::*call)()) {
        for (const auto& port : ports_)
            (port.get()->*call)();
    }
    std::vector<std::unique_ptr<Port>> ports_;
};

} // namespace twistdpp
