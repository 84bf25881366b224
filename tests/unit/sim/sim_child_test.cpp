// Processes whose program is a function of the test.
#include "twistdpp/sim/sim_reactor.h"

#include <csignal>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace twistdpp {

namespace {

using std::chrono::seconds;

class Parent final : public ProcessProtocol {
public:
    void outReceived(Bytes data) override { log += "out:" + std::string(data) + ";"; }
    void errReceived(Bytes data) override { log += "err:" + std::string(data) + ";"; }
    void childConnectionLost(int fd) override { log += "closed:" + std::to_string(fd) + ";"; }
    void processExited(ProcessStatus) override { log += "exited;"; }
    void processEnded(ProcessStatus ended) override {
        log += "ended;";
        status = ended;
    }
    std::string log;
    ProcessStatus status{-1, -1};
};

class SimChildTest : public testing::Test {
protected:
    std::unique_ptr<Process> spawn(SimProgram program, bool pty = false) {
        reactor.setChildProgram(std::move(program));
        ProcessSpec spec("/bin/program", {"program", "argument"});
        spec.pty = pty;
        return std::move(reactor.spawn(std::move(spec), parent)).value();
    }

    SimReactor reactor;
    Parent parent;
};

/// Answers each piece of input, and ends with its input.
void answers(SimChild& child) {
    child.onInput([&child](Bytes data) { child.out("<" + std::string(data) + ">"); });
    child.onInputClosed([&child] { child.exit(3); });
}

} // namespace

TEST_F(SimChildTest, WithoutAProgramThereIsAnError) {
    const auto made = reactor.spawn(ProcessSpec("/bin/program", {}), parent);
    ASSERT_FALSE(made.ok());
    EXPECT_NE(made.error().message().find("/bin/program"), std::string::npos);
}

TEST_F(SimChildTest, TalksThroughItsPipesAndEnds) {
    auto process = spawn([](SimChild& child) {
        EXPECT_EQ(child.spec().args[1], "argument");
        answers(child);
        child.err("ready");
    });
    EXPECT_GT(process->pid(), 0);
    process->write("hello");
    reactor.advance(seconds(1));
    EXPECT_EQ(process->queued(), 0U);
    process->closeStdin();
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.log, "err:ready;out:<hello>;closed:1;closed:2;exited;ended;");
    EXPECT_EQ(parent.status.code, 3);
    EXPECT_FALSE(parent.status.success());
    EXPECT_FALSE(process->signalProcess(SIGTERM)) << "it is gone";
}

TEST_F(SimChildTest, NothingWrittenIsNothingRead) {
    auto process = spawn([](SimChild& child) {
        child.out("");
        child.err("");
        child.exit(0);
    });
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.log, "closed:1;closed:2;exited;ended;");
}

TEST_F(SimChildTest, ASignalEndsItUnlessItIsCaught) {
    auto process = spawn([](SimChild&) {});
    reactor.advance(seconds(1));
    EXPECT_TRUE(process->signalProcess(0));
    EXPECT_TRUE(process->signalProcess(SIGTERM));
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.status.signal, SIGTERM);

    parent.log.clear();
    auto stubborn = spawn([](SimChild& child) {
        child.onSignal([&child](int number) { child.out("ignored " + std::to_string(number)); });
    });
    reactor.advance(seconds(1));
    EXPECT_TRUE(stubborn->signalProcess(SIGTERM));
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.log, "out:ignored 15;");
    EXPECT_TRUE(stubborn->signalProcess(SIGKILL));
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.status.signal, SIGKILL);
}

TEST_F(SimChildTest, PausedItsOutputWaits) {
    auto process = spawn([](SimChild& child) {
        child.out("much");
        child.exit(0);
    });
    process->pauseProducing();
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.log, "");
    process->resumeProducing();
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.log, "out:much;closed:1;closed:2;exited;ended;");
    EXPECT_TRUE(parent.status.success());
}

TEST_F(SimChildTest, WithATerminalBothOutputsAreOneAndItsSizeChanges) {
    std::uint16_t columns = 0;
    auto process = spawn(
        [&](SimChild& child) {
            child.onResize([&](ProcessSpec::TerminalSize size) { columns = size.columns; });
            child.err("on the terminal");
        },
        true
    );
    reactor.advance(seconds(1));
    EXPECT_EQ(parent.log, "out:on the terminal;");
    ProcessSpec::TerminalSize size;
    size.columns = 132;
    process->resizeTerminal(size);
    EXPECT_EQ(columns, 132);
}

TEST_F(SimChildTest, ADroppedHandleIsToldNothingMore) {
    auto process = spawn([](SimChild& child) {
        answers(child);
        child.out("to nobody");
    });
    process.reset();
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(parent.log, "");
}

TEST_F(SimChildTest, AHandleMayBeDroppedInACallback) {
    std::unique_ptr<Process> process;
    class Dropping final : public ProcessProtocol {
    public:
        explicit Dropping(std::unique_ptr<Process>& p) : process(p) {}
        void outReceived(Bytes) override { process.reset(); }
        void processEnded(ProcessStatus) override { FAIL() << "the handle is gone"; }
        std::unique_ptr<Process>& process;
    } dropping(process);
    reactor.setChildProgram([](SimChild& child) {
        child.out("x");
        child.exit(0);
    });
    process = std::move(reactor.spawn(ProcessSpec("p", {}), dropping)).value();
    EXPECT_TRUE(reactor.runUntilIdle());
    EXPECT_EQ(process, nullptr);
}

} // namespace twistdpp
