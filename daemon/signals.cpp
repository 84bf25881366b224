#include "twistdpp/daemon/signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace twistdpp {

namespace {

/// SIGRTMIN is the C library's to say, so not a constant.
std::array<int, 9> caught() {
    return {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU, stateSignal()};
}
constexpr int kPatience = 3;

int pipeEnds[2] = {-1, -1};
std::atomic<int> stopRequests{0};

void onSignal(int signal) {
    const int saved = errno;
    if (signal == SIGTERM || signal == SIGINT) {
        if (stopRequests.fetch_add(1) + 1 >= kPatience) {
            constexpr char text[] = "twistdpp: asked to stop three times, ending at once\n";
            [[maybe_unused]] const auto told = ::write(STDERR_FILENO, text, sizeof text - 1);
            dieBySignal(signal);
        }
    }
    const auto byte = static_cast<unsigned char>(signal);
    [[maybe_unused]] const auto kept = ::write(pipeEnds[1], &byte, 1);
    errno = saved;
}

} // namespace

int stateSignal() noexcept {
    return SIGRTMIN;
}

void catchSignals() {
    if (::pipe2(pipeEnds, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    struct sigaction action {};
    action.sa_handler = &onSignal;
    action.sa_flags = SA_RESTART;
    for (const int signal : caught())
        ::sigaction(signal, &action, nullptr);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
    // A file that has reached its size limit is an error of the write, not the end of the daemon.
    ::sigaction(SIGXFSZ, &action, nullptr);
}

void dieBySignal(int signal) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    ::sigaction(signal, &action, nullptr);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::raise(signal);
    // Not reached, except inside the handler of the same signal on some systems.
    ::_exit(128 + signal);
}

Result<std::unique_ptr<SignalListener>>
SignalListener::listen(Reactor& reactor, UniqueFunction<void(int)> handler) {
    std::unique_ptr<SignalListener> made(new SignalListener(std::move(handler)));
    SignalListener& self = *made;
    if (FdWatch* fds = reactor.fds()) {
        auto watch = fds->watch(pipeEnds[0], FdEvents::readable, [&self](unsigned) { self.readPipe(); });
        if (!watch)
            return std::move(watch).error();
        self.watches_.push_back(std::move(*watch));
        return made;
    }
    // A reactor without descriptors of its own to watch: take its way, after what has come so far.
    reactor.callSoon([&self] { self.readPipe(); });
    for (const int signal : caught()) {
        auto watch = reactor.onSignal(signal, [&self, signal] { self.handler_(signal); });
        if (!watch)
            return std::move(watch).error();
        self.watches_.push_back(std::move(*watch));
    }
    return made;
}

void SignalListener::readPipe() {
    unsigned char signals[64];
    const auto count = ::read(pipeEnds[0], signals, sizeof signals);
    for (ssize_t i = 0; i < count; ++i)
        handler_(static_cast<int>(signals[i]));
}

} // namespace twistdpp
