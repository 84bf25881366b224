#include "support/dns_ask.h"
#include "support/dns_zone_text.h"

#include "twistdpp/dns_server/responder.h"

#include <ctime>
#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using testing::ElementsAre;
using testing::StartsWith;
using Fate = Responder::Fate;

const char* const kZone = R"($TTL 300
@     SOA ns1 hostmaster 7 3600 900 604800 60
      NS  ns1
ns1   A   192.0.2.1
www   A   192.0.2.3
big   TXT "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      TXT "1123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      TXT "2123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      TXT "3123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      TXT "4123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
)";

class ResponderTest : public testing::Test {
protected:
    void SetUp() override {
        ResponderSettings settings;
        settings.nsid = "here";
        make(settings);
    }
    void make(const ResponderSettings& settings) {
        responder_ = std::make_unique<Responder>(settings, log_);
        std::vector<ServedZone> zones;
        zones.push_back(
            {std::string(Name::parse("example.com.").value().wire()), zoneFromText("example.com.", kZone)}
        );
        zones.push_back({std::string(Name::parse("expired.test.").value().wire()), nullptr});
        responder_->setCatalog(std::make_shared<Catalog>(std::move(zones), nullptr));
    }

    /// The answer's bytes; empty when there is none.
    std::string exchange(Bytes request, Carrier carrier = Carrier::udp) {
        fate_ = responder_->respond(request, client_, carrier, memory_);
        return fate_ == Fate::answered ? std::string(memory_.data(), responder_->size()) : std::string();
    }
    std::vector<std::string> ask(Bytes request, Carrier carrier = Carrier::udp) {
        const std::string answer = exchange(request, carrier);
        return answer.empty() ? std::vector<std::string>() : linesOf(answer);
    }
    std::string rcode(Bytes request) {
        const auto lines = ask(request);
        return lines.empty() ? "none" : lines.front();
    }
    /// The answer's OPT record without its owner, type and length; "none" when there is none.
    std::string opt(Bytes answer) {
        MessageReader reader(answer);
        Question question;
        while (reader.nextQuestion(question)) {
        }
        RecordView record;
        while (reader.nextRecord(record)) {
            if (record.type == Type::OPT)
                return std::string(record.rdata);
        }
        return "none";
    }
    static std::string withOption(std::uint16_t code, Bytes value, std::uint8_t version = 0) {
        std::string request = makeQuery("www.example.com.", Type::A, false, 1232);
        request[request.size() - 5] = static_cast<char>(version);
        request.resize(request.size() - 2);
        append16(request, static_cast<std::uint16_t>(4 + value.size()));
        append16(request, code);
        append16(request, static_cast<std::uint16_t>(value.size()));
        return request + std::string(value);
    }

    Metrics metrics_;
    QueryLog log_{Logger("dns"), metrics_, 0};
    std::unique_ptr<Responder> responder_;
    Address client_ = Address::parse("192.0.2.77", 4000).value();
    std::array<char, 65'535> memory_;
    Fate fate_ = Fate::dropped;
};

TEST_F(ResponderTest, copiesIdQuestionAndFlags) {
    std::string request = makeQuery("WWW.example.com.", Type::A);
    request[2] = 0x01; // RD
    request[3] = 0x10; // CD
    const std::string answer = exchange(request);
    EXPECT_EQ(answer.substr(0, 2), request.substr(0, 2));
    EXPECT_EQ(get16(&answer[2]), Flag::qr | Flag::aa | Flag::rd);
    EXPECT_EQ(answer.substr(12, request.size() - 12), request.substr(12))
        << "the question in the asker's case";
}

TEST_F(ResponderTest, neverAnswersAnAnswer) {
    std::string request = makeQuery("www.example.com.", Type::A);
    request[2] = static_cast<char>(0x80);
    EXPECT_EQ(rcode(request), "none");
    EXPECT_EQ(rcode("short"), "none");
    client_ = client_.withPort(0);
    EXPECT_EQ(rcode(makeQuery("www.example.com.", Type::A)), "none");
}

TEST_F(ResponderTest, otherOpcodesAreNotImplemented) {
    for (const unsigned opcode : {1U, 2U, 3U, 5U, 15U}) {
        std::string request = makeQuery("www.example.com.", Type::A);
        request[2] = static_cast<char>(opcode << 3);
        EXPECT_EQ(rcode(request), "NOTIMP") << opcode;
    }
}

TEST_F(ResponderTest, oneQuestionAndNothingBehindTheLastRecord) {
    std::string none = makeQuery("www.example.com.", Type::A), two = none, trailing = none + "x", loop = none;
    none[5] = 0;
    none.resize(12);
    two[5] = 2;
    loop[12] = static_cast<char>(0xc0);
    loop[13] = 12;
    EXPECT_EQ(rcode(none), "FORMERR");
    EXPECT_EQ(rcode(two), "FORMERR") << "RFC 9619";
    EXPECT_EQ(rcode(trailing), "FORMERR");
    EXPECT_EQ(rcode(loop), "FORMERR");
}

TEST_F(ResponderTest, refusesWhatItDoesNotServe) {
    EXPECT_EQ(rcode(makeQuery("www.example.org.", Type::A)), "REFUSED");
    std::string chaos = makeQuery("www.example.com.", Type::A);
    chaos.back() = 3;
    EXPECT_EQ(rcode(chaos), "REFUSED");
    EXPECT_EQ(rcode(makeQuery("x.expired.test.", Type::A)), "SERVFAIL") << "served, but there is no data";
}

TEST_F(ResponderTest, metaTypesAreNoQuestions) {
    EXPECT_EQ(rcode(makeQuery("www.example.com.", Type::OPT)), "FORMERR");
    EXPECT_EQ(rcode(makeQuery("www.example.com.", Type::TSIG)), "FORMERR");
    EXPECT_EQ(rcode(makeQuery("example.com.", Type::AXFR)), "NOTIMP") << "over UDP";
    exchange(makeQuery("example.com.", Type::AXFR), Carrier::tcp);
    EXPECT_EQ(fate_, Fate::transfer);
}

TEST_F(ResponderTest, truncatesToWhatTheClientTakes) {
    EXPECT_EQ(rcode(makeQuery("big.example.com.", Type::TXT)), "NOERROR aa tc") << "512 bytes without EDNS";
    EXPECT_EQ(rcode(makeQuery("big.example.com.", Type::TXT, false, 100)), "NOERROR aa tc")
        << "less than 512 is 512";
    EXPECT_EQ(ask(makeQuery("big.example.com.", Type::TXT, false, 1232)).size(), 6U);
    EXPECT_EQ(ask(makeQuery("big.example.com.", Type::TXT), Carrier::tcp).size(), 6U);
}

TEST_F(ResponderTest, optIsThereWhenItWasAskedWith) {
    EXPECT_EQ(opt(exchange(makeQuery("www.example.com.", Type::A))), "none");
    EXPECT_EQ(opt(exchange(makeQuery("www.example.com.", Type::A, false, 1232))), "");
    EXPECT_EQ(opt(exchange(withOption(65001, "unknown"))), "");
    EXPECT_EQ(opt(exchange(withOption(3, ""))), std::string("\0\3\0\4here", 8)) << "NSID";
    const std::string badVersion = exchange(withOption(65001, "", 1));
    EXPECT_EQ(badVersion[3] & 0x0f, 0);
    EXPECT_EQ(badVersion[badVersion.size() - 6], 1) << "BADVERS is 16: one in the upper bits";
}

TEST_F(ResponderTest, cookies) {
    const std::string first = opt(exchange(withOption(10, "12345678")));
    ASSERT_EQ(first.size(), 4U + 24U);
    EXPECT_EQ(first.substr(4, 8), "12345678");
    EXPECT_EQ(rcode(withOption(10, "1234567")), "FORMERR");
    EXPECT_EQ(rcode(withOption(10, "123456789")), "FORMERR");
}

TEST_F(ResponderTest, aKnownCookieIsNotLimited) {
    ResponderSettings settings;
    settings.rateLimit = 2;
    make(settings);
    const std::string cookie = opt(exchange(withOption(10, "12345678"))).substr(4);
    int limited = 0, unlimited = 0;
    for (int i = 0; i < 10; ++i) {
        limited += rcode(makeQuery("www.example.com.", Type::A)) != "NOERROR aa";
        unlimited += rcode(withOption(10, cookie)) != "NOERROR aa";
    }
    EXPECT_GE(limited, 7);
    EXPECT_EQ(unlimited, 0);
}

TEST_F(ResponderTest, answersOverTlsArePadded) {
    EXPECT_EQ(exchange(withOption(12, ""), Carrier::tls).size() % 468, 0U);
    EXPECT_NE(exchange(withOption(12, ""), Carrier::tcp).size() % 468, 0U);
}

TEST_F(ResponderTest, recursionIsForThoseWhoMay) {
    responder_->setRecursion([](const Address& from) { return from.isLoopback(); });
    std::string request = makeQuery("www.example.org.", Type::A);
    EXPECT_EQ(rcode(request), "REFUSED");
    client_ = Address::loopback(4000);
    EXPECT_EQ(rcode(request), "REFUSED") << "not asked for";
    request[2] = 1;
    exchange(request);
    EXPECT_EQ(fate_, Fate::forward);
    const std::string own = exchange(makeQuery("www.example.com.", Type::A));
    EXPECT_TRUE(get16(&own[2]) & Flag::ra);
}

/// RFC 8945: who signs gets a signed answer, and one that says why when the signature is of no use.
class SignedRequestTest : public ResponderTest {
protected:
    void SetUp() override {
        ResponderSettings settings;
        auto keys =
            TsigKeys::parse("key k { algorithm hmac-sha256; secret \"c2VjcmV0IHNlY3JldA==\"; };", "keys");
        settings.keys = std::make_shared<const TsigKeys>(*std::move(keys));
        key_ = settings.keys->find(Name::parse("k.").value());
        make(settings);
    }
    /// A signed question; its code is mac_.
    std::string
    signedQuery(const TsigKey& key, std::uint64_t when, const std::string& name = "www.example.com.") {
        std::array<char, 1024> memory;
        MessageWriter writer(memory);
        writer.setId(9);
        writer.question(Name::parse(name).value(), type_, Class::in);
        TsigSigner signer(key);
        EXPECT_TRUE(signer.sign(writer, when));
        mac_ = signer.mac();
        return std::string(writer.bytes());
    }
    TsigRecord tsigOf(Bytes answer) { return TsigRecord::read(answer, findTsig(answer).value()).value(); }
    static std::uint64_t now() { return static_cast<std::uint64_t>(std::time(nullptr)); }

    const TsigKey* key_ = nullptr;
    TsigKey stranger_{Name::parse("stranger.").value(), Hash::sha256, "secret secret"};
    TsigKey liar_{Name::parse("k.").value(), Hash::sha256, "another secret"};
    Type type_ = Type::A;
    std::string mac_;
};

TEST_F(SignedRequestTest, anOrdinaryQuestionIsAnsweredSigned) {
    const std::string answer = exchange(signedQuery(*key_, now()));
    TsigVerifier verifier(*key_, mac_);
    EXPECT_EQ(verifier.add(answer, now()), Rcode::noError);
    EXPECT_TRUE(verifier.isSigned());
    EXPECT_EQ(MessageReader(answer).count(Section::answer), 1U);
    EXPECT_NE(responder_->signature(), nullptr);
    // The next one has nothing of it.
    EXPECT_EQ(findTsig(exchange(makeQuery("www.example.com.", Type::A))).value(), 0U);
    EXPECT_EQ(responder_->signature(), nullptr);
}

TEST_F(SignedRequestTest, theSignatureHasItsRoomInASmallAnswer) {
    type_ = Type::TXT;
    const std::string answer = exchange(signedQuery(*key_, now(), "big.example.com."));
    EXPECT_LE(answer.size(), 512U);
    EXPECT_TRUE(MessageReader(answer).flags() & Flag::tc);
    TsigVerifier verifier(*key_, mac_);
    EXPECT_EQ(verifier.add(answer, now()), Rcode::noError);
}

TEST_F(SignedRequestTest, aSignatureThatDoesNotHoldIsToldWhy) {
    for (const auto& [request, error] :
         {std::pair(signedQuery(stranger_, now()), Rcode::badKey),
          std::pair(signedQuery(liar_, now()), Rcode::badSig)}) {
        const std::string answer = exchange(request);
        EXPECT_EQ(MessageReader(answer).rcode(), Rcode::notAuth);
        EXPECT_EQ(MessageReader(answer).count(Section::answer), 0U);
        const TsigRecord tsig = tsigOf(answer);
        EXPECT_EQ(tsig.error, error);
        EXPECT_TRUE(tsig.mac.empty());
        EXPECT_EQ(responder_->signature(), nullptr);
    }
    const std::string answer = exchange(signedQuery(*key_, now() - 4000));
    EXPECT_EQ(MessageReader(answer).rcode(), Rcode::notAuth);
    const TsigRecord tsig = tsigOf(answer);
    EXPECT_EQ(tsig.error, Rcode::badTime);
    EXPECT_EQ(tsig.mac.size(), 32U) << "signed, so that the client can believe our time";
    EXPECT_EQ(tsig.other.size(), 6U);
}

TEST_F(SignedRequestTest, withoutKeysEachIsUnknown) {
    make(ResponderSettings());
    EXPECT_EQ(tsigOf(exchange(signedQuery(stranger_, now()))).error, Rcode::badKey);
}

TEST_F(SignedRequestTest, anAnswerFromElsewhereIsSignedToo) {
    const std::string request = signedQuery(*key_, now(), "www.example.org.");
    exchange(makeQuery("www.example.com.", Type::A)); // another one meanwhile
    responder_->resume(request, client_, Carrier::udp);
    std::string upstream = request.substr(0, findTsig(request).value());
    put16(&upstream[2], Flag::qr);
    put16(&upstream[10], 0);
    const std::size_t size = responder_->complete(upstream, Rcode::nxDomain, ExtendedError::none, memory_);
    TsigVerifier verifier(*key_, mac_);
    EXPECT_EQ(verifier.add({memory_.data(), size}, now()), Rcode::noError);
    EXPECT_EQ(MessageReader({memory_.data(), size}).rcode(), Rcode::nxDomain);
}

} // namespace
} // namespace twistdpp::dns
