#include "unit/http/site_world.h"

#include "twistdpp/service_web/combined_log.h"

namespace twistdpp::web {
namespace {

std::string logged(const std::string& request, const Address& peer = *Address::parse("192.0.2.7", 77)) {
    std::string line;
    http::SiteWorld world;
    world.site.setAccessLog([&](const http::AccessRecord& record) { appendCombined(line, record); });
    const auto client = world.connect();
    client->setPeer(peer);
    client->receive(request);
    return line;
}

TEST(CombinedLog, HasTheUsualParts) {
    const std::string line =
        logged("GET /a%20b?c HTTP/1.1\r\nHost: a\r\nReferer: http://x/\r\nUser-Agent: curl/7\r\n\r\n");
    const auto bracket = line.find("] ");
    EXPECT_EQ(line.substr(0, 15), "192.0.2.7 - - [");
    EXPECT_EQ(line.substr(bracket - 6, 6), " +0000");
    EXPECT_EQ(line.substr(bracket + 2), "\"GET /a%20b?c HTTP/1.1\" 200 5 \"http://x/\" \"curl/7\"");
}

TEST(CombinedLog, SaysDashForWhatIsMissing) {
    const std::string line = logged("HEAD / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(line.substr(line.find("] ") + 2), "\"HEAD / HTTP/1.0\" 200 0 \"-\" \"-\"");
    const std::string bad = logged("\x01\x02\r\n\r\n");
    EXPECT_EQ(bad.substr(bad.find("] ") + 2, 8), "\"-\" 400 ");
}

TEST(CombinedLog, SaysDashForAClientWithoutAnAddress) {
    EXPECT_EQ(logged("GET / HTTP/1.0\r\n\r\n", Address::unixPath("")).substr(0, 7), "- - - [");
}

TEST(CombinedLog, NothingBreaksOutOfItsQuotes) {
    const std::string line = logged("GET /\"x\\ HTTP/1.1\r\nHost: a\r\nUser-Agent: a\"b\tc\x80\r\n\r\n");
    EXPECT_NE(line.find("\"GET /\\x22x\\x5c HTTP/1.1\" "), std::string::npos);
    EXPECT_NE(line.find("\"a\\x22b\\x09c\\x80\""), std::string::npos);
}

} // namespace
} // namespace twistdpp::web
