#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mail_store/user_folder.h"

#include "support/scratch_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::mail {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class MaildirTest : public testing::Test {
protected:
    MaildirTest() { EXPECT_TRUE(maildir.create()); }
    std::string deliver(Bytes body) {
        MessageSpool spool(folder.path());
        EXPECT_TRUE(spool.append(body));
        auto name = maildir.deliver("Head: x\n", spool);
        EXPECT_TRUE(name) << name.error().message();
        return name ? *name : "";
    }
    test::ScratchFolder folder;
    Maildir maildir{folder.path() + "/joe"};
};

TEST_F(MaildirTest, KeepsAMessageWholeAndWithLf) {
    const std::string name = deliver("a\r\n\r\nb\r\n");
    EXPECT_EQ(contents(maildir.path() + "/new/" + name), "Head: x\na\n\nb\n");
    EXPECT_THAT(name, MatchesRegex("[0-9]+\\.M[0-9]+P[0-9]+Q[0-9]+R[0-9a-f]+\\..*,S=13,W=17"));
    struct stat status {};
    ASSERT_EQ(::stat((maildir.path() + "/new/" + name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_TRUE(std::filesystem::is_empty(maildir.path() + "/tmp"));
}

TEST_F(MaildirTest, ListsByAgeWithSizes) {
    const std::string first = deliver("a\r\n");
    const std::string second = deliver("bb\r\n");
    folder.write("joe/cur/1000000000.old.host:2,S", "x\ny");
    const auto all = maildir.list();
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ((*all)[0].name, "cur/1000000000.old.host:2,S");
    EXPECT_EQ((*all)[0].size, 6U) << "counted, with CRLF, the last one too";
    EXPECT_EQ((*all)[1].name, "new/" + first);
    EXPECT_EQ((*all)[1].size, 12U);
    EXPECT_TRUE(maildir.remove((*all)[1]));
    EXPECT_EQ(maildir.list()->size(), 2U);
    EXPECT_TRUE(maildir.open((*all)[2]));
    EXPECT_FALSE(maildir.open((*all)[1]));
}

TEST_F(MaildirTest, ListsThoseOfOneSecondInTheirOrder) {
    for (const char* name :
         {"1700000000.M9P1.h", "1700000000.M100P1.h", "1700000000.M20P1.h", "999999999.M5P1.h"})
        folder.write(std::string("joe/new/") + name, "x\n");
    const auto all = maildir.list();
    ASSERT_TRUE(all);
    std::string order;
    for (const Maildir::Entry& entry : *all)
        order += entry.name.substr(4) + " ";
    EXPECT_EQ(order, "999999999.M5P1.h 1700000000.M9P1.h 1700000000.M20P1.h 1700000000.M100P1.h ");
}

TEST_F(MaildirTest, LargeMessagesGoThroughAFile) {
    std::string body;
    while (body.size() < 3 * MessageSpool::kInMemory)
        body += std::string(70, 'x') + "\r\n";
    MessageSpool spool(folder.path());
    for (Bytes rest = body; !rest.empty(); rest.remove_prefix(std::min<std::size_t>(rest.size(), 1001)))
        ASSERT_TRUE(spool.append(rest.substr(0, 1001)));
    EXPECT_EQ(spool.wireSize(), body.size());
    const auto name = maildir.deliver("", spool);
    ASSERT_TRUE(name);
    std::erase(body, '\r');
    EXPECT_EQ(contents(maildir.path() + "/new/" + *name), body);
}

TEST_F(MaildirTest, WhatCannotBeWrittenLeavesNothing) {
    std::filesystem::remove_all(maildir.path() + "/new");
    MessageSpool spool(folder.path());
    const auto refused = maildir.deliver("x\n", spool);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message(), HasSubstr("to new/: No such file"));
    EXPECT_TRUE(std::filesystem::is_empty(maildir.path() + "/tmp"));
}

TEST_F(MaildirTest, SweepsWhatACrashLeft) {
    folder.write("joe/tmp/old", "x");
    folder.write("joe/tmp/fresh", "x");
    const timespec times[2] = {{::time(nullptr) - 40 * 3600, 0}, {::time(nullptr) - 40 * 3600, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (maildir.path() + "/tmp/old").c_str(), times, 0), 0);
    maildir.sweep();
    EXPECT_FALSE(std::filesystem::exists(maildir.path() + "/tmp/old"));
    EXPECT_TRUE(std::filesystem::exists(maildir.path() + "/tmp/fresh"));
}

TEST(UserFolderTest, ReadsWhatTwistedWrote) {
    const test::ScratchFolder folder;
    EXPECT_EQ(UserFolder::fileName("joe"), "am9l_");
    folder.write("passwd/am9l_", "secret");
    folder.write("passwd/QW5u_", "{PLAIN}$y$"); // Ann
    folder.write("passwd/README", "no user");
    const auto users = UserFolder(folder.path() + "/passwd").load();
    ASSERT_TRUE(users) << users.error().message();
    EXPECT_EQ(users->size(), 2U);
    EXPECT_TRUE(users->at("joe").matches("secret"));
    EXPECT_TRUE(users->count("ann")) << "names are the same in any case";
    EXPECT_TRUE(UserFolder(folder.path() + "/none").load()->empty());
}

TEST(UserFolderTest, KeepsAHash) {
    const test::ScratchFolder folder;
    const UserFolder users(folder.path() + "/passwd");
    ASSERT_TRUE(users.set("joe", "secret"));
    EXPECT_THAT(contents(folder.path() + "/passwd/am9l_"), testing::StartsWith("{SCRAM-SHA-256}"));
    EXPECT_TRUE(users.load()->at("joe").matches("secret"));
    ASSERT_TRUE(users.set("joe", "other"));
    EXPECT_FALSE(users.load()->at("joe").matches("secret"));
}

TEST(UserFolderTest, MistakesNameTheFileAndNoSecret) {
    const test::ScratchFolder folder;
    folder.write("am9l_", "{FOO}hidden");
    const auto users = UserFolder(folder.path()).load();
    ASSERT_FALSE(users);
    EXPECT_THAT(users.error().message(), HasSubstr("/am9l_: user 'joe'"));
    EXPECT_THAT(users.error().message(), testing::Not(HasSubstr("hidden")));
}

TEST(UserFolderTest, NamesThatLeadElsewhereAreNone) {
    for (const Bytes bad :
         {Bytes(""), Bytes(".."), Bytes(".x"), Bytes("a/b"), Bytes("a b"), Bytes("a@b"), Bytes("a\0b", 3)})
        EXPECT_FALSE(isUserName(bad)) << bad;
    EXPECT_TRUE(isUserName("joe.doe+tag"));
    EXPECT_FALSE(UserFolder::userName(UserFolder::fileName("../x")));
}

} // namespace
} // namespace twistdpp::mail
