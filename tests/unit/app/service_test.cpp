#include "twistdpp/app/service.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/defer/promise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

namespace twistdpp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Journal = std::vector<std::string>;

/// Writes down what it is asked for, and fails or waits where it is told to.
class Recorder : public Service {
public:
    Recorder(std::string name, Journal& journal) : name_(std::move(name)), journal_(journal) {}

    Deferred<void> privilegedStart() override { return note("bind"); }
    Deferred<void> start() override { return note("start"); }
    Deferred<void> stop(Drain drain) override { return note(drain.immediate() ? "cut" : "stop"); }
    std::string busyWith() const override { return waiting ? "1 connection" : ""; }

    std::string failsAt, waitsAt, throwsAt;
    std::optional<Promise<void>> waiting;

private:
    Deferred<void> note(const std::string& what) {
        journal_.push_back(what + " " + name_);
        if (what == failsAt)
            return fail(ServiceError("no luck", std::make_error_code(std::errc::address_in_use)));
        if (what == throwsAt)
            throw std::runtime_error("thrown");
        if (what == waitsAt)
            return waiting.emplace().deferred();
        return succeed();
    }

    std::string name_;
    Journal& journal_;
};

class MultiServiceTest : public testing::Test {
protected:
    MultiServiceTest() {
        for (const char* name : {"a", "b", "c"}) {
            auto service = std::make_unique<Recorder>(name, journal);
            made.push_back(service.get());
            root.add(name, std::move(service));
        }
    }
    static std::string errorOf(Deferred<void> done) {
        EXPECT_TRUE(done.called());
        auto outcome = std::move(done).take();
        return outcome.ok() ? "" : outcome.failure().message();
    }

    Journal journal;
    MultiService root;
    std::vector<Recorder*> made;
};

TEST_F(MultiServiceTest, StartsInOrderAndStopsTheLatestFirst) {
    EXPECT_EQ(errorOf(root.privilegedStart()), "");
    EXPECT_EQ(errorOf(root.start()), "");
    EXPECT_THAT(root.pending(), ElementsAre("a", "b", "c"));
    EXPECT_EQ(errorOf(root.stop(Drain(std::chrono::seconds(1)))), "");
    EXPECT_THAT(
        journal,
        ElementsAre(
            "bind a", "bind b", "bind c", "start a", "start b", "start c", "stop c", "stop b", "stop a"
        )
    );
    EXPECT_THAT(root.pending(), IsEmpty());
}

TEST_F(MultiServiceTest, StopsThoseBeforeAServiceThatFailsToStart) {
    made[2]->failsAt = "start";
    EXPECT_EQ(errorOf(root.privilegedStart()), "");
    EXPECT_EQ(errorOf(root.start()), "c: no luck");
    EXPECT_THAT(
        journal,
        ElementsAre("bind a", "bind b", "bind c", "start a", "start b", "start c", "stop b", "stop a")
    );
}

TEST_F(MultiServiceTest, AlsoStopsThoseThatOnlyBoundTheirPorts) {
    made[1]->throwsAt = "start";
    EXPECT_EQ(errorOf(root.privilegedStart()), "");
    EXPECT_EQ(errorOf(root.start()), "b: thrown");
    EXPECT_THAT(journal, ElementsAre("bind a", "bind b", "bind c", "start a", "start b", "stop c", "stop a"));
}

TEST_F(MultiServiceTest, DoesNotStartTheNextBeforeTheOneBeforeHasStarted) {
    made[0]->waitsAt = "start";
    EXPECT_EQ(errorOf(root.privilegedStart()), "");
    auto starting = root.start();
    EXPECT_FALSE(starting.called());
    EXPECT_EQ(journal.back(), "start a");
    std::exchange(made[0]->waiting, std::nullopt)->callback();
    EXPECT_EQ(errorOf(std::move(starting)), "");
    EXPECT_EQ(journal.back(), "start c");
}

TEST_F(MultiServiceTest, TellsAllToStopAtOnceAndSaysWhichHang) {
    made[1]->waitsAt = "stop";
    EXPECT_EQ(errorOf(root.privilegedStart()), "");
    EXPECT_EQ(errorOf(root.start()), "");
    auto stopping = root.stop(Drain(std::chrono::seconds(1)));
    EXPECT_EQ(journal.back(), "stop a");
    EXPECT_FALSE(stopping.called());
    EXPECT_THAT(root.pending(), ElementsAre("b (1 connection)"));
    std::exchange(made[1]->waiting, std::nullopt)->callback();
    EXPECT_EQ(errorOf(std::move(stopping)), "");
}

TEST_F(MultiServiceTest, ReportsTheFirstErrorOfStoppingAfterAllHaveEnded) {
    made[2]->failsAt = "stop";
    EXPECT_EQ(errorOf(root.privilegedStart()), "");
    EXPECT_EQ(errorOf(root.start()), "");
    EXPECT_EQ(errorOf(root.stop(Drain(std::chrono::seconds(1)))), "c: no luck");
    EXPECT_EQ(journal.back(), "stop a");
}

TEST_F(MultiServiceTest, KeepsTheSystemsCodeOfTheFailure) {
    made[0]->failsAt = "bind";
    auto outcome = root.privilegedStart();
    const Failure failure = std::move(outcome).take().failure();
    EXPECT_EQ(ServiceError::codeOf(failure), std::errc::address_in_use);
}

class NoOptions : public ServiceConfig {
public:
    void declare(OptionSet&) override {}
};

TEST(Service, SaysThatAChangeWaitsForTheNextStart) {
    Journal journal;
    Recorder service("a", journal);
    const NoOptions fresh;
    EXPECT_TRUE(service.reload(fresh, {}).called());
    const std::vector<std::string> changed{"--listen"};
    auto done = service.reload(fresh, changed);
    EXPECT_EQ(
        std::move(done).take().failure().message(),
        "--listen changed: this service takes that at its next start"
    );
}

} // namespace
} // namespace twistdpp
