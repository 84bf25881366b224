// layers: uv net
// The echo server once more, with a coroutine for each connection in place of a Protocol.
//     echo_server_coroutine [PORT]
#include "program.h"
#include "twistdpp/net/stream.h"

using namespace twistdpp;

namespace {

Deferred<void> echo(Stream stream) {
    for (;;) {
        const Bytes data = co_await stream.read();
        if (data.empty()) // the client has said all it wanted
            co_return;
        stream.write(data);
        co_await stream.drain(); // a client that does not read is not read from either
    }
}

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv);
    const auto port =
        program.reactor().listenTCP(program.port(1, 8000), makeStreamFactory(echo), "127.0.0.1");
    program.ready("echo server", port->address());
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
