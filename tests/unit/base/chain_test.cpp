#include "twistdpp/base/chain.h"

#include <gtest/gtest.h>
#include <string>

namespace twistdpp {

namespace {

/// What stands before the first file range, as a transport would send it.
std::string head(const Chain& chain, int most = 64) {
    std::vector<iovec> segments(static_cast<std::size_t>(most));
    const int count = chain.iov(segments.data(), most);
    std::string text;
    for (int i = 0; i < count; ++i) {
        const iovec& segment = segments[static_cast<std::size_t>(i)];
        text.append(static_cast<const char*>(segment.iov_base), segment.iov_len);
    }
    return text;
}

int segments(const Chain& chain) {
    iovec some[64];
    return chain.iov(some, 64);
}

FileRange range(std::uint64_t offset, std::uint64_t length) {
    return FileRange(std::make_shared<const UniqueFd>(), offset, length);
}

const std::string big(4096, 'b');

} // namespace

TEST(Chain, SmallWritesBecomeOneSegment) {
    Chain chain;
    for (const Bytes word : {"one ", "two ", "three"})
        chain.append(word);
    EXPECT_EQ(head(chain), "one two three");
    EXPECT_EQ(segments(chain), 1);
    EXPECT_EQ(chain.size(), 13u);
}

TEST(Chain, KeepsNoBytesOfTheCaller) {
    Chain chain;
    std::string text = "before";
    chain.append(Bytes(text));
    text = "after!";
    EXPECT_EQ(head(chain), "before");
}

TEST(Chain, SpreadsManyBytesOverChunks) {
    Chain chain;
    std::string all;
    for (int i = 0; i < 5000; ++i) {
        const std::string line = std::to_string(i) + "\r\n";
        chain.append(Bytes(line));
        all += line;
    }
    EXPECT_EQ(chain.size(), all.size());
    EXPECT_EQ(head(chain), all);
    EXPECT_GT(segments(chain), 1);
}

TEST(Chain, SharesALargeBufferAndCopiesASmallOne) {
    Chain chain;
    const Buffer large{Bytes(big)};
    chain.append(Bytes("x"));
    chain.append(Buffer(Bytes("small")));
    chain.append(large);
    iovec parts[4];
    ASSERT_EQ(chain.iov(parts, 4), 2);
    EXPECT_EQ(parts[0].iov_len, 6u);
    EXPECT_EQ(parts[1].iov_base, large.data());
}

TEST(Chain, KeepsTheOrderOfBytesAndBuffers) {
    Chain chain;
    chain.append(Bytes("a"));
    chain.append(Buffer(Bytes(big)));
    chain.append(Bytes("z"));
    EXPECT_EQ(head(chain), "a" + big + "z");
}

TEST(Chain, FillsNoMoreSegmentsThanAsked) {
    Chain chain;
    for (int i = 0; i < 5; ++i)
        chain.append(Buffer(Bytes(big)));
    EXPECT_EQ(head(chain, 2).size(), 2 * big.size());
}

TEST(Chain, ConsumesPartOfASegment) {
    Chain chain;
    chain.append(Bytes("header"));
    chain.append(Buffer(Bytes(big)));
    chain.consume(4);
    EXPECT_EQ(head(chain), "er" + big);
    chain.consume(2 + 96);
    EXPECT_EQ(head(chain), std::string(4000, 'b'));
    EXPECT_EQ(chain.size(), 4000u);
    chain.consume(4000);
    EXPECT_TRUE(chain.empty());
    EXPECT_EQ(segments(chain), 0);
}

TEST(Chain, CanBeFilledAgainWhenItWasEmptied) {
    Chain chain;
    for (int round = 0; round < 3; ++round) {
        chain.append(Bytes("again"));
        EXPECT_EQ(head(chain), "again");
        chain.consume(5);
        EXPECT_TRUE(chain.empty());
    }
}

TEST(Chain, AppendsBehindWhatIsHalfConsumed) {
    Chain chain;
    chain.append(Bytes("0123456789"));
    chain.consume(8);
    chain.append(Bytes("abc"));
    EXPECT_EQ(head(chain), "89abc");
}

TEST(Chain, GivesTheSameBytesInAnyStep) {
    for (const std::size_t step : {1u, 7u, 1000u, 5000u}) {
        Chain chain;
        std::string expected;
        for (int i = 0; i < 200; ++i) {
            const std::string line(static_cast<std::size_t>(i * 13 % 300), static_cast<char>('a' + i % 26));
            chain.append(Bytes(line));
            expected += line;
            if (i % 10 == 0) {
                chain.append(Buffer(Bytes(big)));
                expected += big;
            }
        }
        std::string sent;
        while (!chain.empty()) {
            iovec first{};
            ASSERT_EQ(chain.iov(&first, 1), 1);
            const std::size_t count = std::min(step, first.iov_len);
            sent.append(static_cast<const char*>(first.iov_base), count);
            chain.consume(count);
        }
        EXPECT_EQ(sent, expected) << "in steps of " << step;
    }
}

TEST(Chain, StopsTheSegmentsAtAFile) {
    Chain chain;
    chain.append(Bytes("header"));
    chain.append(range(100, 50));
    chain.append(Bytes("trailer"));
    EXPECT_EQ(chain.size(), 6u + 50 + 7);
    EXPECT_EQ(chain.file(), nullptr);
    EXPECT_TRUE(chain.fileFollows());
    EXPECT_EQ(head(chain), "header");
    chain.consume(6);

    ASSERT_NE(chain.file(), nullptr);
    EXPECT_EQ(head(chain), "");
    EXPECT_EQ(chain.file()->offset, 100u);
    EXPECT_EQ(chain.file()->length, 50u);
}

TEST(Chain, ConsumesPartOfAFile) {
    Chain chain;
    chain.append(range(100, 50));
    chain.append(Bytes("trailer"));
    chain.consume(20);
    ASSERT_NE(chain.file(), nullptr);
    EXPECT_EQ(chain.file()->offset, 120u);
    EXPECT_EQ(chain.file()->length, 30u);
    chain.consume(30);
    EXPECT_EQ(chain.file(), nullptr);
    EXPECT_FALSE(chain.fileFollows());
    EXPECT_EQ(head(chain), "trailer");
}

TEST(Chain, ConsumesAcrossAFile) {
    Chain chain;
    chain.append(Bytes("header"));
    chain.append(range(0, 10));
    chain.append(Bytes("trailer"));
    chain.consume(6 + 10 + 5);
    EXPECT_EQ(head(chain), "er");
}

TEST(Chain, AFileOfMoreThanFourGigabytesIsOneRange) {
    constexpr std::uint64_t huge = 5ULL << 32;
    Chain chain;
    chain.append(range(0, huge));
    EXPECT_EQ(chain.size(), huge);
    chain.consume(std::size_t{1} << 33);
    ASSERT_NE(chain.file(), nullptr);
    EXPECT_EQ(chain.file()->offset, std::uint64_t{1} << 33);
}

TEST(Chain, AnEmptyAppendChangesNothing) {
    Chain chain;
    chain.append(Bytes{});
    chain.append(Buffer());
    chain.append(range(7, 0));
    EXPECT_TRUE(chain.empty());
    EXPECT_EQ(segments(chain), 0);
    EXPECT_FALSE(chain.fileFollows());
}

TEST(Chain, LetsGoOfAFileWhenItIsSent) {
    auto file = std::make_shared<const UniqueFd>();
    Chain chain;
    chain.append(FileRange(file, 0, 10));
    EXPECT_EQ(file.use_count(), 2);
    chain.consume(10);
    EXPECT_EQ(file.use_count(), 1);
}

TEST(Chain, ClearForgetsEverything) {
    Chain chain;
    auto file = std::make_shared<const UniqueFd>();
    chain.append(Bytes("header"));
    chain.append(FileRange(file, 0, 10));
    chain.clear();
    EXPECT_TRUE(chain.empty());
    EXPECT_FALSE(chain.fileFollows());
    EXPECT_EQ(file.use_count(), 1);
    chain.append(Bytes("new"));
    EXPECT_EQ(head(chain), "new");
}

TEST(Chain, AMovedFromChainIsEmptyAndUsable) {
    Chain from;
    from.append(Bytes("header"));
    from.append(range(0, 10));
    Chain to = std::move(from);
    EXPECT_EQ(to.size(), 16u);
    EXPECT_TRUE(from.empty()); // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_FALSE(from.fileFollows());
    from.append(Bytes("new"));
    EXPECT_EQ(head(from), "new");
}

// A queue that is never quite empty must not keep what it has sent.
TEST(Chain, ALongQueueThatNeverEmptiesStaysSmall) {
    Chain chain;
    auto file = std::make_shared<const UniqueFd>();
    chain.append(FileRange(file, 0, 1));
    for (int i = 0; i < 10000; ++i) {
        chain.append(FileRange(file, 0, 1));
        chain.consume(1);
        ASSERT_EQ(file.use_count(), 2);
    }
    EXPECT_EQ(chain.size(), 1u);
}

} // namespace twistdpp
