#include "support/results.h"
#include "twistdpp/defer/gate.h"

#include <gtest/gtest.h>
#include <memory>
#include <optional>

namespace twistdpp {

static_assert(std::is_nothrow_move_constructible_v<Gate::Holder>);

TEST(Gate, CloseWaitsForTheLastOneInside) {
    Gate gate;
    auto one = gate.enter();
    auto two = gate.enter();
    EXPECT_EQ(gate.inside(), 2U);
    auto closed = gate.close();
    EXPECT_TRUE(gate.closed());
    one.reset();
    EXPECT_FALSE(closed.called());
    two.reset();
    successResultOf(std::move(closed));
    EXPECT_EQ(gate.inside(), 0U);
}

TEST(Gate, NobodyEntersOnceItIsClosed) {
    Gate gate;
    successResultOf(gate.close());
    EXPECT_FALSE(gate.enter().has_value());
}

TEST(Gate, AMovedHolderLeavesOnce) {
    Gate gate;
    auto one = gate.enter();
    {
        const Gate::Holder moved(std::move(*one));
        one.reset();
        EXPECT_EQ(gate.inside(), 1U);
    }
    EXPECT_EQ(gate.inside(), 0U);
}

TEST(Gate, ManyMayWaitForItsEnd) {
    Gate gate;
    auto one = gate.enter();
    auto first = gate.close();
    auto second = gate.close();
    one.reset();
    successResultOf(std::move(first));
    successResultOf(std::move(second));
}

TEST(Gate, WhoeverIsToldMayDestroyTheGate) {
    auto gate = std::make_unique<Gate>();
    auto one = gate->enter();
    auto closed = gate->close().addCallback([&] { gate.reset(); });
    one.reset();
    EXPECT_EQ(gate, nullptr);
    EXPECT_TRUE(closed.called());
}

TEST(Gate, WhoeverIsToldMayCancelTheOthers) {
    Gate gate;
    auto one = gate.enter();
    std::optional<Deferred<void>> second;
    auto first = gate.close().addCallback([&] { second->cancel(); });
    second.emplace(gate.close());
    one.reset();
    EXPECT_TRUE(first.called());
    failureResultOf<CancelledError>(std::move(*second));
}

} // namespace twistdpp
