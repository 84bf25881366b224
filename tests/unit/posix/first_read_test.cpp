#include "twistdpp/posix/first_read.h"

#include <gtest/gtest.h>

namespace twistdpp {
namespace {

TEST(FirstRead, GoesOnWhileRequestsAreThere) {
    FirstRead guess;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(guess.worthwhile());
        guess.found(true);
    }
}

TEST(FirstRead, StopsWhenNothingIsThereAndTriesNowAndThen) {
    FirstRead guess;
    int tries = 0;
    for (int i = 0; i < 328; ++i) {
        if (guess.worthwhile()) {
            ++tries;
            guess.found(false);
        }
    }
    EXPECT_EQ(tries, 8 + 320 / 32);
}

TEST(FirstRead, OneHitBringsItBack) {
    FirstRead guess;
    for (int i = 0; i < 8; ++i)
        guess.found(false);
    while (!guess.worthwhile())
        continue;
    guess.found(true);
    EXPECT_TRUE(guess.worthwhile());
}

} // namespace
} // namespace twistdpp
