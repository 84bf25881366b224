#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mail_store/message_uids.h"

#include "support/scratch_folder.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <string>

namespace twistdpp::mail {
namespace {

class MessageUidsTest : public testing::Test {
protected:
    MessageUids open() { return *MessageUids::open(folder.path()); }
    /// 0: it has none.
    static std::uint32_t uid(const MessageUids& uids, const std::string& name) {
        const auto* record = uids.find(name);
        return record ? record->uid : 0;
    }
    static std::uint64_t modseq(const MessageUids& uids, const std::string& name) {
        return uids.find(name)->modseq;
    }
    std::string text() const {
        std::ifstream file(folder.path() + "/.uids");
        return {std::istreambuf_iterator<char>(file), {}};
    }

    test::ScratchFolder folder;
};

TEST_F(MessageUidsTest, EachGetsTheNextAndNoneComesTwice) {
    std::uint32_t validity = 0;
    {
        auto uids = open();
        validity = uids.validity();
        EXPECT_EQ(uids.next(), 1U);
        ASSERT_TRUE(uids.update({{"a", ""}, {"b", "S"}, {"c d", ""}}));
    }
    {
        auto uids = open();
        EXPECT_EQ(uids.validity(), validity);
        EXPECT_EQ(uid(uids, "a"), 1U);
        EXPECT_EQ(uid(uids, "c d"), 3U);
        EXPECT_EQ(uid(uids, "x"), 0U);
        ASSERT_TRUE(uids.update({{"b", "S"}}));
        EXPECT_EQ(uid(uids, "a"), 0U);
    }
    auto uids = open();
    ASSERT_TRUE(uids.update({{"a", ""}, {"b", "S"}}));
    EXPECT_EQ(uid(uids, "a"), 4U); // it is another message by that name
    EXPECT_EQ(uid(uids, "b"), 2U);
    EXPECT_EQ(uids.next(), 5U);
}

TEST_F(MessageUidsTest, ChangesOfFlagsAreLaterThanWhatWasBefore) {
    std::uint64_t before = 0;
    {
        auto uids = open();
        ASSERT_TRUE(uids.update({{"a", ""}, {"b", "S"}}));
        before = uids.highest();
        EXPECT_LT(modseq(uids, "a"), modseq(uids, "b"));
        ASSERT_TRUE(uids.update({{"a", ""}, {"b", "S"}}));
        EXPECT_EQ(uids.highest(), before);
        uids.note({"a", "RS"});
        EXPECT_GT(modseq(uids, "a"), before);
        ASSERT_TRUE(uids.save());
    }
    auto uids = open();
    EXPECT_GT(modseq(uids, "a"), before);
    before = uids.highest();
    // One that is gone is a change as well, and its number does not come again.
    ASSERT_TRUE(uids.update({{"b", "S"}}));
    EXPECT_GT(uids.highest(), before);
}

TEST_F(MessageUidsTest, HistoryGoesOnAfterTheLatestIsGone) {
    std::uint64_t highest = 0;
    for (int i = 0; i < 3; ++i) {
        auto uids = open();
        EXPECT_GE(uids.highest(), highest);
        ASSERT_TRUE(uids.update({{"a", ""}, {"b", std::string(static_cast<std::size_t>(i), 'S')}}));
        ASSERT_TRUE(uids.update({{"a", ""}}));
        highest = uids.highest();
    }
}

TEST_F(MessageUidsTest, ItIsWrittenAnewWhenMostOfItIsOld) {
    for (int i = 0; i < 20; ++i) {
        auto uids = open();
        ASSERT_TRUE(uids.update({{"a", ""}, {"b", ""}}));
        for (int k = 0; k < 200; ++k)
            uids.note({"a", std::to_string(i) + "-" + std::to_string(k)});
        ASSERT_TRUE(uids.save());
    }
    auto uids = open();
    EXPECT_EQ(uid(uids, "a"), 1U);
    EXPECT_GT(modseq(uids, "a"), 4000U);
    const std::string written = text();
    EXPECT_LT(std::count(written.begin(), written.end(), '\n'), 1500);
}

TEST_F(MessageUidsTest, ALineThatBreaksOffIsNothing) {
    {
        auto uids = open();
        ASSERT_TRUE(uids.update({{"a", ""}}));
    }
    folder.write(".uids", text() + "2 9 - b");
    auto uids = open();
    EXPECT_EQ(uid(uids, "b"), 0U);
    ASSERT_TRUE(uids.update({{"a", ""}, {"c", ""}}));
    EXPECT_THAT(text(), testing::EndsWith(" - c\n"));
    EXPECT_THAT(text(), testing::Not(testing::HasSubstr(" b")));
}

TEST_F(MessageUidsTest, AListThatCannotBeReadBeginsAnew) {
    folder.write(".uids", "nonsense\n1 1 - a\n");
    auto uids = open();
    EXPECT_EQ(uid(uids, "a"), 0U);
    EXPECT_GT(uids.validity(), 1'000'000'000U);
    ASSERT_TRUE(uids.update({{"a", ""}}));
    EXPECT_EQ(uid(uids, "a"), 1U);
}

TEST_F(MessageUidsTest, LinesThatMakeNoSenseAreLeftOut) {
    folder.write(".uids", "2 77 5 3\n1 2 S a\nx 1 - b\n\n2\n3 4 - c\n3 4\n");
    const auto uids = open();
    EXPECT_EQ(uids.validity(), 77U);
    EXPECT_EQ(uid(uids, "a"), 1U);
    EXPECT_EQ(uid(uids, "c"), 3U);
    EXPECT_EQ(uids.highest(), 4U);
    EXPECT_EQ(uids.next(), 5U);
    EXPECT_EQ(uid(uids, "b"), 0U);
}

TEST(MaildirNames, WhatTheySay) {
    EXPECT_EQ(Maildir::baseOf("new/17.M5.host,S=1"), "17.M5.host,S=1");
    EXPECT_EQ(Maildir::baseOf("cur/17.M5.host,S=1:2,FS"), "17.M5.host,S=1");
    EXPECT_EQ(Maildir::flagsOf("cur/17.M5.host:2,FS"), "FS");
    EXPECT_EQ(Maildir::flagsOf("new/17.M5.host"), "");
    EXPECT_EQ(Maildir::timeOf("cur/17.M5.host:2,S"), 17);
}

TEST(MaildirFlags, AMessageIsFoundByWhateverFlagsItHasMeanwhile) {
    const test::ScratchFolder folder;
    const Maildir maildir(folder.path() + "/joe");
    const Maildir other(folder.path() + "/ann");
    ASSERT_TRUE(maildir.create() && other.create());
    MessageSpool spool(folder.path());
    ASSERT_TRUE(spool.append("text\r\n"));
    const auto name = maildir.deliver({}, spool, 1'000'000'000);
    ASSERT_TRUE(name);
    Maildir::Entry entry;
    entry.name = "new/" + *name;
    EXPECT_EQ(Maildir::timeOf(entry.name), 1'000'000'000);
    const auto add = [](const char* letter) {
        return [letter](const std::string& flags) { return letter + flags; };
    };
    const auto seen = maildir.changeFlags(entry, add("S"));
    EXPECT_EQ(*seen, "cur/" + *name + ":2,S");
    // By its old name: it is what it has now that is changed.
    EXPECT_EQ(*maildir.changeFlags(entry, add("F")), "cur/" + *name + ":2,FS");
    EXPECT_TRUE(maildir.open(entry));
    const auto linked = maildir.linkTo(entry, other, "Sa");
    ASSERT_TRUE(linked);
    EXPECT_EQ(Maildir::timeOf(*linked), 1'000'000'000);
    EXPECT_EQ(Maildir::flagsOf(*linked), "Sa");
    EXPECT_TRUE(maildir.remove(entry));
    EXPECT_FALSE(maildir.open(entry));
    EXPECT_FALSE(maildir.changeFlags(entry, add("S")));
    EXPECT_EQ(other.list()->size(), 1U);
}

} // namespace
} // namespace twistdpp::mail
