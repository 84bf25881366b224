#include "twistdpp/http/request_parser.h"

#include "unit/http/feed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::http {

namespace {

/// A request of which only one thing matters: "GET / HTTP/1.1", Host, then `lines`, then the blank line.
std::string withLines(Bytes lines) {
    return "GET / HTTP/1.1\r\nHost: example.org\r\n" + std::string(lines) + "\r\n";
}
std::string withLine(Bytes line) {
    return withLines(std::string(line) + "\r\n");
}
std::string withRequestLine(Bytes line) {
    return std::string(line) + "\r\nHost: example.org\r\n\r\n";
}

ParseResult parse(Bytes input, const HeadLimits& limits = {}) {
    RequestParser parser(limits);
    return parser.parse(input);
}

} // namespace

TEST(RequestParser, GivesThePartsOfARequest) {
    const std::string input = "GET /index.html?a=1 HTTP/1.1\r\n"
                              "Host: www.example.org:8080\r\n"
                              "accept-encoding:  gzip, br \t\r\n"
                              "X-Empty:\r\n"
                              "X-Own: one\ttwo \xC3\xA4\r\n"
                              "\r\n"
                              "next";
    RequestParser parser;
    const ParseResult result = parser.parse(input);

    ASSERT_TRUE(result.complete());
    EXPECT_EQ(result.consumed, input.size() - 4);
    const RequestHead& head = parser.head();
    EXPECT_EQ(head.method(), Method::get);
    EXPECT_EQ(head.methodToken(), "GET");
    EXPECT_EQ(head.target(), "/index.html?a=1");
    EXPECT_EQ(head.form(), TargetForm::origin);
    EXPECT_EQ(head.splitTarget().path, "/index.html");
    EXPECT_EQ(head.splitTarget().query, "a=1");
    EXPECT_EQ(head.authority(), "www.example.org:8080");
    EXPECT_EQ(head.minorVersion(), 1);
    EXPECT_EQ(head.body(), BodyKind::none);
    EXPECT_TRUE(head.keepAlive());
    EXPECT_FALSE(head.expectContinue());
    EXPECT_FALSE(head.wantsUpgrade());
    EXPECT_EQ(head.raw(), Bytes(input).substr(0, result.consumed));

    ASSERT_EQ(head.headers().size(), 4u);
    EXPECT_EQ(head.headers()[1].name, "accept-encoding");
    EXPECT_EQ(head.headers()[1].value, "gzip, br");
    EXPECT_EQ(head.headers().find(KnownHeader::acceptEncoding), "gzip, br");
    EXPECT_EQ(head.headers().find("x-OWN"), "one\ttwo \xC3\xA4");
    EXPECT_EQ(head.headers().find("x-empty"), "");
    EXPECT_EQ(head.headers().find("x-missing"), std::nullopt);
}

TEST(RequestParser, TakesPipelinedRequestsOneByOneOutOfOneRead) {
    const std::string input = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                              "POST /2 HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi"
                              "\r\n" // some clients end a body so
                              "GET /3 HTTP/1.1\r\nHost: c\r\n\r\n"
                              "GET /4 HTT";
    RequestParser parser;
    Bytes rest = input;
    std::vector<std::string> targets;
    ParseResult result;
    while (result = parser.parse(rest), result.complete()) {
        targets.emplace_back(parser.head().target());
        rest.remove_prefix(result.consumed + parser.head().contentLength());
    }
    EXPECT_TRUE(result.needMore());
    EXPECT_EQ(targets, (std::vector<std::string>{"/1", "/2", "/3"}));
    EXPECT_EQ(rest, "GET /4 HTT");
    EXPECT_TRUE(parser.midway());
}

TEST(RequestParser, TellsAnIdleConnectionFromOneThatBrokeOff) {
    RequestParser parser;
    EXPECT_FALSE(parser.midway());
    EXPECT_TRUE(parser.parse("\r\n").needMore());
    EXPECT_FALSE(parser.midway());
    EXPECT_TRUE(parser.parse("\r\nG").needMore());
    EXPECT_TRUE(parser.midway());
    parser.reset();
    EXPECT_FALSE(parser.midway());
    EXPECT_TRUE(parser.parse(withLines("")).complete());
    EXPECT_FALSE(parser.midway());
}

TEST(RequestParser, KeepsARequestBeyondItsInputOnDemand) {
    std::string input = "\r\nPUT /kept HTTP/1.1\r\nHost: example.org\r\nContent-Length: 3\r\n\r\n";
    RequestParser parser;
    ASSERT_TRUE(parser.parse(input).complete());
    Buffer storage;
    const RequestHead kept = parser.head().keptIn(storage);
    std::fill(input.begin(), input.end(), 'x');

    EXPECT_EQ(kept.target(), "/kept");
    EXPECT_EQ(kept.authority(), "example.org");
    EXPECT_EQ(kept.headers().find(KnownHeader::contentLength), "3");
    EXPECT_TRUE(kept.raw().starts_with("PUT "));
}

TEST(RequestParser, SaysTheSameAfterAnErrorUntilItIsReset) {
    RequestParser parser;
    EXPECT_EQ(parser.parse("GET  / HTTP/1.1\r\n").status, 400);
    EXPECT_EQ(parser.parse(withLines("")).status, 400);
    parser.reset();
    EXPECT_TRUE(parser.parse(withLines("")).complete());
}

TEST(RequestParser, DecidesWhetherTheConnectionStays) {
    const auto keepAlive = [](const std::string& version, const std::string& lines) {
        RequestParser parser;
        EXPECT_TRUE(parser.parse("GET / " + version + "\r\nHost: a\r\n" + lines + "\r\n").complete());
        return parser.head().keepAlive();
    };
    EXPECT_TRUE(keepAlive("HTTP/1.1", ""));
    EXPECT_TRUE(keepAlive("HTTP/1.1", "Connection: Upgrade, keep-alive\r\n"));
    EXPECT_FALSE(keepAlive("HTTP/1.1", "Connection: CLOSE\r\n"));
    EXPECT_FALSE(keepAlive("HTTP/1.1", "Connection: x\r\nConnection: close\r\n"));
    EXPECT_FALSE(keepAlive("HTTP/1.1", "Connection: keep-alive, \"a\"\r\n"));
    EXPECT_FALSE(keepAlive("HTTP/1.0", ""));
    EXPECT_TRUE(keepAlive("HTTP/1.0", "Connection: keep-alive\r\n"));
    EXPECT_FALSE(keepAlive("HTTP/1.0", "Connection: keep-alive, close\r\n"));
    EXPECT_TRUE(keepAlive("HTTP/1.7", "")
    ); // RFC 9110 2.5: a later minor version is spoken to as the one we know
}

TEST(RequestParser, ExpectsAContinueOnlyBeforeABodyAndInHttp11) {
    const auto expects = [](const std::string& input) {
        RequestParser parser;
        EXPECT_TRUE(parser.parse(input).complete()) << input;
        return parser.head().expectContinue();
    };
    EXPECT_TRUE(expects(withLines("Expect: 100-Continue\r\nContent-Length: 1\r\n")));
    EXPECT_TRUE(expects(withLines("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n")));
    EXPECT_FALSE(expects(withLines("Expect: 100-continue\r\n")));
    EXPECT_FALSE(expects("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
}

TEST(RequestParser, SeesAnUpgradeOnlyWhenConnectionNamesIt) {
    const auto upgrades = [](Bytes lines) {
        RequestParser parser;
        EXPECT_TRUE(parser.parse(withLines(lines)).complete());
        return parser.head().wantsUpgrade();
    };
    EXPECT_TRUE(upgrades("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    EXPECT_FALSE(upgrades("Upgrade: websocket\r\n"));
    EXPECT_FALSE(upgrades("Connection: Upgrade\r\n"));
}

TEST(RequestParser, KeepsRepeatedFieldsApartAndInOrder) {
    const std::string input = withLines("Via: 1.1 a\r\nX: y\r\nvia: 1.1 b\r\n");
    RequestParser parser;
    ASSERT_TRUE(parser.parse(input).complete());
    std::string all;
    parser.head().headers().each(KnownHeader::via, [&](Bytes value) { all.append(value).append("|"); });
    EXPECT_EQ(all, "1.1 a|1.1 b|");
    EXPECT_TRUE(parser.head().headers().repeated(KnownHeader::via));
    EXPECT_FALSE(parser.head().headers().repeated(KnownHeader::host));
    EXPECT_EQ(parser.head().headers().find(KnownHeader::via), "1.1 a");
}

TEST(RequestParser, TakesAHeadOfExactlyTheLimits) {
    HeadLimits limits;
    const std::string request = withLines("A: b\r\n");
    limits.head = static_cast<std::uint32_t>(request.size());
    limits.fields = 2;
    EXPECT_TRUE(parse(request, limits).complete());
    limits.fields = 1;
    EXPECT_EQ(parse(request, limits).status, 431);
    limits.fields = 2;
    --limits.head;
    EXPECT_EQ(parse(request, limits).status, 431);
}

// One case for each row of the checklist: what is sent, and what must be answered. Status 0 is "served".
struct RequestCase {
    const char* name;
    std::string input;
    int status;
};

class RightAnswer : public testing::TestWithParam<RequestCase> {};

std::string nameOf(const testing::TestParamInfo<RequestCase>& row) {
    return row.param.name;
}

std::string answerOf(const ParseResult& result) {
    if (result.complete())
        return "served, " + std::to_string(result.consumed);
    return result.needMore() ? "more" : std::to_string(result.status) + " " + result.reason;
}

TEST_P(RightAnswer, IsGivenHoweverTheInputIsCut) {
    const RequestCase& row = GetParam();
    RequestParser whole;
    const ParseResult result = whole.parse(row.input);
    EXPECT_EQ(result.failed() ? result.status : result.complete() ? 0 : -1, row.status) << answerOf(result);
    for (std::size_t step = 1; step < 20; ++step) {
        RequestParser parser;
        std::string bytes;
        EXPECT_EQ(answerOf(feedInSteps(parser, row.input, step, bytes)), answerOf(result)) << "step " << step;
        if (result.complete()) {
            EXPECT_EQ(parser.head().target(), whole.head().target());
            EXPECT_EQ(parser.head().headers().size(), whole.head().headers().size());
        }
    }
}

const std::string kNul(1, '\0');

INSTANTIATE_TEST_SUITE_P(
    Framing, RightAnswer,
    testing::Values(
        RequestCase{
            "ContentLengthAndTransferEncoding",
            withLines("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        RequestCase{
            "TransferEncodingAndContentLength",
            withLines("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        RequestCase{
            "ContentLengthTwiceTheSame", withLines("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        RequestCase{
            "ContentLengthTwiceDifferent", withLines("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        RequestCase{"ContentLengthAsList", withLine("Content-Length: 5, 5"), 400},
        RequestCase{"ContentLengthOver64Bits", withLine("Content-Length: 18446744073709551617"), 400},
        RequestCase{"ContentLengthOver63Bits", withLine("Content-Length: 9223372036854775808"), 400},
        RequestCase{"ContentLengthLargest", withLine("Content-Length: 9223372036854775807"), 0},
        RequestCase{"ContentLengthEmpty", withLine("Content-Length:"), 400},
        RequestCase{"ContentLengthPlus", withLine("Content-Length: +5"), 400},
        RequestCase{"ContentLengthMinus", withLine("Content-Length: -5"), 400},
        RequestCase{"ContentLengthHex", withLine("Content-Length: 0x5"), 400},
        RequestCase{"ContentLengthSpaceInside", withLine("Content-Length: 1 0"), 400},
        RequestCase{"ContentLengthUnderscoreIsAnotherField", withLine("Content_Length: x"), 0},
        RequestCase{"TransferEncodingChunked", withLine("Transfer-Encoding: Chunked"), 0},
        RequestCase{"TransferEncodingXchunked", withLine("Transfer-Encoding: xchunked"), 501},
        RequestCase{"TransferEncodingGzipChunked", withLine("Transfer-Encoding: gzip, chunked"), 501},
        RequestCase{
            "TransferEncodingGzipChunkedOnTwoLines",
            withLines("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 501},
        RequestCase{"TransferEncodingIdentity", withLine("Transfer-Encoding: identity"), 501},
        RequestCase{"TransferEncodingChunkedGzip", withLine("Transfer-Encoding: chunked, gzip"), 400},
        RequestCase{"TransferEncodingChunkedTwice", withLine("Transfer-Encoding: chunked, chunked"), 400},
        RequestCase{
            "TransferEncodingChunkedOnTwoLines",
            withLines("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        RequestCase{"TransferEncodingEmpty", withLine("Transfer-Encoding:"), 400},
        RequestCase{"TransferEncodingEmptyElement", withLine("Transfer-Encoding: , chunked"), 400},
        RequestCase{"TransferEncodingQuoted", withLine("Transfer-Encoding: \"chunked\""), 400},
        RequestCase{"TransferEncodingParameter", withLine("Transfer-Encoding: chunked;q=1"), 400},
        RequestCase{
            "TransferEncodingVerticalTab",
            withLine("Transfer-Encoding: \x0b"
                     "chunked"),
            400},
        RequestCase{"TransferEncodingOnHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        RequestCase{"BodyOfTrace", "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", 400},
        RequestCase{"BodyOfConnect", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\n", 400}
    ),
    nameOf
);

INSTANTIATE_TEST_SUITE_P(
    Lines, RightAnswer,
    testing::Values(
        RequestCase{"SpaceBeforeColon", withLine("X-A : b"), 400},
        RequestCase{"TabBeforeColon", withLine("X-A\t: b"), 400},
        RequestCase{"ObsFold", withLines("X-A: b\r\n c\r\n"), 400},
        RequestCase{"ObsFoldOfFirstLine", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        RequestCase{"BareCrInValue", withLine("X-A: b\rc"), 400},
        RequestCase{"BareCrAtEndOfValue", withLines("X-A: b\r\r\n"), 400},
        RequestCase{"NulInValue", withLine("X-A: b" + kNul + "c"), 400},
        RequestCase{"NulInName", withLine("X-A" + kNul + ": b"), 400},
        RequestCase{"DeleteInValue", withLine("X-A: b\x7f"), 400},
        RequestCase{"EscapeInValue", withLine("X-A: \x1b[1m"), 400},
        RequestCase{"BareLfAfterValue", withLines("X-A: b\n"), 400},
        RequestCase{"BareLfAfterRequestLine", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        RequestCase{"BareLfForBlankLine", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        RequestCase{"CrWithoutLfForBlankLine", "GET / HTTP/1.1\r\nHost: a\r\n\rX", 400},
        RequestCase{"NameWithParenthesis", withLine("a(b: c"), 400},
        RequestCase{"NameWithHighByte", withLine("X-\xC3\xA4: c"), 400},
        RequestCase{"NameEmpty", withLine(": c"), 400},
        RequestCase{"LineWithoutColon", withLine("nocolon"), 400},
        RequestCase{
            "ValueWithHighBytesAndTabs",
            withLine("X-A: \xC3\xA4\tb\t\tlong enough to be scanned\tby vectors"), 0},
        RequestCase{"ValueEmpty", withLine("X-A:"), 0},
        RequestCase{"ValueOfWhiteSpace", withLine("X-A: \t  "), 0},
        RequestCase{"HeaderOf20KiB", withLine("X-A: " + std::string(20 * 1024, 'x')), 431},
        RequestCase{
            "HeadOf20KiB", withLines([] {
                std::string lines;
                for (int i = 0; i < 40; ++i)
                    lines += "X-A: " + std::string(512, 'x') + "\r\n";
                return lines;
            }()),
            431},
        RequestCase{
            "HeadThatNeverEnds",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(8100, 'x') + "\r\nX: " + std::string(8100, 'x') +
                "\r\nX: " + std::string(8100, 'x'),
            431},
        RequestCase{
            "HeadersOver100", withLines([] {
                std::string lines;
                for (int i = 0; i < 100; ++i)
                    lines += "X: y\r\n";
                return lines;
            }()),
            431},
        RequestCase{"NameOf300Bytes", withLine(std::string(300, 'n') + ": v"), 431}
    ),
    nameOf
);

INSTANTIATE_TEST_SUITE_P(
    Host, RightAnswer,
    testing::Values(
        RequestCase{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        RequestCase{"NoHostInHttp10", "GET / HTTP/1.0\r\n\r\n", 0},
        RequestCase{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        RequestCase{"TwoHostsInHttp10", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        RequestCase{"HostWithSlash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        RequestCase{"HostWithSpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        RequestCase{"HostWithUser", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        RequestCase{"HostList", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        RequestCase{"HostWithBadPort", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400},
        RequestCase{"HostWithBadAddress", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        RequestCase{"HostWithAddress", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 0},
        RequestCase{"HostEmpty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0}
    ),
    nameOf
);

INSTANTIATE_TEST_SUITE_P(
    RequestLine, RightAnswer,
    testing::Values(
        RequestCase{"Http20", withRequestLine("GET / HTTP/2.0"), 505},
        RequestCase{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        RequestCase{"Http110", withRequestLine("GET / HTTP/1.10"), 400},
        RequestCase{"Http12", withRequestLine("GET / HTTP/1.2"), 0},
        RequestCase{"Http1Comma1", withRequestLine("GET / HTTP/1,1"), 400},
        RequestCase{"LowerCaseVersion", withRequestLine("GET / http/1.1"), 400},
        RequestCase{"Http09", "GET /\r\n", 400},
        RequestCase{"Http09VersionNumber", withRequestLine("GET / HTTP/0.9"), 505},
        RequestCase{"SpaceAfterVersion", withRequestLine("GET / HTTP/1.1 "), 400},
        RequestCase{"TwoSpaces", withRequestLine("GET  / HTTP/1.1"), 400},
        RequestCase{"TabForSpace", withRequestLine("GET\t/ HTTP/1.1"), 400},
        RequestCase{"SpaceBeforeMethod", withRequestLine(" GET / HTTP/1.1"), 400},
        RequestCase{"OneEmptyLineBefore", "\r\n" + withLines(""), 0},
        RequestCase{"TwoEmptyLinesBefore", "\r\n\r\n" + withLines(""), 400},
        RequestCase{"BareLfBefore", "\n" + withLines(""), 400},
        RequestCase{"TlsHandshake", std::string("\x16\x03\x01\x02", 4), 400},
        RequestCase{"MethodWithBadCharacter", withRequestLine("G@T / HTTP/1.1"), 400},
        RequestCase{"MethodUnknown", withRequestLine("BREW /pot HTTP/1.1"), 0},
        RequestCase{"MethodTooLong", std::string(33, 'M') + " / HTTP/1.1\r\n", 501},
        RequestCase{"TargetTooLong", withRequestLine("GET /" + std::string(9000, 'x') + " HTTP/1.1"), 414},
        RequestCase{"TargetWithFragment", withRequestLine("GET /#top HTTP/1.1"), 400},
        RequestCase{"TargetWithHighByte", withRequestLine("GET /\xC3\xA4 HTTP/1.1"), 400},
        RequestCase{"TargetWithNul", withRequestLine("GET /" + kNul + " HTTP/1.1"), 400},
        RequestCase{"TargetRelative", withRequestLine("GET index.html HTTP/1.1"), 400},
        RequestCase{"AbsoluteForm", withRequestLine("GET http://other.example/x HTTP/1.1"), 0},
        RequestCase{"AbsoluteFormWithUser", withRequestLine("GET http://me@example.org/ HTTP/1.1"), 400},
        RequestCase{"AbsoluteFormWithoutHost", withRequestLine("GET http:///x HTTP/1.1"), 400},
        RequestCase{"OptionsAsterisk", withRequestLine("OPTIONS * HTTP/1.1"), 0},
        RequestCase{"GetAsterisk", withRequestLine("GET * HTTP/1.1"), 400},
        RequestCase{"ConnectAuthority", withRequestLine("CONNECT example.org:443 HTTP/1.1"), 0},
        RequestCase{"ConnectWithoutPort", withRequestLine("CONNECT example.org HTTP/1.1"), 400},
        RequestCase{"ConnectWithPath", withRequestLine("CONNECT / HTTP/1.1"), 400}
    ),
    nameOf
);

INSTANTIATE_TEST_SUITE_P(
    Expect, RightAnswer,
    testing::Values(
        RequestCase{"ExpectContinue", withLine("Expect: 100-continue"), 0},
        RequestCase{"ExpectOther", withLine("Expect: x"), 417},
        RequestCase{"ExpectContinueAndOther", withLine("Expect: 100-continue, x"), 417},
        RequestCase{"ExpectOtherInHttp10", "GET / HTTP/1.0\r\nExpect: x\r\n\r\n", 0}
    ),
    nameOf
);

TEST(RequestParser, ServesTheAuthorityOfTheTargetRatherThanHost) {
    const std::string input = withRequestLine("GET http://other.example:81?q HTTP/1.1");
    RequestParser parser;
    ASSERT_TRUE(parser.parse(input).complete());
    EXPECT_EQ(parser.head().form(), TargetForm::absolute);
    EXPECT_EQ(parser.head().authority(), "other.example:81");
    EXPECT_EQ(parser.head().headers().find(KnownHeader::host), "example.org");
    EXPECT_EQ(parser.head().splitTarget().path, "/");
    EXPECT_EQ(parser.head().splitTarget().query, "q");
}

TEST(RequestParser, TellsHowTheBodyIsFramed) {
    const auto framing = [](Bytes lines) {
        RequestParser parser;
        EXPECT_TRUE(parser.parse(withLines(lines)).complete());
        return std::pair(parser.head().body(), parser.head().contentLength());
    };
    EXPECT_EQ(framing(""), std::pair(BodyKind::none, std::uint64_t{0}));
    EXPECT_EQ(framing("Content-Length: 0\r\n"), std::pair(BodyKind::none, std::uint64_t{0}));
    EXPECT_EQ(framing("Content-Length: 00042\r\n"), std::pair(BodyKind::length, std::uint64_t{42}));
    EXPECT_EQ(framing("Transfer-Encoding: chunked\r\n"), std::pair(BodyKind::chunked, std::uint64_t{0}));
}

} // namespace twistdpp::http
