#include "twistdpp/posix/fork_exec.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <grp.h>
#include <pty.h>
#include <pwd.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ;

namespace twistdpp {

namespace {

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Result<Pipe> makePipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return Error::fromErrno(errno, "cannot make a pipe");
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// All that the child needs, made before the fork: between fork and exec nothing may allocate or lock.
struct Plan {
    std::vector<std::string> paths; // where the program may be, in order
    std::vector<char*> argv;
    std::vector<char*> envp;
    std::vector<gid_t> groups;
    std::vector<unsigned> keep; // sorted; with the report
    const ProcessSpec* spec = nullptr;
    int standard[3] = {-1, -1, -1};
    bool terminal = false;
    int report = -1; // where errno goes when exec is not reached
    int go = -1;     // one byte comes when the parent is ready
    int goParent = -1;
};

/// All signals wait while it lives: between the fork and the child's own handlers they would run ours in the
/// child, and what libuv's writes there goes into the pipe that the parent reads.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_;
};

std::vector<std::string> candidates(const std::string& program) {
    if (program.find('/') != std::string::npos)
        return {program};
    const char* path = std::getenv("PATH");
    std::string folders = path ? path : "/usr/local/bin:/usr/bin:/bin";
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= folders.size();) {
        std::size_t end = folders.find(':', at);
        if (end == std::string::npos)
            end = folders.size();
        const std::string folder = folders.substr(at, end - at);
        out.push_back((folder.empty() ? "." : folder) + "/" + program);
        at = end + 1;
    }
    return out;
}

std::vector<gid_t> groupsOf(std::uint32_t uid, gid_t gid) {
    std::vector<gid_t> groups{gid};
    if (const passwd* user = ::getpwuid(uid)) {
        int count = 64;
        groups.resize(static_cast<std::size_t>(count));
        if (::getgrouplist(user->pw_name, gid, groups.data(), &count) < 0) {
            groups.resize(static_cast<std::size_t>(count));
            ::getgrouplist(user->pw_name, gid, groups.data(), &count);
        }
        groups.resize(static_cast<std::size_t>(count));
    }
    return groups;
}

[[noreturn]] void giveUp(int report) {
    const int error = errno;
    [[maybe_unused]] const auto told = ::write(report, &error, sizeof error);
    ::_exit(127);
}

[[noreturn]] void becomeProgram(Plan& plan) {
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::close(plan.goParent);
    char go = 0;
    while (::read(plan.go, &go, 1) < 0 && errno == EINTR) {
    }
    if (go == 0)
        ::_exit(127);
    if (plan.terminal) {
        ::setsid();
        if (::ioctl(plan.standard[0], TIOCSCTTY, 0) != 0)
            giveUp(plan.report);
    }
    // Out of the way of 0, 1 and 2 first, in case one of ours stands there.
    for (int& fd : plan.standard) {
        if ((fd = ::fcntl(fd, F_DUPFD, 3)) < 0)
            giveUp(plan.report);
    }
    for (int i = 0; i < 3; ++i) {
        if (::dup2(plan.standard[i], i) < 0)
            giveUp(plan.report);
    }
    unsigned next = 3;
    for (const unsigned fd : plan.keep) {
        if (fd > next)
            ::syscall(SYS_close_range, next, fd - 1U, 0U);
        if (fd != static_cast<unsigned>(plan.report) && ::fcntl(static_cast<int>(fd), F_SETFD, 0) != 0)
            giveUp(plan.report);
        next = fd + 1U;
    }
    ::syscall(SYS_close_range, next, ~0U, 0U);
    const ProcessSpec& spec = *plan.spec;
    if (spec.gid && (::setgroups(plan.groups.size(), plan.groups.data()) != 0 || ::setgid(*spec.gid) != 0))
        giveUp(plan.report);
    if (spec.uid && ::setuid(*spec.uid) != 0)
        giveUp(plan.report);
    if (!spec.directory.empty() && ::chdir(spec.directory.c_str()) != 0)
        giveUp(plan.report);
    int error = ENOENT;
    for (const std::string& path : plan.paths) {
        ::execve(path.c_str(), plan.argv.data(), plan.envp.data());
        if (errno != ENOENT && errno != ENOTDIR)
            error = errno;
    }
    errno = error;
    giveUp(plan.report);
}

} // namespace

Result<ForkedChild> forkExec(const ProcessSpec& spec) {
    const std::string what = "cannot start " + spec.executable;
    Plan plan;
    plan.spec = &spec;
    plan.terminal = spec.pty;
    plan.paths = candidates(spec.executable);
    const auto pointer = [](const std::string& text) { return const_cast<char*>(text.c_str()); };
    if (spec.args.empty())
        plan.argv.push_back(pointer(spec.executable));
    for (const std::string& arg : spec.args)
        plan.argv.push_back(pointer(arg));
    plan.argv.push_back(nullptr);
    if (spec.environment) {
        for (const std::string& entry : *spec.environment)
            plan.envp.push_back(pointer(entry));
    } else {
        for (char** entry = environ; *entry; ++entry)
            plan.envp.push_back(*entry);
    }
    plan.envp.push_back(nullptr);
    if (spec.gid)
        plan.groups = spec.uid ? groupsOf(*spec.uid, *spec.gid) : std::vector<gid_t>{*spec.gid};

    ForkedChild child;
    UniqueFd theirs[3];
    if (spec.pty) {
        int master = -1;
        int slave = -1;
        winsize size{spec.terminal.rows, spec.terminal.columns, 0, 0};
        if (::openpty(&master, &slave, nullptr, nullptr, &size) != 0)
            return Error::fromErrno(errno, what + ": no terminal");
        child.input.reset(master);
        theirs[0].reset(slave);
        ::fcntl(master, F_SETFD, FD_CLOEXEC);
        ::fcntl(slave, F_SETFD, FD_CLOEXEC);
        for (int& fd : plan.standard)
            fd = slave;
    } else {
        auto in = makePipe();
        auto out = makePipe();
        auto err = makePipe();
        if (!in || !out || !err)
            return Error::fromErrno(errno, what + ": no pipe");
        child.input = std::move(in->write);
        child.output = std::move(out->read);
        child.error = std::move(err->read);
        theirs[0] = std::move(in->read);
        theirs[1] = std::move(out->write);
        theirs[2] = std::move(err->write);
        for (int i = 0; i < 3; ++i)
            plan.standard[i] = theirs[i].get();
    }
    auto report = makePipe();
    if (!report)
        return std::move(report).error().within(what);
    // Clear of 0, 1, 2 and of the copies made next to them.
    UniqueFd high(::fcntl(report->write.get(), F_DUPFD_CLOEXEC, 16));
    if (!high)
        return Error::fromErrno(errno, what);
    report->write.reset();
    plan.report = high.get();
    plan.keep.assign(spec.keep.begin(), spec.keep.end());
    plan.keep.push_back(static_cast<unsigned>(plan.report));
    std::sort(plan.keep.begin(), plan.keep.end());

    auto go = makePipe();
    if (!go)
        return std::move(go).error().within(what);
    plan.go = go->read.get();
    plan.goParent = go->write.get();

    {
        const SignalsBlocked blocked;
        child.pid = ::fork();
        if (child.pid == 0)
            becomeProgram(plan);
    }
    if (child.pid < 0)
        return Error::fromErrno(errno, what);
    high.reset();
    go->read.reset();
    // Before the program runs: nothing runs that cannot be watched, and a child that is gone has no pidfd
    // when the system reaps by itself (SIGCHLD ignored).
    child.exited.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    if (!child.exited) {
        const int error = errno;
        ::kill(child.pid, SIGKILL);
        ::waitpid(child.pid, nullptr, 0);
        return Error::fromErrno(error, what + ": no descriptor for its end");
    }
    [[maybe_unused]] const auto told = ::write(go->write.get(), "g", 1);

    int error = 0;
    ssize_t got = 0;
    do {
        got = ::read(report->read.get(), &error, sizeof error);
    } while (got < 0 && errno == EINTR);
    if (got == static_cast<ssize_t>(sizeof error)) {
        ::waitpid(child.pid, nullptr, 0);
        return Error::fromErrno(error, what);
    }
    return child;
}

} // namespace twistdpp
