#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp {

/// How a child ended: by exit(code), or killed by `signal`.
struct ProcessStatus {
    /// The code when nobody can tell: this process ignores SIGCHLD, or something else in it took the status.
    static constexpr int kUnknown = -1;

    int code = 0;
    int signal = 0;
    bool success() const noexcept { return code == 0 && signal == 0; }
};

/// What to start and how. The child gets no descriptor but those named here.
struct ProcessSpec {
    ProcessSpec(std::string program, std::vector<std::string> arguments)
        : executable(std::move(program)), args(std::move(arguments)) {}

    struct TerminalSize {
        std::uint16_t columns = 80;
        std::uint16_t rows = 24;
    };

    std::string executable;        // a path, or a name looked up in PATH
    std::vector<std::string> args; // args[0] is the name the child sees; empty: the executable's
    std::optional<std::vector<std::string>> environment; // "NAME=value"; unset: this process's own
    std::string directory;                               // empty: this process's own
    std::optional<std::uint32_t> uid;
    std::optional<std::uint32_t> gid; // the supplementary groups are then those of the user
    bool pty = false;                 // a terminal of its own on 0, 1 and 2 instead of pipes
    TerminalSize terminal;
    std::vector<int> keep; // descriptors from 3 on that the child gets too, under their numbers
};

/// A running child. Dropping it closes its pipes and leaves the child alone; it is reaped all the same.
class Process {
public:
    virtual ~Process() = default;
    virtual int pid() const noexcept = 0;
    /// Queues bytes for the child's standard input (or terminal).
    virtual void write(Bytes data) = 0;
    virtual std::size_t queued() const noexcept = 0;
    virtual void closeStdin() = 0;
    /// Sends a signal; false when the child has ended.
    virtual bool signalProcess(int signal) = 0;
    virtual void resizeTerminal(ProcessSpec::TerminalSize size) = 0;
    /// Stop and go of outReceived() and errReceived().
    virtual void pauseProducing() = 0;
    virtual void resumeProducing() = 0;
};

/// What the child's output and end are given to. Not owned by the process; it must outlive it.
class ProcessProtocol {
public:
    virtual ~ProcessProtocol() = default;
    virtual void outReceived(Bytes data) = 0;
    /// Standard error; with a terminal both come as outReceived().
    virtual void errReceived(Bytes data) { static_cast<void>(data); }
    /// The child closed its standard output (1) or error (2).
    virtual void childConnectionLost(int fd) { static_cast<void>(fd); }
    /// The child is gone; output may still come.
    virtual void processExited(ProcessStatus status) { static_cast<void>(status); }
    /// The child is gone and all its output was given. The last call.
    virtual void processEnded(ProcessStatus status) = 0;
};

} // namespace twistdpp
