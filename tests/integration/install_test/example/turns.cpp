// A program outside the tree. It asks for the reactor by name, so it also shows that the archive was linked
// whole: the file that registers "uv" is one that no symbol asks for.
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/sleep.h"

#include <cstdio>

namespace {

twistdpp::Deferred<void> count(twistdpp::Reactor& reactor, int& turns) {
    while (turns < 3) {
        co_await twistdpp::sleep(reactor, std::chrono::milliseconds(1));
        ++turns;
    }
    reactor.stop();
}

} // namespace

int main() {
    auto reactor = twistdpp::makeReactor("uv");
    if (!reactor) {
        std::fprintf(stderr, "%s\n", reactor.error().message().c_str());
        return 1;
    }
    int turns = 0;
    count(**reactor, turns).detach();
    (*reactor)->run();
    std::printf("reactor uv: %d turns\n", turns);
    return 0;
}
