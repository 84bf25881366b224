#include "twistdpp/sim/sim_watch.h"

#include "twistdpp/sim/sim_reactor.h"

#include <cerrno>
#include <csignal>

namespace twistdpp {

namespace {

std::string signalKey(int signal) {
    return "signal " + std::to_string(signal);
}

std::string pathKey(std::string path) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return "path " + path;
}

} // namespace

SimWatch::SimWatch(TimerQueue& queue, std::string of, UniqueFunction<void()> f)
    : of_(std::move(of)), function_(std::make_shared<UniqueFunction<void()>>(std::move(f))),
      telling_(queue, [this] { tell(); }) {}

void SimWatch::happened(bool merge) {
    *times_ = merge ? 1 : *times_ + 1;
    if (!telling_.active())
        telling_.start(Duration(0));
}

void SimWatch::tell() {
    const auto function = function_;
    const auto times = times_;
    for (unsigned left = std::exchange(*times, 0); left > 0; --left) {
        (*function)();
        if (function.use_count() == 1)
            return; // dropped by its own function
    }
}

Result<Watch> SimReactor::onSignal(int signal, UniqueFunction<void()> f) {
    if (signal <= 0 || signal > SIGRTMAX || signal == SIGKILL || signal == SIGSTOP)
        return Error::fromErrno(EINVAL, "cannot watch for signal " + std::to_string(signal));
    auto watch = std::make_unique<SimWatch>(clock_, signalKey(signal), std::move(f));
    watches_.pushBack(*watch);
    return Watch(std::move(watch));
}

Result<Watch> SimReactor::watchFile(const std::string& path, UniqueFunction<void()> f) {
    auto watch = std::make_unique<SimWatch>(clock_, pathKey(path), std::move(f));
    watches_.pushBack(*watch);
    return Watch(std::move(watch));
}

bool SimReactor::raiseSignal(int signal) {
    const std::string key = signalKey(signal);
    note(key);
    bool watched = false;
    watches_.forEach([&](SimWatch& watch) {
        if (watch.of() == key) {
            watch.happened(false);
            watched = true;
        }
    });
    return watched;
}

void SimReactor::touch(const std::string& path) {
    note("touch", path);
    const std::string file = pathKey(path);
    const auto slash = path.find_last_of('/');
    const std::string folder = pathKey(
        slash == std::string::npos ? "."
        : slash == 0               ? "/"
                                   : path.substr(0, slash)
    );
    watches_.forEach([&](SimWatch& watch) {
        if (watch.of() == file || watch.of() == folder)
            watch.happened(true);
    });
}

} // namespace twistdpp
