// How a Site walks its tree of resources.
#include "site_world.h"

#include <stdexcept>

namespace twistdpp::http {
namespace {

/// Says where it was asked from: its name and what of the path stands behind it.
class Named : public Resource {
public:
    explicit Named(std::string name, bool leaf = false) : name_(std::move(name)), leaf_(leaf) {}
    bool isLeaf() const noexcept override { return leaf_; }
    void renderGet(const RequestPtr& request) override {
        request->respond(name_ + "|" + std::string(request->postpath()));
    }

private:
    std::string name_;
    bool leaf_;
};

std::shared_ptr<Named> tree() {
    auto root = std::make_shared<Named>("root");
    auto folder = std::make_shared<Named>("folder");
    folder->putChild("b c", std::make_shared<Named>("child"));
    root->putChild("folder", folder);
    root->putChild("leaf", std::make_shared<Named>("leaf", true));
    return root;
}

TEST(Resource, IsFoundByDecodedSegments) {
    SiteWorld world(tree());
    EXPECT_EQ(world.get("/").body, "root|");
    EXPECT_EQ(world.get("/folder").body, "folder|");
    EXPECT_EQ(world.get("/folder/").body, "folder|");
    EXPECT_EQ(world.get("/folder/b%20c?x=/y").body, "child|");
    EXPECT_EQ(world.get("//folder/./x/../b%20c").body, "child|");
    EXPECT_EQ(world.get("/leaf").body, "leaf|");
    EXPECT_EQ(world.get("/leaf/and/more/").body, "leaf|and/more/");
    EXPECT_EQ(world.get("http://elsewhere.example/leaf/x").body, "leaf|x");
}

TEST(Resource, IsMissingAnd404OrBadAnd400) {
    SiteWorld world(tree());
    EXPECT_EQ(world.get("/nothing").status, 404);
    EXPECT_EQ(world.get("/folder/nothing/b").status, 404);
    EXPECT_EQ(world.get("/folder%2Fb%20c").status, 400);
    EXPECT_EQ(world.get("/..").status, 400);
    EXPECT_EQ(world.get("/%2e%2e/etc/passwd").status, 400);
    EXPECT_EQ(world.get("/%zz").status, 400);
    EXPECT_EQ(world.get("/a%00").status, 400);
}

TEST(Resource, SaysWhichMethodsItHas) {
    SiteWorld world(tree());
    const Answer options = world.ask("OPTIONS /folder HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.field("Allow"), "GET, HEAD, OPTIONS");
    const Answer post = world.ask("POST /folder HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(post.status, 405);
    EXPECT_EQ(post.field("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(world.ask("BREW /folder HTTP/1.1\r\nHost: a\r\n\r\n").status, 501);
    const Answer server = world.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(server.status, 200);
    EXPECT_EQ(server.field("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(server.field("Content-Length"), "0");
}

TEST(Resource, MayAnswerWhileItIsAskedForAChild) {
    class Redirecting final : public Resource {
        std::shared_ptr<Resource> getChild(Bytes, Request& request) override {
            request.redirect(302, "/elsewhere");
            return nullptr;
        }
    };
    SiteWorld world(std::make_shared<Redirecting>());
    const Answer answer = world.get("/x");
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(answer.field("Location"), "/elsewhere");
}

TEST(Resource, ThatThrowsIs500) {
    SiteWorld world(answering([](const RequestPtr& request) {
        if (request->head().target() == "/begun")
            request->begin(5);
        if (request->head().target() == "/odd")
            throw 5;
        throw std::runtime_error("a defect");
    }));
    const auto client = world.connect();
    client->receive("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /odd HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answers = readAnswers(client->value());
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].status, 500);
    EXPECT_EQ(answers[0].body.find("defect"), std::string::npos);
    client->receive("GET /begun HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client->aborted());
}

TEST(Resource, MadeOfACoroutineMayThrowLater) {
    Promise<void> wake;
    auto resource = std::make_shared<CoroutineResource>(
        [waiting = std::make_shared<Deferred<void>>(wake.deferred())](RequestPtr request) -> Deferred<void> {
            return std::move(*waiting).addCallback([request] { throw std::runtime_error("later"); });
        }
    );
    SiteWorld world(resource);
    const auto client = world.connect();
    client->receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client->value(), "");
    wake.callback();
    EXPECT_EQ(readAnswers(client->value()).at(0).status, 500);
}

TEST(Resource, LivesUntilItsAnswersAreDone) {
    // As a reload replaces the tree while requests are at work in it.
    class Slow final : public Resource {
    public:
        explicit Slow(Deferred<void> gate) : gate_(std::move(gate)) {}
        bool isLeaf() const noexcept override { return true; }
        void render(const RequestPtr& request) override { answer(request).detach(); }

    private:
        Deferred<void> answer(RequestPtr request) {
            co_await std::move(gate_);
            request->respond(text_);
        }
        Deferred<void> gate_;
        std::string text_ = "still here";
    };
    Promise<void> wake;
    SiteWorld world(std::make_shared<Slow>(wake.deferred()));
    const auto client = world.connect();
    client->receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    world.site.setRoot(std::make_shared<Plain>("new"));
    wake.callback();
    EXPECT_EQ(readAnswers(client->value()).at(0).body, "still here");
    EXPECT_EQ(world.get("/").body, "new");
}

} // namespace
} // namespace twistdpp::http
