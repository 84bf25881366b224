#include "twistdpp/http/range.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

namespace {

/// "whole", "416", or the ranges as "offset+length".
std::string resolve(Bytes header, std::uint64_t size = 100, std::size_t most = 16) {
    const RangeDecision decision = resolveRange(header, size, most);
    if (decision.kind == RangeDecision::Kind::whole)
        return "whole";
    if (decision.kind == RangeDecision::Kind::unsatisfiable)
        return "416";
    std::string text;
    for (const ByteRange& range : decision.ranges)
        text += (text.empty() ? "" : " ") + std::to_string(range.offset) + "+" + std::to_string(range.length);
    return text;
}

} // namespace

TEST(Range, SelectsBytes) {
    EXPECT_EQ(resolve("bytes=0-9"), "0+10");
    EXPECT_EQ(resolve("bytes=0-0"), "0+1");
    EXPECT_EQ(resolve("bytes=90-"), "90+10");
    EXPECT_EQ(resolve("bytes=0-"), "0+100");
    EXPECT_EQ(resolve("bytes=-10"), "90+10");
    EXPECT_EQ(resolve("BYTES=0-9"), "0+10");
}

TEST(Range, IsClampedToTheRepresentation) {
    EXPECT_EQ(resolve("bytes=90-200"), "90+10");
    EXPECT_EQ(resolve("bytes=-200"), "0+100");
    EXPECT_EQ(resolve("bytes=90-99999999999999999999999"), "90+10");
    EXPECT_EQ(resolve("bytes=-99999999999999999999999"), "0+100");
}

TEST(Range, IsUnsatisfiableOutsideTheRepresentation) {
    EXPECT_EQ(resolve("bytes=100-"), "416");
    EXPECT_EQ(resolve("bytes=100-200, 300-"), "416");
    EXPECT_EQ(resolve("bytes=-0"), "416");
    EXPECT_EQ(resolve("bytes=99999999999999999999999-"), "416");
    EXPECT_EQ(resolve("bytes=0-9, 200-"), "0+10");
}

TEST(Range, IsIgnoredWhenItCannotBeRead) {
    for (const Bytes header :
         {"", "bytes", "bytes=", "bytes=,", "bytes=a-b", "bytes=9-0", "bytes=-", "bytes=1", "bytes=1--2",
          "bytes=+1-2", "bytes= 1 - 2", "bytes=0-9, x", "items=0-9", "bytes:0-9"})
        EXPECT_EQ(resolve(header), "whole") << header;
}

TEST(Range, IsIgnoredForAnEmptyRepresentation) {
    EXPECT_EQ(resolve("bytes=0-", 0), "whole");
    EXPECT_EQ(resolve("bytes=-5", 0), "whole");
}

TEST(Ranges, KeepTheOrderAskedFor) {
    EXPECT_EQ(resolve("bytes=50-59,0-9 , ,-5"), "50+10 0+10 95+5");
}

TEST(Ranges, AreJoinedWhenTheyOverlapOrTouch) {
    EXPECT_EQ(resolve("bytes=0-9,5-14"), "0+15");
    EXPECT_EQ(resolve("bytes=0-9,10-19"), "0+20");
    EXPECT_EQ(resolve("bytes=50-59,0-99"), "0+100");
    EXPECT_EQ(resolve("bytes=50-59,20-29,0-9,55-"), "0+10 20+10 50+50");
    EXPECT_EQ(resolve("bytes=0-0,0-0,0-0"), "0+1");
}

TEST(Ranges, AreIgnoredWhenThereAreTooMany) {
    EXPECT_EQ(resolve("bytes=0-0,2-2,4-4", 100, 3), "0+1 2+1 4+1");
    EXPECT_EQ(resolve("bytes=0-0,2-2,4-4,6-6", 100, 3), "whole");
}

TEST(ContentRange, NamesTheRangeAndTheSize) {
    EXPECT_EQ(contentRange(ByteRange(10, 5), 100), "bytes 10-14/100");
    EXPECT_EQ(unsatisfiedRange(100), "bytes */100");
}

TEST(MultipartRanges, HasAnExactLength) {
    const std::string content = "0123456789abcdefghij";
    const RangeDecision decision = resolveRange("bytes=0-3,10-12", content.size());
    const MultipartRanges parts(decision.ranges, content.size(), "text/plain", "b0undary");
    std::string body;
    for (std::size_t i = 0; i < decision.ranges.size(); ++i)
        body += parts.preamble(i) + content.substr(decision.ranges[i].offset, decision.ranges[i].length);
    body += parts.closing();

    EXPECT_EQ(body.size(), parts.contentLength());
    EXPECT_EQ(parts.contentType(), "multipart/byteranges; boundary=b0undary");
    EXPECT_EQ(
        body, "--b0undary\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-3/20\r\n\r\n0123\r\n"
              "--b0undary\r\nContent-Type: text/plain\r\nContent-Range: bytes 10-12/20\r\n\r\nabc\r\n"
              "--b0undary--\r\n"
    );
}

} // namespace twistdpp::http
