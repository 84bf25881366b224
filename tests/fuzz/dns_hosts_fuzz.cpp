// layers: dns_zone dns_wire base
// hosts files from strangers: every line ends as records or as a remark of one line.
#include "twistdpp/dns_zone/hosts_reader.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace twistdpp;
    using namespace twistdpp::dns;
    const TextFile file = TextFile::copy(Bytes(reinterpret_cast<const char*>(data), size));
    ZoneBuilder builder = ZoneBuilder::hosts();
    ProblemList problems;
    HostsReader reader(builder, problems, 60);
    reader.read(file, "hosts");
    std::vector<ZoneProblem> findings;
    const auto zone = builder.finish(findings);
    if (!zone || !findings.empty())
        std::abort();
    for (const ZoneProblem& each : problems.all()) {
        if (each.line == 0 || each.message().find('\n') != std::string::npos)
            std::abort();
    }
    return 0;
}
