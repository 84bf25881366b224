#pragma once
#include "support/results.h"
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/defer/deferred.h"
#include "twistdpp/http/chunked.h"
#include "twistdpp/http/resource.h"
#include "twistdpp/http/response_parser.h"
#include "twistdpp/http/site.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::http {

/// One answer as a client reads it.
struct Answer {
    int status = 0;
    std::string head;
    std::string body;
    bool keepAlive = false;

    /// The value of the first field of that name; empty when there is none.
    std::string field(const std::string& name) const {
        const auto at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos)
            return {};
        const auto begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    bool has(const std::string& name) const { return head.find("\r\n" + name + ":") != std::string::npos; }
};

/// Takes apart what a server sent, as strictly as our client does. `asked` are the methods of the requests;
/// those that it does not name are GETs. Interim answers stand in the result like the others.
inline std::vector<Answer> readAnswers(Bytes wire, const std::vector<Method>& asked = {}) {
    std::vector<Answer> answers;
    ResponseParser parser;
    std::size_t request = 0;
    while (!wire.empty()) {
        parser.expect(request < asked.size() ? asked[request] : Method::get);
        const ParseResult result = parser.parse(wire);
        if (!result.complete()) {
            ADD_FAILURE() << "no whole answer: " << (result.reason ? result.reason : "more is needed") << "\n"
                          << wire.substr(0, 300);
            break;
        }
        const ResponseHead& head = parser.head();
        Answer answer;
        answer.status = head.status();
        answer.head = head.raw();
        answer.keepAlive = head.keepAlive();
        request += head.interim() ? 0 : 1;
        wire.remove_prefix(result.consumed);
        if (head.body() == BodyKind::length) {
            EXPECT_LE(head.contentLength(), wire.size()) << "the body is cut short";
            answer.body = wire.substr(0, static_cast<std::size_t>(head.contentLength()));
            wire.remove_prefix(answer.body.size());
        } else if (head.body() == BodyKind::untilClose) {
            answer.body = wire;
            wire = {};
        } else if (head.body() == BodyKind::chunked) {
            ChunkedDecoder decoder;
            while (!decoder.done()) {
                const auto step = decoder.decode(wire);
                if (step.failed() || step.consumed == 0) {
                    ADD_FAILURE() << "a chunked body that does not end well";
                    return answers;
                }
                answer.body.append(step.data);
                wire.remove_prefix(step.consumed);
            }
        }
        answers.push_back(std::move(answer));
    }
    return answers;
}

/// A leaf made of a function.
class Answering final : public Resource {
public:
    explicit Answering(std::function<void(const RequestPtr&)> answer) : answer_(std::move(answer)) {}
    bool isLeaf() const noexcept override { return true; }
    void render(const RequestPtr& request) override { answer_(request); }

private:
    std::function<void(const RequestPtr&)> answer_;
};

inline std::shared_ptr<Resource> answering(std::function<void(const RequestPtr&)> answer) {
    return std::make_shared<Answering>(std::move(answer));
}

/// A leaf that answers GET with its text and POST with the body that it was sent.
class Plain final : public Resource {
public:
    explicit Plain(std::string text = "hello") : text_(std::move(text)) {}
    bool isLeaf() const noexcept override { return true; }
    void renderGet(const RequestPtr& request) override {
        if (!request->path().empty() || request->decodePath())
            request->respond(text_);
    }
    void renderPost(const RequestPtr& request) override { echo(request).detach(); }
    Bytes allowed() const noexcept override { return "GET, HEAD, OPTIONS, POST"; }

private:
    static Deferred<void> echo(RequestPtr request) {
        auto body = co_await request->body(1024 * 1024).outcome();
        if (body.ok())
            request->respond(body.value());
    }
    std::string text_;
};

/// A Site without sockets: a test plays its clients and turns its time.
class SiteWorld {
public:
    explicit SiteWorld(
        std::shared_ptr<Resource> root = std::make_shared<Plain>(), const SiteLimits& limits = {}
    )
        : site(reactor, std::move(root), limits) {}

    /// A client that has just connected.
    std::unique_ptr<StringTransport> connect() {
        auto transport = std::make_unique<StringTransport>(reactor);
        auto protocol = site.buildProtocol(transport->peer());
        if (!protocol)
            return nullptr;
        transport->connect(std::move(protocol));
        return transport;
    }
    /// What a client that sends this on a connection of its own is answered.
    Answer ask(Bytes request, Method method = Method::get) {
        const auto client = connect();
        client->receive(request);
        const auto answers = readAnswers(client->value(), {method});
        EXPECT_EQ(answers.size(), 1U) << request;
        return answers.empty() ? Answer() : answers.front();
    }
    Answer get(const std::string& target, const std::string& fields = {}) {
        return ask("GET " + target + " HTTP/1.1\r\nHost: example.org\r\n" + fields + "\r\n");
    }
    Answer head(const std::string& target, const std::string& fields = {}) {
        return ask("HEAD " + target + " HTTP/1.1\r\nHost: example.org\r\n" + fields + "\r\n", Method::head);
    }

    test::ManualReactor reactor;
    Site site;
};

/// Whether the server has begun to close: at once, or its own half with the client's still open.
inline bool closed(const StringTransport& client) {
    return client.losing() || client.lostWriting() || client.aborted().has_value();
}

} // namespace twistdpp::http
