#include "twistdpp/http/response_parser.h"

#include "unit/http/feed.h"

#include <gtest/gtest.h>

namespace twistdpp::http {

namespace {

std::string response(const std::string& statusLine, const std::string& lines = "") {
    return statusLine + "\r\n" + lines + "\r\n";
}

struct ResponseCase {
    const char* name;
    Method method;
    std::string input;
    const char* outcome; ///< "<body> <length> <keep|close>", or "bad"
};

std::string outcome(const ParseResult& result, const ResponseHead& head) {
    if (result.failed())
        return result.status == 502 ? "bad" : "bad, but not with 502";
    if (result.needMore())
        return "more";
    static const char* const kBodies[] = {"none", "length", "chunked", "untilClose"};
    return std::string(kBodies[static_cast<int>(head.body())]) + " " + std::to_string(head.contentLength()) +
           (head.keepAlive() ? " keep" : " close");
}

} // namespace

TEST(ResponseParser, GivesThePartsOfAResponse) {
    const std::string input =
        response("HTTP/1.1 404 Not Found here", "ETag: \"x\"\r\nContent-Length: 3\r\n") + "abc";
    ResponseParser parser;
    const ParseResult result = parser.parse(input);
    ASSERT_TRUE(result.complete());
    EXPECT_EQ(Bytes(input).substr(result.consumed), "abc");
    EXPECT_EQ(parser.head().status(), 404);
    EXPECT_EQ(parser.head().reason(), "Not Found here");
    EXPECT_EQ(parser.head().minorVersion(), 1);
    EXPECT_FALSE(parser.head().interim());
    EXPECT_EQ(parser.head().headers().find(KnownHeader::etag), "\"x\"");
    EXPECT_EQ(parser.head().raw().size(), result.consumed);
}

TEST(ResponseParser, TakesInterimResponsesBeforeTheFinalOne) {
    const std::string input = response("HTTP/1.1 103 Early Hints", "Link: </a>\r\n") +
                              response("HTTP/1.1 200 OK", "Content-Length: 1\r\n") + "x";
    ResponseParser parser;
    const ParseResult first = parser.parse(input);
    ASSERT_TRUE(first.complete());
    EXPECT_TRUE(parser.head().interim());
    EXPECT_EQ(parser.head().body(), BodyKind::none);
    ASSERT_TRUE(parser.parse(Bytes(input).substr(first.consumed)).complete());
    EXPECT_EQ(parser.head().status(), 200);
    EXPECT_EQ(parser.head().contentLength(), 1u);
}

TEST(ResponseParser, SaysWhenHttpEnds) {
    ResponseParser parser;
    ASSERT_TRUE(parser.parse(response("HTTP/1.1 101 Switching Protocols")).complete());
    EXPECT_TRUE(parser.head().switchesProtocol());
    parser.expect(Method::connect);
    ASSERT_TRUE(parser.parse(response("HTTP/1.1 200 OK")).complete());
    EXPECT_TRUE(parser.head().switchesProtocol());
    ASSERT_TRUE(parser.parse(response("HTTP/1.1 407 No", "Content-Length: 0\r\n")).complete());
    EXPECT_FALSE(parser.head().switchesProtocol());
}

class ResponseFraming : public testing::TestWithParam<ResponseCase> {};

std::string nameOf(const testing::TestParamInfo<ResponseCase>& row) {
    return row.param.name;
}

TEST_P(ResponseFraming, IsTheSameHoweverTheInputIsCut) {
    const ResponseCase& row = GetParam();
    ResponseParser whole;
    whole.expect(row.method);
    const ParseResult result = whole.parse(row.input);
    EXPECT_EQ(outcome(result, whole.head()), row.outcome) << (result.reason ? result.reason : "");
    for (std::size_t step = 1; step < 20; ++step) {
        ResponseParser parser;
        parser.expect(row.method);
        std::string bytes;
        const ParseResult cut = feedInSteps(parser, row.input, step, bytes);
        EXPECT_EQ(outcome(cut, parser.head()), row.outcome) << "step " << step;
        EXPECT_EQ(cut.consumed, result.consumed) << "step " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Lawful, ResponseFraming,
    testing::Values(
        ResponseCase{
            "Length", Method::get, response("HTTP/1.1 200 OK", "Content-Length: 7\r\n"), "length 7 keep"},
        ResponseCase{
            "LengthZero", Method::get, response("HTTP/1.1 200 OK", "Content-Length: 0\r\n"), "none 0 keep"},
        ResponseCase{
            "Chunked", Method::get, response("HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\n"),
            "chunked 0 keep"},
        ResponseCase{"NeitherIsUntilClose", Method::get, response("HTTP/1.1 200 OK"), "untilClose 0 close"},
        ResponseCase{
            "Http10", Method::get, response("HTTP/1.0 200 OK", "Content-Length: 7\r\n"), "length 7 close"},
        ResponseCase{
            "Http10KeepAlive", Method::get,
            response("HTTP/1.0 200 OK", "Connection: keep-alive\r\nContent-Length: 7\r\n"), "length 7 keep"},
        ResponseCase{
            "Close", Method::get, response("HTTP/1.1 200 OK", "Connection: close\r\nContent-Length: 7\r\n"),
            "length 7 close"},
        ResponseCase{
            "Head", Method::head, response("HTTP/1.1 200 OK", "Content-Length: 7\r\n"), "none 0 keep"},
        ResponseCase{
            "HeadChunked", Method::head, response("HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\n"),
            "none 0 keep"},
        ResponseCase{"NoContent", Method::get, response("HTTP/1.1 204 No Content"), "none 0 keep"},
        ResponseCase{
            "NotModifiedWithLength", Method::get,
            response("HTTP/1.1 304 Not Modified", "Content-Length: 7\r\n"), "none 0 keep"},
        ResponseCase{
            "ReasonMissing", Method::get, response("HTTP/1.1 200", "Content-Length: 7\r\n"), "length 7 keep"},
        ResponseCase{
            "ReasonEmpty", Method::get, response("HTTP/1.1 200 ", "Content-Length: 7\r\n"), "length 7 keep"},
        ResponseCase{
            "ConnectRefused", Method::connect, response("HTTP/1.1 403 No", "Content-Length: 7\r\n"),
            "length 7 keep"}
    ),
    nameOf
);

INSTANTIATE_TEST_SUITE_P(
    Refused, ResponseFraming,
    testing::Values(
        ResponseCase{
            "BothLengthAndChunked", Method::get,
            response("HTTP/1.1 200 OK", "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n"), "bad"},
        ResponseCase{
            "LengthTwice", Method::get,
            response("HTTP/1.1 200 OK", "Content-Length: 7\r\nContent-Length: 7\r\n"), "bad"},
        ResponseCase{
            "LengthNegative", Method::get, response("HTTP/1.1 200 OK", "Content-Length: -7\r\n"), "bad"},
        ResponseCase{
            "LengthBadForHead", Method::head, response("HTTP/1.1 200 OK", "Content-Length: x\r\n"), "bad"},
        ResponseCase{
            "GzipCoding", Method::get, response("HTTP/1.1 200 OK", "Transfer-Encoding: gzip\r\n"), "bad"},
        ResponseCase{
            "ChunkedInHttp10", Method::get, response("HTTP/1.0 200 OK", "Transfer-Encoding: chunked\r\n"),
            "bad"},
        ResponseCase{
            "NoContentWithLength", Method::get, response("HTTP/1.1 204 No", "Content-Length: 7\r\n"), "bad"},
        ResponseCase{
            "ContinueChunked", Method::get, response("HTTP/1.1 100 Go", "Transfer-Encoding: chunked\r\n"),
            "bad"},
        ResponseCase{"ObsFold", Method::get, response("HTTP/1.1 200 OK", "A: b\r\n c\r\n"), "bad"},
        ResponseCase{"SpaceBeforeColon", Method::get, response("HTTP/1.1 200 OK", "A : b\r\n"), "bad"},
        ResponseCase{"BareLf", Method::get, "HTTP/1.1 200 OK\nA: b\r\n\r\n", "bad"},
        ResponseCase{"BareCr", Method::get, "HTTP/1.1 200 OK\rA: b\r\n\r\n", "bad"},
        ResponseCase{"StatusOfTwoDigits", Method::get, response("HTTP/1.1 99 OK"), "bad"},
        ResponseCase{"StatusOfFourDigits", Method::get, response("HTTP/1.1 2000 OK"), "bad"},
        ResponseCase{"StatusSixHundred", Method::get, response("HTTP/1.1 600 OK"), "bad"},
        ResponseCase{"Http2", Method::get, response("HTTP/2.0 200 OK"), "bad"},
        ResponseCase{"EmptyLineBefore", Method::get, "\r\n" + response("HTTP/1.1 200 OK"), "bad"},
        ResponseCase{"NotHttp", Method::get, "SSH-2.0-server\r\n", "bad"},
        ResponseCase{
            "HeadTooLarge", Method::get,
            response("HTTP/1.1 200 OK", "A: " + std::string(20000, 'x') + "\r\n"), "bad"}
    ),
    nameOf
);

} // namespace twistdpp::http
