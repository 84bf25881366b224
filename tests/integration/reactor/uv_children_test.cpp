// Children that are real: terminals, users, descriptors, and what becomes of them.
#include "support/reactor_suite.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace twistdpp::test {

namespace {

class Listener final : public ProcessProtocol {
public:
    void outReceived(Bytes data) override { out.append(data); }
    void errReceived(Bytes data) override { err.append(data); }
    void processEnded(ProcessStatus with) override {
        ended = true;
        status = with;
    }
    std::string out;
    std::string err;
    bool ended = false;
    ProcessStatus status;
};

ProcessSpec shell(std::string script) {
    return ProcessSpec("/bin/sh", {"sh", "-c", std::move(script)});
}

class UvChildren : public testing::Test {
protected:
    /// Runs a child to its end and gives what it wrote.
    std::string outputOf(ProcessSpec spec) {
        listener = Listener();
        const auto process = bench.reactor->spawn(std::move(spec), listener);
        EXPECT_TRUE(process.ok()) << process.error().message();
        if (process.ok())
            bench.runUntil([&] { return listener.ended; });
        return listener.out;
    }
    std::string spawnError(ProcessSpec spec) {
        const auto process = bench.reactor->spawn(std::move(spec), listener);
        return process.ok() ? "none" : process.error().message();
    }

    Bench bench{"uv"};
    Listener listener;
};

std::vector<int> openDescriptors() {
    std::vector<int> all;
    DIR* const folder = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(folder)) {
        const int fd = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != ::dirfd(folder))
            all.push_back(fd);
    }
    ::closedir(folder);
    return all;
}

std::atomic<int> raisedInChild{0};

void raiseOnce() {
    if (const int signal = raisedInChild.load())
        ::raise(signal);
}

} // namespace

TEST_F(UvChildren, AProgramThatIsNotThereIsAnErrorThatNamesIt) {
    const auto before = openDescriptors();
    EXPECT_EQ(
        spawnError(ProcessSpec("/no/such/program", {})),
        "cannot start /no/such/program: No such file or directory"
    );
    EXPECT_NE(
        spawnError(ProcessSpec("no-such-program-in-the-path", {})).find("No such file"), std::string::npos
    );
    EXPECT_NE(spawnError(ProcessSpec("/etc/passwd", {})).find("Permission denied"), std::string::npos);
    ProcessSpec elsewhere = shell("true");
    elsewhere.directory = "/no/such/folder";
    EXPECT_NE(spawnError(std::move(elsewhere)).find("cannot start /bin/sh"), std::string::npos);
    bench.settle();
    EXPECT_EQ(openDescriptors(), before) << "nothing stays open";
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no child is left";
}

TEST_F(UvChildren, FolderEnvironmentAndNameAreThoseAskedFor) {
    ProcessSpec spec("/bin/sh", {"other-name", "-c", "echo $0; pwd; echo $COLOUR; env | grep -c ^HOME="});
    spec.directory = "/usr";
    spec.environment = {"COLOUR=green", "PATH=/usr/bin:/bin"};
    EXPECT_EQ(outputOf(std::move(spec)), "other-name\n/usr\ngreen\n0\n");
}

TEST_F(UvChildren, ItHasNoDescriptorOfOurs) {
    const int ours = ::open("/dev/null", O_RDONLY); // without close-on-exec
    ASSERT_GT(ours, 2);
    EXPECT_EQ(
        outputOf(shell(
            "for fd in 0 1 2 " + std::to_string(ours) +
            "; do [ -e /proc/self/fd/$fd ] && printf '%s ' $fd; done"
        )),
        "0 1 2 "
    );
    ::close(ours);
}

TEST_F(UvChildren, UserAndGroupsStayAsTheyAre) {
    const std::string expected = std::to_string(::geteuid()) + " " + std::to_string(::getegid()) + " ";
    const int count = ::getgroups(0, nullptr);
    ASSERT_GE(count, 0);
    EXPECT_EQ(outputOf(shell("printf '%s %s ' $(id -u) $(id -g)")), expected);
    const std::string groups = outputOf(shell("grep ^Groups: /proc/self/status"));
    const std::string before =
        outputOf(shell("grep ^Groups: /proc/" + std::to_string(::getpid()) + "/status"));
    EXPECT_EQ(groups, before);
}

TEST_F(UvChildren, OnlyRootMayStartAChildAsSomebodyElse) {
    ProcessSpec spec = shell("printf '%s %s ' $(id -u) $(id -g); grep ^Groups: /proc/self/status");
    spec.uid = 12345; // nobody the system knows
    spec.gid = 23456;
    if (::geteuid() == 0)
        EXPECT_EQ(outputOf(std::move(spec)), "12345 23456 Groups:\t23456 \n");
    else
        EXPECT_NE(spawnError(std::move(spec)).find("not permitted"), std::string::npos);
}

TEST_F(UvChildren, ATerminalHasASizeThatCanChange) {
    ProcessSpec spec = shell("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty -echo -onlcr && stty size; read line;"
                             " stty size; echo \"$line\"; cat");
    spec.pty = true;
    spec.terminal.columns = 100;
    spec.terminal.rows = 30;
    auto process = std::move(bench.reactor->spawn(std::move(spec), listener)).value();
    bench.runUntil([&] { return listener.out == "30 100\n"; });
    process->resizeTerminal({120, 40});
    process->write("go on\n");
    bench.runUntil([&] { return listener.out == "30 100\n40 120\ngo on\n"; });
    process->closeStdin();
    bench.runUntil([&] { return listener.ended; });
    EXPECT_TRUE(listener.status.success());
}

TEST_F(UvChildren, ATerminalStaysInThisProcess) {
    const auto before = openDescriptors();
    ProcessSpec spec = shell("sleep 60");
    spec.pty = true;
    auto process = std::move(bench.reactor->spawn(std::move(spec), listener)).value();
    for (const int fd : openDescriptors()) {
        const bool isNew = std::find(before.begin(), before.end(), fd) == before.end();
        EXPECT_TRUE(!isNew || (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0) << "descriptor " << fd;
    }
    process->signalProcess(SIGKILL);
    bench.runUntil([&] { return listener.ended; });
    process.reset();
    bench.settle();
    EXPECT_EQ(openDescriptors(), before);
}

TEST_F(UvChildren, ADroppedChildIsReapedAllTheSame) {
    auto process = std::move(bench.reactor->spawn(shell("read line"), listener)).value();
    const int pid = process->pid();
    process.reset(); // its input ends with that, and so does it
    bench.runUntil([&] { return ::kill(pid, 0) != 0; });
    EXPECT_EQ(errno, ESRCH);
    EXPECT_FALSE(listener.ended);
}

TEST_F(UvChildren, AnEndThatSomebodyElseTookIsNoSuccess) {
    struct sigaction before {};
    struct sigaction ignored {};
    ignored.sa_handler = SIG_IGN;
    ASSERT_EQ(::sigaction(SIGCHLD, &ignored, &before), 0); // the system reaps, and tells nobody
    outputOf(shell("exit 0"));
    ::sigaction(SIGCHLD, &before, nullptr);
    EXPECT_TRUE(listener.ended);
    EXPECT_FALSE(listener.status.success()) << "nobody knows how it ended";
}

TEST_F(UvChildren, ASignalForTheChildBeforeItsProgramRunsIsNotOurs) {
    ASSERT_EQ(::pthread_atfork(nullptr, nullptr, &raiseOnce), 0);
    int told = 0;
    const Watch watch = std::move(bench.reactor->onSignal(SIGUSR1, [&] { ++told; })).value();
    raisedInChild = SIGUSR1;
    const auto process = bench.reactor->spawn(shell("exit 0"), listener);
    raisedInChild = 0;
    ASSERT_TRUE(process.ok());
    bench.runUntil([&] { return listener.ended; });
    bench.settle();
    EXPECT_EQ(told, 0);
    EXPECT_EQ(listener.status.signal, SIGUSR1);
    sigset_t now;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
    EXPECT_EQ(::sigismember(&now, SIGUSR1), 0);
}

TEST_F(UvChildren, DroppingTheLastWatchGivesASignalItsDefaultBack) {
    const auto handled = [] {
        struct sigaction now {};
        ::sigaction(SIGUSR2, nullptr, &now);
        return now.sa_handler != SIG_DFL;
    };
    ASSERT_FALSE(handled());
    Watch one = std::move(bench.reactor->onSignal(SIGUSR2, [] {})).value();
    Watch two = std::move(bench.reactor->onSignal(SIGUSR2, [] {})).value();
    EXPECT_TRUE(handled());
    one.reset();
    EXPECT_TRUE(handled());
    two.reset();
    EXPECT_FALSE(handled());
}

TEST_F(UvChildren, WhatIsNotThereCannotBeWatched) {
    const auto watch = bench.reactor->watchFile("/no/such/file", [] {});
    ASSERT_FALSE(watch.ok());
    EXPECT_EQ(watch.error().message(), "cannot watch /no/such/file: No such file or directory");
}

} // namespace twistdpp::test
