// Reactors are chosen by name, and a file of the user's own adds one.
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/sim/sim_reactor.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace twistdpp {

namespace {

/// A reactor of one's own: the simulated one, counting the timers that are asked for.
class CountingReactor final : public SimReactor {
public:
    explicit CountingReactor(const SimOptions& options) : SimReactor(options) {}

    TimerQueue& timers() const noexcept override {
        ++counted;
        return SimReactor::timers();
    }
    mutable int counted = 0;
};

Result<std::unique_ptr<Reactor>> makeCounting(std::string_view arguments) {
    if (arguments == "broken")
        return Error("reactor counting: it is broken");
    auto options = SimOptions::parse(arguments);
    if (!options)
        return std::move(options).error();
    return std::unique_ptr<Reactor>(std::make_unique<CountingReactor>(*options));
}

const Registry<ReactorMaker>::Entry entry({"counting", "a reactor of the test's own", &makeCounting});

} // namespace

TEST(MakeReactor, MakesTheOneThatIsNamed) {
    auto made = makeReactor("sim");
    ASSERT_TRUE(made.ok());
    EXPECT_NE(dynamic_cast<SimReactor*>(made->get()), nullptr);
    EXPECT_EQ((*made)->fds(), nullptr);
}

TEST(MakeReactor, GivesItsArgumentsToTheMaker) {
    auto made = makeReactor("sim:seed=42,latency=1ms-3ms,bytewise,reset=0.25,window=100,trace");
    ASSERT_TRUE(made.ok()) << made.error().message();
    const SimOptions& options = dynamic_cast<SimReactor&>(**made).options();
    EXPECT_EQ(options.seed, 42U);
    EXPECT_EQ(options.minLatency, std::chrono::milliseconds(1));
    EXPECT_EQ(options.maxLatency, std::chrono::milliseconds(3));
    EXPECT_TRUE(options.bytewise);
    EXPECT_TRUE(options.trace);
    EXPECT_EQ(options.reset, 0.25);
    EXPECT_EQ(options.window, 100U);
}

TEST(MakeReactor, AnUnknownNameIsAnErrorThatListsTheNames) {
    const auto made = makeReactor("simm:seed=1");
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().message(), "there is no reactor 'simm'; there are: counting, sim");
}

TEST(MakeReactor, MistakesInTheArgumentsAreErrors) {
    for (const char* wrong :
         {"sim:seed", "sim:seed=x", "sim:colour=red", "sim:reset=2", "sim:reset=", "sim:latency=5",
          "sim:latency=5ms-1ms", "sim:window=0", "sim:loss=-1", "sim:cut=nan", "sim:seed=1,,trace"}) {
        const auto made = makeReactor(wrong);
        ASSERT_FALSE(made.ok()) << wrong;
        EXPECT_NE(made.error().message().find("seed=7"), std::string::npos) << made.error().message();
    }
}

TEST(MakeReactor, AReactorOfOnesOwnIsChosenByName) {
    auto made = makeReactor("counting:seed=3");
    ASSERT_TRUE(made.ok());
    Reactor& reactor = **made;
    bool ran = false;
    const Timer timer = reactor.callLater(std::chrono::seconds(1), [&] { ran = true; });
    reactor.run();
    EXPECT_TRUE(ran);
    EXPECT_GT(dynamic_cast<CountingReactor&>(reactor).counted, 0);
    EXPECT_EQ(makeReactor("counting:broken").error().message(), "reactor counting: it is broken");
}

} // namespace twistdpp
