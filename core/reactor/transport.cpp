#include "twistdpp/reactor/transport.h"

#include "twistdpp/reactor/errors.h"

namespace twistdpp {

void Transport::abortConnection() {
    abortConnection(Failure(ConnectionAborted()));
}

Result<UniqueFd> Transport::releaseFd() {
    return Error("this connection has no socket of its own that could be given away");
}

} // namespace twistdpp
