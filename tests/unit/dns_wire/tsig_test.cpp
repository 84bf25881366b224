#include "twistdpp/dns_wire/tsig.h"

#include "tsig_vectors.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/octets.h"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace twistdpp::dns {
namespace {

std::string secret() {
    std::string bytes;
    for (char c = 0; c < 20; ++c)
        bytes += c;
    return bytes;
}

TsigKeys keys(Bytes algorithm = "hmac-sha256") {
    auto parsed = TsigKeys::parse(
        "key key.example { algorithm " + std::string(algorithm) + "; secret AAECAwQFBgcICQoLDA0ODxAREhM=; };",
        "keys"
    );
    EXPECT_TRUE(parsed.ok());
    return std::move(*parsed);
}

std::string bytes(Bytes hex) {
    return *fromHex(hex);
}

TsigRecord recordOf(Bytes message) {
    const auto at = findTsig(message);
    EXPECT_TRUE(at.has_value() && *at != 0);
    return *TsigRecord::read(message, *at);
}

Rcode outcome(Bytes message, const TsigKeys& known, std::uint64_t now) {
    return TsigRequest(message, *findTsig(message), known, now).error();
}

/// The message as it was before it was signed.
std::string plain(std::string message) {
    message.resize(*findTsig(message));
    put16(&message[10], static_cast<std::uint16_t>(get16(&message[10]) - 1));
    return message;
}

/// A writer that holds `message`.
struct Draft {
    explicit Draft(Bytes message, std::size_t room = 4096) : memory(), writer(std::span(memory).first(room)) {
        MessageReader reader(message);
        writer.setId(reader.id());
        writer.setFlags(reader.flags());
        Question question;
        while (reader.nextQuestion(question))
            writer.question(question.name, question.type, question.klass);
        RecordView record;
        std::string rdata;
        while (reader.nextRecord(record)) {
            EXPECT_TRUE(reader.expand(record, rdata));
            writer.record(record.section, record.owner, record.type, record.klass, record.ttl, rdata);
        }
    }
    std::array<char, 4096> memory;
    MessageWriter writer;
};

TEST(Tsig, VerifiesQueriesOfOtherPrograms) {
    const std::pair<Bytes, Bytes> cases[] = {
        {"hmac-sha1", test::kDigSha1},          {"hmac-sha224", test::kDigSha224},
        {"hmac-sha256", test::kDigSha256},      {"hmac-sha384", test::kDigSha384},
        {"hmac-sha512", test::kDigSha512},      {"hmac-sha256", test::kKdigWithEdns},
        {"hmac-sha512", test::kNsupdateSha512},
    };
    for (const auto& [algorithm, hex] : cases) {
        const std::string message = bytes(hex);
        const std::uint64_t now = recordOf(message).timeSigned;
        const TsigKeys known = keys(algorithm);
        const TsigRequest request(message, *findTsig(message), known, now);
        EXPECT_TRUE(request.good()) << algorithm << ": " << tsigProblem(request.error());
        EXPECT_EQ(request.key(), known.find(*Name::parse("key.example")));
        EXPECT_EQ(request.mac(), recordOf(message).mac);
        for (std::size_t i = 0; i < message.size();
             ++i) { // every bit counts, but for the id, which may change
            std::string other = message;
            other[i] = static_cast<char>(other[i] ^ 1);
            const auto at = findTsig(other);
            if (i >= 2 && at && *at != 0) {
                EXPECT_FALSE(TsigRequest(other, *at, known, now).good()) << i;
            }
        }
    }
}

TEST(Tsig, SignsAsOtherProgramsDo) {
    const std::pair<Bytes, Bytes> cases[] = {
        {"hmac-sha1", test::kDigSha1},     {"hmac-sha224", test::kDigSha224},
        {"hmac-sha256", test::kDigSha256}, {"hmac-sha384", test::kDigSha384},
        {"hmac-sha512", test::kDigSha512}, {"hmac-sha512", test::kNsupdateSha512},
    };
    for (const auto& [algorithm, hex] : cases) {
        const std::string message = bytes(hex);
        const TsigKeys known = keys(algorithm);
        const TsigKey& key = *known.find(*Name::parse("key.example"));
        Draft draft(plain(message));
        TsigSigner signer(key);
        ASSERT_TRUE(signer.sign(draft.writer, recordOf(message).timeSigned));
        EXPECT_EQ(toHex(signer.mac()), toHex(recordOf(message).mac)) << algorithm;
    }
}

TEST(Tsig, VerifiesAnAnswerAndMakesTheSame) {
    const TsigKeys known = keys();
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    const std::string query = bytes(test::kQuery), answer = bytes(test::kAnswer);
    const std::uint64_t now = recordOf(answer).timeSigned;
    TsigVerifier verifier(key, recordOf(query).mac);
    EXPECT_FALSE(verifier.isSigned());
    EXPECT_EQ(verifier.add(answer, now), Rcode::noError);
    EXPECT_TRUE(verifier.isSigned());
    TsigVerifier other(key, recordOf(answer).mac);
    EXPECT_EQ(other.add(answer, now), Rcode::badSig) << "an answer to another request";

    const TsigRequest request(query, *findTsig(query), known, now);
    Draft draft(plain(answer));
    ASSERT_TRUE(request.answer(draft.writer, now));
    EXPECT_EQ(toHex(recordOf(draft.writer.bytes()).mac), toHex(recordOf(answer).mac));
}

TEST(Tsig, UnknownKeysAndWrongSecrets) {
    const TsigKeys known = keys();
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    for (const bool badKey : {true, false}) {
        const std::string query = bytes(badKey ? test::kBadKeyQuery : test::kBadSigQuery);
        const std::string answer = bytes(badKey ? test::kBadKeyAnswer : test::kBadSigAnswer);
        const std::uint64_t now = recordOf(query).timeSigned;
        const TsigRequest request(query, *findTsig(query), known, now);
        EXPECT_EQ(request.error(), badKey ? Rcode::badKey : Rcode::badSig);
        EXPECT_EQ(request.key(), nullptr);
        Draft draft(plain(answer));
        draft.writer.reserve(request.answerSize());
        ASSERT_TRUE(request.answer(draft.writer, now));
        const TsigRecord made = recordOf(draft.writer.bytes()), theirs = recordOf(answer);
        EXPECT_TRUE(made.mac.empty());
        EXPECT_EQ(made.error, theirs.error);
        EXPECT_EQ(made.originalId, theirs.originalId);
        EXPECT_TRUE(equalNames(made.key, theirs.key));
        TsigVerifier verifier(key, recordOf(query).mac);
        EXPECT_EQ(verifier.add(answer, now), request.error());
        EXPECT_TRUE(verifier.refused());
        EXPECT_FALSE(verifier.isSigned());
    }
    EXPECT_EQ(outcome(bytes(test::kDigSha1), known, 0), Rcode::badKey) << "the key has another algorithm";
}

TEST(Tsig, ClocksThatDiffer) {
    const TsigKeys known = keys();
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    const std::string query = bytes(test::kQuery);
    const std::uint64_t then = recordOf(query).timeSigned;
    EXPECT_EQ(outcome(query, known, then + kTsigFudge), Rcode::noError);
    EXPECT_EQ(outcome(query, known, then - kTsigFudge), Rcode::noError);
    EXPECT_EQ(outcome(query, known, then - kTsigFudge - 1), Rcode::badTime);
    const std::uint64_t now = then + kTsigFudge + 1;
    const TsigRequest request(query, *findTsig(query), known, now);
    ASSERT_EQ(request.error(), Rcode::badTime);
    Draft draft(plain(query), plain(query).size() + request.answerSize());
    ASSERT_TRUE(request.answer(draft.writer, now));
    const TsigRecord made = recordOf(draft.writer.bytes());
    EXPECT_EQ(made.timeSigned, then) << "so that the client can verify it";
    EXPECT_EQ(
        toHex(made.other), "0000" + toHex(std::string{
                                        static_cast<char>(now >> 24), static_cast<char>(now >> 16),
                                        static_cast<char>(now >> 8), static_cast<char>(now)})
    );
    TsigVerifier verifier(key, recordOf(query).mac);
    EXPECT_EQ(verifier.add(draft.writer.bytes(), then), Rcode::badTime);
    EXPECT_TRUE(verifier.refused());
}

TEST(Tsig, AnswersAsNamedWhenTheTimeIsWrong) {
    const TsigKeys known = keys();
    const std::string query = bytes(test::kQuery), answer = bytes(test::kBadTimeAnswer);
    const TsigRecord theirs = recordOf(answer);
    ASSERT_EQ(theirs.error, Rcode::badTime);
    ASSERT_EQ(theirs.other.size(), 6U);
    const std::uint64_t now = get32(&theirs.other[2]);
    TsigVerifier verifier(*known.find(*Name::parse("key.example")), recordOf(query).mac);
    EXPECT_EQ(verifier.add(answer, now), Rcode::badTime);
    EXPECT_TRUE(verifier.refused());
    const TsigRequest request(query, *findTsig(query), known, now);
    Draft draft(plain(answer));
    ASSERT_TRUE(request.answer(draft.writer, now));
    EXPECT_EQ(toHex(draft.writer.bytes()), toHex(answer));
}

TEST(Tsig, CodesThatAreCutOff) {
    const TsigKeys full = keys(), cut = keys("hmac-sha256-128");
    const TsigKey& key = *cut.find(*Name::parse("key.example"));
    Draft draft(plain(bytes(test::kQuery)));
    TsigSigner signer(key);
    ASSERT_TRUE(signer.sign(draft.writer, 1000));
    EXPECT_EQ(signer.mac().size(), 16U);
    const std::string query(draft.writer.bytes());
    EXPECT_EQ(outcome(query, cut, 1000), Rcode::noError);
    EXPECT_EQ(outcome(query, full, 1000), Rcode::badTrunc);
    EXPECT_EQ(outcome(query, full, 9000), Rcode::badTime) << "the time is looked at first";
    const TsigRequest request(query, *findTsig(query), full, 1000);
    EXPECT_NE(request.key(), nullptr);
    Draft answer(plain(query));
    ASSERT_TRUE(request.answer(answer.writer, 1000));
    TsigVerifier verifier(*full.find(*Name::parse("key.example")), recordOf(query).mac);
    EXPECT_EQ(verifier.add(answer.writer.bytes(), 1000), Rcode::badTrunc);
    EXPECT_TRUE(verifier.refused());
}

TEST(Tsig, CodesOfImpossibleLengthAreMalformed) {
    const TsigKeys known = keys();
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{15}}) {
        TsigKey tooShort(key.name, key.hash, secret());
        tooShort.macSize = size;
        Draft draft(plain(bytes(test::kQuery)));
        TsigSigner signer(tooShort);
        const bool made = signer.sign(draft.writer, 1000);
        EXPECT_EQ(made, size > 0);
        if (made) {
            EXPECT_EQ(outcome(draft.writer.bytes(), known, 1000), Rcode::formErr) << size;
        }
    }
}

TEST(Tsig, ATransferOfNamed) {
    const TsigKeys known = keys();
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    const std::string query = bytes(test::kTransferQuery);
    const std::uint64_t now = recordOf(query).timeSigned;
    EXPECT_EQ(outcome(query, known, now), Rcode::noError);
    TsigVerifier verifier(key, recordOf(query).mac);
    TsigSigner signer(key, recordOf(query).mac);
    for (const Bytes hex : test::kTransfer) {
        const std::string message = bytes(hex);
        EXPECT_EQ(verifier.add(message, now), Rcode::noError);
        EXPECT_TRUE(verifier.isSigned());
        Draft draft(plain(message));
        ASSERT_EQ(toHex(draft.writer.bytes()), toHex(plain(message)));
        ASSERT_TRUE(signer.sign(draft.writer, recordOf(message).timeSigned));
        EXPECT_EQ(toHex(signer.mac()), toHex(recordOf(message).mac));
    }
    // Out of order.
    TsigVerifier other(key, recordOf(query).mac);
    EXPECT_EQ(other.add(bytes(test::kTransfer[0]), now), Rcode::noError);
    EXPECT_EQ(other.add(bytes(test::kTransfer[2]), now), Rcode::badSig);
}

/// A transfer's messages with a signature on some of them, as RFC 8945 section 5.3.1 has it.
std::string streamMessage(unsigned number) {
    Draft draft(plain(bytes(test::kAnswer)));
    draft.writer.setId(static_cast<std::uint16_t>(number));
    return std::string(draft.writer.bytes());
}

/// The message signed over the prior code, the unsigned messages before it, itself, and the timers.
std::string
signedInStream(const TsigKey& key, Bytes prior, Bytes between, unsigned number, std::uint64_t now) {
    std::string message = streamMessage(number);
    char head[8] = {0, static_cast<char>(prior.size())};
    Hmac hmac(key.hash, key.secret);
    hmac.add({head, 2});
    hmac.add(prior);
    hmac.add(between);
    hmac.add(message);
    put16(head, static_cast<std::uint16_t>(now >> 32));
    put32(head + 2, static_cast<std::uint32_t>(now));
    put16(head + 6, kTsigFudge);
    hmac.add({head, 8});
    const Digest code = hmac.finish();
    Draft draft(message);
    TsigSigner(key).sign(draft.writer, now);
    std::string made(draft.writer.bytes());
    made.replace(made.size() - 6 - 32, 32, code.bytes());
    return made;
}

TEST(Tsig, UnsignedMessagesWithinATransfer) {
    const TsigKeys known = keys();
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    const std::string query = bytes(test::kQuery), first = bytes(test::kAnswer);
    const std::uint64_t now = recordOf(first).timeSigned;
    for (const unsigned count : {1U, 99U, 100U}) {
        TsigVerifier verifier(key, recordOf(query).mac);
        ASSERT_EQ(verifier.add(first, now), Rcode::noError);
        std::string between;
        Rcode last = Rcode::noError;
        for (unsigned i = 0; i < count; ++i) {
            last = verifier.add(streamMessage(i), now);
            between += streamMessage(i);
            EXPECT_FALSE(verifier.isSigned());
        }
        EXPECT_EQ(last, count > 99 ? Rcode::badSig : Rcode::noError);
        if (count > 99)
            continue;
        const std::string message = signedInStream(key, recordOf(first).mac, between, count, now);
        EXPECT_EQ(verifier.add(message, now), Rcode::noError) << count;
        EXPECT_TRUE(verifier.isSigned());
    }
    TsigVerifier verifier(key, recordOf(query).mac);
    EXPECT_EQ(verifier.add(streamMessage(1), now), Rcode::badSig) << "the first one must be signed";
}

TEST(Tsig, SignsATransferThatItVerifies) {
    const TsigKeys known = keys("hmac-sha512");
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    TsigSigner signer(key, "request's code");
    TsigVerifier verifier(key, "request's code");
    for (unsigned i = 0; i < 5; ++i) {
        Draft draft(streamMessage(i));
        ASSERT_TRUE(signer.sign(draft.writer, 1000 + i));
        EXPECT_EQ(verifier.add(draft.writer.bytes(), 1000 + i), Rcode::noError) << i;
        EXPECT_TRUE(verifier.isSigned());
    }
}

TEST(Tsig, TakesTheRoomItSaid) {
    const TsigKeys known = keys();
    const TsigKey& key = *known.find(*Name::parse("key.example"));
    const std::string message = plain(bytes(test::kQuery));
    const std::size_t needed = message.size() + TsigSigner::size(key) - 6; // without BADTIME's other data
    Draft exact(message, needed), tooSmall(message, needed - 1);
    EXPECT_TRUE(TsigSigner(key).sign(exact.writer, 1));
    EXPECT_EQ(exact.writer.size(), needed);
    EXPECT_FALSE(TsigSigner(key).sign(tooSmall.writer, 1));
    EXPECT_EQ(tooSmall.writer.bytes(), message);
}

TEST(Tsig, TheIdMayChangeOnTheWay) {
    const TsigKeys known = keys();
    std::string query = bytes(test::kQuery);
    put16(&query[0], 4711); // a forwarder's own
    EXPECT_EQ(outcome(query, known, recordOf(query).timeSigned), Rcode::noError);
}

TEST(Tsig, EveryCutIsMalformed) {
    const TsigKeys known = keys();
    const std::string query = bytes(test::kQuery);
    const std::size_t at = *findTsig(query);
    for (std::size_t size = 0; size < query.size(); ++size) {
        EXPECT_FALSE(TsigRecord::read(Bytes(query).substr(0, size), at)) << size;
        EXPECT_FALSE(findTsig(Bytes(query).substr(0, size)).has_value()) << size;
        EXPECT_EQ(TsigRequest(Bytes(query).substr(0, size), at, known, 0).error(), Rcode::formErr) << size;
    }
    EXPECT_EQ(findTsig(plain(query)), std::size_t{0});
    std::string twice = query + query.substr(at);
    put16(&twice[10], 2);
    EXPECT_FALSE(findTsig(twice).has_value()) << "only one, at the end";
}

} // namespace
} // namespace twistdpp::dns
