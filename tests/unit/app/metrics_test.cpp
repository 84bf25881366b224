#include "twistdpp/app/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace twistdpp {
namespace {

using testing::HasSubstr;

TEST(Metrics, GivesTheSameCounterForTheSameName) {
    Metrics metrics;
    metrics.counter("hits", "requests").add();
    metrics.counter("hits", "requests").add(2);
    EXPECT_EQ(metrics.counter("hits", "requests").value(), 3u);
}

TEST(Metrics, SumsTheReactors) {
    Metrics one, two;
    one.counter("web_responses_total{code=\"200\"}", "answers").add(5);
    two.counter("web_responses_total{code=\"200\"}", "answers").add(7);
    two.counter("web_responses_total{code=\"404\"}", "answers").add(1);
    one.gauge("open", "connections").add(3);
    two.gauge("open", "connections").add(-1);
    Metrics* const all[] = {&one, &two};
    EXPECT_EQ(
        Metrics::expose(all), "# HELP web_responses_total answers\n"
                              "# TYPE web_responses_total counter\n"
                              "web_responses_total{code=\"200\"} 12\n"
                              "web_responses_total{code=\"404\"} 1\n"
                              "# HELP open connections\n"
                              "# TYPE open gauge\n"
                              "open 2\n"
    );
}

TEST(Histogram, SortsValuesByTheirHighestBit) {
    Histogram histogram;
    for (const std::uint64_t value : {0ull, 1ull, 2ull, 3ull, 4ull, 1024ull, ~0ull})
        histogram.record(value);
    EXPECT_EQ(histogram.count(0), 1u) << "zero alone";
    EXPECT_EQ(histogram.count(1), 1u) << "one";
    EXPECT_EQ(histogram.count(2), 2u) << "two and three";
    EXPECT_EQ(histogram.count(3), 1u);
    EXPECT_EQ(histogram.count(11), 1u);
    EXPECT_EQ(histogram.count(64), 1u);
    EXPECT_EQ(histogram.max(), ~0ull);
}

TEST(Metrics, ExposesAHistogramCumulatively) {
    Metrics metrics;
    Histogram& histogram = metrics.histogram("size{kind=\"a\"}", "bytes", 1);
    histogram.record(1);
    histogram.record(3);
    histogram.record(3);
    Metrics* const all[] = {&metrics};
    const std::string text = Metrics::expose(all);
    EXPECT_THAT(text, HasSubstr("size_bucket{kind=\"a\",le=\"1\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("size_bucket{kind=\"a\",le=\"3\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("size_bucket{kind=\"a\",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("size_sum{kind=\"a\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("size_count{kind=\"a\"} 3\n"));
}

TEST(Metrics, ShowsAHistogramOfTimesToPeople) {
    Metrics metrics;
    Histogram& histogram = metrics.histogram("lag", "loop lag", 1e-9);
    histogram.record(900);
    histogram.record(1000);
    histogram.record(900'000);
    Metrics* const all[] = {&metrics};
    const std::string table = Metrics::table(all, "lag");
    EXPECT_THAT(table, HasSubstr("66.7 %"));
    EXPECT_THAT(table, HasSubstr("longest 900 us"));
}

} // namespace
} // namespace twistdpp
