#include "twistdpp/cred/checker_maker.h"

#include "support/scratch_folder.h"
#include "unit/cred/hand_reactor.h"
#include "unit/cred/log_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

using testing::HasSubstr;

class CertificateChecker : public testing::Test {
protected:
    Result<std::unique_ptr<Checker>> make(const std::string& text) {
        return makeChecker(reactor_, "certificate:" + folder_.write("certs", text));
    }
    test::ScratchFolder folder_;
    test::LogRecorder log_;
    test::HandReactor reactor_;
    const std::string print_ = std::string(62, 'a') + "0f";
};

std::string whose(Checker& checker, const std::string& fingerprint, const std::string& name = {}) {
    const ClientCertificate shown(fingerprint, name);
    auto outcome = checker.requestAvatarId(shown).take();
    return outcome.ok() ? outcome.value().name() : "no";
}

TEST_F(CertificateChecker, KnowsWhoseItIs) {
    auto checker = make("# people\n\nann:" + print_ + "\nbob:" + std::string(64, 'B') + " \n");
    ASSERT_TRUE(checker) << checker.error().message();
    EXPECT_EQ(whose(**checker, print_), "ann");
    EXPECT_EQ(whose(**checker, print_, "ann"), "ann");
    EXPECT_EQ(whose(**checker, print_, "bob"), "no");
    EXPECT_EQ(whose(**checker, std::string(64, 'b')), "bob");
    EXPECT_EQ(whose(**checker, std::string(64, 'c')), "no");
}

TEST_F(CertificateChecker, ReadsFingerprintsAsOpensslWritesThem) {
    std::string colons;
    for (std::size_t i = 0; i < print_.size(); i += 2)
        colons += (i == 0 ? "" : ":") + print_.substr(i, 2);
    auto checker = make("ann:" + colons + "\n");
    ASSERT_TRUE(checker) << checker.error().message();
    EXPECT_EQ(whose(**checker, print_), "ann");
}

TEST_F(CertificateChecker, SaysWhereAMistakeIs) {
    EXPECT_THAT(
        make("ann:" + print_ + "\nbob\n").error().message(), HasSubstr("certs:2: must be NAME:FINGERPRINT")
    );
    EXPECT_THAT(make("ann:abcd\n").error().message(), HasSubstr("certs:1: must be"));
    EXPECT_THAT(
        make("ann:" + print_ + "\nbob:" + print_ + "\n").error().message(),
        HasSubstr("certs:2: that certificate")
    );
    EXPECT_THAT(makeChecker(reactor_, "certificate").error().message(), HasSubstr("name the file"));
}

TEST_F(CertificateChecker, TakesANewFileAtTheNextLoginAndKeepsTheOldWhenItIsBad) {
    auto checker = make("ann:" + print_ + "\n");
    folder_.write("certs", "bob:" + print_ + "\n");
    EXPECT_EQ(whose(**checker, print_), "bob");
    folder_.write("certs", "nonsense\n");
    EXPECT_EQ(whose(**checker, print_), "bob");
}

} // namespace
} // namespace twistdpp
