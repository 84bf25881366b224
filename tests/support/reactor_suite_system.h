#pragma once
// Children, signals, files: what happens outside of the reactor. Each binary that runs the suite says how.
#include "support/reactor_suite.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace twistdpp::test {

/// What a child of the suite does.
enum class Play {
    echo,   // gives back its input, and ends with it
    speak,  // "out" to its standard output and "err" to its standard error, then exit(3)
    flood,  // kFlood bytes of 'x', then exit(0)
    linger, // nothing, until a signal ends it
};
constexpr std::size_t kFlood = 1 << 20;

/// How the reactor of `bench` is made to start such a child.
ProcessSpec childFor(Bench& bench, Play play);
/// This process gets the signal.
void raiseSignal(Bench& bench, int signal);
/// Something was done to the file or folder `path`: a reactor whose files are not real hears of it here.
void fileChanged(Bench& bench, const std::string& path);

namespace {

/// Writes down what it is told of a child.
class Parent final : public ProcessProtocol {
public:
    void outReceived(Bytes data) override {
        EXPECT_FALSE(paused) << "output while it was paused";
        EXPECT_EQ(ended, 0) << "output after the end";
        out.append(data);
        if (onOut)
            onOut();
    }
    void errReceived(Bytes data) override {
        EXPECT_EQ(ended, 0) << "output after the end";
        err.append(data);
    }
    void childConnectionLost(int fd) override { closed += std::to_string(fd); }
    void processExited(ProcessStatus) override { ++exited; }
    void processEnded(ProcessStatus with) override {
        EXPECT_EQ(exited, 1);
        ++ended;
        status = with;
        if (onEnded)
            onEnded();
    }

    std::function<void()> onOut;
    std::function<void()> onEnded;
    std::string out;
    std::string err;
    std::string closed;
    bool paused = false;
    int exited = 0;
    int ended = 0;
    ProcessStatus status{-1, -1};
};

std::unique_ptr<Process> startChild(Bench& bench, Play play, Parent& parent, bool pty = false) {
    ProcessSpec spec = childFor(bench, play);
    spec.pty = pty;
    auto started = bench.reactor->spawn(std::move(spec), parent);
    EXPECT_TRUE(started.ok()) << started.error().message();
    return *std::move(started);
}

/// A folder of the test's own that goes with it.
class OwnFolder {
public:
    OwnFolder() {
        std::string form = testing::TempDir() + "reactor-XXXXXX";
        EXPECT_NE(::mkdtemp(form.data()), nullptr);
        path_ = form;
    }
    ~OwnFolder() { std::filesystem::remove_all(path_); }
    const std::string& path() const { return path_; }
    std::string at(const std::string& name) const { return path_ + "/" + name; }
    std::string write(Bench& bench, const std::string& name, const std::string& text) const {
        std::ofstream(at(name)) << text;
        fileChanged(bench, at(name));
        return at(name);
    }
    void replace(Bench& bench, const std::string& name, const std::string& text) const {
        std::ofstream(at(name + ".new")) << text;
        std::filesystem::rename(at(name + ".new"), at(name));
        fileChanged(bench, at(name));
    }
    void remove(Bench& bench, const std::string& name) const {
        std::filesystem::remove(at(name));
        fileChanged(bench, at(name));
    }

private:
    std::string path_;
};

/// Runs until `count` has grown, and then until what was told twice has been.
void untilTold(Bench& bench, int& count) {
    bench.runUntil([&] { return count > 0; });
    bench.settle();
    count = 0;
}

} // namespace

// Children

REACTOR_TEST(AChildGivesBackItsInputAndEndsWithIt) {
    Parent parent;
    auto process = startChild(bench, Play::echo, parent);
    EXPECT_GT(process->pid(), 0);
    process->write("hello ");
    process->write("world");
    bench.runUntil([&] { return parent.out == "hello world"; });
    EXPECT_EQ(process->queued(), 0U);
    EXPECT_EQ(parent.ended, 0);
    process->closeStdin();
    process->closeStdin();
    bench.runUntil([&] { return parent.ended > 0; });
    EXPECT_EQ(parent.out, "hello world");
    EXPECT_TRUE(parent.status.success());
    EXPECT_EQ(parent.closed.size(), 2U) << parent.closed;
    bench.settle();
    EXPECT_EQ(parent.ended, 1);
    EXPECT_EQ(parent.exited, 1);
}

REACTOR_TEST(AChildWhoseInputIsClosedAtOnceEnds) {
    Parent parent;
    auto process = startChild(bench, Play::echo, parent);
    process->closeStdin();
    process->write("this comes too late");
    bench.runUntil([&] { return parent.ended > 0; });
    EXPECT_EQ(parent.out, "");
    EXPECT_TRUE(parent.status.success());
}

REACTOR_TEST(AChildHasTwoOutputsAndAnExitCode) {
    Parent parent;
    auto process = startChild(bench, Play::speak, parent);
    bench.runUntil([&] { return parent.ended > 0; });
    EXPECT_EQ(parent.out, "out");
    EXPECT_EQ(parent.err, "err");
    EXPECT_EQ(parent.status.code, 3);
    EXPECT_EQ(parent.status.signal, 0);
    EXPECT_FALSE(parent.status.success());
}

REACTOR_TEST(OnATerminalBothOutputsAreOne) {
    Parent parent;
    auto process = startChild(bench, Play::speak, parent, true);
    bench.runUntil([&] { return parent.ended > 0; });
    EXPECT_EQ(parent.out, "outerr");
    EXPECT_EQ(parent.err, "");
    EXPECT_EQ(parent.closed, "1");
    EXPECT_EQ(parent.status.code, 3);
}

REACTOR_TEST(ASignalEndsAChild) {
    for (const int signal : {SIGTERM, SIGKILL}) {
        Parent parent;
        auto process = startChild(bench, Play::linger, parent);
        EXPECT_TRUE(process->signalProcess(0)) << "it is there";
        bench.settle();
        EXPECT_TRUE(process->signalProcess(signal));
        bench.runUntil([&] { return parent.ended > 0; });
        EXPECT_EQ(parent.status.signal, signal);
        EXPECT_EQ(parent.status.code, 0);
        EXPECT_FALSE(parent.status.success());
        EXPECT_FALSE(process->signalProcess(0)) << "it is gone";
        EXPECT_FALSE(process->signalProcess(signal));
    }
}

REACTOR_TEST(MuchOutputOfAChildArrivesWholeAlthoughItIsHeldUp) {
    Parent parent;
    auto process = startChild(bench, Play::flood, parent);
    parent.onOut = [&] {
        parent.onOut = nullptr;
        process->pauseProducing();
        parent.paused = true;
    };
    bench.runUntil([&] { return parent.paused; });
    bench.settle();
    EXPECT_EQ(parent.ended, 0) << "there is more to come";
    parent.paused = false;
    process->resumeProducing();
    bench.runUntil([&] { return parent.ended > 0; });
    EXPECT_EQ(parent.out.size(), kFlood);
    EXPECT_EQ(parent.out.find_first_not_of('x'), std::string::npos);
    EXPECT_TRUE(parent.status.success());
}

REACTOR_TEST(MuchInputReachesAChildWholeAndInOrder) {
    Parent parent;
    const std::string data = pattern(1 << 20);
    auto process = startChild(bench, Play::echo, parent);
    for (std::size_t at = 0; at < data.size(); at += 100'000)
        process->write(Bytes(data).substr(at, 100'000));
    process->closeStdin(); // after all that
    bench.runUntil([&] { return parent.ended > 0; });
    EXPECT_TRUE(parent.out == data) << parent.out.size() << " bytes of " << data.size();
    EXPECT_EQ(process->queued(), 0U);
}

REACTOR_TEST(NothingIsToldOfAProcessThatWasDropped) {
    Parent parent;
    auto process = startChild(bench, Play::flood, parent);
    parent.onOut = [&] { process.reset(); };
    bench.runUntil([&] { return !process; });
    const std::size_t before = parent.out.size();
    bench.settle();
    EXPECT_EQ(parent.out.size(), before);
    EXPECT_EQ(parent.ended, 0);
    EXPECT_EQ(parent.exited, 0);
    EXPECT_EQ(parent.closed, "");
}

REACTOR_TEST(AProcessMayBeDroppedWhenItHasEnded) {
    Parent parent;
    auto process = startChild(bench, Play::speak, parent);
    parent.onEnded = [&] { process.reset(); };
    bench.runUntil([&] { return !process; });
    EXPECT_EQ(parent.ended, 1);
}

REACTOR_TEST(CallsToAChildThatIsGoneDoNothing) {
    Parent parent;
    auto process = startChild(bench, Play::speak, parent);
    bench.runUntil([&] { return parent.ended > 0; });
    process->write("nobody reads this");
    process->resizeTerminal({});
    process->pauseProducing();
    process->resumeProducing();
    process->closeStdin();
    process->write("nor this");
    bench.settle();
    EXPECT_EQ(process->queued(), 0U);
    EXPECT_EQ(parent.ended, 1);
}

// Signals

REACTOR_TEST(ASignalIsToldToAllWhoWatchForIt) {
    int first = 0;
    int second = 0;
    int other = 0;
    Watch one = std::move(bench.reactor->onSignal(SIGUSR1, [&] { ++first; })).value();
    Watch two = std::move(bench.reactor->onSignal(SIGUSR1, [&] { ++second; })).value();
    Watch three = std::move(bench.reactor->onSignal(SIGUSR2, [&] { ++other; })).value();
    raiseSignal(bench, SIGUSR1);
    bench.runUntil([&] { return first > 0 && second > 0; });
    one.reset();
    raiseSignal(bench, SIGUSR1);
    bench.runUntil([&] { return second > 1; });
    bench.settle();
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 2);
    EXPECT_EQ(other, 0);
    raiseSignal(bench, SIGUSR2);
    bench.runUntil([&] { return other == 1; });
}

REACTOR_TEST(ASignalsWatchMayDropItselfAndAnother) {
    int calls = 0;
    Watch one;
    Watch two;
    const auto dropBoth = [&] {
        ++calls;
        one.reset();
        two.reset();
    };
    const Watch keeps = std::move(bench.reactor->onSignal(SIGUSR1, [] {})).value();
    one = std::move(bench.reactor->onSignal(SIGUSR1, dropBoth)).value();
    two = std::move(bench.reactor->onSignal(SIGUSR1, dropBoth)).value();
    raiseSignal(bench, SIGUSR1);
    bench.runUntil([&] { return calls > 0; });
    raiseSignal(bench, SIGUSR1);
    bench.settle();
    EXPECT_EQ(calls, 1);
}

REACTOR_TEST(SomeSignalsCannotBeWatched) {
    for (const int signal : {0, -1, SIGKILL, SIGSTOP, 1000}) {
        const auto watch = bench.reactor->onSignal(signal, [] {});
        EXPECT_FALSE(watch.ok()) << signal;
    }
}

// Files

REACTOR_TEST(AChangedFileIsTold) {
    const OwnFolder folder;
    const std::string path = folder.write(bench, "watched", "one");
    int told = 0;
    Watch watch = std::move(bench.reactor->watchFile(path, [&] { ++told; })).value();
    bench.settle();
    EXPECT_EQ(told, 0);
    folder.write(bench, "watched", "two");
    untilTold(bench, told);
    folder.write(bench, "other", "is of no interest");
    bench.settle();
    EXPECT_EQ(told, 0);
    watch.reset();
    folder.write(bench, "watched", "three");
    bench.settle();
    EXPECT_EQ(told, 0);
}

REACTOR_TEST(AFileThatIsReplacedIsToldEachTime) {
    const OwnFolder folder;
    const std::string path = folder.write(bench, "watched", "one");
    int told = 0;
    const Watch watch = std::move(bench.reactor->watchFile(path, [&] { ++told; })).value();
    for (const char* text : {"two", "three"}) {
        folder.replace(bench, "watched", text);
        untilTold(bench, told);
    }
    folder.write(bench, "watched", "four"); // what stands there now is what is watched
    untilTold(bench, told);
}

REACTOR_TEST(AFileThatIsRemovedIsToldAndSoIsTheNextOfItsName) {
    const OwnFolder folder;
    const std::string path = folder.write(bench, "watched", "one");
    int told = 0;
    const Watch watch = std::move(bench.reactor->watchFile(path, [&] { ++told; })).value();
    folder.remove(bench, "watched");
    untilTold(bench, told);
    folder.write(bench, "watched", "two");
    untilTold(bench, told);
    folder.write(bench, "watched", "three");
    untilTold(bench, told);
}

REACTOR_TEST(WhatHappensInAFolderIsTold) {
    const OwnFolder folder;
    int told = 0;
    const Watch watch = std::move(bench.reactor->watchFile(folder.path() + "/", [&] { ++told; })).value();
    folder.write(bench, "new", "one");
    untilTold(bench, told);
    folder.write(bench, "new", "two");
    untilTold(bench, told);
    folder.replace(bench, "new", "three");
    untilTold(bench, told);
    folder.remove(bench, "new");
    untilTold(bench, told);
}

REACTOR_TEST(AFilesWatchMayDropItself) {
    const OwnFolder folder;
    const std::string path = folder.write(bench, "watched", "one");
    int told = 0;
    Watch watch;
    watch = std::move(bench.reactor->watchFile(path, [&] {
                ++told;
                watch.reset();
            })).value();
    folder.write(bench, "watched", "two");
    bench.runUntil([&] { return !watch; });
    folder.write(bench, "watched", "three");
    bench.settle();
    EXPECT_EQ(told, 1);
}

} // namespace twistdpp::test
