// What a request must look like, on the wire: the cases that servers are known to get wrong, each sent in one
// piece and byte by byte. Wherever the end of a request is in doubt the connection is closed behind the
// answer.
#include "site_world.h"

#include <string>

namespace twistdpp::http {
namespace {

struct Case {
    const char* name;
    std::string request;
    int status;
    bool closes;
};

std::string get(const std::string& lines, const std::string& body = {}) {
    return "GET / HTTP/1.1\r\nHost: example.org\r\n" + lines + "\r\n" + body;
}

std::string post(const std::string& lines, const std::string& body = {}) {
    return "POST / HTTP/1.1\r\nHost: example.org\r\n" + lines + "\r\n" + body;
}

const std::vector<Case>& cases() {
    static const std::string chunked = "Transfer-Encoding: chunked\r\n";
    static const std::vector<Case> all{
        {"Plain", get(""), 200, false},
        {"LengthAndChunked", get("Content-Length: 5\r\n" + chunked, "0\r\n\r\n"), 400, true},
        {"ChunkedAndLength", get(chunked + "Content-Length: 5\r\n", "0\r\n\r\n"), 400, true},
        {"SameLengthTwice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "ab"), 400, true},
        {"OtherLengthTwice", post("Content-Length: 2\r\nContent-Length: 3\r\n", "abc"), 400, true},
        {"LengthList", post("Content-Length: 2, 2\r\n", "ab"), 400, true},
        {"LengthAbove64Bits", post("Content-Length: 18446744073709551617\r\n", "a"), 400, true},
        {"LengthEmpty", post("Content-Length: \r\n"), 400, true},
        {"LengthSigned", post("Content-Length: +2\r\n", "ab"), 400, true},
        {"UnknownCoding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501, true},
        {"GzipThenChunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501, true},
        {"ChunkedInHttp10", "POST / HTTP/1.0\r\nHost: a\r\n" + chunked + "\r\n0\r\n\r\n", 400, true},
        {"Chunked", post(chunked, "3\r\nabc\r\n0\r\n\r\n"), 200, false},
        {"ChunkSizeWithPrefix", post(chunked, "0x3\r\nabc\r\n0\r\n\r\n"), 400, true},
        {"ChunkSizeOverflow", post(chunked, "10000000000000003\r\nabc\r\n0\r\n\r\n"), 400, true},
        {"ChunkSizeNegative", post(chunked, "-0\r\n\r\n"), 400, true},
        {"ChunkLineWithBareLf", post(chunked, "3\nabc\r\n0\r\n\r\n"), 400, true},
        {"LfInChunkExtension", post(chunked, "3;a=\nb\r\nabc\r\n0\r\n\r\n"), 400, true},
        {"ChunkDataWithoutCrLf", post(chunked, "3\r\nabcXX0\r\n\r\n"), 400, true},
        {"SpaceBeforeColon", get("X-A : b\r\n"), 400, true},
        {"FoldedLine", get("X-A: b\r\n c\r\n"), 400, true},
        {"BareCrInValue", get("X-A: b\rc\r\n"), 400, true},
        {"NulInValue", get(std::string("X-A: b\0c\r\n", 10)), 400, true},
        {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400, true},
        {"TwoHosts", get("Host: example.com\r\n"), 400, true},
        {"BadHost", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, true},
        {"AbsoluteFormOtherHost", "GET http://other.example/ HTTP/1.1\r\nHost: a\r\n\r\n", 200, false},
        {"Http20", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, true},
        {"Http110", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, true},
        {"LowerCaseHttp", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"Http09", "GET /\r\n\r\n", 400, true},
        {"NulInPath", "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400, false},
        {"NameWithParenthesis", get("a(b: c\r\n"), 400, true},
        {"LineWithoutColon", get("abc\r\n"), 400, true},
        {"HeaderOf20KiB", get("X-A: " + std::string(20 * 1024, 'a') + "\r\n"), 431, true},
        {"TooManyHeaders", get([] {
             std::string lines;
             for (int i = 0; i < 200; ++i)
                 lines += "X-" + std::to_string(i) + ": y\r\n";
             return lines;
         }()),
         431, true},
        {"TargetOf9KiB", "GET /" + std::string(9 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, true},
        {"OptionsAsterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200, false},
        {"GetAsterisk", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
        {"UnknownExpectation", get("Expect: x\r\n"), 417, true},
        {"Trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, false},
        {"TraceWithBody", "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", 400, true},
        {"UnknownMethod", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, false},
        {"LowerCaseMethod", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501, false},
        {"Delete", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, false},
        {"Connect", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, false},
        {"TlsHandshake", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400, true},
        {"ConnectionClose", get("Connection: close\r\n"), 200, true},
        {"Http10", "GET / HTTP/1.0\r\n\r\n", 200, true},
        {"Http10KeepAlive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, false},
    };
    return all;
}

class SiteTable : public testing::TestWithParam<Case> {
protected:
    void check(bool bytewise) {
        const Case& c = GetParam();
        SiteWorld world;
        int logged = 0;
        world.site.setAccessLog([&](const AccessRecord& record) {
            ++logged;
            EXPECT_EQ(record.status, c.status);
        });
        const auto client = world.connect();
        if (bytewise)
            client->receiveBytewise(c.request);
        else
            client->receive(c.request);
        const auto answers = readAnswers(client->value());
        ASSERT_EQ(answers.size(), 1U) << client->value();
        EXPECT_EQ(answers[0].status, c.status);
        EXPECT_EQ(closed(*client), c.closes);
        EXPECT_EQ(answers[0].field("Connection") == "close", c.closes);
        EXPECT_EQ(logged, 1);
        EXPECT_FALSE(client->aborted());
        EXPECT_EQ(answers[0].field("Date").size(), 29U);
        if (c.closes)
            return;
        // Whatever was wrong with it, the next request is understood.
        client->takeValue();
        world.site.setAccessLog({});
        client->receive(get(""));
        const auto next = readAnswers(client->value());
        ASSERT_EQ(next.size(), 1U);
        EXPECT_EQ(next[0].body, "hello");
    }
};

TEST_P(SiteTable, InOnePiece) {
    check(false);
}
TEST_P(SiteTable, ByteByByte) {
    check(true);
}

INSTANTIATE_TEST_SUITE_P(Strictness, SiteTable, testing::ValuesIn(cases()), [](const auto& row) {
    return row.param.name;
});

TEST(SiteStrictness, ARefusedClientCanReadWhy) {
    // Closing while it still sends would make its system throw our answer away: our half closes first.
    SiteWorld world;
    const auto client = world.connect();
    client->receive("nonsense\r\n\r\n" + std::string(1000, 'x'));
    EXPECT_TRUE(client->lostWriting());
    EXPECT_FALSE(client->losing());
    client->receive(std::string(100'000, 'x'));
    EXPECT_EQ(readAnswers(client->value()).size(), 1U);
    world.reactor.advance(std::chrono::seconds(4));
    EXPECT_TRUE(client->losing());
}

} // namespace
} // namespace twistdpp::http
