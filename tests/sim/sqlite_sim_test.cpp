// layers: sqlite
#include "twistdpp/sim/sim_reactor.h"
#include "twistdpp/sqlite/job_queue.h"

#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace twistdpp::sqlite {
namespace {

constexpr std::array<Database::Migration, 1> kLayout{"CREATE TABLE t (word TEXT UNIQUE)"};

class Jobs : public testing::Test {
protected:
    Jobs() {
        std::string name = testing::TempDir() + "sqliteXXXXXX";
        folder = ::mkdtemp(name.data());
        auto opened = Database::open(folder + "/db", kLayout);
        queue = std::make_unique<JobQueue>(reactor, *std::move(opened), [this](const SqliteError* trouble) {
            troubles.push_back(trouble ? trouble->what() : "");
        });
    }
    ~Jobs() override {
        queue.reset();
        std::filesystem::remove_all(folder);
    }
    static JobQueue::Job insert(const std::string& word) {
        return [word](Database& database) {
            database.prepare("INSERT INTO t (word) VALUES (?)").with(word).run();
        };
    }
    /// Runs until all is done.
    void finish() {
        queue->finish().addBoth([this](const Outcome<void>&) { reactor.stop(); }).detach();
        reactor.run();
    }
    std::int64_t count() {
        std::int64_t found = -1;
        queue
            ->get([](Database& database) {
                Statement all = database.prepare("SELECT count(*) FROM t");
                all.step();
                return all.number(0);
            })
            .addCallback([&](std::int64_t value) { found = value; })
            .detach();
        finish();
        return found;
    }

    SimReactor reactor;
    std::string folder;
    std::unique_ptr<JobQueue> queue;
    std::vector<std::string> troubles;
};

TEST_F(Jobs, RunInOrderAndTellWhenTheyAreKept) {
    std::vector<int> order;
    for (int i = 0; i < 5000; ++i)
        queue->run(insert(std::to_string(i))).addCallback([&order, i] { order.push_back(i); }).detach();
    EXPECT_EQ(queue->waiting(), 5000U);
    EXPECT_EQ(count(), 5000);
    EXPECT_EQ(queue->waiting(), 0U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_EQ(order.size(), 5000U);
}

TEST_F(Jobs, OneThatFailsTakesNoOtherWithIt) {
    std::vector<std::string> results;
    const auto note = [&](const Outcome<void>& outcome) {
        results.emplace_back(outcome.ok() ? "ok" : outcome.failure().error().what());
    };
    queue->run(insert("warm up")).addBoth(note).detach();
    queue->run(insert("a")).addBoth(note).detach();
    queue
        ->run([](Database& database) {
            database.execute("INSERT INTO t VALUES ('b')");
            database.execute("INSERT INTO t VALUES ('a')");
        })
        .addBoth(note)
        .detach();
    queue->run(insert("c")).addBoth(note).detach();
    EXPECT_EQ(count(), 3) << "b went with the job it belongs to";
    EXPECT_EQ(
        results, (std::vector<std::string>{
                     "ok", "ok", "database " + folder + "/db: UNIQUE constraint failed: t.word", "ok"})
    );
    EXPECT_TRUE(troubles.empty());
}

TEST_F(Jobs, AFullMediumIsToldOnceAndWhenItIsOver) {
    queue->run([](Database& database) { database.execute("PRAGMA max_page_count=8"); }).detach();
    finish();
    int failed = 0;
    for (int i = 0; i < 20; ++i) {
        queue->run(insert(std::string(4000, static_cast<char>('a' + i))))
            .addErrback([&](const Failure&) { ++failed; })
            .detach();
        finish();
    }
    EXPECT_GT(failed, 10);
    ASSERT_EQ(troubles.size(), 1U);
    EXPECT_EQ(troubles[0], "database " + folder + "/db: database or disk is full");
    queue->run([](Database& database) { database.execute("PRAGMA max_page_count=1000"); }).detach();
    finish();
    queue->run(insert("again")).addErrback([&](const Failure&) { ADD_FAILURE(); }).detach();
    finish();
    EXPECT_EQ(troubles.size(), 2U);
    EXPECT_EQ(troubles.back(), "");
}

TEST_F(Jobs, MayBeDroppedWhileOneRuns) {
    int abandoned = 0;
    queue->run(insert("first")).addBoth([&](const Outcome<void>&) { reactor.stop(); }).detach();
    queue->run(insert("second"))
        .addErrback([&](const Failure& why) { abandoned += why.check<AbandonedError>(); })
        .detach();
    queue.reset();
    EXPECT_EQ(abandoned, 1);
    reactor.run();
}

} // namespace
} // namespace twistdpp::sqlite
