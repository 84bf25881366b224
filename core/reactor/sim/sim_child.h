#pragma once
#include "twistdpp/base/unique_function.h"
#include "twistdpp/reactor/process.h"
#include "twistdpp/reactor/timer.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace twistdpp {

class SimReactor;

class SimChild;

/// Plays one child; called some virtual time after spawn() has returned.
using SimProgram = std::function<void(SimChild&)>;

/// The child's side of a simulated process, for the function that plays it. What it is told is set up by
/// onX(); what it does reaches the parent some virtual time later, in order. The function may keep the
/// reference until it has ended the child by exit() or die(), or until the reactor dies.
class SimChild {
public:
    SimChild(SimReactor& reactor, ProcessSpec spec, int pid, ProcessProtocol& parent);

    const ProcessSpec& spec() const noexcept { return spec_; }
    int pid() const noexcept { return pid_; }

    /// Writes to standard output or error; with a terminal both go the same way.
    void out(std::string_view data);
    void err(std::string_view data);
    /// Ends it. Later calls do nothing.
    void exit(int code);
    void die(int signal);

    /// What the parent writes to standard input. What comes before this call is kept for it.
    void onInput(UniqueFunction<void(Bytes)> f);
    void onInputClosed(UniqueFunction<void()> f);
    /// Signals, signal 0 and SIGKILL excepted; without this call each ends the child.
    void onSignal(UniqueFunction<void(int)> f) { signalled_ = std::move(f); }
    void onResize(UniqueFunction<void(ProcessSpec::TerminalSize)> f) { resized_ = std::move(f); }

    // For the reactor and the parent's side.
    void start(const SimProgram& program);
    std::size_t queued() const noexcept { return input_.size(); }
    void input(Bytes data);
    void inputEnds();
    bool signal(int number);
    void resize(ProcessSpec::TerminalSize size);
    void pause(bool paused);
    /// The parent's handle was dropped: its protocol is told nothing more.
    void abandon() noexcept { parent_ = nullptr; }
    bool over() const noexcept { return ended_ && toParent_.empty(); }

private:
    enum class What : std::uint8_t { out, err, exit };
    struct Event {
        What what;
        std::string data;
    };

    void tell(What what, std::string data);
    void tellNext();
    void takeInput();
    void endWith(ProcessStatus status);

    SimReactor& reactor_;
    ProcessSpec spec_;
    SimProgram program_;
    int pid_;
    ProcessProtocol* parent_;
    std::deque<Event> toParent_;
    TimerNode starting_;
    TimerNode telling_;
    std::string input_;
    TimerNode feeding_;
    UniqueFunction<void(Bytes)> reader_;
    UniqueFunction<void()> inputClosed_;
    UniqueFunction<void(int)> signalled_;
    UniqueFunction<void(ProcessSpec::TerminalSize)> resized_;
    ProcessStatus status_;
    bool inputEnds_ = false;
    bool paused_ = false;
    bool ended_ = false;
};

} // namespace twistdpp
