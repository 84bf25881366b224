// How a resource answers.
#include "site_world.h"

#include "twistdpp/base/unique_fd.h"

#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace twistdpp::http {
namespace {

/// Answers every request by calling `with`.
Answer answeredBy(
    std::function<void(const RequestPtr&)> with,
    const std::string& request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", Method method = Method::get
) {
    SiteWorld world(answering(std::move(with)));
    return world.ask(request, method);
}
const std::string kHead = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kOld = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

TEST(Request, AWholeAnswerHasALength) {
    const Answer answer = answeredBy([](const RequestPtr& r) {
        r->setResponseCode(203);
        r->responseHeaders().set("X-A", "b");
        r->respond("body");
    });
    EXPECT_EQ(answer.head.substr(0, answer.head.find("\r\n")), "HTTP/1.1 203 Non-Authoritative Information");
    EXPECT_EQ(answer.field("X-A"), "b");
    EXPECT_EQ(answer.field("Content-Length"), "4");
    EXPECT_EQ(answer.field("Server"), "twistdpp");
    EXPECT_EQ(answer.body, "body");
}

TEST(Request, AnAnswerOfUnknownLengthIsChunkedOrEndsWithTheConnection) {
    const auto write = [](const RequestPtr& r) {
        r->begin();
        r->write("abc");
        r->write("");
        r->write(Buffer(std::string(300, 'd')));
        r->finish();
    };
    const std::string body = "abc" + std::string(300, 'd');
    const Answer chunked = answeredBy(write);
    EXPECT_EQ(chunked.field("Transfer-Encoding"), "chunked");
    EXPECT_EQ(chunked.body, body);
    EXPECT_TRUE(chunked.keepAlive);
    const Answer old = answeredBy(write, kOld);
    EXPECT_FALSE(old.has("Transfer-Encoding"));
    EXPECT_EQ(old.body, body);
    EXPECT_EQ(old.field("Connection"), "close");
}

TEST(Request, WriteBeginsTheAnswerWhereNobodyHas) {
    EXPECT_EQ(
        answeredBy([](const RequestPtr& r) {
            r->write("x");
            r->finish();
        }).body,
        "x"
    );
}

TEST(Request, HeadTellsTheLengthAndSendsNoBody) {
    const Answer whole = answeredBy([](const RequestPtr& r) { r->respond("body"); }, kHead, Method::head);
    EXPECT_EQ(whole.field("Content-Length"), "4");
    const Answer parts = answeredBy(
        [](const RequestPtr& r) {
            r->begin(1000);
            r->write("abc");
            r->finish();
        },
        kHead, Method::head
    );
    EXPECT_EQ(parts.field("Content-Length"), "1000");
    EXPECT_TRUE(parts.keepAlive);
}

TEST(Request, StatusesWithoutABodyHaveNoLengthEither) {
    for (const int status : {204, 304}) {
        const Answer answer = answeredBy([&](const RequestPtr& r) {
            r->setResponseCode(status);
            r->respond("dropped");
        });
        EXPECT_FALSE(answer.has("Content-Length")) << status;
        EXPECT_FALSE(answer.has("Transfer-Encoding")) << status;
        EXPECT_EQ(answer.body, "");
    }
}

TEST(Request, AnEmptyAnswerHasLengthZero) {
    EXPECT_EQ(answeredBy([](const RequestPtr& r) { r->finish(); }).field("Content-Length"), "0");
}

TEST(Request, MoreOrLessThanPromisedCutsTheConnection) {
    for (const std::string& body : {std::string("ab"), std::string("abcd")}) {
        SiteWorld world(answering([&](const RequestPtr& r) {
            r->begin(3);
            r->write(body);
            r->finish();
        }));
        int logged = 0;
        world.site.setAccessLog([&](const AccessRecord&) { ++logged; });
        const auto client = world.connect();
        client->receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(client->aborted());
        client->lose(ConnectionAborted());
        EXPECT_EQ(logged, 1);
    }
}

TEST(Request, SendsPartsOfFiles) {
    char name[] = "/tmp/twistdpp-request-XXXXXX";
    const auto file = std::make_shared<const UniqueFd>(::mkstemp(name));
    ::unlink(name);
    ASSERT_EQ(::write(file->get(), "0123456789", 10), 10);
    for (const bool known : {false, true}) {
        const Answer answer = answeredBy([&](const RequestPtr& r) {
            if (known)
                r->begin(5);
            r->writeFile(FileRange(file, 2, 3));
            r->writeFile(FileRange(file, 0, 2));
            r->finish();
        });
        EXPECT_EQ(answer.body, "23401");
    }
}

TEST(Request, ErrorsAndRedirectsArePagesThatEscape) {
    const Answer error = answeredBy([](const RequestPtr& r) { r->respondError(404, "<script> & \"'"); });
    EXPECT_EQ(error.status, 404);
    EXPECT_EQ(error.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(error.body.find("&lt;script&gt; &amp; &quot;&#39;"), std::string::npos);
    const Answer moved = answeredBy([](const RequestPtr& r) { r->redirect(308, "/x"); });
    EXPECT_EQ(moved.status, 308);
    EXPECT_EQ(moved.field("Location"), "/x");
}

TEST(Request, AddedFieldsAreInEveryAnswer) {
    SiteWorld world;
    world.site.setHeaders(
        {{"X-Frame-Options", "DENY"}, {"Content-Length", "1"}, {"a b", "c"}, {"X", "a\r\nb"}}
    );
    world.site.setServerName("");
    EXPECT_EQ(world.get("/").field("X-Frame-Options"), "DENY");
    EXPECT_EQ(world.get("/%00").field("X-Frame-Options"), "DENY");
    const Answer bad = world.ask("nonsense\r\n\r\n");
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(bad.field("X-Frame-Options"), "DENY");
    EXPECT_FALSE(bad.has("Server"));
    EXPECT_FALSE(Site::mayAddHeader("connection", "close"));
    EXPECT_FALSE(Site::mayAddHeader("Content-Type", "text/plain"));
    EXPECT_TRUE(Site::mayAddHeader("Cache-Control", "no-store"));
    world.site.setServerName("a\r\nX-Injected: 1");
    EXPECT_FALSE(world.get("/").has("X-Injected"));
    world.site.setServerName("mine");
    world.site.setHeaders({{"server", "theirs"}});
    EXPECT_EQ(world.get("/").field("server"), "theirs");
    EXPECT_FALSE(world.get("/").has("Server"));
}

Deferred<void> readPieces(RequestPtr request, std::vector<std::string>& pieces) {
    while (true) {
        std::string piece = co_await request->readBody();
        pieces.push_back(piece);
        if (piece.empty())
            break;
    }
    request->respond("ok");
}

TEST(Request, AReadBodyEndsWithAnEmptyPiece) {
    std::vector<std::string> pieces;
    SiteWorld world(std::make_shared<CoroutineResource>([&pieces](RequestPtr request) {
        return readPieces(std::move(request), pieces);
    }));
    const auto client = world.connect();
    client->receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    client->receive("def");
    EXPECT_EQ(pieces, (std::vector<std::string>{"abc", "def", ""}));
    EXPECT_EQ(readAnswers(client->value()).at(0).body, "ok");
}

TEST(Request, ABodyAboveTheLimitFailsBeforeItIsRead) {
    SiteWorld world(answering([](const RequestPtr& request) {
        failureResultOf<BodyTooLarge>(request->body(10));
        request->respondError(413);
    }));
    EXPECT_EQ(world.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n").status, 413);
    SiteWorld chunked(std::make_shared<CoroutineResource>([](RequestPtr request) -> Deferred<void> {
        const auto body = co_await request->body(3).outcome();
        request->respondError(body.ok() ? 200 : 413);
    }));
    EXPECT_EQ(
        chunked.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")
            .status,
        413
    );
}

TEST(Request, ACancelledReadLeavesTheBodyForTheNext) {
    RequestPtr kept;
    SiteWorld world(answering([&](const RequestPtr& request) { kept = request; }));
    const auto client = world.connect();
    client->receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
    auto first = kept->readBody();
    first.cancel();
    failureResultOf<CancelledError>(std::move(first));
    client->receive("abc");
    EXPECT_EQ(successResultOf(kept->readBody()), "abc");
    kept->respond("ok");
    EXPECT_EQ(readAnswers(client->value()).size(), 1U);
}

TEST(Request, FinishedFiresForAnswersOfEveryKind) {
    int fired = 0;
    SiteWorld world(answering([&](const RequestPtr& request) {
        request->finished().addCallback([&] { ++fired; }).detach();
        if (request->takesBlock())
            request->sendBlock("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, 1);
        else
            request->respond("x");
    }));
    EXPECT_EQ(world.get("/").body, "x");
    EXPECT_EQ(world.head("/").field("Content-Length"), "1");
    EXPECT_EQ(fired, 2);
}

TEST(Request, BlocksAreForPlainGetsOnly) {
    const auto takes = [](const std::string& wire) {
        bool result = false;
        SiteWorld world(answering([&](const RequestPtr& request) {
            result = request->takesBlock();
            request->responseHeaders().set("X-A", "b");
            EXPECT_FALSE(request->takesBlock());
            request->respond({});
        }));
        world.connect()->receive(wire);
        return result;
    };
    EXPECT_TRUE(takes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_TRUE(takes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(takes(kHead));
    EXPECT_FALSE(takes(kOld));
    EXPECT_FALSE(takes("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"));
}

TEST(Request, ABlockSaysSoWhenTheConnectionClosesAfterIt) {
    SiteWorld world(answering([](const RequestPtr& request) {
        request->sendBlock("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", 200, 4);
    }));
    auto client = world.connect();
    client->receive("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client->value(), "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");
}

TEST(Request, IsNotReusedWhileSomebodyHoldsIt) {
    std::vector<RequestPtr> kept;
    SiteWorld world(answering([&](const RequestPtr& request) {
        kept.push_back(request);
        request->respond({});
    }));
    const auto client = world.connect();
    client->receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_NE(kept[0], kept[1]);
    EXPECT_EQ(kept[0]->head().target(), "/1");
    EXPECT_EQ(kept[1]->head().target(), "/2");
}

TEST(Request, OneThatNobodyHoldsIsAnswered500) {
    SiteWorld world(answering([](const RequestPtr&) {}));
    const auto client = world.connect();
    client->receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client->value(), "");
    world.reactor.advance(std::chrono::seconds(2));
    EXPECT_EQ(readAnswers(client->value()).at(0).status, 500);
    EXPECT_FALSE(closed(*client));
}

TEST(Request, KnowsWhoAsksAndHow) {
    std::string peer;
    bool secure = false;
    SiteWorld world(answering([&](const RequestPtr& request) {
        peer = request->peer().toString();
        secure = request->secure();
        request->respond({});
    }));
    const auto client = world.connect();
    client->setPeer(*Address::parse("192.0.2.7", 77));
    client->setTls(TlsInfo());
    client->receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(peer, "192.0.2.7:77");
    EXPECT_TRUE(secure);
}

} // namespace
} // namespace twistdpp::http
