// What proves to a validator that there is nothing: which NSEC and NSEC3 records come with an answer.
#include "support/dns_ask.h"
#include "support/dns_signed_zones.h"
#include "support/dns_zone_text.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <map>

namespace twistdpp::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Which name a hash is of; computed by another program.
const std::map<std::string, std::string> kHashed{
    {"O0NQC6C1HLBFH5NH2V2468LCBCRRRFB4", "@"},
    {"420QCT5L095PGCL1JDQGHL37OPL4Q47D", "ns"},
    {"AHU8UAROE8TM6UCV76GEL5NQA5PRRDNG", "b.ent"},
    {"D8090RFQ0DVUJ9TMHKFJMBQQRSLJ186B", "ent"},
    {"8UC2JDN9R9AE0LACT3TQM0V5J4JT0DNS", "a.b.ent"},
    {"S98J9F0FCOI7GUE3H2250AONR1L8H8S5", "*.wild"},
    {"KHVMT584L8OIR58SRP7NU6E2LEFO0DCT", "wild"},
    {"0FDE1PRNO31UVR28O4GLVBMKKSR9T4N5", "host.wild"},
    {"M8TEKLRFPOHEV6S2E4HP0KS5R71ECACE", "secure"},
    {"HNG47NS3ACSC8M9L5HGUAF0BSEA3P4G8", "insecure"},
    {"9C4951V2OV8A2F72157TFDATEBRGMLIT", "alias"},
    {"6T99RD75RCFAHUJGFAE0IRV1NTCMU1RP", "deleg.hollow"},
    {"MQR762070KN7SN6S1QMIEK0IV4UDS4T2", "hollow"},
    {"AKEAC7VRGANK9JV96BMRR27NNFT4UPJP", "moved"},
    {"TJJEVDML7JJPBA4G1MT4AIQ0T44SPBV8", "*.walias"},
    {"UH1SSTKR3BDAPF72HJ8VD28K6GAKT91G", "walias"},
    // with neither salt nor iterations
    {"ONIB9MGUB9H0RML3CDF5BGRJ59DKJHVK", "@"},
    {"PTJ67J96LVVVBU5K3V6N10B6QMO17275", "ns"},
    {"07ETA9571V12203N2KNCG42AQ4VSU1DJ", "b.ent"},
    {"CBQPSGL4V3L6BK84I6UNU5BNI3JOJBRF", "ent"},
    {"L351BM0LB62OAKQRH2J9U57DU56ULLEL", "a.b.ent"},
    {"NVEC78AU1HPUMA9EEBEJI5N06EQ33GBK", "*.wild"},
    {"8AEIGSKL5TMRAEDGJI7V1LQBMQS8QV7U", "wild"},
    {"62BF2OCEMS6GVP3M6KMJ6GHPMRPP927N", "host.wild"},
    {"KJ84NDTP55TQOU73VQGP2Q16GJUU28GE", "secure"},
    {"G89M4V4ME8HDO3MTVTBIG344FKIV9S5J", "alias"},
    {"O9K2N2B4LL6VOILTD7J1JG98LEV30E55", "moved"},
    {"GMK62G982AK0BRS0UKFBKIIUPKPF6PN6", "*.walias"},
    {"GEB2LU5ISTSO15HLP9GRK0609KTNKKO7", "walias"},
};

class Denial : public testing::Test {
protected:
    explicit Denial(const char* zone) : zone_(zoneFromText("example.com.", zone)) {}

    /// The response code, and the names whose NSEC or NSEC3 records came. Each must have its signature.
    std::vector<std::string> ask(const std::string& name, Type type, bool dnssecOk = true) {
        const auto lines = askZone(*zone_, name + (name.empty() ? "" : ".") + "example.com.", type, dnssecOk);
        std::vector<std::string> found{lines.at(0)};
        for (const std::string& line : lines) {
            const auto words = split(line);
            if (words.size() < 4 || words[0] != "authority" || words[3].rfind("NSEC", 0) != 0)
                continue;
            const std::string owner =
                words[1].substr(0, words[1].size() - std::string(".example.com.").size());
            found.push_back(
                words[1] == "example.com." ? "@"
                : words[3] == "NSEC3"      ? kHashed.at(owner)
                                           : owner
            );
            EXPECT_TRUE(std::any_of(
                lines.begin(), lines.end(),
                [&](const std::string& each) {
                    return each.find("authority " + words[1] + " 60 RRSIG " + words[3] + " ") == 0;
                }
            )) << line
               << " has no signature";
        }
        return found;
    }

private:
    static std::vector<std::string> split(const std::string& line) {
        std::vector<std::string> words(1);
        for (const char each : line) {
            if (each == ' ')
                words.emplace_back();
            else
                words.back() += each;
        }
        return words;
    }

    std::shared_ptr<const Zone> zone_;
};

class Nsec : public Denial {
protected:
    Nsec() : Denial(test::kNsecZone) {}
};

class Nsec3 : public Denial {
protected:
    Nsec3() : Denial(test::kNsec3Zone) {}
};

class OptOut : public Denial {
protected:
    OptOut() : Denial(test::kOptOutZone) {}
};

TEST_F(Nsec, comesOnlyWhenAskedFor) {
    EXPECT_THAT(ask("none", Type::A, false), ElementsAre("NXDOMAIN aa"));
    EXPECT_THAT(ask("ns", Type::TXT, false), ElementsAre("NOERROR aa"));
}

// RFC 4035 section 3.1.3.2: neither the name nor a wildcard for it.
TEST_F(Nsec, noSuchName) {
    EXPECT_THAT(ask("none", Type::A), ElementsAre("NXDOMAIN aa", "moved", "@"));
    EXPECT_THAT(ask("x.host.wild", Type::A), ElementsAre("NXDOMAIN aa", "host.wild"))
        << "one record for both";
}

// RFC 4035 section 3.1.3.1.
TEST_F(Nsec, noSuchType) {
    EXPECT_THAT(ask("ns", Type::TXT), ElementsAre("NOERROR aa", "ns"));
    EXPECT_THAT(ask("", Type::TXT), ElementsAre("NOERROR aa", "@"));
    EXPECT_THAT(ask("*.wild", Type::A), ElementsAre("NOERROR aa", "*.wild")) << "the wildcard itself";
}

TEST_F(Nsec, anEmptyNonTerminalHasNoneOfItsOwn) {
    EXPECT_THAT(ask("b.ent", Type::A), ElementsAre("NOERROR aa", "alias"));
    EXPECT_THAT(ask("ent", Type::A), ElementsAre("NOERROR aa", "alias"));
}

// RFC 4035 sections 3.1.3.3 and 3.1.3.4.
TEST_F(Nsec, wildcards) {
    EXPECT_THAT(ask("x.wild", Type::TXT), ElementsAre("NOERROR aa", "host.wild"));
    EXPECT_THAT(ask("x.wild", Type::A), ElementsAre("NOERROR aa", "host.wild", "*.wild"));
    EXPECT_THAT(ask("y.walias", Type::A), ElementsAre("NOERROR aa", "*.walias"));
    EXPECT_THAT(ask("*.wild", Type::TXT), ElementsAre("NOERROR aa")) << "the name is there";
    // Through a DNAME, about the name that it makes.
    EXPECT_THAT(ask("x.moved", Type::TXT), ElementsAre("NOERROR aa", "host.wild"));
}

// RFC 4035 section 3.1.4.
TEST_F(Nsec, delegations) {
    EXPECT_THAT(ask("insecure", Type::A), ElementsAre("NOERROR", "insecure"));
    EXPECT_THAT(ask("x.insecure", Type::A), ElementsAre("NOERROR", "insecure"));
    EXPECT_THAT(ask("insecure", Type::DS), ElementsAre("NOERROR aa", "insecure"));
    EXPECT_THAT(ask("x.secure", Type::A), ElementsAre("NOERROR")) << "there is DS";
}

// RFC 5155 section 7.2.2: the closest encloser, the next closer name, the wildcard.
TEST_F(Nsec3, noSuchName) {
    EXPECT_THAT(ask("x.b.ent", Type::A), ElementsAre("NXDOMAIN aa", "b.ent", "insecure", "*.wild"));
    EXPECT_THAT(ask("none", Type::A), ElementsAre("NXDOMAIN aa", "@", "deleg.hollow")) << "each record once";
}

// RFC 5155 section 7.2.3.
TEST_F(Nsec3, noSuchType) {
    EXPECT_THAT(ask("ns", Type::TXT), ElementsAre("NOERROR aa", "ns"));
    EXPECT_THAT(ask("b.ent", Type::A), ElementsAre("NOERROR aa", "b.ent"));
    EXPECT_THAT(ask("NS", Type::TXT), ElementsAre("NOERROR aa", "ns")) << "hashed in lower case";
}

// RFC 5155 sections 7.2.5 and 7.2.6.
TEST_F(Nsec3, wildcards) {
    EXPECT_THAT(ask("x.wild", Type::TXT), ElementsAre("NOERROR aa", "ent"));
    EXPECT_THAT(ask("x.wild", Type::A), ElementsAre("NOERROR aa", "wild", "ent", "*.wild"));
    EXPECT_THAT(ask("a.x.wild", Type::TXT), ElementsAre("NOERROR aa", "ent"))
        << "the next closer name is x.wild";
}

// RFC 5155 sections 7.2.4 and 7.2.7.
TEST_F(Nsec3, delegations) {
    EXPECT_THAT(ask("x.insecure", Type::A), ElementsAre("NOERROR", "insecure"));
    EXPECT_THAT(ask("insecure", Type::DS), ElementsAre("NOERROR aa", "insecure"));
    EXPECT_THAT(ask("x.secure", Type::A), ElementsAre("NOERROR"));
}

// RFC 5155 section 7.2.8.
TEST_F(Nsec3, theirOwnersAreNoNames) {
    const std::string ent = "D8090RFQ0DVUJ9TMHKFJMBQQRSLJ186B";
    EXPECT_EQ(ask(ent, Type::NSEC3).at(0), "NXDOMAIN aa");
    EXPECT_EQ(ask("x." + ent, Type::A).at(0), "NXDOMAIN aa");
}

TEST_F(OptOut, delegationsAreInASpan) {
    EXPECT_THAT(ask("insecure", Type::A), ElementsAre("NOERROR", "@", "*.walias"));
    EXPECT_THAT(ask("insecure", Type::DS), ElementsAre("NOERROR aa", "@", "*.walias"));
    EXPECT_THAT(ask("x.secure", Type::A), ElementsAre("NOERROR"));
}

// RFC 5155 section 7.2.1: the closest encloser that can be proven; "hollow" leads to a delegation only.
TEST_F(OptOut, whatOnlyLeadsToThemHasNone) {
    EXPECT_THAT(ask("hollow", Type::A), ElementsAre("NOERROR aa", "@", "b.ent"));
    EXPECT_THAT(ask("x.hollow", Type::A), ElementsAre("NXDOMAIN aa", "@", "b.ent"));
}

} // namespace
} // namespace twistdpp::dns
