#include "twistdpp/http/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace twistdpp::http {

namespace {

struct Decoded {
    std::string body;
    Bytes rest;
    std::string problem;
    bool done = false;
    HeaderList trailers;
};

/// Decodes input that comes in segments of `step` bytes.
Decoded decode(Bytes input, std::size_t step = Bytes::npos, const ChunkedLimits& limits = ChunkedLimits{}) {
    ChunkedDecoder decoder(limits);
    Decoded result;
    result.rest = input;
    while (!result.rest.empty() && !decoder.done()) {
        const ChunkedDecoder::Step part = decoder.decode(result.rest.substr(0, step));
        result.body += part.data;
        result.rest.remove_prefix(part.consumed);
        if (part.failed()) {
            result.problem = part.reason;
            break;
        }
    }
    result.done = decoder.done();
    result.trailers = decoder.trailers();
    return result;
}

struct ChunkedCase {
    const char* name;
    std::string input;
    bool lawful;
};

} // namespace

TEST(ChunkedDecoder, JoinsTheDataOfTheChunksAndStopsBehindTheLast) {
    const std::string input = "5\r\nhello\r\n00C\r\n, wide world\r\n0\r\n\r\nGET /";
    for (std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, Bytes::npos}) {
        const Decoded result = decode(input, step);
        EXPECT_TRUE(result.done);
        EXPECT_EQ(result.body, "hello, wide world");
        EXPECT_EQ(result.rest, "GET /");
    }
}

TEST(ChunkedDecoder, HandsOutPiecesOfItsInputWithoutACopy) {
    const std::string input = "5\r\nhello\r\n";
    ChunkedDecoder decoder;
    const ChunkedDecoder::Step step = decoder.decode(input);
    EXPECT_EQ(step.data, "hello");
    EXPECT_EQ(step.data.data(), input.data() + 3);
    EXPECT_EQ(step.consumed, 8u);
}

TEST(ChunkedDecoder, KeepsTrailersApartAndDropsThoseThatWouldChangeTheMessage) {
    const std::string input =
        "0\r\nX-Sum:  abc \r\nContent-Length: 5\r\nAuthorization: x\r\nX-Empty:\r\n\r\n";
    for (std::size_t step : {std::size_t{1}, Bytes::npos}) {
        const Decoded result = decode(input, step);
        EXPECT_TRUE(result.done);
        EXPECT_EQ(result.trailers.size(), 2u);
        EXPECT_EQ(result.trailers.get("x-sum"), "abc");
        EXPECT_EQ(result.trailers.get("x-empty"), "");
    }
}

TEST(ChunkedDecoder, BoundsTheFraming) {
    ChunkedLimits limits;
    limits.line = 8;
    EXPECT_TRUE(decode("5;a=b\r\nhello\r\n0\r\n\r\n", 1, limits).done);
    EXPECT_EQ(decode("5;a=bcd\r\nhello\r\n0\r\n\r\n", 1, limits).problem, "a chunk-size line is too long");
    limits = {};
    limits.extensions = 10;
    EXPECT_EQ(
        decode("1;abc\r\nx\r\n1;abc\r\nx\r\n1;abc\r\nx\r\n", 1, limits).problem, "too many chunk extensions"
    );
    limits = {};
    limits.trailers = 10;
    EXPECT_EQ(decode("0\r\nA: bbbbbbbbbb\r\n\r\n", 1, limits).problem, "the trailer section is too large");
    limits = {};
    limits.trailerFields = 1;
    EXPECT_EQ(decode("0\r\nA: b\r\nC: d\r\n\r\n", 1, limits).problem, "too many trailer fields");
}

TEST(ChunkedDecoder, SaysTheSameAfterAnErrorUntilItIsReset) {
    ChunkedDecoder decoder;
    EXPECT_TRUE(decoder.decode("x").failed());
    EXPECT_TRUE(decoder.decode("").failed());
    EXPECT_TRUE(decoder.decode("0\r\n\r\n").failed());
    decoder.reset();
    EXPECT_FALSE(decoder.decode("0\r\n\r\n").failed());
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(decoder.decode("GET").consumed, 0u);
}

TEST(ChunkedEncoder, MakesWhatTheDecoderReads) {
    std::string out;
    appendChunk(out, "hello");
    appendChunk(out, "");
    appendChunk(out, std::string(300, 'x'));
    HeaderList trailers;
    trailers.add("X-Sum", "abc");
    appendLastChunk(out, trailers);
    EXPECT_TRUE(out.starts_with("5\r\nhello\r\n12c\r\nxxx"));
    const Decoded result = decode(out);
    EXPECT_TRUE(result.done);
    EXPECT_EQ(result.body.size(), 305u);
    EXPECT_EQ(result.trailers.get("X-Sum"), "abc");

    ChunkHeaderBuffer buffer;
    EXPECT_EQ(chunkHeader(UINT64_MAX, buffer), "ffffffffffffffff\r\n");
}

class ChunkedAnswer : public testing::TestWithParam<ChunkedCase> {};

TEST_P(ChunkedAnswer, IsTheSameHoweverTheInputIsCut) {
    const ChunkedCase& row = GetParam();
    const Decoded whole = decode(row.input);
    EXPECT_EQ(whole.done, row.lawful) << whole.problem;
    EXPECT_NE(whole.problem.empty(), !row.lawful);
    for (std::size_t step = 1; step < 10; ++step) {
        const Decoded cut = decode(row.input, step);
        EXPECT_EQ(cut.problem, whole.problem);
        EXPECT_EQ(cut.body, whole.body);
        EXPECT_EQ(cut.rest, whole.rest);
    }
}

std::string nameOf(const testing::TestParamInfo<ChunkedCase>& row) {
    return row.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Lawful, ChunkedAnswer,
    testing::Values(
        ChunkedCase{"Empty", "0\r\n\r\n", true}, ChunkedCase{"ManyZeros", "0000000000000000\r\n\r\n", true},
        ChunkedCase{"SixteenDigits", "0000000000000001\r\nx\r\n0\r\n\r\n", true},
        ChunkedCase{"ExtensionName", "1;a\r\nx\r\n0\r\n\r\n", true},
        ChunkedCase{"ExtensionToken", "1;a=b;c=d\r\nx\r\n0;e\r\n\r\n", true},
        ChunkedCase{"ExtensionQuoted", "1;a=\"b;\\\"c\"\r\nx\r\n0\r\n\r\n", true},
        ChunkedCase{"ExtensionSpaces", "1 ;\ta = b ; c\r\nx\r\n0\r\n\r\n", true}
    ),
    nameOf
);

INSTANTIATE_TEST_SUITE_P(
    Refused, ChunkedAnswer,
    testing::Values(
        ChunkedCase{"HexPrefix", "0x0\r\n\r\n", false}, ChunkedCase{"Minus", "-0\r\n\r\n", false},
        ChunkedCase{"Plus", "+1\r\nx\r\n0\r\n\r\n", false}, ChunkedCase{"NoDigits", "\r\nx", false},
        ChunkedCase{"ExtensionWithoutSize", ";a\r\nx", false},
        ChunkedCase{"SpaceBeforeSize", " 1\r\nx\r\n", false},
        ChunkedCase{"SpaceAfterSize", "1 \r\nx\r\n", false},
        ChunkedCase{"SeventeenDigits", "00000000000000001\r\nx\r\n", false},
        ChunkedCase{"Over63Bits", "8000000000000000\r\nx\r\n", false},
        ChunkedCase{"Over64Bits", "10000000000000001\r\nx\r\n", false},
        ChunkedCase{"SizeLineBareLf", "1\nx\r\n0\r\n\r\n", false},
        ChunkedCase{"SizeLineBareCr", "1\rx", false},
        ChunkedCase{"LfInExtension", "1;a\nx\r\n0\r\n\r\n", false},
        ChunkedCase{"LfInQuotedExtension", "1;a=\"b\n\"\r\nx\r\n0\r\n\r\n", false},
        ChunkedCase{"CrInQuotedExtension", "1;a=\"b\r\n\"\r\nx\r\n0\r\n\r\n", false},
        ChunkedCase{"ExtensionWithoutName", "1;\r\nx\r\n0\r\n\r\n", false},
        ChunkedCase{"ExtensionWithoutValue", "1;a=\r\nx\r\n0\r\n\r\n", false},
        ChunkedCase{"DataNotFollowedByCrLf", "1\r\nxX0\r\n\r\n", false},
        ChunkedCase{"DataFollowedByTwoOtherBytes", "1\r\naXX0\r\n\r\n", false},
        ChunkedCase{"DataFollowedByBareLf", "1\r\nx\n0\r\n\r\n", false},
        ChunkedCase{"DataLongerThanSize", "1\r\nxy\r\n0\r\n\r\n", false},
        ChunkedCase{"TrailerFolded", "0\r\nA: b\r\n c\r\n\r\n", false},
        ChunkedCase{"TrailerWithoutColon", "0\r\nabc\r\n\r\n", false},
        ChunkedCase{"TrailerSpaceBeforeColon", "0\r\nA : b\r\n\r\n", false},
        ChunkedCase{"TrailerBareLf", "0\r\nA: b\n\r\n", false},
        ChunkedCase{"TrailerControl", std::string("0\r\nA: \0\r\n\r\n", 11), false},
        ChunkedCase{"EndBareLf", "0\r\n\n", false}, ChunkedCase{"EndBareCr", "0\r\n\rX", false}
    ),
    nameOf
);

} // namespace twistdpp::http
