// layers: sim dns_resolver dns_wire net reactor defer base
// What it costs to forward: a reply from the cache, and the parts of one from the network.
#include "twistdpp/dns_resolver/answer_reader.h"
#include "twistdpp/dns_resolver/forwarder.h"
#include "twistdpp/dns_resolver/random.h"
#include "twistdpp/dns_resolver/upstream_query.h"
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/sim/sim_reactor.h"

#include <array>
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

namespace {

using namespace twistdpp;
using namespace twistdpp::dns;

/// A response with two addresses, as a server sends it.
std::string responseFor(const Name& owner) {
    std::array<char, 512> memory;
    MessageWriter writer(memory);
    writer.setFlags(Flag::qr | Flag::rd | Flag::ra);
    writer.question(owner, Type::A, Class::in);
    writer.record(Section::answer, owner, Type::A, Class::in, 300, Bytes("\xc0\0\2\1", 4));
    writer.record(Section::answer, owner, Type::A, Class::in, 300, Bytes("\xc0\0\2\2", 4));
    return std::string(writer.bytes());
}

std::vector<Name> names(std::int64_t count) {
    std::vector<Name> all;
    for (std::int64_t i = 0; i < count; ++i)
        all.push_back(Name::parse("host-" + std::to_string(i) + ".example.com.").value());
    return all;
}

void cacheHit(benchmark::State& state) {
    SimReactor reactor;
    auto resolver = Resolver::make(reactor, ResolverOptions({Address::loopback(53)})).value();
    const auto forwarder = std::move(Forwarder::make(resolver, ForwarderOptions())).value();
    const auto all = names(state.range(0));
    AnswerReader reader;
    for (const Name& name : all) {
        const Asked asked(name.wire(), Type::A);
        forwarder->cache().put(asked, *reader.read(responseFor(name), asked), reactor.now());
    }
    std::array<char, 1232> out;
    std::size_t next = 0;
    for (auto _ : state) {
        ForwardReply reply;
        const ForwardQuery query(4711, Asked(all[next].wire(), Type::A));
        if (!forwarder->answerNow(query, out, reply))
            state.SkipWithError("no hit");
        benchmark::DoNotOptimize(reply.message.data());
        next = (next + 7919) % all.size();
    }
    state.counters["bytes a name"] =
        static_cast<double>(forwarder->cache().bytes()) / static_cast<double>(all.size());
}

void makeQuery(benchmark::State& state) {
    const Name name = names(1)[0];
    const Asked asked(name.wire(), Type::A);
    QueryDress dress;
    dress.clientCookie = "12345678";
    for (auto _ : state) {
        const UpstreamQuery query(asked, dress, QueryRandom());
        benchmark::DoNotOptimize(query.message().data());
    }
}

void readAnswer(benchmark::State& state) {
    const Name name = names(1)[0];
    const Asked asked(name.wire(), Type::A);
    const std::string response = responseFor(name);
    AnswerReader reader;
    for (auto _ : state) {
        auto answer = reader.read(response, asked);
        benchmark::DoNotOptimize(answer->message.data());
    }
}

BENCHMARK(cacheHit)->Arg(1)->Arg(10'000);
BENCHMARK(makeQuery);
BENCHMARK(readAnswer);

} // namespace

BENCHMARK_MAIN();
