// layers: net
// Any bytes are refused, a header, or the beginning of one; and the verdict on a header does not depend on
// how much of what follows is there.
#include "twistdpp/net/proxy_header.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace twistdpp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    const Bytes data(reinterpret_cast<const char*>(input), size);
    const auto parsed = parseProxyHeader(data);
    if (!parsed)
        return 0;
    if (!*parsed) {
        if (size >= kMaxProxyV2)
            std::abort(); // a collecting reader would never end
        return 0;
    }
    const ParsedProxyHeader& found = **parsed;
    if (found.size > size)
        std::abort();
    const auto exact = parseProxyHeader(data.substr(0, found.size));
    const auto shorter = parseProxyHeader(data.substr(0, found.size - 1));
    if (!exact || !*exact || (*exact)->size != found.size || !shorter || *shorter)
        std::abort();
    // What was read can be written, and read again to the same.
    const auto again = parseProxyHeader(formatProxyV2(found.header, true));
    if (!again || !*again || (*again)->header.source != found.header.source ||
        (*again)->header.destination != found.header.destination ||
        (*again)->header.local != found.header.local)
        std::abort();
    return 0;
}
