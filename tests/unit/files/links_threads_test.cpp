#include "twistdpp/files/file_tree.h"

#include "support/scratch_folder.h"

#include <atomic>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace twistdpp::files {
namespace {

// A folder turns into a link that leads out, and back, as fast as can be, while paths go through it.
TEST(FileTreeThreads, ALinkThatChangesDuringTheWalkLeadsNowhere) {
    const test::ScratchFolder folder;
    const std::string root = folder.path() + "/root";
    std::filesystem::create_directories(root + "/real");
    std::filesystem::create_directories(folder.path() + "/outside");
    folder.write("outside/file", "secret");
    folder.write("root/real/file", "mine");
    std::filesystem::create_symlink(folder.path() + "/outside", root + "/evil");
    const auto tree = *FileTree::open(root);
    std::atomic<bool> stop = false;
    std::thread changer([&] {
        while (!stop) {
            ::rename((root + "/real").c_str(), (root + "/door").c_str());
            ::rename((root + "/door").c_str(), (root + "/real").c_str());
            ::rename((root + "/evil").c_str(), (root + "/door").c_str());
            ::rename((root + "/door").c_str(), (root + "/evil").c_str());
        }
    });
    int found = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto read = tree->read("/door/file");
        if (read) {
            ++found;
            EXPECT_EQ(read->info.size, 4U); // "mine", and never "secret"
        }
        if (const auto cached = tree->readCached("/door/file"); cached && *cached) {
            EXPECT_EQ((*cached)->info.size, 4U);
        }
        const auto made = tree->makeFolder("/door/made", 0700);
        if (made)
            static_cast<void>(tree->removeFolder("/door/made"));
    }
    stop = true;
    changer.join();
    EXPECT_GT(found, 0);
    EXPECT_FALSE(std::filesystem::exists(folder.path() + "/outside/made"));
}

// Whose rights one thread has is nothing to the others.
TEST(FileTreeThreads, OneThreadActsForSomebodyElse) {
    if (::geteuid() != 0)
        return; // only root has rights to give up
    const test::ScratchFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    std::filesystem::create_directories(folder.path() + "/theirs");
    ASSERT_EQ(::chown((folder.path() + "/theirs").c_str(), 65534, 65534), 0);
    folder.write("theirs/readable", "x", 0644);
    folder.write("theirs/of-root", "x", 0600);
    const auto asOther = *FileTree::open(folder.path() + "/theirs", Owner{65534, 65534, {}});
    const auto asRoot = *FileTree::open(folder.path() + "/theirs");
    std::thread other([&] {
        for (int i = 0; i < 2000; ++i) {
            EXPECT_TRUE(asOther->read("/readable"));
            EXPECT_FALSE(asOther->read("/of-root"));
        }
    });
    for (int i = 0; i < 2000; ++i)
        EXPECT_TRUE(asRoot->read("/of-root"));
    other.join();
    ASSERT_TRUE(asOther->makeFolder("/made", 0755));
    EXPECT_EQ(asRoot->info("/made")->uid, 65534U);
    ASSERT_TRUE(asRoot->makeFolder("/by-root", 0755));
    EXPECT_EQ(asRoot->info("/by-root")->uid, 0U);
}

} // namespace
} // namespace twistdpp::files
