#include "twistdpp/uv/epoll_set.h"

#include "twistdpp/base/unique_function.h"
#include "twistdpp/reactor/reactor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace twistdpp::uv {
namespace {

struct Pair {
    Pair() {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
            throw std::runtime_error("socketpair");
        here.reset(ends[0]);
        there.reset(ends[1]);
    }
    void fill() const { ASSERT_EQ(::write(there.get(), "x", 1), 1); }
    UniqueFd here;
    UniqueFd there;
};

struct Recorder final : Poller::Handler {
    void ready(unsigned events) override {
        told.push_back(events);
        if (then)
            then();
    }
    std::vector<unsigned> told;
    UniqueFunction<void()> then;
};

class EpollSetTest : public ::testing::Test {
protected:
    void turn() {
        set.wait(Duration(0));
        set.tell();
    }
    EpollSet set;
    Recorder first;
    Recorder second;
    Pair a;
    Pair b;
};

using Told = std::vector<unsigned>;
constexpr auto kRead = FdEvents::readable;
constexpr auto kWrite = FdEvents::writable;
constexpr auto kHangup = FdEvents::hangup;

TEST_F(EpollSetTest, TellsWhatWasAskedForAsLongAsItIsSo) {
    set.watch(a.here.get(), kRead, first);
    turn();
    EXPECT_EQ(first.told, Told{});
    a.fill();
    turn();
    turn();
    EXPECT_EQ(first.told, (Told{kRead, kRead}));
}

TEST_F(EpollSetTest, ModifyTakesEffectAlsoForWhatIsAlreadyReported) {
    Poller::Entry* const one = set.watch(a.here.get(), kRead, first);
    Poller::Entry* const other = set.watch(b.here.get(), kRead, second);
    a.fill();
    b.fill();
    set.wait(Duration(0));
    first.then = [&] { set.modify(other, 0); };
    second.then = [&] { set.modify(one, 0); };
    set.tell();
    EXPECT_EQ(first.told.size() + second.told.size(), 1U);
}

TEST_F(EpollSetTest, AskedForNothingTellsNotEvenTheEnd) {
    Poller::Entry* const entry = set.watch(a.here.get(), kRead, first);
    set.modify(entry, 0);
    a.there.reset();
    turn();
    EXPECT_EQ(first.told, Told{});
    set.modify(entry, kRead);
    turn();
    EXPECT_EQ(first.told, Told{kRead});
}

TEST_F(EpollSetTest, AHangUpIsToldWithoutReading) {
    set.watch(a.here.get(), kHangup, first);
    a.fill();
    turn();
    EXPECT_EQ(first.told, Told{});
    a.there.reset();
    turn();
    EXPECT_EQ(first.told, Told{kHangup});
}

TEST_F(EpollSetTest, WhoWaitsToWriteLearnsOfTheEnd) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    set.watch(writing.get(), kHangup, first);
    reading.reset();
    turn();
    turn();
    // The error is told as everything at once, and once.
    EXPECT_EQ(first.told, Told{kRead | kWrite | kHangup});
}

TEST_F(EpollSetTest, AnErrorIsToldAgainAfterModify) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    Poller::Entry* const entry = set.watch(writing.get(), kHangup, first);
    reading.reset();
    turn();
    set.modify(entry, kWrite);
    turn();
    EXPECT_EQ(first.told.size(), 2U);
}

TEST_F(EpollSetTest, WhoIsUnwatchedInATurnIsNotTold) {
    Poller::Entry* const one = set.watch(a.here.get(), kRead, first);
    Poller::Entry* const other = set.watch(b.here.get(), kRead, second);
    a.fill();
    b.fill();
    set.wait(Duration(0));
    first.then = [&] { set.unwatch(other, Poller::Then::keepsOpen); };
    second.then = [&] { set.unwatch(one, Poller::Then::keepsOpen); };
    set.tell();
    EXPECT_EQ(first.told.size() + second.told.size(), 1U);
    turn();
    EXPECT_EQ(first.told.size() + second.told.size(), 2U);
}

/// A connection ends and the next one gets its number while the old one's events wait to be told.
TEST_F(EpollSetTest, ANumberThatIsTakenAgainInATurnHearsNothingOfItsPast) {
    Recorder next;
    const auto replace = [&](Poller::Entry* entry, Pair& pair) {
        const int number = pair.here.get();
        set.unwatch(entry, Poller::Then::closesHere);
        pair.here.reset();
        Pair fresh;
        if (fresh.here.get() != number) {
            ASSERT_EQ(::dup3(fresh.here.get(), number, O_CLOEXEC), number);
            fresh.here.reset(number);
        }
        pair = std::move(fresh);
        set.watch(number, kRead, next);
    };
    Poller::Entry* const one = set.watch(a.here.get(), kRead, first);
    Poller::Entry* const other = set.watch(b.here.get(), kRead, second);
    a.fill();
    b.fill();
    set.wait(Duration(0));
    first.then = [&] { replace(other, b); };
    second.then = [&] { replace(one, a); };
    set.tell();
    EXPECT_EQ(first.told.size() + second.told.size(), 1U);
    EXPECT_EQ(next.told, Told{});
    first.then.reset();
    second.then.reset();
    Pair& replaced = second.told.empty() ? b : a;
    replaced.fill();
    turn();
    EXPECT_EQ(next.told, Told{kRead});
}

TEST_F(EpollSetTest, TellsMoreThanOneBatchInTurn) {
    std::vector<std::unique_ptr<Pair>> pairs;
    std::vector<std::unique_ptr<Recorder>> recorders;
    for (int i = 0; i < 300; ++i) {
        pairs.push_back(std::make_unique<Pair>());
        recorders.push_back(std::make_unique<Recorder>());
        set.watch(pairs.back()->here.get(), kRead, *recorders.back());
        pairs.back()->fill();
    }
    turn();
    turn();
    for (const auto& recorder : recorders)
        EXPECT_GE(recorder->told.size(), 1U);
}

TEST_F(EpollSetTest, RefusesWhatCannotBeWatched) {
    set.watch(a.here.get(), kRead, first);
    EXPECT_THROW(set.watch(a.here.get(), kRead, second), std::runtime_error) << "watched already";
    EXPECT_THROW(set.watch(-1, kRead, second), std::runtime_error);
    const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    EXPECT_THROW(set.watch(file.get(), kRead, second), std::runtime_error) << "a file is always ready";
    // A refusal leaves the place free and the other as it was.
    a.fill();
    turn();
    EXPECT_EQ(first.told, Told{kRead});
    EXPECT_EQ(second.told, Told{});
}

} // namespace
} // namespace twistdpp::uv
