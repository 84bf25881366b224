#include "twistdpp/http/date.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

namespace {

constexpr UnixSeconds kExample = 784111777; // 1994-11-06 08:49:37, the date of RFC 9110
constexpr UnixSeconds kNow = 1750000000;    // 2025-06-15

} // namespace

TEST(Date, IsWrittenAsImfFixdate) {
    EXPECT_EQ(formatDate(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(formatDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(formatDate(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    EXPECT_EQ(formatDate(4107542399), "Sun, 28 Feb 2100 23:59:59 GMT");
    EXPECT_EQ(formatDate(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Date, StaysWithinFourDigitsOfYear) {
    EXPECT_EQ(formatDate(INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    EXPECT_EQ(formatDate(INT64_MIN), "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(Date, IsReadInAllThreeForms) {
    EXPECT_EQ(parseDate("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
    EXPECT_EQ(parseDate("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kExample);
    EXPECT_EQ(parseDate("Sun Nov  6 08:49:37 1994", kNow), kExample);
    EXPECT_EQ(parseDate("Wed Nov 16 08:49:37 1994", kNow), kExample + 10 * 86400);
}

TEST(Date, ReadsWhatItWrites) {
    for (UnixSeconds time = -5000000000; time < 20000000000; time += 86400 * 97 + 12345)
        EXPECT_EQ(parseDate(formatDate(time), kNow), time);
}

TEST(Date, TakesAYearOfTwoDigitsForAPastOneWhenItIsFarAhead) {
    EXPECT_EQ(formatDate(*parseDate("Tuesday, 01-Jan-75 00:00:00 GMT", kNow)).substr(12, 4), "2075");
    EXPECT_EQ(formatDate(*parseDate("Thursday, 01-Jan-76 00:00:00 GMT", kNow)).substr(12, 4), "1976");
    EXPECT_EQ(formatDate(*parseDate("Saturday, 01-Jan-00 00:00:00 GMT", kNow)).substr(12, 4), "2000");
}

TEST(Date, IsNothingElse) {
    for (const Bytes text :
         {"",
          "Sun",
          "Sun, 06 Nov 1994 08:49:37",
          "Sun, 06 Nov 1994 08:49:37 UTC",
          "Sun, 06 nov 1994 08:49:37 GMT",
          "sun, 06 Nov 1994 08:49:37 GMT",
          "Sun, 6 Nov 1994 08:49:37 GMT",
          "Sun, 31 Nov 1994 08:49:37 GMT",
          "Sun, 00 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 24:00:00 GMT",
          "Sun, 06 Nov 1994 08:60:00 GMT",
          "Sun, 06 Nov 1994 08:49:61 GMT",
          "Sun, 29 Feb 1900 00:00:00 GMT",
          "Sun, 06 ovD 1994 08:49:37 GMT",
          "Sun, 06 Nov +994 08:49:37 GMT",
          "Sun, 06-Nov-94 08:49:37 GMT",
          " Sun, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 GMT ",
          "1994-11-06T08:49:37Z",
          "784111777"})
        EXPECT_EQ(parseDate(text, kNow), std::nullopt) << text;
}

} // namespace twistdpp::http
