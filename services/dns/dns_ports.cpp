#include "twistdpp/service_dns/dns_ports.h"

#include "twistdpp/app/bound_addresses.h"

namespace twistdpp::dns {

namespace {

constexpr int kReceiveBuffer = 4 << 20; // bytes: a burst waits here while the loop is busy
constexpr int kTries = 16;              // for a number that is free for UDP and TCP

PolicyLimits streamLimits() {
    PolicyLimits limits;
    limits.maxConnections = 8192;
    limits.maxPerAddress = 1024;
    return limits;
}

bool missing(const Error& error) {
    return error.code() == std::errc::address_family_not_supported ||
           error.code() == std::errc::address_not_available;
}

} // namespace

DnsPorts::DnsPorts(ServiceContext& context, Responder& responder, Elsewhere& elsewhere)
    : context_(context), responder_(responder), elsewhere_(elsewhere), connections_(context.reactor),
      policy_(std::make_shared<ConnectionPolicy>(context.reactor, streamLimits())),
      factory_(policy_->apply(makeFactory([this](const Address&) { return buildStream(); }))) {}

std::unique_ptr<Protocol> DnsPorts::buildStream() {
    auto made = std::make_unique<StreamServer>(responder_, elsewhere_);
    connections_.add(*made);
    return made;
}

Result<std::unique_ptr<Port>> DnsPorts::listen(const Address& address) {
    ListenSpec spec(address);
    spec.reusePort = context_.shards > 1;
    auto port = context_.reactor.listen(std::move(spec), factory_);
    if (!port)
        return std::move(port).error();
    return policy_->guard(*std::move(port));
}

Result<std::unique_ptr<DatagramPort>> DnsPorts::bindDatagrams(const Address& address) {
    DatagramSpec spec(address);
    spec.reusePort = context_.shards > 1;
    spec.tellLocal = true;
    spec.receiveBuffer = kReceiveBuffer;
    spec.maxPacketSize = 4096; // no question is longer; what is longer is not delivered
    servers_.push_back(std::make_unique<DatagramServer>(responder_, elsewhere_));
    auto port = context_.reactor.bind(std::move(spec), *servers_.back());
    if (!port)
        servers_.pop_back();
    return port;
}

Result<void> DnsPorts::bindAddress(Address address, unsigned index, bool optional) {
    const bool choose = address.port() == 0 && chosen_ == 0;
    if (address.port() == 0)
        address = address.withPort(chosen_);
    for (int i = 0;; ++i) {
        auto stream = listen(address);
        if (!stream)
            return optional && missing(stream.error()) ? Result<void>()
                                                       : Result<void>(std::move(stream).error());
        const Address bound = (*stream)->address();
        auto datagrams = bindDatagrams(bound);
        if (!datagrams) {
            // The number that the system chose for TCP may be taken for UDP.
            if (choose && i < kTries && datagrams.error().code() == std::errc::address_in_use)
                continue;
            return std::move(datagrams).error();
        }
        chosen_ = bound.port();
        context_.bound.share(context_.name, index, bound);
        context_.bound.report(context_.name, "udp " + bound.toString());
        context_.bound.report(context_.name, "tcp " + bound.toString());
        ports_.push_back(*std::move(stream));
        datagramPorts_.push_back(*std::move(datagrams));
        return {};
    }
}

Result<void> DnsPorts::bind(const DnsConfig& config) {
    bool isDefault = false;
    auto addresses = config.addresses(isDefault);
    if (!addresses)
        return std::move(addresses).error();
    constexpr unsigned kFirstIndex = 1000; // beside those of the endpoints of --tls
    for (unsigned i = 0; i < addresses->size(); ++i) {
        Address address = (*addresses)[i];
        if (context_.shard > 0) {
            const auto first = context_.bound.shared(context_.name, kFirstIndex + i);
            if (!first)
                continue; // the first reactor could do without it
            address = *first;
        }
        if (auto done = bindAddress(address, kFirstIndex + i, isDefault && i > 0); !done) {
            ports_.clear();
            datagramPorts_.clear();
            return done;
        }
    }
    return {};
}

std::vector<Address> DnsPorts::addresses() const {
    std::vector<Address> made;
    for (const auto& port : ports_)
        made.push_back(port->address());
    return made;
}

Deferred<void> DnsPorts::stop(Duration limit) {
    ports_.clear();
    datagramPorts_.clear();
    return connections_.stop(limit);
}

} // namespace twistdpp::dns
