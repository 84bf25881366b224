#pragma once
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/timer.h"

#include <memory>
#include <string>

namespace twistdpp {

/// Who wants to know of a signal ("signal 15") or a path ("path /etc/x").
class SimWatch final : public WatchHandle, public ListHook {
public:
    SimWatch(TimerQueue& queue, std::string of, UniqueFunction<void()> f);

    const std::string& of() const noexcept { return of_; }
    /// Its function runs in the next turn; `merge`: once for all that happens until then.
    void happened(bool merge);

private:
    void tell();

    std::string of_;
    std::shared_ptr<UniqueFunction<void()>> function_; // may drop this watch while it runs
    std::shared_ptr<unsigned> times_ = std::make_shared<unsigned>(0);
    TimerNode telling_;
};

} // namespace twistdpp
