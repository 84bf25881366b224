#include "twistdpp/daemon/daemonize.h"

#include "twistdpp/base/number.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace twistdpp {

namespace {

constexpr int kPatienceSeconds = 120;

void writeAll(int fd, const std::string& text) {
    std::size_t written = 0;
    while (written < text.size()) {
        const auto count = ::write(fd, text.data() + written, text.size() - written);
        if (count < 0 && errno != EINTR)
            return;
        written += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
}

/// Everything until the daemon closes its end; false when it is silent for too long.
bool readReport(int fd, std::string& report) {
    while (true) {
        pollfd readable{fd, POLLIN, 0};
        const int polled = ::poll(&readable, 1, kPatienceSeconds * 1000);
        if (polled == 0)
            return false;
        char block[4096];
        const auto count = polled > 0 ? ::read(fd, block, sizeof block) : -1;
        if (count == 0 || (count < 0 && errno != EINTR))
            return true;
        if (count > 0)
            report.append(block, static_cast<std::size_t>(count));
    }
}

[[noreturn]] void waitForDaemon(UniqueFd pipe, const std::string& logPath) {
    std::string report;
    int code = static_cast<int>(ExitCode::software);
    if (!readReport(pipe.get(), report)) {
        report = "the daemon has not become ready within " + std::to_string(kPatienceSeconds) +
                 " seconds and goes on trying; see " + logPath;
        code = static_cast<int>(ExitCode::unavailable);
    } else if (const auto line = report.find('\n'); line != std::string::npos) {
        code = static_cast<int>(parseUnsigned<unsigned>(Bytes(report).substr(0, line)).value_or(70));
        report.erase(0, line + 1);
    } else {
        report = "the daemon died while it was starting; see " + logPath;
    }
    writeAll(code == 0 ? STDOUT_FILENO : STDERR_FILENO, "twistdpp: " + report + "\n");
    // No destructors and no exit handlers: they belong to the daemon.
    ::_exit(code);
}

} // namespace

void adoptListenFds(pid_t started) {
    const char* meant = std::getenv("LISTEN_PID");
    if (meant && parseUnsigned<unsigned>(meant) == static_cast<unsigned>(started))
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
}

Result<ReadyPipe, StartFailure> daemonize(const std::string& logPath) {
    const auto failed = [](const char* what) {
        return StartFailure::from(
            Error::fromErrno(errno, std::string("going into the background: ") + what), ExitCode::os
        );
    };
    ReadyPipe pipe;
    pipe.background_ = true;
    pipe.null_.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!pipe.null_)
        return failed("/dev/null");
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return failed("pipe");
    UniqueFd readEnd(ends[0]);
    pipe.end_.reset(ends[1]);

    const pid_t started = ::getpid();
    const pid_t first = ::fork();
    if (first < 0)
        return failed("fork");
    if (first > 0) {
        pipe.end_.reset();
        while (::waitpid(first, nullptr, 0) < 0 && errno == EINTR) {
        }
        waitForDaemon(std::move(readEnd), logPath);
    }
    readEnd.reset();
    ::setsid();
    // Not the session's leader, so that no terminal it opens becomes its own.
    const pid_t second = ::fork();
    if (second < 0) {
        // The process that the user started says it; our own standard error is the same terminal.
        const StartFailure failure = failed("fork");
        pipe.failed(failure);
        ::dup2(pipe.null_.get(), STDERR_FILENO);
        return failure;
    }
    if (second > 0)
        ::_exit(0);
    adoptListenFds(started);
    ::dup2(pipe.null_.get(), STDIN_FILENO);
    return pipe;
}

void ReadyPipe::send(ExitCode code, const std::string& message) {
    writeAll(end_.get(), std::to_string(static_cast<int>(code)) + "\n" + message);
    end_.reset();
}

void ReadyPipe::ready(const std::string& message) {
    if (!background_)
        return;
    ::dup2(null_.get(), STDOUT_FILENO);
    ::dup2(null_.get(), STDERR_FILENO);
    null_.reset();
    if (end_)
        send(ExitCode::ok, message);
}

bool ReadyPipe::failed(const StartFailure& failure) {
    if (!end_)
        return false;
    send(failure.code, failure.message);
    return true;
}

} // namespace twistdpp
