#include "twistdpp/tls/tls_engine.h"

#include "twistdpp/tls/context_state.h"
#include "twistdpp/tls/self_signed.h"
#include "twistdpp/tls/tls_errors.h"

#include <gmock/gmock.h>
#include <random>

namespace twistdpp::detail {
namespace {

using Step = TlsEngine::Step;

/// Collects records.
class Wire final : public RecordSink {
public:
    void sendRecord(Bytes record) override { bytes += record; }
    std::string take() { return std::exchange(bytes, {}); }
    std::string bytes;
};

class TlsEngines : public testing::Test {
protected:
    static std::shared_ptr<ContextState> serverState() {
        static const auto state = *ContextState::forServer(ServerTlsOptions(pair().identity()), nullptr);
        return state;
    }
    static std::shared_ptr<ContextState> clientState() {
        static const auto state = *ContextState::forClient(ClientTlsOptions(Pem::text(pair().certificate)));
        return state;
    }
    static const PemPair& pair() {
        static const PemPair made = *makeSelfSigned({"server.example"});
        return made;
    }

    Wire up;
    Wire down;
    TlsEngine client{clientState(), false, "server.example", up};
    TlsEngine server{serverState(), true, "", down};

    void handshake() {
        EXPECT_EQ(client.handshake(), Step::wantsMore);
        for (int i = 0; i < 4; ++i) {
            const std::string asked = up.take();
            server.feed(asked);
            static_cast<void>(server.handshake());
            const std::string answered = down.take();
            client.feed(answered);
            static_cast<void>(client.handshake());
        }
        EXPECT_EQ(server.handshake(), Step::done);
        EXPECT_EQ(client.handshake(), Step::done);
    }
};

TEST_F(TlsEngines, ReadWhatTheOtherWrote) {
    handshake();
    ASSERT_TRUE(client.write("hello"));
    const std::string record = up.take();
    server.feed(record);
    char text[TlsEngine::kRecord];
    std::size_t got = 0;
    EXPECT_EQ(server.read(text, sizeof text, got), Step::done);
    EXPECT_EQ(Bytes(text, got), "hello");
    EXPECT_EQ(server.read(text, sizeof text, got), Step::wantsMore);
    EXPECT_TRUE(server.unread().empty());
    client.sendCloseNotify();
    server.feed(up.bytes);
    EXPECT_EQ(server.read(text, sizeof text, got), Step::closed);
}

TEST_F(TlsEngines, AHandshakeInTheOpenAfterTheHandshakeIsRefused) {
    handshake();
    server.feed(Bytes("\x16\x03\x03\x00\x04\x01\x00\x00\x00", 9));
    char text[64];
    std::size_t got = 0;
    EXPECT_EQ(server.read(text, sizeof text, got), Step::failed);
    EXPECT_TRUE(server.failure(Address::loopback(1)).check<TlsError>());
}

// Bytes of chance, and good handshakes with a byte changed: an answer each time, never a crash or a loop.
TEST_F(TlsEngines, SurviveRandomBytes) {
    std::mt19937 random(7);
    for (int round = 0; round < 400; ++round) {
        Wire out;
        TlsEngine victim(serverState(), true, "", out);
        std::string bytes(random() % 600, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random());
        if (round % 2 == 0 && bytes.size() > 5)
            bytes.replace(0, 3, "\x16\x03\x01", 3);
        victim.feed(bytes);
        const Step step = victim.handshake();
        EXPECT_TRUE(step == Step::wantsMore || step == Step::failed);
        if (step == Step::failed) {
            EXPECT_THAT(victim.failure(Address::loopback(1)).message(), testing::HasSubstr("failed: "));
        }
    }
}

TEST_F(TlsEngines, SurviveChangedHandshakes) {
    std::mt19937 random(11);
    static_cast<void>(client.handshake());
    const std::string hello = up.take();
    int failed = 0;
    for (int round = 0; round < 400; ++round) {
        Wire out;
        TlsEngine victim(serverState(), true, "", out);
        std::string changed = hello;
        changed[random() % changed.size()] = static_cast<char>(random());
        victim.feed(changed);
        const Step step = victim.handshake();
        EXPECT_TRUE(step == Step::wantsMore || step == Step::failed);
        failed += step == Step::failed ? 1 : 0;
    }
    EXPECT_GT(failed, 10);
}

TEST_F(TlsEngines, EveryChangedByteOfARecordIsNoticed) {
    handshake();
    ASSERT_TRUE(client.write("ten bytes."));
    const std::string record = up.take();
    for (std::size_t at = 5; at < record.size(); ++at) {
        // The connection is over after the first such record, so each needs its own.
        Wire otherUp;
        Wire otherDown;
        TlsEngine from(clientState(), false, "server.example", otherUp);
        TlsEngine to(serverState(), true, "", otherDown);
        static_cast<void>(from.handshake());
        for (int i = 0; i < 3; ++i) {
            const std::string asked = otherUp.take();
            to.feed(asked);
            static_cast<void>(to.handshake());
            const std::string answered = otherDown.take();
            from.feed(answered);
            static_cast<void>(from.handshake());
        }
        ASSERT_TRUE(from.write("ten bytes."));
        std::string sent = otherUp.take();
        sent[at] = static_cast<char>(sent[at] ^ 1);
        to.feed(sent);
        char text[TlsEngine::kRecord];
        std::size_t got = 0;
        EXPECT_EQ(to.read(text, sizeof text, got), Step::failed) << at;
        EXPECT_EQ(got, 0U);
    }
}

} // namespace
} // namespace twistdpp::detail
