#include "twistdpp/http/conditional.h"

#include "unit/http/blocks.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

namespace {

constexpr UnixSeconds kModified = 784111777;
constexpr UnixSeconds kNow = kModified + 1000;
constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kEarlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kLater = "Sun, 06 Nov 1994 08:49:38 GMT";

Validators current() {
    Validators validators;
    validators.etag = EntityTag{false, "now"};
    validators.lastModified = kModified;
    return validators;
}

Verdict
judge(const std::string& lines, Method method = Method::get, const Validators& validators = current()) {
    return evaluateConditions(ParsedFields(lines), method, validators, kNow);
}

std::string field(const char* name, const std::string& value) {
    return std::string(name) + ": " + value + "\r\n";
}

} // namespace

TEST(Conditions, AreNoneByDefault) {
    EXPECT_EQ(judge(""), Verdict::proceed);
}

TEST(Conditions, IfMatchComparesStrongly) {
    EXPECT_EQ(judge(field("If-Match", "\"old\", \"now\""), Method::put), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Match", "\"old\""), Method::put), Verdict::preconditionFailed);
    EXPECT_EQ(judge(field("If-Match", "W/\"now\""), Method::put), Verdict::preconditionFailed);
    EXPECT_EQ(
        judge(field("If-Match", "\"old\"") + field("If-Match", "\"now\""), Method::put), Verdict::proceed
    );
    EXPECT_EQ(judge(field("If-Match", "now"), Method::put), Verdict::preconditionFailed);
}

TEST(Conditions, StarIsWhateverExists) {
    Validators missing;
    missing.exists = false;
    EXPECT_EQ(judge(field("If-Match", "*"), Method::put), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Match", "*"), Method::put, missing), Verdict::preconditionFailed);
    EXPECT_EQ(judge(field("If-None-Match", "*"), Method::put), Verdict::preconditionFailed);
    EXPECT_EQ(judge(field("If-None-Match", "*"), Method::put, missing), Verdict::proceed);
    EXPECT_EQ(judge(field("If-None-Match", "*")), Verdict::notModified);
}

TEST(Conditions, IfNoneMatchComparesWeakly) {
    EXPECT_EQ(judge(field("If-None-Match", "W/\"now\"")), Verdict::notModified);
    EXPECT_EQ(judge(field("If-None-Match", "\"a,\", \"now\"")), Verdict::notModified);
    EXPECT_EQ(judge(field("If-None-Match", "\"old\"")), Verdict::proceed);
    EXPECT_EQ(judge(field("If-None-Match", "\"now\""), Method::head), Verdict::notModified);
    EXPECT_EQ(judge(field("If-None-Match", "\"now\""), Method::post), Verdict::preconditionFailed);
}

TEST(Conditions, IfModifiedSinceCountsForReadingOnly) {
    EXPECT_EQ(judge(field("If-Modified-Since", kDate)), Verdict::notModified);
    EXPECT_EQ(judge(field("If-Modified-Since", kLater)), Verdict::notModified);
    EXPECT_EQ(judge(field("If-Modified-Since", kEarlier)), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Modified-Since", kDate), Method::put), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Modified-Since", "yesterday")), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Modified-Since", kDate) + field("If-Modified-Since", kDate)), Verdict::proceed);
}

TEST(Conditions, IfUnmodifiedSinceGuardsWrites) {
    EXPECT_EQ(judge(field("If-Unmodified-Since", kDate), Method::put), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Unmodified-Since", kEarlier), Method::put), Verdict::preconditionFailed);
    EXPECT_EQ(judge(field("If-Unmodified-Since", "yesterday"), Method::put), Verdict::proceed);
}

TEST(Conditions, TagsWinOverDates) {
    EXPECT_EQ(
        judge(field("If-None-Match", "\"old\"") + field("If-Modified-Since", kLater)), Verdict::proceed
    );
    EXPECT_EQ(judge(field("If-Match", "\"now\"") + field("If-Unmodified-Since", kEarlier)), Verdict::proceed);
}

TEST(Conditions, FailedPreconditionsWinOverNotModified) {
    EXPECT_EQ(
        judge(field("If-None-Match", "\"now\"") + field("If-Match", "\"old\"")), Verdict::preconditionFailed
    );
    EXPECT_EQ(
        judge(field("If-None-Match", "\"now\"") + field("If-Unmodified-Since", kEarlier)),
        Verdict::preconditionFailed
    );
}

TEST(Conditions, NeedAValidatorToMatch) {
    const Validators none;
    EXPECT_EQ(judge(field("If-None-Match", "\"now\""), Method::get, none), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Modified-Since", kLater), Method::get, none), Verdict::proceed);
    EXPECT_EQ(judge(field("If-Match", "\"now\""), Method::get, none), Verdict::preconditionFailed);
}

TEST(IfRange, NeedsAStrongTag) {
    const auto holds = [](const std::string& value) {
        return rangeConditionHolds(ParsedFields(field("If-Range", value)), current(), kNow);
    };
    EXPECT_TRUE(rangeConditionHolds(ParsedFields(""), current(), kNow));
    EXPECT_TRUE(holds("\"now\""));
    EXPECT_FALSE(holds("\"old\""));
    EXPECT_FALSE(holds("W/\"now\""));
    EXPECT_FALSE(holds("*"));
    EXPECT_FALSE(holds("nonsense"));
    Validators weak = current();
    weak.etag->weak = true;
    EXPECT_FALSE(rangeConditionHolds(ParsedFields(field("If-Range", "\"now\"")), weak, kNow));
}

TEST(IfRange, NeedsExactlyTheDateAndOneThatIsASecondOld) {
    const auto holds = [](const char* date, UnixSeconds now) {
        return rangeConditionHolds(ParsedFields(field("If-Range", date)), current(), now);
    };
    EXPECT_TRUE(holds(kDate, kNow));
    EXPECT_TRUE(holds(kDate, kModified + 1));
    EXPECT_FALSE(holds(kDate, kModified));
    EXPECT_FALSE(holds(kLater, kNow));
    EXPECT_FALSE(holds(kEarlier, kNow));
}

} // namespace twistdpp::http
