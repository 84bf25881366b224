// layers: uv dns_resolver
// Who takes the mail of a domain, and where: the records are looked up at one name server.
//     dns_lookup NAME SERVER [PORT]
#include "program.h"
#include "twistdpp/dns_resolver/client.h"

using namespace twistdpp;

namespace {

/// Prints each mail exchanger of `domain` with its addresses.
Deferred<void> show(dns::Client client, std::string domain) {
    const dns::Records found = co_await client.lookupMailExchange(domain);
    for (const dns::Record& record : found.answers) {
        const auto exchange = dns::mailExchangeOf(record);
        if (!exchange)
            continue; // an alias on the way
        const std::string host = exchange->host.toString();
        std::printf("%s mail is handled by %u %s\n", domain.c_str(), exchange->preference, host.c_str());
        for (const Address& address : co_await client.resolve(host))
            std::printf("%s has address %s\n", host.c_str(), address.host().c_str());
    }
}

} // namespace

int main(int argc, char** argv) try {
    Program program(argc, argv);
    if (argc < 3)
        throw std::runtime_error("usage: dns_lookup NAME SERVER [PORT]");
    auto server = Address::parse(argv[2], program.port(3, 53));
    if (!server)
        throw std::runtime_error(server.error().message());
    auto resolver = dns::Resolver::make(program.reactor(), dns::ResolverOptions({*server}));
    if (!resolver)
        throw std::runtime_error(resolver.error().message());
    show(dns::Client(*std::move(resolver)), argv[1])
        .addBoth([&](Outcome<void> outcome) {
            program.stop(outcome.ok() ? 0 : Program::failed(outcome.failure().error()));
        })
        .detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
