#include "twistdpp/posix/child_process.h"

#include "twistdpp/posix/fork_exec.h"
#include "twistdpp/posix/open_socket.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace twistdpp {

namespace {

/// Waits for a child's end and takes it off the system's list, also when nobody asks any more. Destroys
/// itself then.
class Reaper final : private Poller::Handler, public PendingOperation {
public:
    Reaper(PosixReactor& reactor, pid_t pid, UniqueFd exited)
        : reactor_(reactor), pid_(pid), exited_(std::move(exited)),
          entry_(reactor.poller().watch(exited_.get(), FdEvents::readable, *this)) {
        reactor_.track(*this);
    }
    ~Reaper() { reactor_.poller().unwatch(entry_); }

    UniqueFunction<void(ProcessStatus)> ended;

    void reactorEnds() override { delete this; }

private:
    void ready(unsigned) override {
        int status = 0;
        const pid_t waited = ::waitpid(pid_, &status, WNOHANG);
        if (waited == 0 || (waited < 0 && errno == EINTR))
            return;
        ProcessStatus result;
        if (waited < 0) {
            result.code = ProcessStatus::kUnknown; // somebody else took it, or SIGCHLD is ignored
        } else {
            result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
            result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        }
        auto tell = std::move(ended);
        delete this;
        if (tell)
            tell(result);
    }

    PosixReactor& reactor_;
    pid_t pid_;
    UniqueFd exited_;
    Poller::Entry* entry_;
};

class ChildProcess final : public Process {
    /// One of the child's outputs.
    class Output final : public Poller::Handler {
    public:
        Output(ChildProcess& owner, UniqueFd fd, int number)
            : owner_(owner), number_(number), fd_(std::move(fd)) {
            watch(true);
        }
        ~Output() { close(); }
        void watch(bool on) {
            if (on && !entry_ && fd_)
                entry_ = owner_.reactor_.poller().watch(fd_.get(), FdEvents::readable, *this);
            else if (!on && entry_)
                owner_.reactor_.poller().unwatch(std::exchange(entry_, nullptr));
        }
        void close() {
            watch(false);
            fd_.reset();
        }
        bool open() const noexcept { return static_cast<bool>(fd_); }
        int fd() const noexcept { return fd_.get(); }

    private:
        void ready(unsigned) override {
            char* const buffer = owner_.reactor_.readBuffer();
            const ssize_t got = ::read(fd_.get(), buffer, PosixReactor::kReadBuffer);
            if (got < 0 && (errno == EAGAIN || errno == EINTR))
                return;
            owner_.outputCame(*this, number_, Bytes(buffer, got > 0 ? static_cast<std::size_t>(got) : 0));
        }
        ChildProcess& owner_;
        int number_;
        UniqueFd fd_;
        Poller::Entry* entry_ = nullptr;
    };

    /// Its input, with what waits to be written.
    class Input final : public Poller::Handler {
    public:
        Input(ChildProcess& owner, UniqueFd fd) : owner_(owner), fd_(std::move(fd)) {}
        ~Input() { close(); }
        void write(Bytes data) {
            if (!fd_ || closeWhenSent_)
                return;
            chain_.append(data);
            flush();
        }
        void closeWhenSent() {
            closeWhenSent_ = true;
            flush();
        }
        void close() {
            if (entry_)
                owner_.reactor_.poller().unwatch(std::exchange(entry_, nullptr));
            fd_.reset();
            chain_.clear();
        }
        std::size_t queued() const noexcept { return chain_.size(); }
        int fd() const noexcept { return fd_.get(); }

    private:
        void ready(unsigned) override { flush(); }
        void flush() {
            if (!fd_)
                return;
            while (!chain_.empty()) {
                iovec segments[16];
                const ssize_t sent = ::writev(fd_.get(), segments, chain_.iov(segments, 16));
                if (sent < 0 && errno == EINTR)
                    continue;
                if (sent < 0 && errno != EAGAIN)
                    return close(); // the child reads no more
                if (sent < 0) {
                    if (!entry_)
                        entry_ = owner_.reactor_.poller().watch(fd_.get(), FdEvents::writable, *this);
                    return;
                }
                chain_.consume(static_cast<std::size_t>(sent));
            }
            if (entry_)
                owner_.reactor_.poller().unwatch(std::exchange(entry_, nullptr));
            if (closeWhenSent_)
                close();
        }
        ChildProcess& owner_;
        UniqueFd fd_;
        Chain chain_;
        Poller::Entry* entry_ = nullptr;
        bool closeWhenSent_ = false;
    };

public:
    ChildProcess(PosixReactor& reactor, ForkedChild child, bool terminal, ProcessProtocol& protocol)
        : reactor_(reactor), protocol_(protocol), pid_(child.pid), terminal_(terminal),
          reaper_(new Reaper(reactor, child.pid, std::move(child.exited))) {
        reaper_->ended = [this](ProcessStatus status) { exited(status); };
        if (terminal) {
            UniqueFd copy(::fcntl(child.input.get(), F_DUPFD_CLOEXEC, 3));
            output_ = std::make_unique<Output>(*this, std::move(copy), 1);
        } else {
            output_ = std::make_unique<Output>(*this, std::move(child.output), 1);
            error_ = std::make_unique<Output>(*this, std::move(child.error), 2);
        }
        input_ = std::make_unique<Input>(*this, std::move(child.input));
    }
    ~ChildProcess() override {
        if (reaper_)
            reaper_->ended = {};
        if (gone_)
            *gone_ = true;
    }

    int pid() const noexcept override { return pid_; }
    void write(Bytes data) override { input_->write(data); }
    std::size_t queued() const noexcept override { return input_->queued(); }
    void closeStdin() override {
        if (terminal_)
            input_->write("\x04"
            ); // a terminal has no end of its own: the child's line discipline makes one of it
        else
            input_->closeWhenSent();
    }
    bool signalProcess(int signal) override { return reaper_ && ::kill(pid_, signal) == 0; }
    void resizeTerminal(ProcessSpec::TerminalSize size) override {
        winsize window{size.rows, size.columns, 0, 0};
        if (terminal_ && input_->fd() >= 0)
            ::ioctl(input_->fd(), TIOCSWINSZ, &window);
    }
    void pauseProducing() override { watchOutputs(false); }
    void resumeProducing() override { watchOutputs(true); }

private:
    void watchOutputs(bool on) {
        output_->watch(on);
        if (error_)
            error_->watch(on);
    }

    void outputCame(Output& output, int number, Bytes data) {
        bool gone = false;
        bool* const outer = std::exchange(gone_, &gone);
        if (!data.empty()) {
            number == 1 ? protocol_.outReceived(data) : protocol_.errReceived(data);
        } else {
            output.close();
            protocol_.childConnectionLost(number);
        }
        if (gone) {
            if (outer)
                *outer = true;
            return;
        }
        gone_ = outer;
        if (data.empty())
            endWhenAllIsSaid();
    }

    void exited(ProcessStatus status) {
        reaper_ = nullptr;
        status_ = status;
        bool gone = false;
        bool* const outer = std::exchange(gone_, &gone);
        protocol_.processExited(status);
        if (gone) {
            if (outer)
                *outer = true;
            return;
        }
        gone_ = outer;
        endWhenAllIsSaid();
    }

    void endWhenAllIsSaid() {
        if (reaper_ || output_->open() || (error_ && error_->open()) || told_)
            return;
        told_ = true;
        protocol_.processEnded(status_); // may destroy this
    }

    PosixReactor& reactor_;
    ProcessProtocol& protocol_;
    pid_t pid_;
    bool terminal_;
    bool told_ = false;
    bool* gone_ = nullptr; // set while the protocol is being told something: it may drop this process
    Reaper* reaper_;       // nullptr once the child is gone
    ProcessStatus status_;
    std::unique_ptr<Output> output_;
    std::unique_ptr<Output> error_;
    std::unique_ptr<Input> input_;
};

} // namespace

Result<std::unique_ptr<Process>>
startProcess(PosixReactor& reactor, ProcessSpec spec, ProcessProtocol& protocol) {
    // A child that stops reading must be an error of write(), not the end of this process.
    struct sigaction pipe {};
    if (::sigaction(SIGPIPE, nullptr, &pipe) == 0 && pipe.sa_handler == SIG_DFL)
        ::signal(SIGPIPE, SIG_IGN);
    auto child = forkExec(spec);
    if (!child)
        return std::move(child).error();
    for (const UniqueFd* fd : {&child->input, &child->output, &child->error}) {
        if (*fd) {
            if (auto done = makeNonBlocking(fd->get(), "cannot talk to " + spec.executable); !done)
                return std::move(done).error();
        }
    }
    return std::unique_ptr<Process>(
        std::make_unique<ChildProcess>(reactor, *std::move(child), spec.pty, protocol)
    );
}

} // namespace twistdpp
