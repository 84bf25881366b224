#include "twistdpp/daemon/started_as.h"

#include "twistdpp/base/unique_fd.h"

#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace twistdpp {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

StartedAs startedAs(std::string name) {
    std::string option = "-n";
    char* argv[] = {name.data(), option.data(), nullptr};
    return StartedAs::now(2, argv);
}

std::string self() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

TEST(StartedAs, KeepsTheNameOfTheProgramWithItsLinks) {
    const std::string link =
        (std::filesystem::temp_directory_path() / ("twistdpp-link-" + std::to_string(::getpid()))).string();
    std::filesystem::create_symlink(self(), link);
    const StartedAs start = startedAs(link);
    std::filesystem::remove(link);
    EXPECT_EQ(start.executable, link);
    EXPECT_THAT(start.arguments, ElementsAre(link, "-n"));
    EXPECT_THAT(start.options(), ElementsAre("-n"));
    EXPECT_EQ(start.folder, std::filesystem::current_path().string());
}

TEST(StartedAs, ANameThatLeadsElsewhereIsNotFollowed) {
    EXPECT_EQ(startedAs("/bin/sh").executable, self());
    EXPECT_EQ(startedAs("sh").executable, self());
    EXPECT_EQ(startedAs("").executable, self());
}

TEST(StartedAs, KeepsTheDescriptorsThatItGotAndThatAreStillThose) {
    UniqueFd kept(::open("/", O_PATH)), changed(::open("/", O_PATH)), own(::open("/", O_PATH | O_CLOEXEC));
    const StartedAs start = startedAs("twistdpp");
    EXPECT_THAT(start.descriptors(), Contains(kept.get()));
    EXPECT_THAT(start.descriptors(), Contains(changed.get()));
    EXPECT_THAT(start.descriptors(), Not(Contains(own.get())));
    const UniqueFd other(::open("/proc/self", O_PATH));
    ::dup2(other.get(), changed.get());
    EXPECT_THAT(start.descriptors(), Not(Contains(changed.get())));
    EXPECT_THAT(start.descriptors(), Contains(kept.get()));
}

} // namespace
} // namespace twistdpp
