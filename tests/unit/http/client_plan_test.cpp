#include "twistdpp/http/client_plan.h"

#include <gtest/gtest.h>
#include <string>

namespace twistdpp::http {

namespace {

ClientPlan plan(std::string method, Bytes url, HeaderList headers = {}, RequestBody body = {}) {
    return ClientPlan(std::move(method), ClientUrl::parse(url).value(), std::move(headers), std::move(body));
}

HeaderList fields(std::initializer_list<std::pair<Bytes, Bytes>> all) {
    HeaderList headers;
    for (const auto& [name, value] : all)
        EXPECT_TRUE(headers.add(name, value));
    return headers;
}

RequestBody streamed() {
    return RequestBody::stream([]() -> Deferred<std::string> { return std::string(); });
}

} // namespace

TEST(ClientPlan, WritesAPlainRequest) {
    auto asked = plan("GET", "http://a:81/b?c");
    const ClientOrder order = asked.order("me/1", true);
    EXPECT_EQ(
        order.head,
        "GET /b?c HTTP/1.1\r\nHost: a:81\r\nUser-Agent: me/1\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n"
    );
    EXPECT_TRUE(order.decode);
}

TEST(ClientPlan, LeavesFramingToTheClient) {
    auto asked = plan(
        "POST", "http://a/",
        fields(
            {{"content-length", "99"},
             {"Transfer-Encoding", "gzip"},
             {"Upgrade", "h2c"},
             {"TE", "gzip"},
             {"X-Mine", "1"},
             {"Host", "other"}}
        ),
        RequestBody("four")
    );
    EXPECT_EQ(
        asked.order("", false).head,
        "POST / HTTP/1.1\r\nHost: other\r\nX-Mine: 1\r\nContent-Length: 4\r\n\r\n"
    );
}

TEST(ClientPlan, SaysThatABodyIsEmptyWhereOneIsUsual) {
    auto post = plan("POST", "http://a/");
    EXPECT_EQ(post.order("", false).head, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    auto get = plan("GET", "http://a/");
    EXPECT_EQ(get.order("", false).head, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(ClientPlan, SendsAStreamChunkedUnlessItsLengthIsKnown) {
    auto chunked = plan("PUT", "http://a/", {}, streamed());
    EXPECT_EQ(
        chunked.order("", false).head, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    auto known = plan("PUT", "http://a/", {}, RequestBody::stream(streamed().takeProducer(), 7));
    EXPECT_EQ(known.order("", false).head, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n");
}

TEST(ClientPlan, DoesNotDecodeWhatTheCallerAskedForItself) {
    auto asked = plan("GET", "http://a/", fields({{"accept-encoding", "zstd"}}));
    EXPECT_FALSE(asked.order("", true).decode);
}

TEST(ClientPlan, PassesTheWishToCloseOn) {
    auto asked = plan("GET", "http://a/", fields({{"Connection", "x-mine, Close"}}));
    const ClientOrder order = asked.order("", false);
    EXPECT_TRUE(order.close);
    EXPECT_EQ(order.head, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}

TEST(ClientPlan, RefusesMethodsThatAreNone) {
    EXPECT_FALSE(plan("GET", "http://a/").problem());
    EXPECT_FALSE(plan("X-OWN", "http://a/").problem());
    EXPECT_TRUE(plan("", "http://a/").problem());
    EXPECT_TRUE(plan("GET /x HTTP/1.1\r\nX:", "http://a/").problem());
    EXPECT_TRUE(plan("CONNECT", "http://a/").problem());
}

TEST(ClientPlan, RepeatsOnlyWhatDoesNoHarmTwice) {
    EXPECT_TRUE(plan("GET", "http://a/").repeatable());
    EXPECT_TRUE(plan("PUT", "http://a/", {}, RequestBody("x")).repeatable());
    EXPECT_FALSE(plan("POST", "http://a/", {}, RequestBody("x")).repeatable());
    EXPECT_FALSE(plan("PUT", "http://a/", {}, streamed()).repeatable());
    EXPECT_FALSE(plan("X-OWN", "http://a/").repeatable());
}

TEST(ClientPlan, MethodAndBodyOfARedirect) {
    struct Case {
        const char* method;
        int status;
        const char* then;
        bool body;
    };
    for (const Case& c :
         {Case{"GET", 301, "GET", true}, Case{"HEAD", 302, "HEAD", true}, Case{"HEAD", 303, "HEAD", true},
          Case{"POST", 301, "GET", false}, Case{"POST", 302, "GET", false}, Case{"POST", 303, "GET", false},
          Case{"PUT", 303, "GET", false}, Case{"PUT", 301, "PUT", true}, Case{"POST", 307, "POST", true},
          Case{"POST", 308, "POST", true}, Case{"DELETE", 302, "DELETE", true}}) {
        auto asked =
            plan(c.method, "http://a/x", fields({{"Content-Type", "text/plain"}}), RequestBody("body"));
        ASSERT_FALSE(asked.follow(c.status, "/y"));
        const std::string head = asked.order("", false).head;
        EXPECT_TRUE(head.starts_with(std::string(c.then) + " /y HTTP/1.1\r\n"))
            << c.method << c.status << head;
        EXPECT_EQ(head.find("Content-Length: 4") != std::string::npos, c.body)
            << c.method << c.status << head;
        EXPECT_EQ(head.find("Content-Type") != std::string::npos, c.body) << c.method << c.status << head;
    }
}

TEST(ClientPlan, FollowsTheFiveRedirectsOnly) {
    for (const int status : {301, 302, 303, 307, 308})
        EXPECT_TRUE(ClientPlan::isRedirect(status));
    for (const int status : {200, 300, 304, 305, 306, 309, 404})
        EXPECT_FALSE(ClientPlan::isRedirect(status));
}

TEST(ClientPlan, KeepsCredentialsAtHome) {
    const auto credentials = fields(
        {{"Authorization", "Basic x"},
         {"Cookie", "a=b"},
         {"Proxy-Authorization", "y"},
         {"Host", "virtual"},
         {"X-Mine", "1"}}
    );
    auto same = plan("GET", "http://a/x", credentials);
    ASSERT_FALSE(same.follow(302, "http://a:80/y"));
    EXPECT_NE(same.order("", false).head.find("Authorization: Basic x"), std::string::npos);
    for (const Bytes away : {"http://b/y", "http://a:81/y", "https://a/y"}) {
        auto asked = plan("GET", "http://a/x", credentials);
        ASSERT_FALSE(asked.follow(302, away));
        const std::string authority = ClientUrl::parse(away).value().authority();
        EXPECT_EQ(
            asked.order("", false).head, "GET /y HTTP/1.1\r\nHost: " + authority + "\r\nX-Mine: 1\r\n\r\n"
        );
    }
}

TEST(ClientPlan, StaysWithTls) {
    auto asked = plan("GET", "https://a/x");
    const auto why = asked.follow(301, "http://a/x");
    ASSERT_TRUE(why);
    EXPECT_EQ(*why, "it leads from https to http://a, where anybody could read along");
    EXPECT_EQ(asked.url().toString(), "https://a/x");
}

TEST(ClientPlan, CannotSendAStreamTwice) {
    auto post = plan("POST", "http://a/x", {}, streamed());
    EXPECT_TRUE(post.follow(307, "/y"));
    EXPECT_FALSE(post.follow(303, "/y")); // becomes a GET without body
}

} // namespace twistdpp::http
