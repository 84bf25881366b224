// layers: http
#include "support/expect.h"
#include "twistdpp/http/agent.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/sim/sim_reactor.h"

#include "twistdpp/defer/errors.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp::http {

namespace {

using std::chrono::seconds;

/// A server that does as a test says: `answer` is called for each request head that has come.
struct World {
    explicit World(const SimOptions& options = SimOptions()) : reactor(options) {}

    SimReactor reactor;
    std::function<void(Transport&, const std::string& head)> answer;
    std::vector<std::string> heads;
    std::string beyond; // what came that is no head, such as bodies
    bool takesBodies = false;
    bool inBody = false; // all that comes is body, until a test says otherwise
    int connections = 0; // in all
    int open = 0;
    int mostOpen = 0;
    std::unique_ptr<Port> port;
    std::unique_ptr<Port> otherPort;

    void listen() { port = open80(80), otherPort = open80(81); }

    template <class T>
    Outcome<T> wait(Deferred<T> deferred) {
        std::optional<Outcome<T>> result;
        auto done =
            std::move(deferred).addBoth([&](Outcome<T> outcome) { result.emplace(std::move(outcome)); });
        EXPECT_TRUE(reactor.runUntil([&] { return result.has_value(); }));
        if (!result)
            return Failure(std::runtime_error("it never ended"));
        return *std::move(result);
    }

private:
    class Handler final : public Protocol {
    public:
        explicit Handler(World& world) : world_(world) {}
        void connectionMade() override {
            ++world_.connections;
            world_.mostOpen = std::max(world_.mostOpen, ++world_.open);
        }
        void dataReceived(Bytes data) override {
            received_.append(data);
            while (!world_.inBody) {
                const auto end = received_.find("\r\n\r\n");
                if (end == std::string::npos)
                    break;
                const std::string request = received_.substr(0, end + 4);
                received_.erase(0, end + 4);
                world_.heads.push_back(request);
                world_.inBody = world_.takesBodies;
                world_.answer(transport(), request);
            }
            if (world_.inBody)
                world_.beyond += std::exchange(received_, {});
        }
        void connectionLost(const Failure&) override { --world_.open; }

    private:
        World& world_;
        std::string received_;
    };

    std::unique_ptr<Port> open80(std::uint16_t number) {
        return reactor.listenTCP(number, makeFactory([this](const Address&) {
                                     return std::make_unique<Handler>(*this);
                                 }));
    }
};

std::string withLength(const std::string& body, const std::string& fields = "") {
    return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

auto saying(std::string text) {
    return
        [text = std::move(text)](Transport& transport, const std::string&) { transport.write(Bytes(text)); };
}

std::string messageOf(const auto& outcome) {
    return outcome.ok() ? std::string("(no failure)") : outcome.failure().message();
}

/// Every test runs in worlds that cut and delay in different ways, one of them byte by byte.
class HttpClient : public testing::TestWithParam<std::uint64_t> {
protected:
    static SimOptions options() {
        SimOptions made(GetParam());
        made.bytewise = GetParam() == 1;
        return made;
    }
    void SetUp() override { world.listen(); }

    Outcome<std::string> page(Agent& agent, const std::string& url = "http://localhost/x") {
        return world.wait(agent.getPage(url));
    }
    static AgentOptions patient() {
        AgentOptions made;
        made.userAgent.clear();
        made.decode = false;
        return made;
    }

    World world{options()};
};

} // namespace

TEST_P(HttpClient, AsksAndGetsTheAnswer) {
    world.answer = saying("HTTP/1.1 203 Fine\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello");
    Agent agent(world.reactor, patient());
    auto outcome = world.wait(agent.request("GET", "http://localhost/a?b"));
    ASSERT_TRUE(outcome.ok()) << messageOf(outcome);
    const ResponsePtr response = outcome.value();
    EXPECT_EQ(world.heads.at(0), "GET /a?b HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(response->status(), 203);
    EXPECT_EQ(response->reason(), "Fine");
    EXPECT_EQ(response->headers().get("x-a"), "b");
    EXPECT_EQ(response->contentLength(), 5U);
    EXPECT_EQ(response->url(), "http://localhost/a?b");
    auto body = world.wait(response->body());
    ASSERT_TRUE(body.ok()) << messageOf(body);
    EXPECT_EQ(body.value(), "hello");
    EXPECT_TRUE(response->finished());
    EXPECT_EQ(world.wait(response->readBody()).value(), "");
}

TEST_P(HttpClient, ReadsChunksAndTrailers) {
    world.answer = saying(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
    );
    Agent agent(world.reactor);
    const ResponsePtr response = world.wait(agent.request("GET", "http://localhost/")).get();
    EXPECT_EQ(world.wait(response->body()).get(), "abcde");
    EXPECT_EQ(response->trailers().get("X-T"), "1");
    EXPECT_EQ(agent.idleConnections(), 1U);
}

TEST_P(HttpClient, ReadsUntilTheConnectionCloses) {
    world.answer = [](Transport& transport, const std::string&) {
        transport.write("HTTP/1.1 200 OK\r\n\r\nall of it");
        transport.loseConnection();
    };
    Agent agent(world.reactor);
    EXPECT_EQ(page(agent).get(), "all of it");
    EXPECT_EQ(agent.idleConnections(), 0U);
}

TEST_P(HttpClient, SkipsInterimAnswers) {
    world.answer = saying(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + withLength("x")
    );
    Agent agent(world.reactor);
    EXPECT_EQ(page(agent).get(), "x");
}

TEST_P(HttpClient, UsesAConnectionAgain) {
    world.answer = saying(withLength("x"));
    Agent agent(world.reactor);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(page(agent).get(), "x");
    EXPECT_EQ(world.connections, 1);
    EXPECT_EQ(page(agent, "http://localhost:81/").get(), "x");
    EXPECT_EQ(world.connections, 2);
    EXPECT_EQ(agent.idleConnections(), 2U);
    agent.closeIdleConnections();
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
}

TEST_P(HttpClient, ClosesAConnectionThatWaitsTooLong) {
    world.answer = saying(withLength("x"));
    Agent agent(world.reactor);
    EXPECT_EQ(page(agent).get(), "x");
    world.reactor.advance(seconds(239));
    EXPECT_EQ(world.open, 1);
    world.reactor.advance(seconds(2));
    EXPECT_EQ(world.open, 0);
    EXPECT_EQ(agent.idleConnections(), 0U);
}

TEST_P(HttpClient, KeepsToItsLimitPerHost) {
    world.answer = saying(withLength("y"));
    AgentOptions options;
    options.pool.perHost = 2;
    Agent agent(world.reactor, options);
    std::vector<std::string> pages;
    for (int i = 0; i < 9; ++i)
        agent.getPage("http://localhost/")
            .addCallback([&](std::string text) { pages.push_back(text); })
            .detach();
    EXPECT_TRUE(world.reactor.runUntil([&] { return pages.size() == 9; }));
    EXPECT_EQ(world.connections, 2);
    EXPECT_EQ(world.mostOpen, 2);
    EXPECT_EQ(pages, std::vector<std::string>(9, "y"));
}

TEST_P(HttpClient, KeepsToItsLimitInAll) {
    world.answer = saying(withLength("x"));
    AgentOptions options;
    options.pool.idle = 1;
    Agent agent(world.reactor, options);
    EXPECT_TRUE(page(agent, "http://localhost/").ok());
    EXPECT_TRUE(page(agent, "http://localhost:81/").ok());
    EXPECT_EQ(agent.idleConnections(), 1U);
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 1; }));
}

TEST_P(HttpClient, ClosesWhatItWasAskedToClose) {
    world.answer = saying(withLength("x", "Connection: close\r\n"));
    Agent agent(world.reactor);
    EXPECT_EQ(page(agent).get(), "x");
    EXPECT_EQ(agent.idleConnections(), 0U);
    world.answer = saying(withLength("x"));
    HeaderList close;
    close.add("Connection", "close");
    const ResponsePtr response = world.wait(agent.request("GET", "http://localhost/", close)).get();
    EXPECT_EQ(world.wait(response->body()).get(), "x");
    EXPECT_EQ(agent.idleConnections(), 0U);
    EXPECT_NE(world.heads.back().find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST_P(HttpClient, DoesNotTrustAConnectionWithMoreOnItThanWasAsked) {
    world.answer = saying(withLength("x") + withLength("smuggled"));
    Agent agent(world.reactor);
    EXPECT_EQ(page(agent).get(), "x");
    world.reactor.advance(seconds(1));
    EXPECT_EQ(agent.idleConnections(), 0U);
    EXPECT_EQ(page(agent).get(), "x");
    EXPECT_EQ(world.connections, 2);
}

TEST_P(HttpClient, AnIdleTimeEndsWithTheIdling) {
    Timer late;
    world.answer = saying(withLength("x"));
    AgentOptions options = patient();
    options.times.head = Duration(0); // the server may take as long as it likes
    options.pool.idleTime = seconds(10);
    Agent agent(world.reactor, options);
    EXPECT_EQ(page(agent).get(), "x");
    world.answer = [&](Transport& transport, const std::string&) {
        late = world.reactor.callLater(seconds(60), [&transport] { transport.write(withLength("late")); });
    };
    const auto outcome = page(agent);
    ASSERT_TRUE(outcome.ok()) << messageOf(outcome);
    EXPECT_EQ(outcome.value(), "late");
    EXPECT_EQ(world.connections, 1);
}

TEST_P(HttpClient, AsksAgainWhenAKeptConnectionWasDead) {
    int requests = 0;
    world.answer = [&](Transport& transport, const std::string&) {
        if (++requests == 2)
            return transport.abortConnection();
        transport.write(Bytes(withLength("x")));
    };
    Agent agent(world.reactor);
    EXPECT_EQ(page(agent).get(), "x");
    EXPECT_EQ(page(agent).get(), "x");
    EXPECT_EQ(requests, 3);
    EXPECT_EQ(world.connections, 2);
}

TEST_P(HttpClient, AsksAgainOnceOnlyAndNothingThatCouldHappenTwice) {
    int requests = 0;
    world.answer = [&](Transport& transport, const std::string&) {
        if (++requests != 1 && requests != 4)
            return transport.abortConnection();
        transport.write(Bytes(withLength("x")));
    };
    Agent agent(world.reactor);
    EXPECT_TRUE(page(agent).ok());
    const auto twice = page(agent);
    ASSERT_FALSE(twice.ok());
    EXPECT_TRUE(twice.failure().check<ResponseNeverReceived>()) << messageOf(twice);
    EXPECT_EQ(requests, 3);
    EXPECT_TRUE(page(agent).ok());
    const auto post = world.wait(agent.request("POST", "http://localhost/", {}, RequestBody("")));
    ASSERT_FALSE(post.ok());
    EXPECT_TRUE(post.failure().check<ResponseNeverReceived>()) << messageOf(post);
    EXPECT_EQ(requests, 5);
}

TEST_P(HttpClient, FollowsRedirects) {
    world.answer = [](Transport& transport, const std::string& head) {
        if (head.starts_with("GET /first "))
            transport.write("HTTP/1.1 302 Found\r\nLocation: second?q\r\nContent-Length: 4\r\n\r\ngone");
        else if (head.starts_with("GET /second?q "))
            transport.write(
                "HTTP/1.1 301 Moved\r\nLocation: http://localhost:81/third\r\nContent-Length: 0\r\n\r\n"
            );
        else
            transport.write(Bytes(withLength("there")));
    };
    Agent agent(world.reactor);
    HeaderList secret;
    secret.add("Authorization", "Basic x");
    const ResponsePtr response = world.wait(agent.request("GET", "http://localhost/first", secret)).get();
    EXPECT_EQ(response->url(), "http://localhost:81/third");
    EXPECT_EQ(world.wait(response->body()).get(), "there");
    EXPECT_EQ(world.connections, 2);
    EXPECT_NE(world.heads.at(1).find("Authorization"), std::string::npos);
    EXPECT_EQ(world.heads.at(2).find("Authorization"), std::string::npos);
}

TEST_P(HttpClient, GivesUpOnRedirectsInACircle) {
    world.answer = saying("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
    Agent agent(world.reactor);
    const auto outcome = page(agent);
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<RedirectError>());
    EXPECT_EQ(world.heads.size(), 11U);
    AgentOptions none;
    none.redirects = 0;
    Agent plain(world.reactor, none);
    EXPECT_EQ(world.wait(plain.request("GET", "http://localhost/")).get()->status(), 302);
}

TEST_P(HttpClient, TellsAnErrorPageFromAPage) {
    world.answer = saying("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry");
    Agent agent(world.reactor);
    const auto outcome = page(agent);
    ASSERT_FALSE(outcome.ok());
    const auto* error = outcome.failure().as<HttpError>();
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->status(), 404);
    EXPECT_EQ(error->page(), "sorry");
    EXPECT_STREQ(error->what(), "http://localhost/x answered 404 Not Found");
    EXPECT_EQ(agent.idleConnections(), 1U);
}

TEST_P(HttpClient, FetchesASinglePage) {
    world.answer = saying(withLength("x"));
    EXPECT_EQ(world.wait(getPage(world.reactor, "http://localhost/")).get(), "x");
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
}

TEST_P(HttpClient, PassesOnWhatTheLayersBelowSay) {
    Agent agent(world.reactor);
    EXPECT_TRUE(page(agent, "http://nowhere.example/").failure().check<DNSLookupError>());
    EXPECT_TRUE(page(agent, "http://localhost:9/").failure().check<ConnectError>());
    EXPECT_TRUE(page(agent, "https://localhost/").failure().check<RequestError>());
    EXPECT_TRUE(page(agent, "gopher://localhost/").failure().check<RequestError>());
    EXPECT_TRUE(world.wait(agent.request("A B", "http://localhost/")).failure().check<RequestError>());
}

TEST_P(HttpClient, SaysWhatBecameOfAnAnswerThatIsNotWhole) {
    Agent agent(world.reactor);
    for (const Bytes part :
         {"HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
        world.answer = [&](Transport& transport, const std::string&) {
            transport.write(part);
            transport.loseConnection();
        };
        const auto outcome = page(agent);
        ASSERT_FALSE(outcome.ok());
        EXPECT_TRUE(outcome.failure().check<ResponseCut>()) << part << ": " << messageOf(outcome);
    }
    world.answer = [](Transport& transport, const std::string&) { transport.loseConnection(); };
    EXPECT_TRUE(page(agent).failure().check<ResponseNeverReceived>());
}

TEST_P(HttpClient, TakesNoAnswerThatCanBeReadInTwoWays) {
    Agent agent(world.reactor);
    for (const char* text :
         {"HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n", "SSH-2.0-OpenSSH\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"}) {
        world.answer = saying(text);
        const auto outcome = page(agent);
        ASSERT_FALSE(outcome.ok()) << text;
        EXPECT_TRUE(outcome.failure().check<BadResponse>()) << text << ": " << messageOf(outcome);
    }
    EXPECT_EQ(agent.idleConnections(), 0U);
}

TEST_P(HttpClient, BoundsInterimAnswersAndHeads) {
    Agent agent(world.reactor);
    std::string many;
    for (int i = 0; i < 20; ++i)
        many += "HTTP/1.1 100 Continue\r\n\r\n";
    world.answer = saying(many);
    EXPECT_TRUE(page(agent).failure().check<BadResponse>());
    world.answer = saying("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x'));
    EXPECT_TRUE(page(agent).failure().check<BadResponse>());
}

TEST_P(HttpClient, WaitsOnlySoLongForTheHead) {
    world.answer = saying("HTTP/1.1 200");
    Agent agent(world.reactor);
    const auto begin = world.reactor.elapsed();
    const auto outcome = page(agent);
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<TimeoutError>()) << messageOf(outcome);
    EXPECT_EQ(messageOf(outcome), "http://localhost/x did not answer within 60 s");
    EXPECT_GE(world.reactor.elapsed() - begin, seconds(60));
    EXPECT_LT(world.reactor.elapsed() - begin, seconds(62));
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
}

TEST_P(HttpClient, WaitsOnlySoLongForTheNextBytes) {
    world.answer = saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    Agent agent(world.reactor);
    const auto outcome = page(agent);
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<TimeoutError>()) << messageOf(outcome);
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
}

TEST_P(HttpClient, WaitsOnlySoLongForTheWhole) {
    std::vector<Timer> drip;
    world.answer = [&](Transport& transport, const std::string&) {
        transport.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        for (int i = 1; i < 50; ++i)
            drip.push_back(world.reactor.callLater(seconds(i), [&transport] { transport.write("x"); }));
    };
    AgentOptions options;
    options.wholeTime = seconds(20);
    Agent agent(world.reactor, options);
    const auto begin = world.reactor.elapsed();
    const auto outcome = page(agent);
    drip.clear();
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<TimeoutError>()) << messageOf(outcome);
    EXPECT_LT(world.reactor.elapsed() - begin, seconds(22));
}

TEST_P(HttpClient, WaitsOnlySoLongForAFreeConnection) {
    world.answer = [](Transport&, const std::string&) {};
    AgentOptions options;
    options.pool.perHost = 1;
    options.wholeTime = seconds(20);
    Agent agent(world.reactor, options);
    auto first = agent.getPage("http://localhost/");
    world.reactor.advance(seconds(10));
    auto second = agent.getPage("http://localhost/");
    const auto outcome = world.wait(std::move(first));
    EXPECT_TRUE(outcome.failure().check<TimeoutError>()) << messageOf(outcome);
    const auto late = world.wait(std::move(second));
    EXPECT_TRUE(late.failure().check<TimeoutError>()) << messageOf(late);
}

TEST_P(HttpClient, LeavesAnUnreadBodyWithTheServer) {
    const std::size_t size = GetParam() == 1 ? 300'000 : 2'000'000;
    Transport* server = nullptr;
    world.answer = [&](Transport& transport, const std::string&) {
        server = &transport;
        transport.write(Bytes(withLength(std::string(size, 'x'))));
    };
    Agent agent(world.reactor);
    const ResponsePtr response = world.wait(agent.request("GET", "http://localhost/")).get();
    world.reactor.advance(seconds(300)); // no time limit on a reader of ours that takes its time
    ASSERT_EQ(world.open, 1);
    EXPECT_GT(server->queued(), size - 260'000);
    EXPECT_EQ(world.wait(response->body(size)).get().size(), size);
    EXPECT_EQ(agent.idleConnections(), 1U);
}

TEST_P(HttpClient, BoundsABodyThatIsWantedWhole) {
    world.answer = saying(withLength(std::string(1000, 'x')));
    Agent agent(world.reactor);
    const auto outcome = world.wait(agent.getPage("http://localhost/", 999));
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.failure().check<ResponseTooLarge>());
    EXPECT_EQ(world.wait(agent.getPage("http://localhost/", 1000)).get().size(), 1000U);
}

TEST_P(HttpClient, CancellingClosesTheConnection) {
    world.answer = [](Transport&, const std::string&) {};
    Agent agent(world.reactor);
    auto waiting = agent.request("GET", "http://localhost/");
    EXPECT_TRUE(world.reactor.runUntil([&] { return !world.heads.empty(); }));
    waiting.cancel();
    EXPECT_TRUE(world.wait(std::move(waiting)).failure().check<CancelledError>());
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
    // Before the connection is there, too.
    auto early = agent.request("GET", "http://localhost/");
    early.cancel();
    EXPECT_TRUE(world.wait(std::move(early)).failure().check<CancelledError>());
}

TEST_P(HttpClient, CancellingAReadTakesItBack) {
    world.answer = [](Transport& transport, const std::string&) {
        transport.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    };
    Agent agent(world.reactor);
    const ResponsePtr response = world.wait(agent.request("GET", "http://localhost/")).get();
    auto read = response->readBody();
    auto second = response->readBody();
    EXPECT_FALSE(world.wait(std::move(second)).ok());
    read.cancel();
    EXPECT_TRUE(world.wait(std::move(read)).failure().check<CancelledError>());
    EXPECT_EQ(world.open, 1);
    auto whole = response->body();
    EXPECT_FALSE(whole.called());
    whole.cancel();
    EXPECT_FALSE(world.wait(std::move(whole)).ok());
}

TEST_P(HttpClient, DroppingTheResponseClosesTheConnection) {
    world.answer = saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    Agent agent(world.reactor);
    EXPECT_TRUE(world.wait(agent.request("GET", "http://localhost/")).ok());
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
    agent.request("GET", "http://localhost/").detach();
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.heads.size() == 2 && world.open == 0; }));
}

TEST_P(HttpClient, ReadGoesOnWhenOnlyTheReadIsLeft) {
    world.answer = saying(withLength("all"));
    Agent agent(world.reactor);
    auto first = agent.request("GET", "http://localhost/").addCallback([](ResponsePtr response) {
        return response->body();
    });
    EXPECT_EQ(world.wait(std::move(first)).get(), "all");
}

TEST_P(HttpClient, SendsABody) {
    world.takesBodies = true;
    world.answer = saying(withLength("thanks"));
    Agent agent(world.reactor, patient());
    const ResponsePtr response =
        world.wait(agent.request("POST", "http://localhost/", {}, RequestBody("some text"))).get();
    EXPECT_EQ(world.wait(response->body()).get(), "thanks");
    world.reactor.advance(seconds(1));
    EXPECT_EQ(world.heads.at(0), "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n");
    EXPECT_EQ(world.beyond, "some text");
}

TEST_P(HttpClient, SendsWhatAProducerGives) {
    world.takesBodies = true;
    Transport* server = nullptr;
    world.answer = [&](Transport& transport, const std::string&) { server = &transport; };
    Agent agent(world.reactor, patient());
    for (const bool chunked : {true, false}) {
        world.beyond.clear();
        world.inBody = false;
        int count = 0;
        RequestBody::Producer producer = [&]() -> Deferred<std::string> {
            return std::string(++count > 2 ? "" : count == 1 ? "abc" : "de");
        };
        RequestBody body = RequestBody::stream(
            std::move(producer), chunked ? std::nullopt : std::optional<std::uint64_t>(5)
        );
        auto waiting = agent.request("PUT", "http://localhost/", {}, std::move(body));
        const std::string expected = chunked ? "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" : "abcde";
        ASSERT_TRUE(world.reactor.runUntil([&] { return world.beyond == expected; })) << world.beyond;
        server->write(Bytes(withLength("ok")));
        const ResponsePtr response = world.wait(std::move(waiting)).get();
        EXPECT_EQ(world.wait(response->body()).get(), "ok");
        EXPECT_EQ(agent.idleConnections(), 1U);
    }
}

TEST_P(HttpClient, AProducerThatFailsFailsTheRequest) {
    world.takesBodies = true;
    world.answer = [](Transport&, const std::string&) {};
    Agent agent(world.reactor);
    RequestBody::Producer broken = []() -> Deferred<std::string> {
        return Failure(std::runtime_error("the disk is on fire"));
    };
    const auto failed =
        world.wait(agent.request("PUT", "http://localhost/", {}, RequestBody::stream(std::move(broken))));
    EXPECT_EQ(messageOf(failed), "the disk is on fire");
    RequestBody::Producer throwing = []() -> Deferred<std::string> { throw std::runtime_error("no"); };
    const auto thrown =
        world.wait(agent.request("PUT", "http://localhost/", {}, RequestBody::stream(std::move(throwing))));
    EXPECT_EQ(messageOf(thrown), "no");
    for (const std::uint64_t promised : {2U, 9U}) {
        int count = 0;
        world.inBody = false;
        RequestBody::Producer other = [&]() -> Deferred<std::string> {
            return std::string(++count == 1 ? "abc" : "");
        };
        const auto outcome = world.wait(
            agent.request("PUT", "http://localhost/", {}, RequestBody::stream(std::move(other), promised))
        );
        EXPECT_TRUE(outcome.failure().check<RequestError>()) << messageOf(outcome);
    }
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
}

TEST_P(HttpClient, TakesAnAnswerToHalfARequest) {
    world.takesBodies = true;
    world.answer = saying("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    Agent agent(world.reactor);
    Promise<std::string> never;
    bool asked = false;
    RequestBody::Producer producer = [&]() -> Deferred<std::string> {
        if (std::exchange(asked, true))
            return never.deferred();
        return std::string("beginning");
    };
    const ResponsePtr response =
        world.wait(agent.request("PUT", "http://localhost/", {}, RequestBody::stream(std::move(producer))))
            .get();
    EXPECT_EQ(response->status(), 413);
    EXPECT_EQ(world.wait(response->body()).get(), "no");
    EXPECT_EQ(agent.idleConnections(), 0U);
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
}

TEST_P(HttpClient, TakesTheContentCodingOff) {
    const std::string coded = std::string(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa1\xca\xf3"
        "\x8b\x72\x52\xb8\x00\xc3\x70\xa3\xc2\x1b\x00\x00\x00",
        35
    );
    world.answer = saying(withLength(coded, "Content-Encoding: gzip\r\n"));
    Agent agent(world.reactor);
    const ResponsePtr response = world.wait(agent.request("GET", "http://localhost/")).get();
    EXPECT_FALSE(response->headers().has("Content-Encoding"));
    EXPECT_EQ(world.wait(response->body()).get(), "hello, hello, hello, world\n");
    EXPECT_EQ(agent.idleConnections(), 1U);
    EXPECT_NE(world.heads.at(0).find("Accept-Encoding: gzip"), std::string::npos);

    Agent plain(world.reactor, patient());
    EXPECT_EQ(page(plain).get(), coded);
    for (const std::string& bad : {coded + "more", coded.substr(0, 30), std::string("plain text")}) {
        world.answer = saying(withLength(bad, "Content-Encoding: gzip\r\n"));
        const auto outcome = page(agent);
        ASSERT_FALSE(outcome.ok());
        EXPECT_TRUE(outcome.failure().check<BadResponse>()) << messageOf(outcome);
    }
}

TEST_P(HttpClient, HeadHasNoBody) {
    world.answer = saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Encoding: gzip\r\n\r\n");
    Agent agent(world.reactor);
    const ResponsePtr response = world.wait(agent.request("HEAD", "http://localhost/")).get();
    EXPECT_EQ(world.wait(response->body()).get(), "");
    EXPECT_EQ(response->headers().get("Content-Length"), "100");
    EXPECT_EQ(agent.idleConnections(), 1U);
}

TEST_P(HttpClient, ARequestOutlivesItsAgent) {
    world.answer = saying(withLength("x"));
    auto agent = std::make_unique<Agent>(world.reactor);
    auto waiting = agent->getPage("http://localhost/");
    agent.reset();
    EXPECT_EQ(world.wait(std::move(waiting)).get(), "x");
    EXPECT_TRUE(world.reactor.runUntil([&] { return world.open == 0; }));
}

TEST_P(HttpClient, EveryRequestEndsWhateverTheNetworkDoes) {
    world.reactor.options().reset = 0.05;
    world.answer = [](Transport& transport, const std::string& head) {
        if (head.starts_with("GET /a"))
            transport.write("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
        else
            transport.write(Bytes(withLength(std::string(3000, 'x'))));
    };
    Agent agent(world.reactor);
    int ended = 0;
    int whole = 0;
    for (int i = 0; i < 100; ++i) {
        agent.getPage(i % 2 == 0 ? "http://localhost/a" : "http://localhost/b")
            .addBoth([&](Outcome<std::string> outcome) {
                ++ended;
                whole += outcome.ok() ? 1 : 0;
                if (outcome.ok()) {
                    EXPECT_EQ(outcome.value(), std::string(3000, 'x'));
                }
            })
            .detach();
    }
    EXPECT_TRUE(world.reactor.runUntil([&] { return ended == 100; }));
    EXPECT_LE(whole, 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HttpClient, testing::Range(std::uint64_t{1}, std::uint64_t{9}));

// The reactor dies in the middle: nothing is left behind, and who waits is told.
TEST(HttpClientEnd, TheReactorGoesFirst) {
    auto world = std::make_unique<World>(SimOptions::calm());
    world->listen();
    world->answer = [](Transport&, const std::string&) {};
    auto agent = std::make_unique<Agent>(world->reactor);
    int failed = 0;
    for (int i = 0; i < 8; ++i)
        agent->getPage("http://localhost/")
            .addErrback([&](const Failure&) {
                ++failed;
                return std::string();
            })
            .detach();
    world->reactor.advance(seconds(1));
    agent.reset();
    world.reset();
    EXPECT_EQ(failed, 8);
}

} // namespace twistdpp::http
