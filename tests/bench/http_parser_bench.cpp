// layers: http
// What parsing costs a server: one head alone, and a read that holds many of them.
#include "twistdpp/http/chunked.h"
#include "twistdpp/http/request_parser.h"
#include "twistdpp/http/response_parser.h"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace twistdpp;
using namespace twistdpp::http;

const std::string kWrk = "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

const std::string kBrowser =
    "GET /docs/guide/index.html?lang=en HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Referer: https://www.example.org/docs/\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Cookie: session=0123456789abcdef; theme=dark\r\n"
    "If-None-Match: \"5f3-61a2b3c4d5e6f\"\r\n\r\n";

void requestHead(benchmark::State& state, const std::string& request) {
    RequestParser parser;
    for (auto _ : state) {
        const ParseResult result = parser.parse(request);
        if (!result.complete())
            state.SkipWithError("not complete");
        benchmark::DoNotOptimize(parser.head().target().data());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * request.size()));
}
BENCHMARK_CAPTURE(requestHead, wrk, kWrk);
BENCHMARK_CAPTURE(requestHead, browser, kBrowser);

void pipelined16(benchmark::State& state) {
    std::string input;
    for (int i = 0; i < 16; ++i)
        input += kWrk;
    RequestParser parser;
    for (auto _ : state) {
        for (Bytes rest = input; !rest.empty();) {
            const ParseResult result = parser.parse(rest);
            if (!result.complete())
                state.SkipWithError("not complete");
            rest.remove_prefix(result.consumed);
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * 16));
}
BENCHMARK(pipelined16);

// The worst client: each byte in a segment of its own, the head shown again from its beginning each time.
void browserByteByByte(benchmark::State& state) {
    RequestParser parser;
    for (auto _ : state) {
        for (std::size_t shown = 1; shown <= kBrowser.size(); ++shown) {
            if (parser.parse(Bytes(kBrowser).substr(0, shown)).failed())
                state.SkipWithError("failed");
        }
    }
}
BENCHMARK(browserByteByByte);

void responseHead(benchmark::State& state) {
    const std::string response =
        "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: text/html\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n";
    ResponseParser parser;
    for (auto _ : state) {
        if (!parser.parse(response).complete())
            state.SkipWithError("not complete");
    }
}
BENCHMARK(responseHead);

void chunkedBody(benchmark::State& state) {
    std::string body;
    for (int i = 0; i < 64; ++i)
        appendChunk(body, std::string(1000, 'x'));
    body += kLastChunk;
    for (auto _ : state) {
        ChunkedDecoder decoder;
        for (Bytes rest = body; !decoder.done();) {
            const auto step = decoder.decode(rest);
            rest.remove_prefix(step.consumed);
            benchmark::DoNotOptimize(step.data.data());
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(chunkedBody);

} // namespace

BENCHMARK_MAIN();
