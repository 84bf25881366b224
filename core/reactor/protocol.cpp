#include "twistdpp/reactor/protocol.h"

#include "twistdpp/reactor/transport.h"

namespace twistdpp {

void Protocol::readConnectionLost() {
    transport().loseConnection();
}

} // namespace twistdpp
