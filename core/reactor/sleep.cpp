#include "twistdpp/reactor/sleep.h"

namespace twistdpp {

Deferred<void> sleep(Reactor& reactor, Duration after) {
    struct Sleeper {
        Timer timer;
        std::optional<Promise<void>> promise;
    };
    auto sleeper = std::make_shared<Sleeper>();
    sleeper->promise.emplace([sleeper = sleeper.get()] { sleeper->timer.cancel(); });
    auto result = sleeper->promise->deferred();
    sleeper->timer = reactor.callLater(after, [sleeper]() mutable {
        const auto last =
            std::move(sleeper); // the timer, and this closure with it, may go while the Promise fires
        last->promise->callback();
    });
    return result;
}

} // namespace twistdpp
