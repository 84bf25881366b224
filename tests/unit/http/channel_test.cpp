// One connection of a Site: what it does with bytes that come early, late, too many, or not at all.
#include "site_world.h"

#include <string>

namespace twistdpp::http {
namespace {

using std::chrono::seconds;

std::string get(const std::string& target = "/", const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string post(std::size_t length, const std::string& body, const std::string& fields = {}) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n" + fields +
           "\r\n" + body;
}

/// A leaf that keeps its requests for the test to answer.
struct Keeping {
    std::vector<RequestPtr> requests;
    std::shared_ptr<Resource> resource = answering([this](const RequestPtr& r) { requests.push_back(r); });
};

TEST(Channel, AnswersAPipelineInOrderWhateverIsReadyFirst) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(get("/1") + get("/2") + get("/3"));
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(later.requests.size(), static_cast<std::size_t>(i + 1));
        later.requests.back()->respond(later.requests.back()->head().target());
    }
    const auto answers = readAnswers(client->value());
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].body + answers[1].body + answers[2].body, "/1/2/3");
    EXPECT_FALSE(closed(*client));
}

TEST(Channel, ReadsRequestsBehindABody) {
    for (const bool bytewise : {false, true}) {
        SiteWorld world;
        const auto client = world.connect();
        const std::string wire = post(5, "first") + get() +
                                 "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n" +
                                 get();
        if (bytewise)
            client->receiveBytewise(wire);
        else
            client->receive(wire);
        const auto answers = readAnswers(client->value());
        ASSERT_EQ(answers.size(), 4U);
        EXPECT_EQ(answers[0].body, "first");
        EXPECT_EQ(answers[2].body, "abcde");
        EXPECT_EQ(answers[3].body, "hello");
    }
}

TEST(Channel, AClientThatSendsAheadIsMadeToWait) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    std::size_t sent = 0;
    for (; !client->paused() && sent < 1'000'000; sent += get().size())
        client->receive(get());
    EXPECT_LT(sent, 20'000U);
    const std::size_t expected = sent / get().size();
    for (std::size_t i = 0; i < later.requests.size(); ++i)
        later.requests[i]->respond({});
    EXPECT_EQ(readAnswers(client->value()).size(), expected);
    EXPECT_FALSE(client->paused());
}

TEST(Channel, ABodyThatNobodyReadsIsNotTakenIn) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(post(10'000'000, ""));
    std::size_t sent = 0;
    for (; !client->paused() && sent < 10'000'000; sent += 1000)
        client->receive(std::string(1000, 'x'));
    EXPECT_LT(sent, 20'000U);
    // Asked for, it flows.
    auto piece = later.requests[0]->readBody();
    EXPECT_EQ(successResultOf(std::move(piece)).size(), sent);
    EXPECT_FALSE(client->paused());
}

TEST(Channel, ARequestWokenByAnotherOneKeepsItsHead) {
    // A long poll that another connection's request answers: the first connection then reads its next
    // request, in the middle of the second's.
    RequestPtr waiting;
    SiteWorld world(answering([&](const RequestPtr& request) {
        if (request->method() == Method::post) {
            waiting->respond("woken");
            return request->respond(request->head().target());
        }
        if (request->head().target() == "/wait")
            waiting = request;
        else
            request->respond("next");
    }));
    const auto poller = world.connect();
    const auto poster = world.connect();
    poller->receive(get("/wait") + get("/n"));
    poster->receive("POST /a-rather-long-target HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(readAnswers(poster->value()).at(0).body, "/a-rather-long-target");
    EXPECT_EQ(readAnswers(poller->value()).at(1).body, "next");
}

// Expect (RFC 9110 10.1.1)

TEST(Channel, Sends100ContinueWhenTheBodyIsWanted) {
    SiteWorld world;
    const auto client = world.connect();
    client->receive(post(3, "", "Expect: 100-continue\r\n"));
    EXPECT_EQ(client->takeValue(), "HTTP/1.1 100 Continue\r\n\r\n");
    client->receive("abc");
    EXPECT_EQ(readAnswers(client->value()).at(0).body, "abc");
    EXPECT_FALSE(closed(*client));
}

TEST(Channel, SendsNo100ContinueToWhoDidNotWait) {
    SiteWorld world;
    const auto client = world.connect();
    client->receive(post(3, "abc", "Expect: 100-continue\r\n"));
    const auto answers = readAnswers(client->value());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].body, "abc");
}

TEST(Channel, AFinalAnswerWithout100ContinueCloses) {
    // Whether the client sends the body now cannot be known.
    SiteWorld world(answering([](const RequestPtr& request) { request->respondError(403); }));
    const auto client = world.connect();
    client->receive(post(3, "", "Expect: 100-continue\r\n"));
    const auto answers = readAnswers(client->value());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].status, 403);
    EXPECT_EQ(answers[0].field("Connection"), "close");
    EXPECT_TRUE(client->lostWriting());
}

TEST(Channel, No100ContinueInsideAnAnswerThatHasBegun) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(post(3, "", "Expect: 100-continue\r\n"));
    later.requests[0]->begin();
    auto piece = later.requests[0]->readBody();
    later.requests[0]->finish();
    failureResultOf<ConnectionLost>(std::move(piece));
    EXPECT_EQ(readAnswers(client->value()).size(), 1U);
}

// Bodies that nobody wanted

TEST(Channel, AShortUnreadBodyIsDrainedAndTheConnectionKept) {
    SiteWorld world(answering([](const RequestPtr& request) { request->respond("no"); }));
    const auto client = world.connect();
    client->receive(post(60'000, std::string(10'000, 'x')));
    client->receive(std::string(50'000, 'x') + get());
    const auto answers = readAnswers(client->value());
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_TRUE(answers[0].keepAlive);
    EXPECT_FALSE(closed(*client));
}

TEST(Channel, ALongUnreadBodyClosesAndLetsTheClientReadTheAnswer) {
    SiteWorld world(answering([](const RequestPtr& request) { request->respondError(413); }));
    const auto client = world.connect();
    client->receive(post(100'000, std::string(1000, 'x')));
    const auto answers = readAnswers(client->value());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].field("Connection"), "close");
    EXPECT_TRUE(client->lostWriting());
    EXPECT_FALSE(client->losing());
    client->loseReading();
    EXPECT_TRUE(client->losing());
}

TEST(Channel, AnEndlessChunkedBodyIsDrainedUpToALimit) {
    for (const std::size_t step : {1U, 4096U}) {
        SiteWorld world(answering([](const RequestPtr& request) { request->respond("no"); }));
        const auto client = world.connect();
        client->receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        const std::string chunk = "400\r\n" + std::string(1024, 'x') + "\r\n";
        std::size_t sent = 0;
        for (; !closed(*client) && sent < 200'000; sent += chunk.size())
            for (std::size_t at = 0; at < chunk.size(); at += step)
                client->receive(Bytes(chunk).substr(at, step));
        EXPECT_LT(sent, 70'000U);
        EXPECT_EQ(readAnswers(client->value()).size(), 1U);
        EXPECT_TRUE(client->lostWriting());
    }
}

TEST(Channel, AMalformedBodyBehindAnAnswerIsNotAnsweredAgain) {
    SiteWorld world(answering([](const RequestPtr& request) { request->respond("no"); }));
    const auto client = world.connect();
    client->receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + get());
    EXPECT_EQ(readAnswers(client->value()).size(), 1U);
    EXPECT_TRUE(closed(*client));
}

TEST(Channel, AMalformedBodyTellsItsReaderAndIsAnswered400) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    auto piece = later.requests[0]->readBody();
    client->receive("zz\r\n");
    EXPECT_EQ(readAnswers(client->value()).at(0).status, 400);
    failureResultOf<ConnectionAborted>(std::move(piece));
    later.requests[0]->respond("too late");
    EXPECT_EQ(readAnswers(client->value()).size(), 1U);
}

// The client's end of it

TEST(Channel, AnswersAllThatCameBeforeAHalfClose) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(get("/1") + get("/2") + "GET / HT");
    client->loseReading();
    EXPECT_FALSE(closed(*client));
    later.requests.at(0)->respond("1");
    later.requests.at(1)->respond("2");
    EXPECT_EQ(readAnswers(client->value()).size(), 2U);
    EXPECT_TRUE(client->losing());
}

TEST(Channel, ABodyThatCameWholeBeforeAHalfCloseIsRead) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(post(5, "whole"));
    client->loseReading();
    EXPECT_EQ(successResultOf(later.requests.at(0)->body(100)), "whole");
    later.requests[0]->respond("thanks");
    EXPECT_EQ(readAnswers(client->value()).at(0).body, "thanks");
    EXPECT_TRUE(client->losing());
}

TEST(Channel, ABodyBrokenOffByAHalfCloseIs400) {
    SiteWorld world;
    const auto client = world.connect();
    client->receive(post(5, "who"));
    client->loseReading();
    EXPECT_EQ(readAnswers(client->value()).at(0).status, 400);
    EXPECT_TRUE(client->losing());
}

TEST(Channel, AHalfCloseWhenIdleCloses) {
    SiteWorld world;
    const auto client = world.connect();
    client->receive(get() + "GET / HT");
    client->loseReading();
    EXPECT_EQ(readAnswers(client->value()).size(), 1U);
    EXPECT_TRUE(client->losing());
}

TEST(Channel, AResetTellsWhoIsAtWorkAndIsLoggedOnce) {
    Keeping later;
    SiteWorld world(later.resource);
    int logged = 0;
    world.site.setAccessLog([&](const AccessRecord&) { ++logged; });
    const auto client = world.connect();
    client->receive(post(5, "who"));
    auto piece = later.requests.at(0)->readBody();
    EXPECT_EQ(successResultOf(std::move(piece)), "who");
    auto rest = later.requests[0]->readBody();
    auto end = later.requests[0]->finished();
    auto end2 = later.requests[0]->finished();
    client->lose(ConnectionLost());
    failureResultOf<ConnectionLost>(std::move(rest));
    failureResultOf<ConnectionLost>(std::move(end));
    failureResultOf<ConnectionLost>(std::move(end2));
    EXPECT_TRUE(later.requests[0]->connectionLost());
    EXPECT_EQ(logged, 1);
    EXPECT_EQ(world.site.connections(), 0U);
    // What is done with the request from now on is for nobody.
    later.requests[0]->begin();
    later.requests[0]->write("x");
    later.requests[0]->finish();
    EXPECT_EQ(later.requests[0]->head().target(), "/");
    failureResultOf<ConnectionLost>(later.requests[0]->readBody());
    EXPECT_EQ(logged, 1);
}

// Back pressure of answers

TEST(Channel, BeginsNoRequestWhileItsAnswersAreNotRead) {
    int rendered = 0;
    const std::string big(50'000, 'x');
    SiteWorld world(answering([&](const RequestPtr& request) {
        ++rendered;
        request->respond(big);
    }));
    const auto client = world.connect();
    client->holdWrites();
    std::string pipeline;
    for (int i = 0; i < 10; ++i)
        pipeline += get();
    client->receive(pipeline);
    EXPECT_EQ(rendered, 2);
    client->drain();
    EXPECT_EQ(rendered, 10);
    EXPECT_EQ(readAnswers(client->value()).size(), 10U);
}

TEST(Channel, APipelineWaitingForRoomSurvivesAHalfClose) {
    const std::string big(70'000, 'x');
    SiteWorld world(answering([&](const RequestPtr& request) { request->respond(big); }));
    const auto client = world.connect();
    client->holdWrites();
    client->receive(get() + get() + get());
    client->loseReading();
    EXPECT_FALSE(closed(*client));
    client->drain();
    EXPECT_EQ(readAnswers(client->value()).size(), 3U);
    EXPECT_TRUE(client->losing());
}

// Time limits

TEST(Channel, AHeadThatDoesNotComeIs408) {
    SiteWorld world;
    const auto client = world.connect();
    for (const char c : Bytes("GET / HTTP/1.1\r\nHost: exa")) {
        client->receive(Bytes(&c, 1));
        world.reactor.advance(seconds(1));
    }
    const auto answers = readAnswers(client->value());
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].status, 408);
    EXPECT_TRUE(client->lostWriting());
}

TEST(Channel, ASilentClientIsClosedWithoutAnAnswer) {
    SiteWorld world;
    const auto silent = world.connect();
    const auto idle = world.connect();
    idle->receive(get());
    idle->takeValue();
    world.reactor.advance(seconds(25));
    EXPECT_TRUE(silent->losing());
    EXPECT_EQ(silent->value(), "");
    EXPECT_FALSE(closed(*idle));
    world.reactor.advance(seconds(55));
    EXPECT_TRUE(idle->losing());
    EXPECT_EQ(idle->value(), "");
}

TEST(Channel, ABodyThatStandsStillIsCutAlsoAfterALotCame) {
    SiteWorld world;
    const auto client = world.connect();
    client->receive(post(600'000, std::string(500'000, 'x')));
    world.reactor.advance(seconds(20));
    EXPECT_FALSE(client->aborted());
    world.reactor.advance(seconds(20));
    EXPECT_TRUE(client->aborted());
}

TEST(Channel, ASteadyBodyMayTakeLong) {
    SiteWorld world;
    const auto client = world.connect();
    client->receive(post(60'000, ""));
    for (int i = 0; i < 300; ++i) {
        client->receive(std::string(200, 'x'));
        world.reactor.advance(seconds(1));
    }
    EXPECT_EQ(readAnswers(client->value()).at(0).body.size(), 60'000U);
}

TEST(Channel, AResourceMayTakeItsTime) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(post(5, "ab"));
    world.reactor.advance(seconds(600));
    EXPECT_FALSE(closed(*client));
    later.requests.at(0)->respond("done");
    EXPECT_EQ(readAnswers(client->value()).size(), 1U);
}

TEST(Channel, AnAnswerThatIsNotReadIsCut) {
    // In each of the states in which a connection may stand with an answer on its way.
    for (const std::string& request :
         {get(), get("/", "Connection: close\r\n"), post(100'000, "x"), get() + "GET / HT"}) {
        SiteWorld world(answering([](const RequestPtr& r) { r->respond(std::string(100'000, 'x')); }));
        const auto client = world.connect();
        client->holdWrites();
        client->receive(request);
        world.reactor.advance(seconds(20));
        EXPECT_FALSE(client->aborted()) << request;
        world.reactor.advance(seconds(60));
        EXPECT_TRUE(client->aborted()) << request;
    }
}

TEST(Channel, AnAnswerBehindABodyThatIsNotReadIsCutToo) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(post(3, ""));
    auto body = later.requests.at(0)->body(10);
    client->receive("abc");
    EXPECT_EQ(successResultOf(std::move(body)), "abc");
    client->holdWrites();
    later.requests[0]->begin(200'000);
    later.requests[0]->write(std::string(100'000, 'x'));
    world.reactor.advance(seconds(60));
    EXPECT_TRUE(client->aborted());
}

TEST(Channel, LingersOnlyOnceAllWasSent) {
    SiteWorld world(answering([](const RequestPtr& r) { r->respond(std::string(100'000, 'x')); }));
    const auto client = world.connect();
    client->holdWrites();
    client->receive(post(100'000, "x"));
    world.reactor.advance(seconds(10));
    EXPECT_FALSE(client->losing());
    client->drain();
    world.reactor.advance(seconds(1));
    EXPECT_FALSE(client->losing());
    world.reactor.advance(seconds(3));
    EXPECT_TRUE(client->losing());
}

// The end of the site

TEST(Channel, StopLetsWhoIsAtWorkFinish) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto silent = world.connect();
    const auto late = world.connect();
    const auto busy = world.connect();
    const auto sending = world.connect();
    busy->receive(get());
    sending->holdWrites();
    sending->receive(get());
    later.requests.at(1)->respond(std::string(100'000, 'x'));
    auto stopped = world.site.stop();
    EXPECT_FALSE(silent->losing()); // its request may be on its way
    late->receive(get());
    later.requests.at(2)->respond("the last");
    EXPECT_EQ(readAnswers(late->value()).at(0).field("Connection"), "close");
    EXPECT_TRUE(late->losing());
    world.reactor.advance(seconds(1));
    EXPECT_TRUE(silent->losing());
    EXPECT_FALSE(closed(*busy));
    EXPECT_FALSE(sending->aborted());
    EXPECT_EQ(world.connect(), nullptr);
    later.requests.at(0)->respond("done");
    EXPECT_EQ(readAnswers(busy->value()).at(0).field("Connection"), "close");
    EXPECT_TRUE(busy->losing());
    silent->lose();
    late->lose();
    busy->lose();
    EXPECT_FALSE(stopped.called());
    sending->drain();
    sending->lose();
    EXPECT_EQ(readAnswers(sending->value()).at(0).body.size(), 100'000U);
    successResultOf(std::move(stopped));
}

TEST(Channel, AnAnswerThatKeepsTheConnectionIsNotTheLastOneAtTheStop) {
    Keeping later;
    SiteWorld world(later.resource);
    const auto client = world.connect();
    client->receive(get());
    later.requests.at(0)->begin(2);
    auto stopped = world.site.stop();
    world.reactor.advance(seconds(5));
    later.requests.at(0)->write("ok");
    later.requests.at(0)->finish();
    EXPECT_FALSE(client->losing());
    world.reactor.advance(std::chrono::milliseconds(500));
    client->receive(get());
    later.requests.at(1)->respond("the last");
    EXPECT_EQ(readAnswers(client->value()).at(1).field("Connection"), "close");
    EXPECT_TRUE(client->losing());
    client->lose();
    successResultOf(std::move(stopped));
}

TEST(Channel, AbortAllReachesConnectionsInEveryState) {
    Keeping later;
    SiteWorld world(later.resource);
    std::vector<std::unique_ptr<StringTransport>> clients;
    for (const std::string& sent :
         {std::string(), std::string("GET / H"), get(), post(9, "x"), std::string("?\r\n")}) {
        clients.push_back(world.connect());
        clients.back()->receive(sent);
    }
    auto stopped = world.site.stop();
    world.site.abortAll();
    for (const auto& client : clients) {
        EXPECT_TRUE(client->aborted());
        client->lose();
    }
    successResultOf(std::move(stopped));
}

TEST(Channel, RandomBytesNeitherHangNorBreakTheSite) {
    SiteWorld world;
    std::uint64_t state = 42;
    const auto random = [&] {
        state ^= state << 13;
        state ^= state >> 7;
        return state ^= state << 17;
    };
    const std::string valid =
        "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 100'000; ++i) {
        const auto client = world.connect();
        std::string bytes(1 + random() % 60, '\0');
        if (i % 2 == 0) {
            for (char& c : bytes)
                c = static_cast<char>(random() & 0xff);
        } else {
            bytes = valid;
            bytes[random() % bytes.size()] = static_cast<char>(random() & 0xff);
        }
        client->receive(bytes);
        if (i % 16 == 0)
            client->loseReading();
    }
    EXPECT_EQ(world.site.connections(), 0U);
    EXPECT_EQ(world.get("/").body, "hello");
}

} // namespace
} // namespace twistdpp::http
