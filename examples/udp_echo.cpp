// layers: uv
// Sends each datagram back to where it came from.
//     udp_echo [PORT]
#include "program.h"

using namespace twistdpp;

class UdpEcho : public DatagramProtocol {
    void datagramReceived(Bytes data, const Address& from) override { port().write(data, from); }
};

int main(int argc, char** argv) try {
    Program program(argc, argv);
    UdpEcho echo;
    const auto port = program.reactor().listenUDP(program.port(1, 8000), echo, "127.0.0.1");
    program.ready("udp echo", port->address());
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
