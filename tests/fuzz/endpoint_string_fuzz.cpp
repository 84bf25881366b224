// layers: endpoints
// A description is either refused or means the same after it was taken apart, quoted and put together again.
#include "twistdpp/endpoints/endpoint_string.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace twistdpp;

namespace {

std::string together(const EndpointString& parts) {
    std::string text = quoteArgument(parts.kind);
    for (const std::string& value : parts.positional)
        text += ":" + quoteArgument(value);
    for (const auto& [name, value] : parts.keywords)
        text += ":" + quoteArgument(name) + "=" + quoteArgument(value);
    return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = parseEndpointString(Bytes(reinterpret_cast<const char*>(data), size));
    if (!parsed)
        return 0;
    const auto again = parseEndpointString(together(*parsed));
    if (!again || again->kind != parsed->kind || again->positional != parsed->positional ||
        again->keywords != parsed->keywords)
        std::abort();
    return 0;
}
