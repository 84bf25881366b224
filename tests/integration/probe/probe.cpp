// A plugin with services that do as they are told, so that the tests can see what the daemon makes of it:
// each writes what it is asked for into a journal, echoes what its port receives, and fails, hangs or burns
// time on request.
#include "twistdpp/app/access_log.h"
#include "twistdpp/app/bound_addresses.h"
#include "twistdpp/app/drainable.h"
#include "twistdpp/app/option_set.h"
#include "twistdpp/app/plugin_loader.h"
#include "twistdpp/app/service_error.h"
#include "twistdpp/app/service_maker.h"

#include <fstream>
#include <optional>
#include <unistd.h>

TWISTDPP_PLUGIN

namespace twistdpp {
namespace {

struct ProbeConfig : ServiceConfig {
    std::string journal, failAt, hangAt, accessLog, word;
    std::optional<std::uint16_t> port, udpPort;
    bool stubborn = false, crash = false;
    unsigned logLines = 0;

    void declare(OptionSet& o) override {
        o.on(
             "--port",
             [this](Bytes text) -> Result<void> {
                 port = static_cast<std::uint16_t>(std::stoul(std::string(text)));
                 return {};
             },
             "echo here"
        )
            .once();
        o.on(
             "--udp",
             [this](Bytes text) -> Result<void> {
                 udpPort = static_cast<std::uint16_t>(std::stoul(std::string(text)));
                 return {};
             },
             "tell datagrams here which process answers"
        )
            .once();
        o.add("--journal", journal, "where to write what happens");
        o.add("--fail-at", failAt, "make, bind, start, stop or reload");
        o.add("--hang-at", hangAt, "bind, start or stop");
        o.add("--access-log", accessLog, "one line a connection");
        o.add("--word", word, "sent to each client first; can be reloaded");
        o.add("--stubborn", stubborn, "connections do not end by themselves");
        o.add("--crash", crash, "the process dies while it starts");
        o.add("--log-lines", logLines, "log that many lines at the start");
    }
};

class Probe;

class Echo : public Protocol, public Drainable {
public:
    explicit Echo(Probe& probe) : probe_(probe) {}
    void connectionMade() override;
    void dataReceived(Bytes data) override {
        if (data == "spin\n") {
            // A callback that does not come back for a while: the loop does not turn.
            for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
                 std::chrono::steady_clock::now() < end;) {
            }
        }
        transport().write(data);
    }
    void drain() override;
    void abort() override { transport().abortConnection(); }

private:
    Probe& probe_;
};

/// Answers each datagram with the process's id and what came.
class UdpEcho : public DatagramProtocol {
    void datagramReceived(Bytes data, const Address& from) override {
        port().write(std::to_string(::getpid()) + " " + std::string(data), from);
    }
};

class Probe : public Service {
public:
    Probe(const ProbeConfig& config, ServiceContext& context)
        : config_(config), context_(context), word_(config.word), connections_(context.reactor) {}

    Deferred<void> privilegedStart() override {
        if (config_.port) {
            ListenSpec spec(Address::loopback(*config_.port));
            spec.reusePort = context_.shards > 1;
            if (const auto shared = context_.bound.shared(context_.name, 0))
                spec.address = *shared;
            auto port = context_.reactor.listen(
                std::move(spec), makeFactory([this](const Address&) -> std::unique_ptr<Protocol> {
                    auto made = std::make_unique<Echo>(*this);
                    connections_.add(*made);
                    return made;
                })
            );
            if (!port)
                return fail(ServiceError(port.error()));
            port_ = std::move(*port);
            context_.bound.share(context_.name, 0, port_->address());
            context_.bound.report(context_.name, "tcp " + port_->address().toString());
        }
        if (config_.udpPort) {
            DatagramSpec spec(Address::loopback(*config_.udpPort));
            spec.reusePort = context_.shards > 1;
            if (const auto shared = context_.bound.shared(context_.name, 1))
                spec.address = *shared;
            auto port = context_.reactor.bind(std::move(spec), udp_);
            if (!port)
                return fail(ServiceError(port.error()));
            udpPort_ = std::move(*port);
            context_.bound.share(context_.name, 1, udpPort_->address());
            context_.bound.report(context_.name, "udp " + udpPort_->address().toString());
        }
        if (!config_.accessLog.empty()) {
            auto file = AccessLogFile::open(config_.accessLog);
            if (!file)
                return fail(ServiceError(file.error()));
            access_.emplace(context_.reactor, std::move(*file));
        }
        return step("bind");
    }
    Deferred<void> start() override {
        if (config_.crash)
            ::_exit(3);
        for (unsigned i = 0; i < config_.logLines; ++i)
            context_.log.info("line {}", i);
        return step("start");
    }
    Deferred<void> stop(Drain drain) override {
        if (port_)
            port_->stopListening();
        udpPort_.reset();
        auto closed =
            connections_.stop(config_.stubborn && !drain.immediate() ? Duration(drain.limit) : drain.limit);
        return std::move(closed).addCallback([this] { return step("stop"); });
    }
    Deferred<void> reload(const ServiceConfig& fresh, std::span<const std::string> changed) override {
        if (static_cast<const ProbeConfig&>(fresh).failAt == "reload")
            return fail(ServiceError("does not like it"));
        word_ = static_cast<const ProbeConfig&>(fresh).word;
        std::string names;
        for (const std::string& each : changed)
            names += " " + each;
        journal("reload" + names);
        return succeed();
    }
    std::string busyWith() const override {
        return connections_.size() ? std::to_string(connections_.size()) + " connections" : "";
    }

    const std::string& word() const { return word_; }
    bool stubborn() const { return config_.stubborn; }
    void accessLine(const std::string& peer) {
        if (access_)
            access_->line("connection from " + peer);
    }

private:
    void journal(const std::string& what) const {
        if (!config_.journal.empty())
            std::ofstream(config_.journal, std::ios::app)
                << context_.name << "." << context_.shard << " " << what << std::endl;
    }
    Deferred<void> step(const std::string& name) {
        journal(name);
        if (config_.failAt == name)
            return fail(ServiceError("told to fail at " + name));
        if (config_.hangAt == name)
            return hanging_.emplace().deferred();
        return succeed();
    }

    const ProbeConfig& config_;
    ServiceContext& context_;
    std::string word_;
    std::unique_ptr<Port> port_;
    UdpEcho udp_;
    std::unique_ptr<DatagramPort> udpPort_;
    Connections connections_;
    std::optional<AccessLog> access_;
    std::optional<Promise<void>> hanging_;
};

void Echo::connectionMade() {
    probe_.accessLine(transport().peer().host());
    if (!probe_.word().empty())
        transport().write(probe_.word());
}

void Echo::drain() {
    if (!probe_.stubborn())
        transport().loseConnection();
}

Result<std::unique_ptr<Service>> makeProbe(const ProbeConfig& config, ServiceContext& context) {
    if (config.failAt == "make")
        return Error("told to fail at make");
    return std::make_unique<Probe>(config, context);
}

constexpr auto make = [](const ProbeConfig& config, ServiceContext& context) {
    return makeProbe(config, context);
};

TWISTDPP_SERVICE(probe1, "The first probe", ProbeConfig, make);
TWISTDPP_SERVICE(probe2, "The second probe", ProbeConfig, make);
TWISTDPP_SERVICE(probe3, "The third probe", ProbeConfig, make);
TWISTDPP_SERVICE_ON_ONE_REACTOR(single, "A probe that lives on one reactor", ProbeConfig, make);

} // namespace
} // namespace twistdpp
