#include "twistdpp/mail_queue/spool_files.h"

#include "support/scratch_folder.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace twistdpp::mail {
namespace {

namespace fs = std::filesystem;
using Kind = SpoolChange::Kind;

class SpoolFilesTest : public ::testing::Test {
protected:
    SpoolFilesTest() { reopen(); }

    /// As the next process does it.
    void reopen() {
        files.reset();
        found.clear();
        auto opened = SpoolFiles::open(path, found);
        ASSERT_TRUE(opened) << opened.error().message();
        files = *std::move(opened);
    }
    std::string textFor(const std::string& id) const {
        QueuedMail mail;
        mail.id = id;
        mail.to.emplace_back().who.to = *smtp::Mailbox::parse("joe@example.com");
        return mail.toText();
    }
    std::shared_ptr<SpoolChange>
    change(Kind kind, const std::string& id, const std::string& text = {}) const {
        auto out = std::make_shared<SpoolChange>();
        out->kind = kind;
        out->id = id;
        out->text = text.empty() ? textFor(id) : text;
        return out;
    }
    std::shared_ptr<SpoolChange> put(const std::string& id, const std::string& message) const {
        auto out = change(Kind::put, id);
        auto body = std::make_shared<MessageSpool>(folder.path());
        EXPECT_TRUE(body->append(message));
        out->head = "Received: x\n";
        out->body = std::move(body);
        return out;
    }
    std::shared_ptr<SpoolChange> apply(std::shared_ptr<SpoolChange> one) {
        const std::vector<std::shared_ptr<SpoolChange>> all{one};
        files->apply(all);
        EXPECT_FALSE(one->error) << one->error->message();
        return one;
    }
    static std::string textAt(const SpoolPlace& place) { return *place.read(0, 1U << 20U); }
    std::size_t segmentsOnDisk() const {
        std::size_t count = 0;
        for (const auto& each : fs::directory_iterator(path))
            count += each.path().filename().string().size() == 33 ? 1U : 0U;
        return count;
    }

    test::ScratchFolder folder;
    std::string path = folder.path() + "/queue";
    std::vector<SpoolFiles::Found> found;
    std::unique_ptr<SpoolFiles> files;
};

TEST_F(SpoolFilesTest, WhatWasPutInIsThereForTheNextProcess) {
    const auto mine = apply(put("one", "Subject: 1\n\nhello\n"));
    EXPECT_EQ(textAt(mine->place), "Received: x\nSubject: 1\n\nhello\n");
    apply(put("two", "2\n"));
    reopen();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].mail.id, "one");
    EXPECT_EQ(textAt(found[0].place), "Received: x\nSubject: 1\n\nhello\n");
    EXPECT_EQ(textAt(found[1].place), "Received: x\n2\n");
}

TEST_F(SpoolFilesTest, WhatIsDoneIsNotThereAndItsFilesGo) {
    apply(put("one", "1\n"));
    apply(put("two", "2\n"));
    apply(change(Kind::remove, "one"));
    reopen();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].mail.id, "two");
    EXPECT_EQ(segmentsOnDisk(), 2U);
    apply(change(Kind::remove, "two"));
    EXPECT_EQ(segmentsOnDisk(), 1U);
    reopen();
    EXPECT_TRUE(found.empty());
}

TEST_F(SpoolFilesTest, WhatIsKnownOfAMailChanges) {
    apply(put("one", "1\n"));
    apply(change(Kind::update, "one", "id one\nto bob@example.com\n tries 2\n"));
    reopen();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].mail.to[0].who.to.local, "bob");
    EXPECT_EQ(found[0].mail.to[0].tries, 2U);
    EXPECT_EQ(textAt(found[0].place), "Received: x\n1\n");
}

TEST_F(SpoolFilesTest, ALargeOneHasAFileOfItsOwn) {
    auto large = put("big", std::string(300'000, 'x') + "\n");
    auto place = SpoolFiles::writeLarge(path, "big", large->head, *large->body);
    ASSERT_TRUE(place) << place.error().message();
    large->place = *std::move(place);
    apply(large);
    reopen();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].place.size, 12U + 300'001U);
    EXPECT_EQ(found[0].place.read(300'010, 100)->size(), 3U);
    apply(change(Kind::remove, "big"));
    EXPECT_FALSE(fs::exists(path + "/large/big"));
}

TEST_F(SpoolFilesTest, ALargeFileThatNoRecordKnowsIsTheRestOfACrash) {
    const auto large = put("big", std::string(300'000, 'x') + "\n");
    ASSERT_TRUE(SpoolFiles::writeLarge(path, "big", large->head, *large->body));
    reopen();
    EXPECT_TRUE(found.empty());
    EXPECT_FALSE(fs::exists(path + "/large/big"));
}

TEST_F(SpoolFilesTest, AFewThatWaitForLongDoNotKeepTheFilesOfTheOthers) {
    const std::string filler(100'000, 'x');
    apply(put("waits", "still here\n"));
    const auto place = files->toBeMoved();
    EXPECT_TRUE(place.empty());
    SpoolPlace last;
    for (int i = 0; i < 600; ++i) {
        apply(put("m" + std::to_string(i), filler + "\n"));
        apply(change(Kind::remove, "m" + std::to_string(i)));
        for (const std::string& id : files->toBeMoved())
            last = apply(change(Kind::move, id))->place;
    }
    EXPECT_LE(files->segments(), 3U);
    EXPECT_EQ(textAt(last), "Received: x\nstill here\n");
    reopen();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(textAt(found[0].place), "Received: x\nstill here\n");
}

TEST_F(SpoolFilesTest, TheFileOfWhoStillReadsIsNotWrittenOver) {
    const std::string filler(100'000, 'x');
    const SpoolPlace held = apply(put("slow", "the old text\n"))->place;
    apply(change(Kind::remove, "slow"));
    for (int i = 0; i < 600; ++i) {
        apply(put("m" + std::to_string(i), filler + "\n"));
        apply(change(Kind::remove, "m" + std::to_string(i)));
    }
    EXPECT_EQ(textAt(held), "Received: x\nthe old text\n");
}

TEST_F(SpoolFilesTest, AFileThatWasCutGivesWhatIsWholeInIt) {
    apply(put("one", "1\n"));
    const auto second = apply(put("two", "2\n"));
    const std::uint64_t cut = second->place.at + 3;
    files.reset();
    for (const auto& each : fs::directory_iterator(path)) {
        if (each.path().filename().string().size() == 33)
            fs::resize_file(each.path(), cut);
    }
    reopen();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].mail.id, "one");
}

TEST_F(SpoolFilesTest, ARecordThatNobodyKnowsIsAnErrorThatNamesItsFile) {
    apply(change(Kind::update, "one", "something new\n"));
    files.reset();
    found.clear();
    const auto opened = SpoolFiles::open(path, found);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message().find(path), std::string::npos) << opened.error().message();
    EXPECT_NE(opened.error().message().find("'something new'"), std::string::npos);
}

TEST_F(SpoolFilesTest, TheHistoryIsInLines) {
    apply(change(Kind::note, "", "1 one queued\n"));
    apply(change(Kind::note, "", "2 one sent\n"));
    std::ifstream file(SpoolFiles::historyPath(path, false));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "1 one queued\n2 one sent\n");
}

TEST_F(SpoolFilesTest, OthersMayLookMeanwhile) {
    apply(put("one", "1\n"));
    const auto seen = SpoolFiles::look(path);
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->size(), 1U);
    EXPECT_EQ(textAt((*seen)[0].place), "Received: x\n1\n");
    EXPECT_FALSE(SpoolFiles::look(folder.path() + "/none"));
}

} // namespace
} // namespace twistdpp::mail
