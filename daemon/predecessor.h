#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/daemon/exit_code.h"
#include "twistdpp/reactor/hand_over.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <string>
#include <sys/types.h>

namespace twistdpp {

/// The process that started this one to take its place: it waits for a report, and serves on until it has
/// agreed. The other side of Upgrade.
class Predecessor {
public:
    /// First in main(): none, nullptr, unless an upgrade has started this process. Puts the standard
    /// descriptors back and gives what was left to `handOver`.
    static Result<std::unique_ptr<Predecessor>, StartFailure> find(HandOver& handOver);

    pid_t pid() const noexcept { return pid_; }
    /// This process will not run; nothing after it.
    void failed(const StartFailure& failure) noexcept;
    /// This process could serve. `letGo` runs in the loop once the other process has stopped to accept; with
    /// false when it has died instead, so that no one serves by now.
    Result<void> ready(Reactor& reactor, const std::string& message, UniqueFunction<void(bool)> letGo);

private:
    Predecessor(pid_t pid, int report) : pid_(pid), report_(report) {}
    void tell(ExitCode code, const std::string& message) noexcept;
    void answered();

    pid_t pid_;
    UniqueFd report_;
    std::unique_ptr<FdHandle> watch_;
    UniqueFunction<void(bool)> letGo_;
};

} // namespace twistdpp
