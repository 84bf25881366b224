// layers: uv
// The echo server of the introductory talk: sends back what it is sent.
//     echo_server [PORT]
#include "program.h"

using namespace twistdpp;

class EchoServer : public Protocol {
    void dataReceived(Bytes data) override { transport().write(data); }
};

int main(int argc, char** argv) try {
    Program program(argc, argv);
    const auto port =
        program.reactor().listenTCP(program.port(1, 8000), makeFactory<EchoServer>(), "127.0.0.1");
    program.ready("echo server", port->address());
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
