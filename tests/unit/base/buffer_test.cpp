#include "twistdpp/base/buffer.h"

#include <cstring>
#include <gtest/gtest.h>
#include <stdexcept>

namespace twistdpp {

TEST(Buffer, CopiesTheBytesItIsMadeFrom) {
    std::string source = "hello";
    const Buffer buffer{Bytes(source)};
    source = "HELLO";
    EXPECT_EQ(buffer.bytes(), "hello");
    EXPECT_EQ(buffer.size(), 5u);
    EXPECT_FALSE(buffer.empty());
}

TEST(Buffer, IsEmptyByDefaultAndFromNoBytes) {
    EXPECT_TRUE(Buffer().empty());
    EXPECT_TRUE(Buffer(Bytes{}).empty());
    EXPECT_EQ(Buffer().bytes(), "");
}

TEST(Buffer, LetsAFunctionWriteItsMemory) {
    const Buffer buffer(3, [](char* to) { std::memcpy(to, "abc", 3); });
    EXPECT_EQ(buffer.bytes(), "abc");
}

TEST(Buffer, DoesNotCallTheFunctionForNoBytes) {
    bool called = false;
    const Buffer buffer(0, [&](char*) { called = true; });
    EXPECT_TRUE(buffer.empty());
    EXPECT_FALSE(called);
}

// The leak checker of the asan build is what fails here.
TEST(Buffer, FreesItsMemoryWhenTheFunctionThrows) {
    EXPECT_THROW(Buffer(64, [](char*) { throw std::runtime_error("no data"); }), std::runtime_error);
}

TEST(Buffer, CopiesAndSlicesShareTheMemory) {
    const Buffer whole(Bytes("0123456789"));
    const Buffer copy = whole;
    const Buffer part = whole.slice(2, 3);
    EXPECT_EQ(copy.data(), whole.data());
    EXPECT_EQ(part.data(), whole.data() + 2);
    EXPECT_EQ(part.bytes(), "234");
}

TEST(Buffer, ASliceOutlivesTheBufferItWasCutFrom) {
    Buffer part;
    {
        const Buffer whole(Bytes("0123456789"));
        part = whole.slice(7);
    }
    EXPECT_EQ(part.bytes(), "789");
}

TEST(Buffer, ASliceIsCutToWhatThereIs) {
    const Buffer whole(Bytes("0123456789"));
    EXPECT_EQ(whole.slice(8, 100).bytes(), "89");
    EXPECT_EQ(whole.slice(10).bytes(), "");
    EXPECT_EQ(whole.slice(11, 1).bytes(), "");
    EXPECT_EQ(Buffer().slice(1, 1).bytes(), "");
}

TEST(Buffer, AMovedFromBufferIsEmpty) {
    Buffer from(Bytes("abc"));
    const Buffer to = std::move(from);
    EXPECT_EQ(to.bytes(), "abc");
    EXPECT_TRUE(from.empty()); // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST(Buffer, CanBeAssignedToItself) {
    Buffer buffer(Bytes("abc"));
    const Buffer& same = buffer;
    buffer = same;
    EXPECT_EQ(buffer.bytes(), "abc");
}

} // namespace twistdpp
