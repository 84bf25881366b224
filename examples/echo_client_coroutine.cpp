// layers: uv net
// The echo client once more, as a coroutine.
//     echo_client_coroutine [PORT [HOST]]
#include "program.h"
#include "twistdpp/net/stream.h"

using namespace twistdpp;

namespace {

Deferred<int> talk(Reactor& reactor, std::string host, std::uint16_t port) {
    const std::string greeting = "Hello, world!";
    Stream stream = co_await connectStream(reactor, host, port);
    stream.write(greeting);
    const std::string answer = co_await stream.readExactly(greeting.size());
    std::printf("%s\n", answer.c_str());
    co_return 0;
}

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv);
    talk(program.reactor(), program.argument(2, "127.0.0.1"), program.port(1, 8000))
        .addErrback([](const Failure& why) { return Program::failed(why.error()); })
        .addCallback([&](int code) { program.stop(code); })
        .detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
