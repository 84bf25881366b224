// What test_main.cpp must notice. Each case is run alone by ctest, which expects the complaint.
#include "support/expect.h"
#include "twistdpp/defer/promise.h"

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>

namespace twistdpp {

namespace {

void leaveAnError() {
    Promise<int> promise;
    Deferred<int> result = promise.deferred();
    promise.errback(Failure(std::runtime_error("nobody listens")));
}

std::unique_ptr<Promise<int>> kept;

} // namespace

TEST(Watch, LeavesAnError) {
    leaveAnError();
}

TEST(Watch, ExpectsAnErrorThatDoesNotCome) {
    expectUnhandledErrors(1);
}

TEST(Watch, LeavesAStatePending) {
    kept = std::make_unique<Promise<int>>();
    kept->deferred().detach();
}

TEST(Watch, ExpectsTheErrorItLeaves) {
    expectUnhandledErrors(1);
    leaveAnError();
}

} // namespace twistdpp
