// layers: uv
// The echo client of the introductory talk: says hello, prints what comes back and goes.
//     echo_client [PORT [HOST]]
#include "program.h"

using namespace twistdpp;

class EchoClient : public Protocol {
    void connectionMade() override { transport().write("Hello, world!"); }

    void dataReceived(Bytes data) override {
        std::printf("%.*s\n", static_cast<int>(data.size()), data.data());
        transport().loseConnection();
    }

    void connectionLost(const Failure&) override { transport().reactor().stop(); }
};

int main(int argc, char** argv) try {
    Program program(argc, argv);
    program.reactor()
        .connectTCP(program.argument(2, "127.0.0.1"), program.port(1, 8000), makeFactory<EchoClient>())
        .addCallbacks(
            [](Transport*) {}, // the protocol does the rest
            [&](const Failure& why) { program.stop(Program::failed(why.error())); }
        )
        .detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
