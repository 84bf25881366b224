#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <vector>

namespace twistdpp {

/// The one that asks for the state in the log: SIGRTMIN, which no terminal and no service manager sends by
/// itself.
int stateSignal() noexcept;

/// The signals that mean something to the daemon: TERM, INT, QUIT, HUP, USR1, USR2, TTIN, TTOU and
/// stateSignal(). From catchSignals() on none of them kills; they are kept until someone listens. A third
/// TERM or INT ends the process at once even when the loop does not turn any more. PIPE is ignored.
void catchSignals();

/// The default action back for `signal`, and the signal raised: ends the process as if it had never been
/// caught.
[[noreturn]] void dieBySignal(int signal);

/// Hands the caught signals to `handler`, in the reactor's loop, those included that came before. Main
/// thread.
class SignalListener {
public:
    static Result<std::unique_ptr<SignalListener>>
    listen(Reactor& reactor, UniqueFunction<void(int)> handler);

private:
    explicit SignalListener(UniqueFunction<void(int)> handler) : handler_(std::move(handler)) {}
    void readPipe();

    UniqueFunction<void(int)> handler_;
    std::vector<Watch> watches_;
};

} // namespace twistdpp
