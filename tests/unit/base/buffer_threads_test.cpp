#include "twistdpp/base/buffer.h"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace twistdpp {

// One line sent to connections of several reactors: each takes and drops its own references.
TEST(BufferThreads, SharedBytesMayBeCopiedAndDroppedOnEveryThread) {
    Buffer shared(Bytes("one line for many connections"));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([copy = shared] {
            for (int round = 0; round < 1000; ++round) {
                const Buffer part = copy.slice(4, 4);
                ASSERT_EQ(part.bytes(), "line");
            }
        });
    }
    shared = Buffer();
    for (std::thread& thread : threads)
        thread.join();
}

} // namespace twistdpp
