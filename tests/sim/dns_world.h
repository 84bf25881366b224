#pragma once
#include "support/dns_messages.h"
#include "support/expect.h"
#include "twistdpp/dns_resolver/resolver.h"
#include "twistdpp/net/length_prefixed.h"
#include "twistdpp/sim/sim_reactor.h"

#include "twistdpp/defer/errors.h"

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A name server that does as a test says, on UDP and TCP of one address of the simulated network.
class FakeServer final : public DatagramProtocol {
public:
    /// What to answer; nothing: silence.
    using Script = std::function<std::optional<std::string>(const DnsQuery& query, bool overTcp)>;

    FakeServer(SimReactor& reactor, std::uint16_t port, Script script)
        : script_(std::move(script)), reactor_(reactor), address_(Address::loopback(port)) {
        listen();
    }

    void listen() {
        udp_ = std::move(reactor_.bind(DatagramSpec(address_), *this)).value();
        auto factory = makeFactory([this](const Address&) -> std::unique_ptr<Protocol> {
            ++connections;
            return std::make_unique<Connection>(*this);
        });
        tcp_ = std::move(reactor_.listen(ListenSpec(address_), std::move(factory))).value();
    }
    /// Nobody is there any more.
    void die() {
        udp_.reset();
        tcp_.reset();
    }
    void datagramReceived(Bytes data, const Address& from) override {
        queries.emplace_back(data);
        sources.push_back(from);
        // What a script does may send other datagrams first, by send().
        if (const auto reply = script_(queries.back(), false))
            port().write(*reply, from);
    }
    void send(const std::string& reply, const Address& to) { port().write(reply, to); }
    const Address& address() const noexcept { return address_; }
    void setScript(Script script) { script_ = std::move(script); }

    std::vector<DnsQuery> queries; // over UDP
    std::vector<Address> sources;  // of these
    std::vector<DnsQuery> tcpQueries;
    int connections = 0;

private:
    class Connection final : public Int16StringReceiver {
    public:
        explicit Connection(FakeServer& server) : Int16StringReceiver(65535), server_(server) {}
        void stringReceived(Bytes data) override {
            server_.tcpQueries.emplace_back(data);
            if (const auto reply = server_.script_(server_.tcpQueries.back(), true))
                sendString(*reply);
        }

    private:
        FakeServer& server_;
    };

    Script script_;
    SimReactor& reactor_;
    Address address_;
    std::unique_ptr<DatagramPort> udp_;
    std::unique_ptr<Port> tcp_;
};

/// Answers every A with one address, other types with nothing.
inline std::optional<std::string> plainAnswers(const DnsQuery& query, bool) {
    const std::string owner = dns::nameText(query.question.name);
    if (query.question.type == dns::Type::A)
        return DnsReply(query).a(owner, "192.0.2.1");
    return DnsReply(query).soa("test.");
}

/// A reactor, and what waits for Deferreds in it.
struct DnsWorld {
    explicit DnsWorld(const SimOptions& options = SimOptions::calm()) : reactor(options) {}

    dns::ResolverOptions to(std::vector<std::uint16_t> ports) const {
        dns::ResolverOptions options;
        for (const std::uint16_t port : ports)
            options.servers.push_back(Address::loopback(port));
        return options;
    }
    std::shared_ptr<dns::Resolver> resolver(const dns::ResolverOptions& options) {
        return dns::Resolver::make(reactor, options).value();
    }
    template <class T>
    Outcome<T> wait(Deferred<T> deferred) {
        std::optional<Outcome<T>> result;
        auto done =
            std::move(deferred).addBoth([&](Outcome<T> outcome) { result.emplace(std::move(outcome)); });
        EXPECT_TRUE(reactor.runUntil([&] { return result.has_value(); }));
        if (!result)
            return Failure(std::runtime_error("it never ended"));
        return *std::move(result);
    }
    /// The address that an A look-up came to, or what it failed with.
    std::string addressOf(dns::Resolver& resolver, Bytes text) {
        return shown(wait(resolver.query(name(text), dns::Type::A)));
    }
    static std::string shown(const Outcome<dns::AnswerRef>& outcome) {
        if (!outcome.ok())
            return outcome.failure().message();
        const dns::Answer& answer = *outcome.value();
        if (answer.rcode != dns::Rcode::noError)
            return dns::rcodeText(answer.rcode);
        std::string text;
        for (const dns::Record& record : answer.records(dns::Section::answer)) {
            if (record.type == dns::Type::A)
                text += (text.empty() ? "" : " ") +
                        std::to_string(static_cast<unsigned char>(record.rdata[0])) + "." +
                        std::to_string(static_cast<unsigned char>(record.rdata[3]));
        }
        return text.empty() ? "NODATA" : text;
    }

    SimReactor reactor;
};

} // namespace twistdpp::test
