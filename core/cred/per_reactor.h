#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace twistdpp {

class Reactor;

/// The one T that all users of a reactor share, so that a limit counts for all services of it together. Made
/// by `make()` when nobody has one, and gone when the last user lets go of it; users let go before the
/// reactor dies. For set-up, from any thread. `slot` tells several of one type apart.
template <class T, class Make>
std::shared_ptr<T> perReactor(Reactor& reactor, unsigned slot, Make make) {
    static std::mutex lock;
    static std::map<std::pair<const Reactor*, unsigned>, std::weak_ptr<T>> known;
    const std::lock_guard guard(lock);
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<T>& place = known[{&reactor, slot}];
    std::shared_ptr<T> shared = place.lock();
    if (!shared)
        place = shared = make();
    return shared;
}

} // namespace twistdpp
