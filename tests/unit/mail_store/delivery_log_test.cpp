#include "twistdpp/mail_store/delivery_log.h"
#include "twistdpp/mail_store/journal.h"
#include "twistdpp/mail_store/maildir.h"

#include "support/scratch_folder.h"
#include "unit/net/doubles.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace twistdpp::mail {
namespace {

namespace fs = std::filesystem;

class DeliveryLogTest : public ::testing::Test {
protected:
    std::vector<fs::path> filesIn(const std::string& name) const {
        std::vector<fs::path> out;
        std::error_code none;
        for (const auto& each : fs::directory_iterator(folder.path() + "/" + name, none))
            out.push_back(each.path());
        return out;
    }
    static std::string textOf(const fs::path& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::shared_ptr<const MessageSpool> body(Bytes text) const {
        auto made = std::make_shared<MessageSpool>(folder.path());
        EXPECT_TRUE(made->append(text));
        return made;
    }
    /// Delivers and gives what became of it.
    std::optional<Error> deliver(DeliveryLog& log, Bytes text, const std::string& to = "joe") {
        auto done = log.deliver(to, "Head: 1\n", body(text));
        while (!done.called())
            reactor.turn();
        return std::move(done).take().value();
    }
    /// A server that has promised a message and then died.
    void die(Bytes text) {
        DeliveryLog log(reactor, folder.path());
        EXPECT_FALSE(deliver(log, text));
    }

    test::ScratchFolder folder;
    test::ManualReactor reactor;
};

TEST_F(DeliveryLogTest, AMessageIsThereAtOnceAndNothingElseAtTheEnd) {
    DeliveryLog log(reactor, folder.path());
    EXPECT_FALSE(deliver(log, "text\r\n"));
    ASSERT_EQ(filesIn("joe/new").size(), 1U);
    EXPECT_EQ(textOf(filesIn("joe/new").front()), "Head: 1\ntext\n");
    EXPECT_EQ(filesIn(".journal").size(), 1U);
    auto closed = log.close();
    while (!closed.called())
        reactor.turn();
    EXPECT_TRUE(filesIn(".journal").empty());
    EXPECT_FALSE(deliver(log, "later\r\n")) << "what comes late is synced for itself";
    EXPECT_EQ(filesIn("joe/new").size(), 2U);
}

TEST_F(DeliveryLogTest, WhatACrashTookIsPutBackOnce) {
    die("lost\r\n");
    const fs::path message = filesIn("joe/new").front();
    fs::remove(message);
    EXPECT_EQ(*DeliveryLog::recover(folder.path()), 1U);
    EXPECT_EQ(textOf(message), "Head: 1\nlost\n");
    EXPECT_EQ(*DeliveryLog::recover(folder.path()), 0U);
    EXPECT_TRUE(filesIn(".journal").empty());
}

TEST_F(DeliveryLogTest, WhatIsWholeStaysAsItIsAndWhatIsNotIsMadeWhole) {
    die("seen\r\n");
    const fs::path fresh = filesIn("joe/new").front();
    const fs::path seen = fs::path(folder.path()) / "joe/cur" / (fresh.filename().string() + ":2,S");
    fs::rename(fresh, seen);
    EXPECT_EQ(*DeliveryLog::recover(folder.path()), 0U);
    EXPECT_TRUE(filesIn("joe/new").empty());

    die("cut\r\n");
    const fs::path cut = filesIn("joe/new").front();
    fs::resize_file(cut, 3);
    EXPECT_EQ(*DeliveryLog::recover(folder.path()), 1U);
    EXPECT_EQ(textOf(cut), "Head: 1\ncut\n");
    EXPECT_EQ(textOf(seen), "Head: 1\nseen\n");
}

TEST_F(DeliveryLogTest, TheJournalOfALiveServerIsNotTouched) {
    DeliveryLog log(reactor, folder.path());
    EXPECT_FALSE(deliver(log, "mine\r\n"));
    fs::remove(filesIn("joe/new").front());
    EXPECT_EQ(*DeliveryLog::recover(folder.path()), 0U);
    EXPECT_TRUE(filesIn("joe/new").empty());
    EXPECT_EQ(filesIn(".journal").size(), 1U);
}

TEST_F(DeliveryLogTest, ManyAreSafeByOneWrite) {
    DeliveryLog log(reactor, folder.path());
    std::vector<Deferred<std::optional<Error>>> all;
    for (int count = 0; count < 700; ++count)
        all.push_back(log.deliver(count % 2 == 0 ? "joe" : "ann", "", body("x\r\n")));
    for (auto& each : all) {
        while (!each.called())
            reactor.turn();
        EXPECT_FALSE(std::move(each).take().value());
    }
    EXPECT_EQ(filesIn("joe/new").size(), 350U);
    EXPECT_EQ(filesIn("ann/new").size(), 350U);
}

TEST_F(DeliveryLogTest, ALargeOneGoesByItself) {
    DeliveryLog log(reactor, folder.path());
    EXPECT_FALSE(deliver(log, std::string(DeliveryLog::kLargest, 'x')));
    EXPECT_EQ(filesIn("joe/new").size(), 1U);
    EXPECT_TRUE(filesIn(".journal").empty());
}

TEST_F(DeliveryLogTest, OneThatCannotBeKeptDoesNotTouchTheOthers) {
    folder.write("joe", "a file, where a folder should be");
    DeliveryLog log(reactor, folder.path());
    auto bad = log.deliver("joe", "", body("x\r\n"));
    auto good = log.deliver("ann", "", body("x\r\n"));
    while (!bad.called() || !good.called())
        reactor.turn();
    EXPECT_TRUE(std::move(bad).take().value());
    EXPECT_FALSE(std::move(good).take().value());
}

class JournalTest : public ::testing::Test {
protected:
    std::vector<std::string> recovered() const {
        std::vector<std::string> out;
        EXPECT_TRUE(Journal::recover(folder.path(), [&](Bytes record) -> Result<void> {
            out.emplace_back(record);
            return {};
        }));
        return out;
    }
    test::ScratchFolder folder;
};

TEST_F(JournalTest, OldRecordsBehindNewOnesAreNotRead) {
    {
        auto journal = *Journal::make(folder.path());
        journal.add("first");
        journal.add("other");
        EXPECT_TRUE(journal.write());
        EXPECT_TRUE(journal.clear());
        journal.add("later");
        EXPECT_TRUE(journal.write());
        EXPECT_TRUE(journal.sync());
    }
    EXPECT_EQ(recovered(), std::vector<std::string>{"later"});
}

TEST_F(JournalTest, AClearedOneBringsNothingBack) {
    {
        auto journal = *Journal::make(folder.path());
        journal.add("first");
        EXPECT_TRUE(journal.write());
        EXPECT_TRUE(journal.clear());
        EXPECT_TRUE(journal.empty());
    }
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

/// However it is cut or changed, what was written before is there and nothing else is.
TEST_F(JournalTest, EndsWhereItIsDamaged) {
    std::string whole;
    {
        auto journal = *Journal::make(folder.path());
        journal.add("first");
        journal.add("second");
        EXPECT_TRUE(journal.write());
        std::ifstream file(fs::directory_iterator(folder.path())->path());
        whole.assign(std::istreambuf_iterator<char>(file), {});
        whole.resize(2 * 16 + 5 + 6); // zeros come behind it
    }
    EXPECT_EQ(recovered().size(), 2U);
    const std::size_t first = 16 + 5;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        folder.write("cut", whole.substr(0, at));
        EXPECT_EQ(recovered().size(), at < first ? 0U : 1U) << "cut at " << at;
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x20);
        folder.write("changed", changed);
        EXPECT_EQ(recovered().size(), at < first ? 0U : 1U) << "changed at " << at;
    }
}

TEST_F(JournalTest, StaysWhenARecordCannotBeTaken) {
    {
        auto journal = *Journal::make(folder.path());
        journal.add("first");
        EXPECT_TRUE(journal.write());
    }
    EXPECT_FALSE(Journal::recover(folder.path(), [](Bytes) -> Result<void> { return Error("no room"); }));
    EXPECT_EQ(recovered().size(), 1U);
}

} // namespace
} // namespace twistdpp::mail
