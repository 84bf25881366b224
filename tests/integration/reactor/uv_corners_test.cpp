// What only the real reactor has, or can get wrong: descriptors, threads, names.
#include "support/reactor_suite.h"

#include <arpa/inet.h>
#include <barrier>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <netinet/in.h>
#include <pthread.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace twistdpp::test {

namespace {

class Collected final : public DatagramProtocol {
public:
    void datagramReceived(Bytes data, const Address&) override { received.emplace_back(data); }
    std::vector<std::string> received;
};

/// A datagram socket of the loopback that talks to `peer` alone.
UniqueFd connectedSocket(const Address& peer) {
    sockaddr_storage name{};
    UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    auto size = static_cast<socklen_t>(Address::loopback(0).toSockaddr(name));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    size = static_cast<socklen_t>(peer.toSockaddr(name));
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    return fd;
}

} // namespace

TEST(UvCorners, ADatagramPortHearsOnAfterAnErrorOfItsPeer) {
    Bench bench("uv");
    Collected ours;
    Collected theirs;
    auto peerPort = bench.reactor->listenUDP(0, theirs, "127.0.0.1");
    const Address peer = peerPort->address();
    peerPort.reset();
    auto port = std::move(bench.reactor->bind(DatagramSpec::adopt(connectedSocket(peer)), ours)).value();
    port->write("nobody is there", peer); // the answer is an ICMP error
    bench.settle();
    peerPort = bench.reactor->listenUDP(peer.port(), theirs, "127.0.0.1");
    peerPort->write("now I am", port->address());
    bench.runUntil([&] { return ours.received.size() == 1; });
    EXPECT_EQ(ours.received.front(), "now I am");
}

TEST(UvCorners, WhatCameBeforeAResetIsTold) {
    struct Seen {
        std::size_t bytes = 0;
        bool reset = false;
    };
    class Reader final : public Protocol {
    public:
        explicit Reader(Seen& seen) : seen_(seen) {}
        void dataReceived(Bytes data) override { seen_.bytes += data.size(); }
        void connectionLost(const Failure& reason) override { seen_.reset = reason.check<ConnectionLost>(); }

    private:
        Seen& seen_;
    };
    Bench bench("uv");
    Seen seen;
    const auto port =
        std::move(bench.reactor->listen(ListenSpec(Address::loopback(0)), makeFactory([&](const Address&) {
                                            return std::make_unique<Reader>(seen);
                                        }))
        ).value();
    sockaddr_storage name{};
    const auto size = static_cast<socklen_t>(port->address().toSockaddr(name));
    UniqueFd peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(peer.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    // Before the reactor has looked at it: all of it and the reset are there together.
    const std::string data(100'000, 'x');
    ASSERT_EQ(::send(peer.get(), data.data(), data.size(), 0), static_cast<ssize_t>(data.size()));
    const linger atOnce{1, 0};
    ASSERT_EQ(::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce), 0);
    peer.reset();
    bench.runUntil([&] { return seen.reset; });
    EXPECT_EQ(seen.bytes, data.size());
}

TEST(UvCorners, ADescriptorThatCannotBeWatchedIsAnError) {
    Bench bench("uv");
    UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(file);
    for (const int fd : {-1, file.get(), 1'000'000}) {
        const auto watch = bench.reactor->fds()->watch(fd, FdEvents::readable, [](unsigned) {});
        ASSERT_FALSE(watch.ok()) << fd;
        EXPECT_NE(watch.error().message().find(std::to_string(fd)), std::string::npos);
    }
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const UniqueFd near(pair[0]);
    const UniqueFd far(pair[1]);
    const auto first = bench.reactor->fds()->watch(near.get(), FdEvents::readable, [](unsigned) {});
    ASSERT_TRUE(first.ok());
    EXPECT_FALSE(bench.reactor->fds()->watch(near.get(), FdEvents::writable, [](unsigned) {}).ok());
}

TEST(UvCorners, AZeroByteHidesNoPartOfAName) {
    Bench bench("uv");
    const auto found = bench.wait(bench.reactor->resolve(std::string("localhost\0.example.com", 22)));
    ASSERT_FALSE(found.ok());
    EXPECT_TRUE(found.failure().check<DNSLookupError>());
}

TEST(UvCorners, ANameThatCannotBeOneRunsNoTimerInsideOfTheCall) {
    Bench bench("uv");
    bool ran = false;
    const Timer timer = bench.reactor->callLater(Duration(0), [&] { ran = true; });
    auto looking = bench.reactor->resolve(std::string(300, 'a') + ".example.com");
    EXPECT_FALSE(ran);
    const auto found = bench.wait(std::move(looking));
    ASSERT_FALSE(found.ok());
    EXPECT_TRUE(found.failure().check<DNSLookupError>());
}

TEST(UvCorners, AThreadThatCannotBeMadeIsAFailureAndLeavesTheSignalsAsTheyWere) {
    Bench bench("uv");
    pthread_attr_t usual;
    pthread_attr_t huge;
    ASSERT_EQ(::pthread_getattr_default_np(&usual), 0);
    ASSERT_EQ(::pthread_attr_init(&huge), 0);
    ASSERT_EQ(::pthread_attr_setstacksize(&huge, std::size_t{1} << 46), 0);
    sigset_t before;
    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &before);

    ASSERT_EQ(::pthread_setattr_default_np(&huge), 0);
    std::optional<Outcome<void>> refused;
    EXPECT_NO_THROW(refused.emplace(bench.wait(bench.reactor->runInThread(Pool::io, [] {}))));
    ASSERT_EQ(::pthread_setattr_default_np(&usual), 0);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
    EXPECT_EQ(::sigismember(&before, SIGTERM), ::sigismember(&after, SIGTERM));
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->ok());

    EXPECT_TRUE(bench.wait(bench.reactor->runInThread(Pool::io, [] {})).ok()) << "and later it works";
    ::pthread_attr_destroy(&huge);
    ::pthread_attr_destroy(&usual);
}

TEST(UvCorners, CancelledWorkThatHasNotBegunLetsGoOfWhatItHeld) {
    Bench bench("uv");
    std::promise<void> go;
    const std::shared_future<void> gone = go.get_future().share();
    std::vector<Deferred<void>> busy;
    for (int i = 0; i < 2; ++i) // all threads that the pool has
        busy.push_back(bench.reactor->runInThread(Pool::cpu, [gone] { gone.wait(); }));
    const auto held = std::make_shared<int>(7);
    auto waiting = bench.reactor->runInThread(Pool::cpu, [held] { FAIL() << "it was cancelled"; });
    waiting.cancel();
    EXPECT_EQ(held.use_count(), 1);
    const auto outcome = bench.wait(std::move(waiting));
    EXPECT_FALSE(outcome.ok());
    go.set_value();
    for (Deferred<void>& one : busy)
        EXPECT_TRUE(bench.wait(std::move(one)).ok());
}

TEST(UvCorners, SocketsMadeOnSeveralThreadsLeaveTheUmaskAlone) {
    const mode_t before = ::umask(022);
    constexpr int kThreads = 4;
    // libuv closes by a bare system call, which the thread sanitizer does not see: it would take a
    // descriptor's next life, in another thread, for a race. So no loop is made once one has ended.
    std::barrier together(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([i, &together] {
            const auto reactor = std::move(makeReactor("uv")).value();
            const std::string path =
                testing::TempDir() + "umask-" + std::to_string(::getpid()) + "-" + std::to_string(i);
            for (int round = 0; round < 200; ++round) {
                ListenSpec spec(Address::unixPath(path));
                spec.unixMode = 0600;
                EXPECT_TRUE(reactor
                                ->listen(std::move(spec), makeFactory([](const Address&) {
                                             return std::unique_ptr<Protocol>();
                                         }))
                                .ok());
            }
            together.arrive_and_wait();
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(::umask(before), 022U);
}

} // namespace twistdpp::test
