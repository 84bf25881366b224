#include "twistdpp/sqlite/database.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace twistdpp::sqlite {
namespace {

constexpr std::array<Database::Migration, 1> kFirst{
    "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"};
constexpr std::array<Database::Migration, 2> kSecond{
    kFirst[0], "ALTER TABLE t ADD COLUMN more TEXT DEFAULT 'x'"};

class File : public testing::Test {
protected:
    File() {
        std::string name = testing::TempDir() + "sqliteXXXXXX";
        folder = ::mkdtemp(name.data());
        path = folder + "/db";
    }
    ~File() override { std::filesystem::remove_all(folder); }
    std::string folder, path;
};

TEST_F(File, KeepsWhatWasWritten) {
    {
        auto database = *Database::open(path, kFirst);
        Statement insert = database->prepare("INSERT INTO t (word) VALUES (?)");
        insert.with("one").run();
        insert.with(std::string("t\0o", 3)).run();
        EXPECT_EQ(database->changes(), 2);
    }
    auto database = *Database::open(path, kFirst);
    Statement all = database->prepare("SELECT id, word FROM t ORDER BY id");
    ASSERT_TRUE(all.step());
    EXPECT_EQ(all.number(0), 1);
    EXPECT_EQ(all.text(1), "one");
    ASSERT_TRUE(all.step());
    EXPECT_EQ(all.text(1), Bytes("t\0o", 3));
    EXPECT_FALSE(all.step());
}

TEST_F(File, IsBroughtToThePresentLayout) {
    (*Database::open(path, kFirst))->execute("INSERT INTO t (word) VALUES ('old')");
    auto database = *Database::open(path, kSecond);
    Statement more = database->prepare("SELECT word, more FROM t");
    ASSERT_TRUE(more.step());
    EXPECT_EQ(more.string(0) + more.string(1), "oldx");
}

TEST_F(File, OfALaterVersionIsLeftAlone) {
    (*Database::open(path, kSecond)).reset();
    const auto refused = Database::open(path, kFirst);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().message(),
        "database " + path + ": it was made by a later version of this program (layout 2, this one knows 1)"
    );
}

TEST_F(File, ThatIsNoDatabaseSaysWhatToDo) {
    std::ofstream(path) << std::string(5000, 'x');
    const auto refused = Database::open(path, kFirst);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().message(), "database " + path +
                                       ": file is not a database; move the file away, or get back "
                                       "what is left of it with: sqlite3 FILE .recover"
    );
}

TEST_F(File, WithADamagedPageSaysSo) {
    {
        auto database = *Database::open(path, kFirst);
        for (int i = 0; i < 2000; ++i)
            database->execute(("INSERT INTO t (word) VALUES ('word " + std::to_string(i) + "')").c_str());
        database->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192);
    file << std::string(4096, '\xff');
    file.close();
    const auto refused = Database::open(path, kFirst);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("damaged"), std::string::npos) << refused.error().message();
}

TEST_F(File, WhereNoneCanBeSaysSo) {
    const auto refused = Database::open(folder + "/none/db", kFirst);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("have to be writable"), std::string::npos)
        << refused.error().message();
}

TEST_F(File, ErrorsNameTheFile) {
    auto database = *Database::open(path, kFirst);
    database->execute("INSERT INTO t (word) VALUES ('a')");
    try {
        database->execute("INSERT INTO t (word) VALUES ('a')");
        FAIL();
    } catch (const SqliteError& error) {
        EXPECT_TRUE(error.constraint());
        EXPECT_FALSE(error.storage());
        EXPECT_EQ(std::string(error.what()), "database " + path + ": UNIQUE constraint failed: t.word");
    }
}

} // namespace
} // namespace twistdpp::sqlite
