// layers: dns_zone dns_wire base
// Python zones from strangers: a zone, or fatal problems of one line each.
#include "twistdpp/dns_zone/python_reader.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace twistdpp;
    using namespace twistdpp::dns;
    const LoadedZone loaded = pythonZone(Bytes(reinterpret_cast<const char*>(data), size), "z.py");
    bool fatal = false;
    for (const ZoneProblem& each : loaded.problems) {
        fatal = fatal || each.fatal;
        if (each.message().find('\n') != std::string::npos)
            std::abort();
    }
    if (fatal != (loaded.zone == nullptr))
        std::abort();
    return 0;
}
