#include "twistdpp/service_echo/echo.h"

#include "twistdpp/reactor/transport.h"

namespace twistdpp {

void Echo::dataReceived(Bytes data) {
    transport().write(data);
}

void Echo::drain() {
    transport().loseConnection();
}

void Echo::abort() {
    transport().abortConnection();
}

} // namespace twistdpp
