// layers: dns_zone dns_wire base
// What it costs to read a zone: the scan alone, the scan with its data parsed, and all of it into a zone.
#include "twistdpp/dns_zone/hosts_reader.h"
#include "twistdpp/dns_zone/master_file.h"
#include "twistdpp/dns_zone/master_scanner.h"
#include "twistdpp/dns_zone/text_file.h"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace twistdpp;
using namespace twistdpp::dns;

/// A zone of `names` names as a tool writes it, about 40 bytes each.
std::string zoneText(std::int64_t names) {
    std::string text =
        "$ORIGIN example.\n$TTL 3600\n@ SOA ns host 1 7200 1800 1209600 300\n@ NS ns\nns A 192.0.2.1\n";
    for (std::int64_t i = 0; i < names; ++i) {
        const std::string number = std::to_string(i);
        text += "host-" + number + ".example. 3600 IN A 10." + std::to_string(i >> 16 & 255) + '.' +
                std::to_string(i >> 8 & 255) + '.' + std::to_string(i & 255) + '\n';
    }
    return text;
}

struct NullSink {
    std::size_t records = 0;
    MasterVerdict operator()(const MasterRecord&) {
        ++records;
        return {};
    }
};

void scanWords(benchmark::State& state) {
    const TextFile file = TextFile::copy(zoneText(state.range(0)));
    for (auto _ : state) {
        MasterScanner scanner(file.text());
        std::size_t words = 0;
        while (scanner.next() == MasterScanner::Found::entry)
            words += scanner.words().size();
        benchmark::DoNotOptimize(words);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file.text().size()));
}

void readRecords(benchmark::State& state) {
    const std::string text = zoneText(state.range(0));
    for (auto _ : state) {
        MasterFileReader reader(Bytes("\7example", 9));
        NullSink sink;
        if (!reader.readText(text, "bench.zone", sink))
            state.SkipWithError("the zone was not read");
        benchmark::DoNotOptimize(sink.records);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void buildZone(benchmark::State& state) {
    const std::string text = zoneText(state.range(0));
    std::size_t memory = 0;
    for (auto _ : state) {
        MasterFileReader reader(Bytes("\7example", 9));
        ZoneBuilder builder(Bytes("\7example", 9));
        auto sink = [&](const MasterRecord& record) -> MasterVerdict {
            builder.add(record.owner, record.type, record.ttl, record.rdata);
            return {};
        };
        reader.readText(text, "bench.zone", sink);
        std::vector<ZoneProblem> problems;
        const auto zone = builder.finish(problems);
        if (!zone)
            state.SkipWithError("the zone was not built");
        else
            memory = zone->memory();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.counters["bytes_a_name"] = static_cast<double>(memory) / static_cast<double>(state.range(0));
}

void readHosts(benchmark::State& state) {
    std::string text = "127.0.0.1 localhost\n";
    for (std::int64_t i = 0; i < state.range(0); ++i)
        text += (i % 2 == 0 ? "0.0.0.0 ads-" : "10.1.2." + std::to_string(i % 256) + " host-") +
                std::to_string(i) + ".example.com\n";
    const TextFile file = TextFile::copy(text);
    for (auto _ : state) {
        ZoneBuilder builder = ZoneBuilder::hosts();
        ProblemList problems;
        HostsReader reader(builder, problems, 60);
        reader.read(file, "hosts");
        std::vector<ZoneProblem> findings;
        benchmark::DoNotOptimize(builder.finish(findings));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(scanWords)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(readRecords)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(buildZone)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(readHosts)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
