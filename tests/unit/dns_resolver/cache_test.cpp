#include "twistdpp/dns_resolver/cache.h"

#include "support/dns_messages.h"
#include "twistdpp/dns_resolver/answer_reader.h"
#include "twistdpp/dns_resolver/reply_writer.h"

#include <array>
#include <gtest/gtest.h>

namespace twistdpp::dns {

namespace {

using std::chrono::seconds;
using test::DnsQuery;
using test::DnsReply;
using test::name;

const TimePoint kBegin{std::chrono::hours(5)};

Answer answerFor(Bytes text, std::uint32_t ttl, std::size_t addresses = 1) {
    const Name owner = name(text);
    std::array<char, 512> memory;
    MessageWriter writer(memory);
    writer.question(owner, Type::A, Class::in);
    DnsReply reply{DnsQuery(writer.bytes())};
    for (std::size_t i = 0; i < addresses; ++i)
        reply.a(text, "192.0.2." + std::to_string(i % 250), ttl);
    return AnswerReader().read(reply.bytes(), Asked(owner, Type::A)).value();
}

TEST(Cache, AnswersUntilItsTimeIsOver) {
    Cache cache;
    const Name owner = name("www.Test.");
    const Asked asked(owner, Type::A);
    EXPECT_FALSE(cache.find(asked, kBegin));
    cache.put(asked, answerFor("www.test.", 60), kBegin);
    auto found = cache.find(asked, kBegin + seconds(59));
    EXPECT_EQ(found.state, Cached::State::fresh);
    EXPECT_EQ(found.age, 59U);
    EXPECT_EQ(found.ttls.size(), 1U);
    EXPECT_EQ(cache.find(asked, kBegin + seconds(60)).state, Cached::State::stale);
    EXPECT_EQ(cache.find(asked, kBegin + seconds(60 + 86399)).state, Cached::State::stale);
    EXPECT_FALSE(cache.find(asked, kBegin + seconds(60 + 86400)));
    EXPECT_EQ(cache.entries(), 0U);
}

TEST(Cache, TellsQuestionsApart) {
    Cache cache;
    const Name owner = name("www.test."), upper = name("WWW.TEST."), other = name("ww.test.");
    cache.put(Asked(owner, Type::A), answerFor("www.test.", 60), kBegin);
    EXPECT_TRUE(cache.find(Asked(upper, Type::A), kBegin));
    EXPECT_FALSE(cache.find(Asked(other, Type::A), kBegin));
    EXPECT_FALSE(cache.find(Asked(owner, Type::AAAA), kBegin));
    EXPECT_FALSE(cache.find(Asked(owner, Type::A, Class::ch), kBegin));
    Asked flagged(owner, Type::A);
    flagged.dnssecOk = true;
    EXPECT_FALSE(cache.find(flagged, kBegin));
    flagged.dnssecOk = false;
    flagged.checkingDisabled = true;
    EXPECT_FALSE(cache.find(flagged, kBegin));
}

TEST(Cache, WhatHasNoLifeIsNotKept) {
    Cache cache;
    const Name owner = name("www.test.");
    cache.put(Asked(owner, Type::A), answerFor("www.test.", 0), kBegin);
    EXPECT_EQ(cache.entries(), 0U);
}

TEST(Cache, KeepsToItsLimitAndDropsWhatWasUsedLongestAgo) {
    CacheLimits limits;
    limits.bytes = 64 * 1024;
    Cache cache(limits);
    const Name first = name("first.test.");
    cache.put(Asked(first, Type::A), answerFor("first.test.", 60), kBegin);
    for (int i = 0; i < 3000; ++i) {
        const std::string text = "n" + std::to_string(i) + ".test.";
        const Name owner = name(text);
        cache.put(Asked(owner, Type::A), answerFor(text, 60), kBegin);
        ASSERT_LE(cache.bytes(), limits.bytes);
        ASSERT_TRUE(cache.find(Asked(first, Type::A), kBegin)) << "it is used all the time";
    }
    EXPECT_GT(cache.entries(), 100U);
    EXPECT_LT(cache.entries(), 1000U);
    const Name old = name("n0.test."), last = name("n2999.test.");
    EXPECT_FALSE(cache.find(Asked(old, Type::A), kBegin));
    EXPECT_TRUE(cache.find(Asked(last, Type::A), kBegin));
    // One answer may not push out all others.
    cache.put(Asked(last, Type::A), answerFor("n2999.test.", 60, 2000), kBegin);
    EXPECT_GT(cache.entries(), 100U);
    EXPECT_FALSE(cache.find(Asked(last, Type::A), kBegin));
    cache.clear();
    EXPECT_EQ(cache.entries(), 0U);
    EXPECT_LE(cache.bytes(), 16 * 1024U) << "the table alone";
}

TEST(Cache, RemembersForAMomentThatNobodyAnswers) {
    Cache cache;
    const Name owner = name("www.test.");
    const Asked asked(owner, Type::A);
    cache.putFailure(asked, kBegin);
    auto found = cache.find(asked, kBegin + seconds(4));
    EXPECT_TRUE(found && found.failure);
    EXPECT_EQ(found.rcode, Rcode::servFail);
    EXPECT_FALSE(cache.find(asked, kBegin + seconds(5)));
    // An old answer is worth more.
    cache.put(asked, answerFor("www.test.", 10), kBegin);
    cache.putFailure(asked, kBegin + seconds(20));
    found = cache.find(asked, kBegin + seconds(49));
    EXPECT_TRUE(found && !found.failure && found.hold);
    EXPECT_FALSE(cache.find(asked, kBegin + seconds(50)).hold);
}

TEST(ReplyWriter, FitsAKeptMessageToItsAsker) {
    Cache cache;
    const Name owner = name("www.test."), upper = name("wWw.tEST.");
    cache.put(Asked(owner, Type::A), answerFor("www.test.", 60, 2), kBegin);
    const Cached found = cache.find(Asked(upper, Type::A), kBegin + seconds(10));
    std::array<char, 512> out;
    ReplyHead head;
    head.id = 4711;
    head.flags = Flag::rd | Flag::cd;
    head.name = upper;
    const std::size_t size = writeReply(found.message, found.ttls, found.age, std::nullopt, head, out);
    MessageReader reader({out.data(), size});
    EXPECT_EQ(reader.id(), 4711);
    EXPECT_EQ(reader.flags(), Flag::qr | Flag::ra | Flag::rd | Flag::cd);
    Question question;
    ASSERT_TRUE(reader.nextQuestion(question));
    EXPECT_EQ(Bytes(question.name), upper.wire());
    RecordView record;
    int records = 0;
    while (reader.nextRecord(record)) {
        ++records;
        EXPECT_EQ(record.ttl, 50U);
        EXPECT_EQ(Bytes(record.owner), upper.wire()) << "the owner points to the question";
    }
    EXPECT_EQ(records, 2);
    EXPECT_FALSE(reader.malformed());
    EXPECT_EQ(
        writeReply(found.message, found.ttls, 0, std::nullopt, head, std::span(out).first(size - 1)), 0U
    );
}

} // namespace

} // namespace twistdpp::dns
