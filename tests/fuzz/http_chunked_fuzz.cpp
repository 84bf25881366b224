// layers: http
// The chunked decoder over any bytes: the body, the end and the refusal must not depend on how the input is
// cut, and a body that is encoded again decodes to the same.
#include "twistdpp/http/chunked.h"
#include "twistdpp/http/tokens.h"

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

struct Outcome {
    std::string body;
    std::string trailers;
    std::size_t consumed = 0;
    const char* reason = nullptr;
    bool done = false;

    bool operator==(const Outcome&) const = default;
};

Outcome decode(Bytes input, std::size_t step) {
    ChunkedDecoder decoder;
    Outcome outcome;
    for (std::size_t from = 0; from < input.size() && !decoder.done(); from += step) {
        const Bytes segment = input.substr(from, step);
        const std::vector<char> exact(segment.begin(), segment.end());
        Bytes rest(exact.data(), exact.size());
        while (!rest.empty() && !decoder.done()) {
            const ChunkedDecoder::Step part = decoder.decode(rest);
            require(part.consumed <= rest.size() && part.consumed > 0);
            require(part.data.empty() || part.data.data() + part.data.size() == rest.data() + part.consumed);
            outcome.body += part.data;
            outcome.consumed += part.consumed;
            rest.remove_prefix(part.consumed);
            if (part.failed()) {
                require(decoder.decode("0\r\n\r\n").reason == part.reason);
                outcome.reason = part.reason;
                return outcome;
            }
        }
    }
    outcome.done = decoder.done();
    decoder.trailers().appendTo(outcome.trailers);
    for (const HeaderList::Field& field : decoder.trailers())
        require(isToken(field.name) && isFieldValue(field.value));
    return outcome;
}

} // namespace

/// The first byte says how the rest is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::size_t step = 1 + data[0] % 64u;
    const Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Outcome whole = decode(input, input.size() + 1);
    require(decode(input, step) == whole);
    require(decode(input, 1) == whole);
    require(whole.body.size() <= whole.consumed && whole.consumed <= input.size());
    require(!(whole.done && whole.reason));
    if (whole.done) {
        std::string again;
        for (std::size_t at = 0; at < whole.body.size(); at += step)
            appendChunk(again, Bytes(whole.body).substr(at, step));
        again += kLastChunk;
        const Outcome decoded = decode(again, 7);
        require(decoded.done && decoded.body == whole.body && decoded.consumed == again.size());
    }
    return 0;
}
