#include "twistdpp/app/reopen_hooks.h"

#include <algorithm>
#include <mutex>

namespace twistdpp {

namespace {

struct Hooks {
    std::mutex mutex;
    std::vector<ReopenHook*> all;
};

Hooks& hooks() {
    // Never destroyed: a log may outlive static destruction's order.
    static Hooks& instance = *new Hooks;
    return instance;
}

template <class F>
std::vector<Error> forEach(F f) {
    Hooks& list = hooks();
    const std::lock_guard lock(list.mutex);
    std::vector<Error> errors;
    for (ReopenHook* hook : list.all) {
        if (Result<void> done = f(*hook); !done)
            errors.push_back(std::move(done).error());
    }
    return errors;
}

} // namespace

ReopenHook::ReopenHook() {
    const std::lock_guard lock(hooks().mutex);
    hooks().all.push_back(this);
}

ReopenHook::~ReopenHook() {
    const std::lock_guard lock(hooks().mutex);
    std::erase(hooks().all, this);
}

std::vector<Error> reopenLogs() {
    return forEach([](ReopenHook& hook) { return hook.reopen(); });
}

std::vector<Error> giveLogsTo(uid_t user, gid_t group) {
    return forEach([&](ReopenHook& hook) { return hook.giveTo(user, group); });
}

} // namespace twistdpp
