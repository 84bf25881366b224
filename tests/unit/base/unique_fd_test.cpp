#include "twistdpp/base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace twistdpp {

namespace {

bool isOpen(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

/// Two ends of a pipe: descriptors that exist without a file or a socket.
struct Pipe {
    Pipe() {
        if (::pipe(ends) != 0)
            ADD_FAILURE() << "no pipe";
    }
    int ends[2] = {-1, -1};
};

} // namespace

TEST(UniqueFd, ClosesWhatItOwns) {
    const Pipe pipe;
    {
        const UniqueFd first(pipe.ends[0]);
        UniqueFd second(pipe.ends[1]);
        second.reset();
        EXPECT_FALSE(isOpen(pipe.ends[1]));
        EXPECT_FALSE(second);
        EXPECT_TRUE(first);
    }
    EXPECT_FALSE(isOpen(pipe.ends[0]));
}

TEST(UniqueFd, HasOneOwner) {
    const Pipe pipe;
    UniqueFd first(pipe.ends[0]);
    UniqueFd second(std::move(first));
    EXPECT_FALSE(first); // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_EQ(second.get(), pipe.ends[0]);
    UniqueFd other(pipe.ends[1]);
    other = std::move(second);
    EXPECT_FALSE(isOpen(pipe.ends[1]));
    EXPECT_TRUE(isOpen(pipe.ends[0]));
}

TEST(UniqueFd, ReleaseGivesItUpOpen) {
    const Pipe pipe;
    UniqueFd owner(pipe.ends[0]);
    const UniqueFd other(pipe.ends[1]);
    const int fd = owner.release();
    EXPECT_FALSE(owner);
    EXPECT_TRUE(isOpen(fd));
    ::close(fd);
}

TEST(UniqueFd, HoldsNoneByDefault) {
    EXPECT_FALSE(UniqueFd());
}

} // namespace twistdpp
