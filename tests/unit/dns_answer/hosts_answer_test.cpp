#include "support/dns_ask.h"

#include "twistdpp/dns_zone/hosts_reader.h"

#include <gmock/gmock.h>

namespace twistdpp::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HostsAnswer : public testing::Test {
protected:
    void SetUp() override {
        ZoneBuilder builder = ZoneBuilder::hosts();
        ProblemList problems;
        HostsReader reader(builder, problems, 60);
        reader.read(
            TextFile::copy("192.0.2.1 One.test one\n"
                           "2001:db8::1 one.test\n"
                           "192.0.2.2 two.test\n"
                           "192.0.2.3 two.test\n"
                           "192.0.2.9 *.dev.test\n"
                           "192.0.2.10 real.dev.test\n"),
            "hosts"
        );
        std::vector<ZoneProblem> findings;
        hosts_ = builder.finish(findings);
    }

    /// Empty when the hosts files do not have the name.
    std::vector<std::string> ask(const std::string& name, Type type, std::size_t room = 512) {
        const std::string request = makeQuery(name, type);
        EXPECT_EQ(query_.parse(request), Query::Form::good);
        std::vector<char> memory(room);
        MessageWriter out(memory);
        out.question(query_.name, query_.type, query_.klass);
        const std::size_t before = out.size();
        if (answerFromHosts(*hosts_, query_, out))
            return linesOf(out.bytes());
        EXPECT_EQ(out.size(), before);
        return {};
    }

    std::shared_ptr<const Zone> hosts_;
    Query query_;
};

TEST_F(HostsAnswer, addressesOfAName) {
    EXPECT_THAT(ask("one.test.", Type::A), ElementsAre("NOERROR aa", "answer one.test. 60 A 192.0.2.1"));
    EXPECT_THAT(
        ask("one.test.", Type::AAAA), ElementsAre("NOERROR aa", "answer one.test. 60 AAAA 2001:db8::1")
    );
    EXPECT_THAT(ask("one.", Type::A), ElementsAre("NOERROR aa", "answer one. 60 A 192.0.2.1"));
    EXPECT_THAT(
        ask("two.test.", Type::A),
        ElementsAre("NOERROR aa", "answer two.test. 60 A 192.0.2.2", "answer two.test. 60 A 192.0.2.3")
    );
}

TEST_F(HostsAnswer, theQuestionsLettersStay) {
    EXPECT_THAT(ask("oNE.tEsT.", Type::A), ElementsAre("NOERROR aa", "answer oNE.tEsT. 60 A 192.0.2.1"));
}

TEST_F(HostsAnswer, namesOfAnAddress) {
    EXPECT_THAT(
        ask("1.2.0.192.in-addr.arpa.", Type::PTR),
        ElementsAre("NOERROR aa", "answer 1.2.0.192.in-addr.arpa. 60 PTR One.test.")
    );
}

TEST_F(HostsAnswer, aNameWithoutTheTypeIsThereAllTheSame) {
    EXPECT_THAT(ask("two.test.", Type::AAAA), ElementsAre("NOERROR aa"));
    EXPECT_THAT(ask("one.test.", Type::MX), ElementsAre("NOERROR aa"));
}

TEST_F(HostsAnswer, otherNamesAreNotItsConcern) {
    EXPECT_THAT(ask("three.test.", Type::A), IsEmpty());
    EXPECT_THAT(ask("test.", Type::A), IsEmpty());
    EXPECT_THAT(ask("dev.test.", Type::A), IsEmpty());
    EXPECT_THAT(ask("x.one.test.", Type::A), IsEmpty());
    EXPECT_THAT(ask(".", Type::A), IsEmpty());
}

TEST_F(HostsAnswer, aWildcardStandsForAllBelowIt) {
    EXPECT_THAT(ask("x.dev.test.", Type::A), ElementsAre("NOERROR aa", "answer x.dev.test. 60 A 192.0.2.9"));
    EXPECT_THAT(
        ask("y.x.dev.test.", Type::A), ElementsAre("NOERROR aa", "answer y.x.dev.test. 60 A 192.0.2.9")
    );
    EXPECT_THAT(ask("x.dev.test.", Type::AAAA), ElementsAre("NOERROR aa"));
    EXPECT_THAT(
        ask("real.dev.test.", Type::A), ElementsAre("NOERROR aa", "answer real.dev.test. 60 A 192.0.2.10")
    );
}

TEST_F(HostsAnswer, whatDoesNotFitIsTruncatedWhole) {
    // The question takes 12 + 10 + 4 bytes, an address 16.
    EXPECT_THAT(ask("two.test.", Type::A, 12 + 10 + 4 + 31), ElementsAre("NOERROR aa tc"));
    EXPECT_EQ(ask("two.test.", Type::A, 12 + 10 + 4 + 32).size(), 3U);
}

TEST_F(HostsAnswer, anyGetsOneSet) {
    EXPECT_EQ(ask("one.test.", Type::ANY).size(), 2U);
}

} // namespace
} // namespace twistdpp::dns
