#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/daemon/started_as.h"
#include "twistdpp/reactor/hand_over.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <optional>
#include <string>

namespace twistdpp {

/// Another process of the same program on its way to take this one's place. It gets what HandOver lists, and
/// accepts nothing before letGo(). Dropped before that, it is killed: it has served no one. Main thread.
class Upgrade final : private ProcessProtocol {
public:
    /// What the new process says when it is ready, or one line that says why there is none; an end of the old
    /// one's own is not one of the reasons.
    using Done = UniqueFunction<void(Result<std::string>)>;

    /// Starts it. `done` runs once, in the loop, at the latest a moment after `limit`; it must not destroy
    /// this. The error: it could not even be started.
    static Result<std::unique_ptr<Upgrade>>
    begin(Reactor& reactor, const StartedAs& start, const HandOver& handOver, Duration limit, Done done);
    ~Upgrade() override;

    int pid() const noexcept { return process_->pid(); }
    /// The new process takes over from here on.
    void letGo() noexcept;

private:
    Upgrade(Reactor& reactor, Duration limit, Done done)
        : reactor_(reactor), limit_(limit), done_(std::move(done)) {}
    Result<void> start(const StartedAs& start, const HandOver& handOver);
    void readReport();
    void conclude(Result<std::string> result);
    /// Why a process that has ended was no use.
    std::string endText() const;

    void outReceived(Bytes) override {}
    void errReceived(Bytes data) override;
    void processExited(ProcessStatus status) override;
    void processEnded(ProcessStatus status) override;

    Reactor& reactor_;
    const Duration limit_;
    Done done_;
    std::unique_ptr<Process> process_;
    UniqueFd report_;
    std::unique_ptr<FdHandle> watch_;
    Timer timer_;
    std::string reported_, complaint_;  // by the pipe; on its standard error
    std::optional<std::string> reason_; // why it is no use, known before its end
    ProcessStatus status_;
    bool letGo_ = false;
};

} // namespace twistdpp
