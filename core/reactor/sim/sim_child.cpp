#include "twistdpp/sim/sim_child.h"

#include "twistdpp/sim/sim_reactor.h"

#include <csignal>
#include <utility>

namespace twistdpp {

namespace {

/// The parent's side.
class SimProcess final : public Process {
public:
    explicit SimProcess(std::shared_ptr<SimChild> child) noexcept : child_(std::move(child)) {}
    ~SimProcess() override {
        child_->inputEnds();
        child_->abandon();
    }
    int pid() const noexcept override { return child_->pid(); }
    void write(Bytes data) override { child_->input(data); }
    std::size_t queued() const noexcept override { return child_->queued(); }
    void closeStdin() override { child_->inputEnds(); }
    bool signalProcess(int signal) override { return child_->signal(signal); }
    void resizeTerminal(ProcessSpec::TerminalSize size) override { child_->resize(size); }
    void pauseProducing() override { child_->pause(true); }
    void resumeProducing() override { child_->pause(false); }

private:
    std::shared_ptr<SimChild> child_;
};

} // namespace

SimChild::SimChild(SimReactor& reactor, ProcessSpec spec, int pid, ProcessProtocol& parent)
    : reactor_(reactor), spec_(std::move(spec)), pid_(pid), parent_(&parent), starting_(
                                                                                  reactor.timers(),
                                                                                  [this] {
                                                                                      if (!ended_)
                                                                                          program_(*this);
                                                                                  }
                                                                              ),
      telling_(reactor.timers(), [this] { tellNext(); }),
      feeding_(reactor.timers(), [this] { takeInput(); }) {}

void SimChild::start(const SimProgram& program) {
    program_ = program;
    starting_.start(reactor_.latency());
}

void SimChild::out(std::string_view data) {
    tell(What::out, std::string(data));
}

void SimChild::err(std::string_view data) {
    tell(spec_.pty ? What::out : What::err, std::string(data));
}

void SimChild::exit(int code) {
    ProcessStatus status;
    status.code = code;
    endWith(status);
}

void SimChild::die(int signal) {
    ProcessStatus status;
    status.signal = signal;
    endWith(status);
}

void SimChild::endWith(ProcessStatus status) {
    if (ended_)
        return;
    status_ = status;
    tell(What::exit, {});
    ended_ = true;
    input_.clear();
    feeding_.stop();
}

void SimChild::tell(What what, std::string data) {
    if (ended_ || (what != What::exit && data.empty()))
        return;
    toParent_.push_back({what, std::move(data)});
    if (!telling_.active() && !paused_)
        telling_.start(reactor_.latency());
}

void SimChild::tellNext() {
    if (toParent_.empty())
        return;
    const Event event = std::move(toParent_.front());
    toParent_.pop_front();
    if (!toParent_.empty() && !paused_)
        telling_.start(reactor_.latency());
    if (!parent_)
        return;
    switch (event.what) {
    case What::out:
        return parent_->outReceived(event.data);
    case What::err:
        return parent_->errReceived(event.data);
    case What::exit:
        reactor_.note(
            "exit", std::to_string(pid_), std::to_string(status_.code), std::to_string(status_.signal)
        );
        for (const int fd : {1, 2}) {
            if (parent_ && (fd == 1 || !spec_.pty))
                parent_->childConnectionLost(fd);
        }
        if (parent_)
            parent_->processExited(status_);
        if (ProcessProtocol* parent = std::exchange(parent_, nullptr))
            parent->processEnded(status_);
    }
}

void SimChild::onInput(UniqueFunction<void(Bytes)> f) {
    reader_ = std::move(f);
    feeding_.start(Duration(0));
}

void SimChild::onInputClosed(UniqueFunction<void()> f) {
    inputClosed_ = std::move(f);
    feeding_.start(Duration(0));
}

void SimChild::input(Bytes data) {
    if (ended_ || inputEnds_)
        return;
    input_.append(data);
    if (!feeding_.active())
        feeding_.start(reactor_.latency());
}

void SimChild::inputEnds() {
    if (ended_ || std::exchange(inputEnds_, true))
        return;
    if (!feeding_.active())
        feeding_.start(reactor_.latency());
}

void SimChild::takeInput() {
    if (reader_ && !input_.empty())
        reader_(std::exchange(input_, {}));
    if (input_.empty() && inputEnds_ && inputClosed_ && !ended_)
        std::exchange(inputClosed_, {})();
}

bool SimChild::signal(int number) {
    if (ended_)
        return false;
    if (number == 0)
        return true;
    if (signalled_ && number != SIGKILL)
        signalled_(number);
    else
        die(number);
    return true;
}

void SimChild::resize(ProcessSpec::TerminalSize size) {
    spec_.terminal = size;
    if (resized_ && !ended_)
        resized_(size);
}

void SimChild::pause(bool paused) {
    paused_ = paused;
    if (paused)
        telling_.stop();
    else if (!toParent_.empty() && !telling_.active())
        telling_.start(reactor_.latency());
}

Result<std::unique_ptr<Process>> SimReactor::spawn(ProcessSpec spec, ProcessProtocol& protocol) {
    if (!program_)
        return Error(
            "cannot run '" + spec.executable + "': the simulated reactor has no program for its children " +
            "(SimReactor::setChildProgram)"
        );
    note("spawn", spec.executable);
    auto child = std::make_shared<SimChild>(*this, std::move(spec), ++lastPid_, protocol);
    children_.push_back(child);
    child->start(program_);
    return std::unique_ptr<Process>(std::make_unique<SimProcess>(std::move(child)));
}

} // namespace twistdpp
