#include "twistdpp/net/buffered_protocol.h"

#include "unit/net/doubles.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using test::FakeTransport;
using test::ManualReactor;

/// Reads words that end in a space.
class Words : public BufferedProtocol {
public:
    using BufferedProtocol::BufferedProtocol;
    using BufferedProtocol::takeBuffered;
    std::size_t received(Bytes data) override {
        seen.emplace_back(data);
        std::size_t used = 0;
        for (std::size_t end; (end = data.find(' ', used)) != Bytes::npos; used = end + 1)
            words.emplace_back(data.substr(used, end - used));
        return used;
    }
    std::vector<std::string> words;
    std::vector<std::string> seen;
};

} // namespace

TEST(BufferedProtocol, WhatWasNotUsedComesAgainInFrontOfTheNextBytes) {
    ManualReactor reactor;
    FakeTransport transport(reactor);
    Words& words = transport.attach(std::make_unique<Words>());
    transport.deliver("one tw");
    transport.deliver("o");
    transport.deliver(" three ");
    EXPECT_EQ(words.words, (std::vector<std::string>{"one", "two", "three"}));
    EXPECT_EQ(words.seen, (std::vector<std::string>{"one tw", "two", "two three "}));
}

TEST(BufferedProtocol, TheTailIsBounded) {
    ManualReactor reactor;
    FakeTransport transport(reactor);
    Words& words = transport.attach(std::make_unique<Words>(4U));
    transport.deliver("a very long stretch of words fits as long as the rest is sho");
    EXPECT_FALSE(transport.aborted);
    transport.deliver("rt");
    ASSERT_TRUE(transport.aborted);
    EXPECT_NE(transport.aborted->find("more than 4 bytes in one message"), std::string::npos);
    EXPECT_EQ(words.takeBuffered(), "");
}

TEST(BufferedProtocol, AnUpgradeTakesTheTailAlong) {
    ManualReactor reactor;
    FakeTransport transport(reactor);
    Words& words = transport.attach(std::make_unique<Words>());
    transport.deliver("upgrade \x16\x03");
    EXPECT_EQ(words.takeBuffered(), "\x16\x03");
    EXPECT_EQ(words.takeBuffered(), "");
}

} // namespace twistdpp
