#include "twistdpp/dns_transfer/transfer_reader.h"

#include "support/dns_transfer_messages.h"
#include "support/dns_zone_text.h"
#include "twistdpp/dns_transfer/zone_assembly.h"

#include <gtest/gtest.h>

namespace twistdpp::dns {
namespace {

using State = TransferReader::State;
using Kind = TransferResult::Kind;

const Name kZone = Name::parse("a.test.").value();
const std::string kNs = "a.test. 60 NS ns.a.test.", kGlue = "ns.a.test. 60 A 192.0.2.1";

TransferReader axfr(std::optional<std::uint32_t> serial = std::nullopt, TransferReader::Limits limits = {}) {
    return TransferReader(kZone, Type::AXFR, 7, serial, limits);
}
TransferReader ixfr(std::uint32_t serial) {
    return TransferReader(kZone, Type::IXFR, 7, serial, {});
}
std::string ixfrMessage(const std::vector<std::string>& records) {
    return transferMessage(records, Type::IXFR);
}

TEST(TransferReader, takesAWholeZoneInOneMessageOrMany) {
    TransferReader one = axfr();
    EXPECT_EQ(one.take(transferMessage({soaText(5), kNs, kGlue, soaText(5)})), State::done);
    TransferReader many = axfr();
    for (const std::string& each : {soaText(5), kNs, kGlue})
        EXPECT_EQ(many.take(transferMessage({each})), State::more);
    EXPECT_EQ(many.take(transferMessage({soaText(5)})), State::done);
    for (TransferReader* reader : {&one, &many}) {
        const TransferResult result = reader->result();
        EXPECT_EQ(result.kind, Kind::whole);
        EXPECT_EQ(result.serial, 5U);
        EXPECT_EQ(result.records.count(), 3U);
        const auto made = assembleZone(kZone, nullptr, result);
        ASSERT_TRUE(made.ok());
        EXPECT_EQ(made->zone->records(), 3U);
        EXPECT_EQ(made->zone->serial(), 5U);
    }
}

TEST(TransferReader, knowsThatNothingIsNew) {
    for (const std::uint32_t theirs : {5U, 4U}) {
        TransferReader reader = ixfr(5);
        EXPECT_EQ(reader.take(ixfrMessage({soaText(theirs)})), State::done);
        EXPECT_EQ(reader.result().kind, Kind::upToDate);
    }
    // A later serial alone is the beginning of something.
    TransferReader reader = ixfr(5);
    EXPECT_EQ(reader.take(ixfrMessage({soaText(6)})), State::more);
    EXPECT_EQ(reader.take(ixfrMessage({kNs, soaText(6)})), State::done);
    EXPECT_EQ(reader.result().kind, Kind::whole);
}

TEST(TransferReader, takesDifferences) {
    const std::string x = "x.a.test. 60 A 192.0.2.7", y = "y.a.test. 60 A 192.0.2.8";
    TransferReader reader = ixfr(5);
    EXPECT_EQ(reader.take(ixfrMessage({soaText(8), soaText(5), x, soaText(6)})), State::more);
    EXPECT_EQ(reader.take(ixfrMessage({soaText(6), soaText(8), y, soaText(8)})), State::done);
    const TransferResult result = reader.result();
    EXPECT_EQ(result.kind, Kind::differences);
    ASSERT_EQ(result.differences.size(), 2U);
    EXPECT_EQ(result.differences[0]->from, 5U);
    EXPECT_EQ(result.differences[1]->to, 8U);

    const auto before =
        zoneFromText("a.test.", "$TTL 60\n@ SOA ns h 5 1 1 1 1\n@ NS ns\nns A 192.0.2.1\nX A 192.0.2.7\n");
    const auto made = assembleZone(kZone, before, result);
    ASSERT_TRUE(made.ok()) << made.error().message();
    EXPECT_EQ(made->zone->serial(), 8U);
    EXPECT_EQ(made->zone->find(NameKey(Name::parse("x.a.test.").value())), 0U);
    EXPECT_NE(made->zone->find(NameKey(Name::parse("y.a.test.").value())), 0U);
    EXPECT_EQ(made->zone->records(), 4U);
}

TEST(TransferReader, refusesWhatIsNoTransferOfThisZone) {
    const auto problem = [](TransferReader reader, const std::vector<std::string>& messages) {
        State state = State::more;
        for (const std::string& each : messages)
            state = reader.take(each);
        return state == State::failed ? reader.problem() : std::string("none");
    };
    EXPECT_EQ(
        problem(axfr(), {transferMessage({soaText(1), kNs, soaText(1)}, Type::AXFR, 8)}),
        "a message has another id than the question"
    );
    EXPECT_EQ(
        problem(axfr(), {transferMessage({soaText(1)}, Type::IXFR)}), "a message answers another question"
    );
    EXPECT_EQ(problem(axfr(), {transferMessage({soaText(1)}, Type::AXFR, 7, 0)}), "a message is no answer");
    EXPECT_EQ(
        problem(axfr(), {transferMessage({}, Type::AXFR, 7, Flag::qr | 5)}), "the primary says REFUSED"
    );
    EXPECT_EQ(problem(axfr(), {transferMessage({})}), "a message has no records");
    EXPECT_EQ(problem(axfr(), {transferMessage({kNs})}), "it does not begin with the SOA");
    EXPECT_EQ(
        problem(axfr(), {transferMessage({"b.test. 60 SOA a. b. 1 1 1 1 1"})}),
        "the record b.test. is not of this zone"
    );
    EXPECT_EQ(
        problem(axfr(), {transferMessage({"x.a.test. 60 SOA a. b. 1 1 1 1 1"})}), "it has a SOA of x.a.test."
    );
    EXPECT_EQ(
        problem(axfr(), {transferMessage({soaText(1), kNs, "www.bank.test. 60 A 192.0.2.1", soaText(1)})}),
        "the record www.bank.test. is not of this zone"
    );
    EXPECT_EQ(
        problem(axfr(), {transferMessage({soaText(1), kNs, soaText(2)})}),
        "the SOA at its end is another one than at its beginning"
    );
    EXPECT_EQ(
        problem(axfr(), {transferMessage({soaText(1), kNs, soaText(1), kGlue})}),
        "records follow the last SOA"
    );
    EXPECT_EQ(
        problem(axfr(), {transferMessage({soaText(1), kNs, soaText(1)}), transferMessage({kNs})}),
        "something follows the end of the transfer"
    );
    EXPECT_EQ(problem(axfr(), {std::string(50, '\xff')}), "a message has another id than the question");
    EXPECT_EQ(problem(axfr(), {"short"}), "a message is too short");
    std::string cut = transferMessage({soaText(1), kNs});
    cut.resize(cut.size() - 3);
    EXPECT_EQ(problem(axfr(), {cut}), "a message is malformed");
}

TEST(TransferReader, refusesDifferencesThatDoNotFollowEachOther) {
    const auto problem = [](const std::vector<std::string>& records) {
        TransferReader reader = ixfr(5);
        return reader.take(ixfrMessage(records)) == State::failed ? reader.problem() : std::string("none");
    };
    EXPECT_EQ(
        problem({soaText(8), soaText(4), soaText(8), soaText(8)}),
        "a difference begins at serial 4 in place of 5"
    );
    EXPECT_EQ(
        problem({soaText(8), soaText(5), soaText(6), soaText(7), soaText(8), soaText(8)}),
        "a difference begins at serial 7 in place of 6"
    );
    EXPECT_EQ(problem({soaText(8), soaText(5), soaText(5)}), "a difference leads back from serial 5");
    EXPECT_EQ(
        problem({soaText(4), soaText(5), soaText(6)}), "it is serial 4, which does not come after ours, 5"
    );
}

TEST(TransferReader, stopsAtItsLimits) {
    TransferReader::Limits limits;
    limits.bytes = 1000;
    TransferReader large = axfr(std::nullopt, limits);
    const std::string text = "x.a.test. 60 TXT " + std::string(200, 'x');
    std::vector<std::string> records{soaText(1)};
    for (int i = 0; i < 6; ++i)
        records.push_back(text);
    EXPECT_EQ(large.take(transferMessage(records)), State::failed);
    EXPECT_TRUE(large.overLimit());
    limits = TransferReader::Limits();
    limits.records = 3;
    TransferReader many = axfr(std::nullopt, limits);
    EXPECT_EQ(many.take(transferMessage(records)), State::failed);
    EXPECT_EQ(many.problem(), "it has more than 3 records");
    EXPECT_TRUE(many.overLimit());
}

TEST(ZoneAssembly, refusesDifferencesThatDoNotFit) {
    const auto before = zoneFromText("a.test.", "$TTL 60\n@ SOA ns h 5 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n");
    const auto problem = [&](const std::vector<std::string>& records) {
        TransferReader reader = ixfr(5);
        EXPECT_EQ(reader.take(ixfrMessage(records)), State::done) << reader.problem();
        const auto made = assembleZone(kZone, before, reader.result());
        return made ? std::string("none") : made.error().message();
    };
    EXPECT_EQ(
        problem({soaText(6), soaText(5), "x.a.test. 60 A 192.0.2.7", soaText(6), soaText(6)}),
        "a difference removes a record that is not there"
    );
    EXPECT_EQ(
        problem({soaText(6), soaText(5), soaText(6), kGlue, soaText(6)}),
        "a difference adds a record that is there already"
    );
    EXPECT_EQ(
        problem({soaText(6), soaText(5), kGlue, kGlue, soaText(6), soaText(6)}),
        "the differences contradict each other"
    );
    EXPECT_NE(problem({soaText(6), soaText(5), kNs, soaText(6), soaText(6)}), "none") << "a zone without NS";
    // Another TTL: the record goes and comes.
    EXPECT_EQ(
        problem({soaText(6), soaText(5), kGlue, soaText(6), "ns.a.test. 99 A 192.0.2.1", soaText(6)}), "none"
    );
    // It comes and goes, and is not there at the end.
    EXPECT_EQ(
        problem(
            {soaText(7), soaText(5), soaText(6), "x.a.test. 60 A 192.0.2.7", soaText(6),
             "x.a.test. 60 A 192.0.2.7", soaText(7), soaText(7)}
        ),
        "none"
    );
}

} // namespace
} // namespace twistdpp::dns
