#include "twistdpp/net/length_prefixed.h"

#include "unit/net/doubles.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace twistdpp {

namespace {

using test::FakeTransport;
using test::ManualReactor;
using Strings = std::vector<std::string>;

template <class Base>
class Recorder : public Base {
public:
    using Base::Base;
    using Base::resumeProducing;
    void stringReceived(Bytes text) override {
        strings.emplace_back(text);
        if (text == "PAUSE")
            Base::pauseProducing();
        if (text == "BLINK") {
            Base::pauseProducing();
            Base::resumeProducing();
        }
        if (text == "QUIT")
            Base::transport().loseConnection();
    }
    Strings strings;
};

template <class Base>
class StringReceiverTest : public testing::Test {
protected:
    /// What the format makes of `texts`.
    std::string framed(const Strings& texts) {
        FakeTransport other(reactor);
        auto& sender = other.attach(std::make_unique<Recorder<Base>>());
        for (const std::string& text : texts)
            sender.sendString(text);
        return other.sent();
    }
    ManualReactor reactor;
    FakeTransport transport{reactor};
};

using Formats =
    testing::Types<Int8StringReceiver, Int16StringReceiver, Int32StringReceiver, NetstringReceiver>;
TYPED_TEST_SUITE(StringReceiverTest, Formats);

} // namespace

TYPED_TEST(StringReceiverTest, ReadsWhatItSends) {
    const Strings texts{"", "a", std::string(255, 'x'), std::string("\0,:9", 4)};
    auto& receiver = this->transport.attach(std::make_unique<Recorder<TypeParam>>());
    this->transport.deliver(this->framed(texts));
    EXPECT_EQ(receiver.strings, texts);
}

TYPED_TEST(StringReceiverTest, ReadsItByteByByteToo) {
    const Strings texts{"", "a", std::string(255, 'x'), "BLINK", "end"};
    auto& receiver = this->transport.attach(std::make_unique<Recorder<TypeParam>>());
    this->transport.deliverByByte(this->framed(texts));
    EXPECT_EQ(receiver.strings, texts);
    EXPECT_FALSE(this->transport.aborted);
}

TYPED_TEST(StringReceiverTest, APauseHoldsWhatIsHereAlready) {
    auto& receiver = this->transport.attach(std::make_unique<Recorder<TypeParam>>());
    this->transport.deliver(this->framed({"PAUSE", "BLINK", "b"}));
    EXPECT_EQ(receiver.strings, (Strings{"PAUSE"}));
    EXPECT_TRUE(this->transport.paused);
    receiver.resumeProducing();
    EXPECT_EQ(receiver.strings, (Strings{"PAUSE", "BLINK", "b"}));
    EXPECT_FALSE(this->transport.paused);
}

TYPED_TEST(StringReceiverTest, APauseThatIsOverAtOnceLosesNothing) {
    auto& receiver = this->transport.attach(std::make_unique<Recorder<TypeParam>>());
    this->transport.deliver(this->framed({"BLINK", "b"}));
    EXPECT_EQ(receiver.strings, (Strings{"BLINK", "b"}));
    EXPECT_FALSE(this->transport.paused);
}

TYPED_TEST(StringReceiverTest, NothingIsDeliveredOnceTheConnectionIsClosing) {
    auto& receiver = this->transport.attach(std::make_unique<Recorder<TypeParam>>());
    this->transport.deliver(this->framed({"QUIT", "b"}));
    EXPECT_EQ(receiver.strings, (Strings{"QUIT"}));
}

TYPED_TEST(StringReceiverTest, AnAnnouncedLengthAboveTheLimitEndsTheConnection) {
    const std::string frame = this->framed({"123456"});
    auto& receiver = this->transport.attach(std::make_unique<Recorder<TypeParam>>(std::size_t{5}));
    this->transport.deliver(frame);
    EXPECT_TRUE(receiver.strings.empty());
    ASSERT_TRUE(this->transport.aborted);
    EXPECT_NE(this->transport.aborted->find("a message of 6 bytes, more than 5"), std::string::npos);
}

TYPED_TEST(StringReceiverTest, SendingMoreThanTheLimitIsAMistake) {
    auto& receiver = this->transport.attach(std::make_unique<Recorder<TypeParam>>(std::size_t{5}));
    EXPECT_THROW(receiver.sendString("123456"), std::length_error);
    EXPECT_EQ(this->transport.sent(), "");
}

TEST(Int8StringReceiver, CannotCarryMoreThanItsLengthCanSay) {
    EXPECT_EQ(Recorder<Int8StringReceiver>(100000).maxLength(), 255U);
    EXPECT_EQ(Recorder<Int16StringReceiver>(100000).maxLength(), 65535U);
    EXPECT_EQ(Recorder<Int32StringReceiver>(100000).maxLength(), 100000U);
}

TEST(IntStringReceiver, TheLengthIsBigEndian) {
    ManualReactor reactor;
    FakeTransport transport(reactor);
    transport.attach(std::make_unique<Recorder<Int32StringReceiver>>()).sendString("ab");
    EXPECT_EQ(transport.sent(), std::string("\0\0\0\2ab", 6));
}

TEST(NetstringReceiver, WhatIsNoNetstringEndsTheConnection) {
    for (const char* wrong :
         {"x", "5;hello,", "5:hello.", "05:hello,", "00:,", ":,", "-1:a,", "1 :a,",
          "123456789012345678901"}) {
        ManualReactor reactor;
        FakeTransport transport(reactor);
        auto& receiver = transport.attach(std::make_unique<Recorder<NetstringReceiver>>());
        transport.deliverByByte(wrong);
        EXPECT_TRUE(transport.aborted) << wrong;
        EXPECT_TRUE(receiver.strings.empty()) << wrong;
    }
}

} // namespace twistdpp
