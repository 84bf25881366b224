#include "twistdpp/files/file_tree.h"

#include "support/scratch_folder.h"

#include "twistdpp/files/tree_path.h"
#include "twistdpp/files/upload.h"

#include <atomic>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace twistdpp::files {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

TEST(TreePath, DotsAreTakenByTheLetter) {
    struct Case {
        Bytes from, path, whole;
    };
    for (const Case& each :
         {Case{"/", "a", "/a"}, Case{"/a/b", "../x//y/.", "/a/x/y"}, Case{"/a", "/", "/"},
          Case{"/a", "../../../..", "/"}, Case{"/a", "", "/a"}, Case{"/", "...", "/..."},
          Case{"/", "a b\n\xff", "/a b\n\xff"}, Case{"/a", "/x/../../y", "/y"}})
        EXPECT_EQ(resolvePath(each.from, each.path), each.whole) << each.from << " " << each.path;
    EXPECT_FALSE(resolvePath("/", Bytes("a\0b", 3)));
    EXPECT_FALSE(resolvePath("/", std::string(NAME_MAX + 1, 'a')));
    EXPECT_FALSE(resolvePath("/", std::string(PATH_MAX, '/')));
    EXPECT_EQ(splitPath("/a/b").folder, "/a");
    EXPECT_EQ(splitPath("/a").folder, "/");
    EXPECT_EQ(splitPath("/").name, "");
}

class FileTreeTest : public testing::Test {
protected:
    FileTreeTest() {
        fs::create_directories(root() + "/in/deep");
        write("root/in/file", "inside");
        write("secret", "outside");
        fs::create_symlink(folder.path() + "/secret", root() + "/absolute");
        fs::create_symlink("../secret", root() + "/relative");
        fs::create_symlink("..", root() + "/up");
        fs::create_symlink("in/file", root() + "/good");
        fs::create_symlink("/proc/self/root", root() + "/magic");
        tree = *FileTree::open(root());
    }
    std::string root() const { return folder.path() + "/root"; }
    void write(const std::string& name, Bytes text) const { folder.write(name, text); }
    std::string read(const std::string& name) const {
        std::ifstream file(folder.path() + "/" + name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::vector<std::string> names(const std::string& path) const {
        std::vector<std::string> out;
        const auto all = tree->list(path);
        for (const FileEntry& each : *all)
            out.push_back(each.name);
        return out;
    }

    test::ScratchFolder folder;
    std::shared_ptr<const FileTree> tree;
};

TEST_F(FileTreeTest, NoLinkLeadsOut) {
    for (const char* path :
         {"/absolute", "/relative", "/up/secret", "/up", "/magic/etc/passwd", "/in/../../secret",
          "/../secret"}) {
        EXPECT_FALSE(tree->read(path)) << path;
        const auto cached = tree->readCached(path);
        EXPECT_FALSE(cached && *cached) << path;
        EXPECT_FALSE(tree->info(path)) << path;
        EXPECT_FALSE(tree->chmod(path, 0777)) << path;
        EXPECT_FALSE(tree->setModified(path, 0)) << path;
        EXPECT_FALSE(tree->list(path)) << path;
        EXPECT_FALSE(Upload::resume(tree, path, 1, {})) << path;
    }
    for (const char* path : {"/up/made", "/magic/tmp/made", "/in/../../made"}) {
        EXPECT_FALSE(tree->makeFolder(path, 0777)) << path;
        EXPECT_FALSE(Upload::create(tree, path, {})) << path;
        EXPECT_FALSE(tree->rename("/in/file", path)) << path;
        EXPECT_FALSE(tree->rename(path, "/in/stolen")) << path;
    }
    EXPECT_FALSE(tree->remove("/up/secret"));
    EXPECT_FALSE(tree->removeFolder("/up/root"));
    // One that stays inside is as good as what it leads to.
    EXPECT_EQ(tree->read("/good")->info.size, 6U);
    EXPECT_EQ(read("secret"), "outside");
    // A file that takes the place of a link takes that of the link alone.
    auto upload = Upload::create(tree, "/absolute", {});
    ASSERT_TRUE(upload);
    ASSERT_TRUE((*upload)->write("mine"));
    ASSERT_TRUE((*upload)->finish());
    EXPECT_EQ(read("secret"), "outside");
    EXPECT_EQ(read("root/absolute"), "mine");
}

TEST_F(FileTreeTest, ListsWhatIsThere) {
    EXPECT_THAT(names("/"), ElementsAre("absolute", "good", "in", "magic", "relative", "up"));
    const auto listed = tree->list("/");
    const auto& all = *listed;
    EXPECT_EQ(all[0].info.kind, FileInfo::Kind::link); // that leads nowhere
    EXPECT_EQ(all[1].info.kind, FileInfo::Kind::file); // that leads to a file
    EXPECT_EQ(all[2].info.kind, FileInfo::Kind::folder);
    EXPECT_EQ(tree->list("/in/file").error().code().value(), ENOTDIR);
    EXPECT_EQ(tree->list("/none").error().code().value(), ENOENT);
}

TEST_F(FileTreeTest, ChangesWhatIsThere) {
    ASSERT_TRUE(tree->makeFolder("/made", 0755));
    EXPECT_EQ(tree->makeFolder("/made", 0755).error().code().value(), EEXIST);
    EXPECT_EQ(tree->makeFolder("/", 0755).error().code().value(), EEXIST);
    ASSERT_TRUE(tree->rename("/in/file", "/made/moved"));
    EXPECT_EQ(tree->rename("/in/file", "/x").error().code().value(), ENOENT);
    EXPECT_EQ(tree->removeFolder("/made").error().code().value(), ENOTEMPTY);
    ASSERT_TRUE(tree->chmod("/made/moved", 04600));
    EXPECT_EQ(tree->info("/made/moved")->mode, 0600U); // no set-user-id by strangers
    ASSERT_TRUE(tree->setModified("/made/moved", 1'000'000'000));
    EXPECT_EQ(tree->info("/made/moved")->modified, 1'000'000'000);
    EXPECT_EQ(tree->usage().value(), 6U);
    ASSERT_TRUE(tree->remove("/made/moved"));
    EXPECT_EQ(tree->remove("/made").error().code().value(), EISDIR);
    ASSERT_TRUE(tree->removeFolder("/made"));
    EXPECT_EQ(tree->removeFolder("/").error().code().value(), EBUSY);
    EXPECT_GT(tree->room().value(), 0U);
}

TEST_F(FileTreeTest, WhatIsNoFileIsNotRead) {
    ASSERT_EQ(::mkfifo((root() + "/fifo").c_str(), 0666), 0);
    EXPECT_EQ(tree->read("/fifo").error().code().value(), EACCES);
    EXPECT_EQ(tree->read("/in").error().code().value(), EISDIR);
    for (const auto& [path, code] : {std::pair{"/fifo", EACCES}, {"/in", EISDIR}}) {
        if (const auto cached = tree->readCached(path)) {
            EXPECT_EQ(cached->error().code().value(), code) << path;
        }
    }
    EXPECT_FALSE(Upload::create(tree, "/fifo", {}));
    EXPECT_FALSE(Upload::create(tree, "/in", {}));
    EXPECT_FALSE(Upload::resume(tree, "/fifo", 0, {}));
}

TEST_F(FileTreeTest, AnUploadShowsWhenItIsWhole) {
    auto upload = *Upload::create(tree, "/in/new", {});
    ASSERT_TRUE(upload->write("first "));
    EXPECT_THAT(names("/in"), ElementsAre("deep", "file"));
    ASSERT_TRUE(upload->write("second"));
    ASSERT_TRUE(upload->finish());
    EXPECT_THAT(names("/in"), ElementsAre("deep", "file", "new"));
    EXPECT_EQ(read("root/in/new"), "first second");
    EXPECT_EQ(upload->written(), 12U);
    // What is there stays whole until then, and keeps its permissions.
    ASSERT_TRUE(tree->chmod("/in/new", 0640));
    upload = *Upload::create(tree, "/in/new", {0666, true, UINT64_MAX});
    ASSERT_TRUE(upload->write("other"));
    EXPECT_EQ(read("root/in/new"), "first second");
    ASSERT_TRUE(upload->finish());
    EXPECT_EQ(read("root/in/new"), "other");
    EXPECT_EQ(tree->info("/in/new")->mode, 0640U);
}

TEST_F(FileTreeTest, WhatBreaksOffGoesOrWaitsToBeGoneOnWith) {
    {
        auto upload = *Upload::create(tree, "/gone", {});
        ASSERT_TRUE(upload->write("half"));
    }
    EXPECT_FALSE(tree->info("/gone"));
    {
        auto upload = *Upload::create(tree, "/half", {});
        ASSERT_TRUE(upload->write("half"));
        EXPECT_TRUE(upload->keepHalf());
    }
    EXPECT_EQ(read("root/half"), "half");
    {
        auto upload = *Upload::resume(tree, "/half", 2, {});
        ASSERT_TRUE(upload->write("lf of it"));
        ASSERT_TRUE(upload->finish());
    }
    EXPECT_EQ(read("root/half"), "half of it");
    {
        auto upload = *Upload::resume(tree, "/half", Upload::kEnd, {});
        ASSERT_TRUE(upload->write(", more"));
    }
    EXPECT_EQ(read("root/half"), "half of it, more");
    // Bytes that nobody has sent are in no file.
    EXPECT_EQ(Upload::resume(tree, "/half", 100, {}).error().code().value(), EINVAL);
    EXPECT_EQ(Upload::resume(tree, "/none", 5, {}).error().code().value(), ENOENT);
    ASSERT_TRUE(Upload::resume(tree, "/begun", Upload::kEnd, {}).value()->finish());
    EXPECT_EQ(tree->info("/begun")->size, 0U);
    {
        // What had the name before is not given up for a half.
        auto upload = *Upload::create(tree, "/half", {});
        ASSERT_TRUE(upload->write("x"));
        EXPECT_FALSE(upload->keepHalf());
    }
    EXPECT_EQ(read("root/half"), "half of it, more");
    EXPECT_EQ(
        std::distance(fs::directory_iterator(root()), fs::directory_iterator()), 8
    ); // nothing hidden is left
}

TEST_F(FileTreeTest, AnUploadStopsAtItsLimit) {
    auto upload = *Upload::create(tree, "/large", {0666, false, 10});
    ASSERT_TRUE(upload->write("0123456789"));
    EXPECT_EQ(upload->write("a").error().code().value(), EDQUOT);
}

TEST_F(FileTreeTest, ATreeIsAFolder) {
    EXPECT_FALSE(FileTree::open(root() + "/in/file"));
    EXPECT_THAT(FileTree::open(root() + "/none").error().message(), testing::HasSubstr("cannot give out "));
}

// The kernel need not remember what it was asked a moment ago, so nothing is an answer as well.
TEST_F(FileTreeTest, WhatTheKernelKnowsIsReadWithoutWaiting) {
    ASSERT_TRUE(tree->read("/good"));
    if (const auto file = tree->readCached("/good")) {
        ASSERT_TRUE(*file);
        EXPECT_EQ((*file)->info, tree->info("/in/file").value());
    }
    if (const auto other = FileTree::openCached(root())) {
        ASSERT_TRUE(*other);
        EXPECT_EQ((**other)->info("/in/file").value(), tree->info("/in/file").value());
    }
    const auto none = FileTree::openCached(root() + "/none");
    EXPECT_FALSE(none && *none);
}

} // namespace
} // namespace twistdpp::files
