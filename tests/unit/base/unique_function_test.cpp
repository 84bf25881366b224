#include "twistdpp/base/unique_function.h"

#include <array>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace twistdpp {

namespace {

int twice(int x) {
    return 2 * x;
}

/// Counts the live copies of itself, to see that each is destroyed once.
struct Counted {
    explicit Counted(int& count) : count_(&count) { ++*count_; }
    Counted(Counted&& other) noexcept : count_(other.count_) { ++*count_; }
    Counted& operator=(Counted&&) = delete;
    ~Counted() { --*count_; }
    int operator()() const { return *count_; }
    int* count_;
};

} // namespace

TEST(UniqueFunction, CallsWhatItHolds) {
    UniqueFunction<int(int)> function = twice;
    EXPECT_EQ(function(4), 8);
    function = [](int x) { return x + 1; };
    EXPECT_EQ(function(4), 5);
}

TEST(UniqueFunction, IsEmptyByDefaultFromNullAndAfterReset) {
    UniqueFunction<void()> function;
    EXPECT_FALSE(function);
    EXPECT_FALSE(UniqueFunction<void()>(nullptr));
    function = [] {};
    EXPECT_TRUE(function);
    function.reset();
    EXPECT_FALSE(function);
}

TEST(UniqueFunction, OwnsWhatCannotBeCopied) {
    UniqueFunction<int()> function = [owned = std::make_unique<int>(3)] { return *owned; };
    UniqueFunction<int()> moved = std::move(function);
    EXPECT_EQ(moved(), 3);
    EXPECT_FALSE(function); // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST(UniqueFunction, HoldsATargetLargerThanItself) {
    std::array<int, 100> many{};
    many[99] = 7;
    UniqueFunction<int()> function = [many] { return many[99]; };
    UniqueFunction<int()> moved;
    moved = std::move(function);
    EXPECT_EQ(moved(), 7);
}

TEST(UniqueFunction, KeepsTheStateOfItsTarget) {
    UniqueFunction<int()> count = [n = 0]() mutable { return ++n; };
    count();
    EXPECT_EQ(count(), 2);
}

TEST(UniqueFunction, DestroysEachTargetOnce) {
    int live = 0;
    {
        UniqueFunction<int()> inside{Counted(live)};
        UniqueFunction<int()> moved = std::move(inside);
        EXPECT_EQ(moved(), 1);
        moved = [] { return 0; };
        EXPECT_EQ(live, 0);
        UniqueFunction<int()> outside = [counted = Counted(live), room = std::array<char, 64>{}] {
            return counted() + room[0];
        };
        moved = std::move(outside);
        EXPECT_EQ(live, 1);
    }
    EXPECT_EQ(live, 0);
}

TEST(UniqueFunction, PassesReferencesAndMoveOnlyArguments) {
    UniqueFunction<void(std::string&, std::unique_ptr<int>)> function =
        [](std::string& text, std::unique_ptr<int> number) { text += std::to_string(*number); };
    std::string text = "n=";
    function(text, std::make_unique<int>(5));
    EXPECT_EQ(text, "n=5");
}

TEST(UniqueFunction, CanBeAssignedToItself) {
    UniqueFunction<int()> function = [] { return 1; };
    UniqueFunction<int()>& same = function;
    function = std::move(same);
    EXPECT_EQ(function(), 1);
}

// A timer's function that sets the timer again does this.
TEST(UniqueFunction, MayBeReplacedWhileItRunsIfItWasMovedOut) {
    UniqueFunction<void()> function;
    int calls = 0;
    function = [&] {
        function = [&] { calls += 10; };
        ++calls;
    };
    UniqueFunction<void()> running = std::move(function);
    running();
    function();
    EXPECT_EQ(calls, 11);
}

} // namespace twistdpp
