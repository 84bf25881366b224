#include "twistdpp/cred/password_file.h"

#include "support/scratch_folder.h"
#include "unit/cred/log_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {

using testing::HasSubstr;
using testing::StartsWith;

namespace {

constexpr Bytes kSha512 =
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";

std::string mistake(Bytes text) {
    const auto table = parsePasswordFile(text, "users");
    return table ? "none" : table.error().message();
}

} // namespace

TEST(PasswordFileText, IsReadAsTwistedReadsIt) {
    const auto table = parsePasswordFile(
        "# people\n"
        "\n"
        "alice:secret \r\n"
        "bob:pw:1001:Bob:/home/bob\n"
        "caf\xe9 \xff:x\n"
        "alice:other\n"
        "carol:{PLAIN}a:b\n"
        "dave:last",
        "users"
    );
    ASSERT_TRUE(table) << table.error().message();
    EXPECT_EQ(table->entries.size(), 5U);
    EXPECT_TRUE(table->entries.at("alice").matches("secret"));
    EXPECT_TRUE(table->entries.at("bob").matches("pw"));
    EXPECT_TRUE(table->entries.at("caf\xe9 \xff").matches("x"));
    EXPECT_TRUE(table->entries.at("carol").matches("a:b"));
    EXPECT_TRUE(table->entries.at("dave").matches("last"));
    EXPECT_THAT(
        table->warnings, testing::ElementsAre("users:6: 'alice' stands above already; the first entry counts")
    );
}

TEST(PasswordFileText, MistakesNameFileAndLine) {
    EXPECT_EQ(mistake("alice:x\nbob\n"), "users:2: no ':' between name and password");
    EXPECT_EQ(mistake(":x"), "users:1: the name is empty");
    EXPECT_EQ(mistake("\n\nalice:"), "users:3: the password of 'alice' is empty");
    EXPECT_EQ(mistake("a\x1b:{PLAIN}"), "users:1: the password of 'a?' is empty");
    EXPECT_THAT(mistake("alice:{MD5}zz"), StartsWith("users:1: user 'alice': the form {MD5} is not known"));
    EXPECT_EQ(mistake("a:" + std::string(4100, 'x')), "users:1: longer than 4096 bytes");
    EXPECT_THAT(mistake(std::string(kMaxPasswordFile + 1, '\n')), HasSubstr("larger than"));
}

TEST(PasswordFileText, TheDecoyIsOfTheCommonestKind) {
    const std::string hash(kSha512);
    EXPECT_EQ(parsePasswordFile("a:x\nb:" + hash + "\nc:" + hash + "\n", "f")->decoy.kind(), "$6$");
    EXPECT_EQ(parsePasswordFile("a:x\nb:" + hash + "\n", "f")->decoy.kind(), "{PLAIN}");
    EXPECT_EQ(parsePasswordFile("", "f")->decoy.form(), PasswordHash::Form::crypt);
}

class PasswordFileTest : public testing::Test {
protected:
    test::ScratchFolder folder_;
    test::LogRecorder log_;
};

TEST_F(PasswordFileTest, IsReadAgainWhenItChanged) {
    const std::string path = folder_.write("users", "alice:one\n");
    PasswordFile file(path);
    const auto first = *file.current();
    EXPECT_EQ(*file.current(), first) << "an unchanged file is not read again";
    folder_.write("users", "alice:two\n");
    EXPECT_TRUE((*file.current())->entries.at("alice").matches("two"));
    EXPECT_TRUE(first->entries.at("alice").matches("one")) << "a check in progress keeps its table";
    EXPECT_THAT(log_.lines, testing::IsEmpty());
}

TEST_F(PasswordFileTest, AMistakeLaterIsLoggedOnceAndChangesNothing) {
    const std::string path = folder_.write("users", "alice:one\n");
    PasswordFile file(path);
    ASSERT_TRUE(file.current());
    folder_.write("users", "alice:one\nbob\n");
    EXPECT_TRUE((*file.current())->entries.contains("alice"));
    EXPECT_TRUE(file.current());
    EXPECT_THAT(
        log_.lines,
        testing::ElementsAre(
            "cred: " + path + ":2: no ':' between name and password; the entries read before stay in force"
        )
    );
}

TEST_F(PasswordFileTest, AMistakeAtTheStartIsAnError) {
    PasswordFile file(folder_.write("users", "alice\n"));
    EXPECT_THAT(file.current().error().message(), HasSubstr("users:1: no ':'"));
}

TEST_F(PasswordFileTest, AFileThatIsGoneLetsNobodyIn) {
    const std::string path = folder_.write("users", "alice:one\n");
    PasswordFile file(path);
    ASSERT_TRUE(file.current());
    std::filesystem::remove(path);
    EXPECT_EQ(file.current().error().message(), "read " + path + ": No such file or directory");
}

TEST_F(PasswordFileTest, SaysWhenAllCanReadIt) {
    PasswordFile file(folder_.write("users", "alice:one\nalice:two\n", 0644));
    ASSERT_TRUE(file.current());
    EXPECT_THAT(log_.all(), HasSubstr("chmod o-r"));
    EXPECT_THAT(log_.all(), HasSubstr("users:2: 'alice' stands above already"));
}

TEST_F(PasswordFileTest, AFolderIsNoPasswordFile) {
    PasswordFile file(folder_.path());
    EXPECT_THAT(file.current().error().message(), HasSubstr("not a regular file"));
}

} // namespace twistdpp
