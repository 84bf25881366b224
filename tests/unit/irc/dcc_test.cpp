#include "twistdpp/irc/dcc.h"

#include "support/string_transport.h"

#include <gtest/gtest.h>

namespace twistdpp::irc {
namespace {

using namespace std::string_literals;

TEST(DccRequest, OffersAreRead) {
    const auto file = DccRequest::parse("SEND \"a file.txt\" 3221225985 4000 1024");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->name, "a file.txt");
    EXPECT_EQ(file->address.toString(), "192.0.2.1:4000");
    EXPECT_EQ(file->size, 1024U);
    EXPECT_EQ(file->toString(), "SEND \"a file.txt\" 3221225985 4000 1024");
    const auto chat = DccRequest::parse("chat chat 2001:db8::1 4000");
    ASSERT_TRUE(chat);
    EXPECT_EQ(chat->kind, DccRequest::Kind::chat);
    EXPECT_EQ(chat->toString(), "CHAT chat 2001:db8::1 4000");
    EXPECT_EQ(DccRequest::parse("RESUME f 4000 512")->size, 512U);
    EXPECT_EQ(DccRequest::parse("ACCEPT f 4000 512")->toString(), "ACCEPT f 4000 512");
}

TEST(DccRequest, WhatIsNoneIsNone) {
    for (const Bytes bad : {
             Bytes(""),
             Bytes("SEND"),
             Bytes("SEND f 1 0 5"),
             Bytes("SEND f 1 70000 5"),
             Bytes("SEND f x 1 5"),
             Bytes("SEND f 1 1 -5"),
             Bytes("SEND \"\" 1 1 5"),
             Bytes("RESUME f 0 5"),
             Bytes("RESUME f 1"),
             Bytes("SING f 1 1 5"),
             Bytes("SEND f 99999999999 1 5"),
         })
        EXPECT_FALSE(DccRequest::parse(bad)) << bad;
}

TEST(DccRequest, NamesLeadNowhere) {
    const auto safe = [](Bytes name) {
        DccRequest request;
        request.name = name;
        return request.safeName();
    };
    EXPECT_EQ(safe("../../.bashrc"), "bashrc");
    EXPECT_EQ(safe("C:\\autoexec.bat"), "autoexec.bat");
    EXPECT_EQ(safe("a\nb"), "ab");
    EXPECT_EQ(safe("/"), "file");
    EXPECT_EQ(safe(".."), "file");
}

class Transfer : public testing::Test {
protected:
    DccReceiver& receiver(std::uint64_t from, std::uint64_t size) {
        auto made = std::make_unique<DccReceiver>([this](Bytes data) { file.append(data); }, from, size);
        note(made->done());
        return transport.connect(std::move(made));
    }
    DccSender& sender(std::uint64_t from) {
        auto made = std::make_unique<DccSender>(
            [this](std::uint64_t at, std::size_t most) {
                return file.substr(at, std::min<std::size_t>(most, 4));
            },
            from
        );
        note(made->done());
        return transport.connect(std::move(made));
    }
    void note(Deferred<std::uint64_t> done) {
        std::move(done).addCallback([this](std::uint64_t all) { ended = std::to_string(all); }
        ).addErrback([this](const Failure& why) {
             ended = why.message();
         }).detach();
    }
    test::StringTransport transport;
    std::string file;
    std::string ended;
};

TEST_F(Transfer, WhatComesIsAcknowledged) {
    receiver(0, 6);
    transport.receive("abc");
    EXPECT_EQ(transport.takeValue(), "\0\0\0\3"s);
    transport.receive("defgh");
    EXPECT_EQ(file, "abcdef") << "no more than was promised";
    EXPECT_EQ(ended, "6");
    EXPECT_TRUE(transport.closing());
}

TEST_F(Transfer, OneThatIsCutShortFails) {
    receiver(2, 6);
    transport.receive("cd");
    EXPECT_EQ(transport.takeValue(), "\0\0\0\4"s);
    transport.lose();
    EXPECT_EQ(ended, "connection lost: the file was cut short");
}

TEST_F(Transfer, WithoutASizeTheEndIsTheEnd) {
    receiver(0, 0);
    transport.receive("abc");
    transport.lose();
    EXPECT_EQ(ended, "3");
}

TEST_F(Transfer, AFileGoesOutAndIsOverWhenItWasTaken) {
    file = "abcdefghij";
    sender(2);
    EXPECT_EQ(transport.takeValue(), "cdefghij");
    transport.receive("\0\0\0\5\0"s);
    EXPECT_FALSE(transport.closing());
    transport.receive("\0\0\12"s);
    EXPECT_TRUE(transport.closing());
    transport.lose();
    EXPECT_EQ(ended, "10");
}

TEST_F(Transfer, OneThatNobodyTakesFails) {
    file = "abc";
    sender(0);
    transport.lose(ConnectionLost("gone"));
    EXPECT_EQ(ended, "connection lost: the other end went before it had the whole file");
}

} // namespace
} // namespace twistdpp::irc
