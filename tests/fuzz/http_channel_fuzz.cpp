// layers: http
// A server connection over any bytes, cut anywhere: it must not break, each answer must be one that our own
// client can read, there must be no more of them than requests, and after an error that leaves the end of the
// request in doubt nothing more may come.
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/http/chunked.h"
#include "twistdpp/http/resource.h"
#include "twistdpp/http/response_parser.h"
#include "twistdpp/http/site.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace twistdpp;
using namespace twistdpp::http;

void require(bool condition) {
    if (!condition)
        std::abort();
}

/// "/now" answers at once, "/body" with what it is sent, "/part" after one piece of that, "/later" when the
/// fuzzer says so, and the rest in chunks.
struct World {
    World()
        : root(std::make_shared<CoroutineResource>([this](RequestPtr request) { return answer(request); })),
          site(reactor, root) {
        site.setAccessLog([this](const AccessRecord& record) {
            ++logged;
            methods.push_back(record.request.method());
        });
    }

    Deferred<void> answer(RequestPtr request) {
        const std::string target(request->head().target());
        if (target == "/now")
            co_return request->respond("now");
        if (target == "/later") {
            later.push_back(request);
            co_return;
        }
        if (target == "/body") {
            const auto body = co_await request->body(1000).outcome();
            if (body.ok())
                co_return request->respond(body.value());
            co_return request->respondError(413);
        }
        if (target == "/part") {
            const auto piece = co_await request->readBody().outcome();
            co_return request->respond(piece.ok() ? piece.value() : std::string("none"));
        }
        request->begin();
        request->write("some ");
        request->write(target);
        request->finish();
    }
    void answerLater() {
        for (const RequestPtr& request : std::exchange(later, {}))
            request->respond("later");
    }

    test::ManualReactor reactor;
    std::vector<RequestPtr> later;
    std::vector<Method> methods;
    std::size_t logged = 0;
    std::shared_ptr<Resource> root;
    Site site;
};

/// How many final answers `wire` is made of; nothing but whole ones may be in it.
std::size_t countAnswers(Bytes wire, const std::vector<Method>& methods) {
    std::size_t count = 0;
    ResponseParser parser;
    while (!wire.empty()) {
        parser.expect(count < methods.size() ? methods[count] : Method::get);
        const ParseResult result = parser.parse(wire);
        require(result.complete());
        const ResponseHead& head = parser.head();
        wire.remove_prefix(result.consumed);
        if (head.interim()) {
            require(head.status() == 100);
            continue;
        }
        ++count;
        switch (head.body()) {
        case BodyKind::none:
            break;
        case BodyKind::length:
            require(head.contentLength() <= wire.size());
            wire.remove_prefix(static_cast<std::size_t>(head.contentLength()));
            break;
        case BodyKind::chunked: {
            ChunkedDecoder decoder;
            while (!decoder.done()) {
                const auto step = decoder.decode(wire);
                require(!step.failed() && step.consumed > 0);
                wire.remove_prefix(step.consumed);
            }
            break;
        }
        case BodyKind::untilClose:
            wire = {};
            break;
        }
        require(head.keepAlive() || wire.empty());
    }
    return count;
}

void run(Bytes input, std::size_t step, unsigned habits) {
    World world;
    StringTransport client(world.reactor);
    client.connect(world.site.buildProtocol(client.peer()));
    if (habits & 1)
        client.holdWrites();
    while (!input.empty()) {
        client.receive(input.substr(0, step));
        input.remove_prefix(std::min(step, input.size()));
        if (habits & 2)
            world.answerLater();
        if (habits & 4)
            world.reactor.advance(std::chrono::milliseconds(700));
    }
    if (habits & 8)
        client.loseReading();
    for (int i = 0; i < 100 && !world.later.empty(); ++i)
        world.answerLater();
    client.drain();
    for (int i = 0; i < 100 && !world.later.empty(); ++i)
        world.answerLater();
    const bool closed = client.losing() || client.lostWriting() || client.aborted();
    const std::size_t length = client.value().size();
    client.receive("GET /now HTTP/1.1\r\nHost: a\r\n\r\n");
    require(!closed || client.value().size() == length);
    const std::string wire = client.takeValue();
    client.lose();
    if (!client.aborted())
        require(countAnswers(wire, world.methods) <= world.logged);
    require(world.site.connections() == 0);
    require(world.logged >= world.site.requests() && world.logged <= world.site.requests() + 1);
}

} // namespace

/// The first byte says how the rest is cut, the second how the client behaves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
        return 0;
    const Bytes input(reinterpret_cast<const char*>(data) + 2, size - 2);
    run(input, 1 + data[0] % 100u, data[1]);
    run(input, std::max<std::size_t>(1, input.size()), data[1]);
    return 0;
}
