#include "twistdpp/net/proxy_protocol.h"

#include "twistdpp/base/log.h"
#include "twistdpp/net/protocol_wrapper.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

namespace twistdpp {

namespace {

constexpr Bytes kLogName = "net.proxy";

/// A connection from a balancer: first the header, then the protocol behind it.
class ProxiedConnection final : public ProtocolWrapper {
public:
    ProxiedConnection(
        std::shared_ptr<Factory> factory, std::shared_ptr<const ProxyServerOptions> options
    ) noexcept
        : factory_(std::move(factory)), options_(std::move(options)) {}

    void connectionMade() override {
        if (options_->timeout > Duration::zero())
            timer_ = lower().reactor().callLater(options_->timeout, [this] {
                reject("the PROXY header did not come in time");
            });
    }

    void dataReceived(Bytes data) override {
        if (inner() && collected_.empty())
            return ProtocolWrapper::dataReceived(data);
        if (inner()) {
            collected_.append(data);
            return;
        }
        if (lower().closing())
            return;
        if (collected_.empty())
            return readHeader(data);
        collected_.append(data);
        const std::string all = std::exchange(collected_, {});
        readHeader(all);
    }

    void readConnectionLost() override {
        if (inner())
            ProtocolWrapper::readConnectionLost();
        else
            reject("the connection ended before its PROXY header");
    }
    void writable() override {
        if (inner())
            ProtocolWrapper::writable();
    }
    void connectionLost(const Failure& reason) override {
        timer_.cancel();
        self_.reset();
        ProtocolWrapper::connectionLost(reason);
    }

    // What came together with the header is here already: pausing the connection does not hold it.
    void pauseProducing() override {
        paused_ = true;
        ProtocolWrapper::pauseProducing();
    }
    void resumeProducing() override {
        paused_ = false;
        if (collected_.empty())
            return ProtocolWrapper::resumeProducing();
        // Not from inside the call of a protocol that does not expect to be called.
        if (!self_)
            self_ = std::make_shared<ProxiedConnection*>(this);
        reactor().callSoon([weak = std::weak_ptr(self_)] {
            if (const auto here = weak.lock())
                (*here)->giveHeld();
        });
    }

    const Address& peer() const noexcept override {
        return header_ && !header_->local ? header_->source : ProtocolWrapper::peer();
    }
    Address host() const override {
        return header_ && !header_->local ? header_->destination : ProtocolWrapper::host();
    }
    const ProxyHeader* header() const noexcept { return header_.get(); }

private:
    void readHeader(Bytes data) {
        auto parsed = parseProxyHeader(data);
        if (!parsed)
            return reject(parsed.error().message());
        if (!*parsed) {
            collected_.assign(data);
            return;
        }
        ParsedProxyHeader& found = **parsed;
        if (!accepted(found.version))
            return reject("the PROXY header is of a version that is not accepted here");
        header_ = std::make_unique<const ProxyHeader>(std::move(found.header));
        begin(data.substr(found.size));
    }

    bool accepted(ProxyVersion version) const noexcept {
        using Accept = ProxyServerOptions::Accept;
        return options_->accept == Accept::any ||
               (options_->accept == Accept::v1) == (version == ProxyVersion::v1);
    }

    void begin(Bytes rest) {
        timer_.cancel();
        setInner(factory_->buildProtocol(peer()));
        if (!inner())
            return lower().loseConnection();
        inner()->makeConnection(*this);
        if (rest.empty() || closing())
            return;
        if (paused_)
            collected_.assign(rest);
        else
            inner()->dataReceived(rest);
    }

    void giveHeld() {
        if (paused_ || collected_.empty())
            return;
        const std::string held = std::exchange(collected_, {});
        if (closing())
            return;
        {
            const Corked together(*this);
            inner()->dataReceived(held);
        }
        if (!paused_)
            ProtocolWrapper::resumeProducing();
    }

    void reject(const std::string& why) {
        timer_.cancel();
        collected_ = std::string();
        logLine(LogLevel::warn, kLogName, lower().peer().toString() + ": " + why);
        lower().abortConnection(Failure(ConnectionAborted(why)));
    }

    std::shared_ptr<Factory> factory_;
    std::shared_ptr<const ProxyServerOptions> options_;
    std::unique_ptr<const ProxyHeader> header_;
    std::string collected_; // of the header; then what came behind it, while the protocol has paused
    std::shared_ptr<ProxiedConnection*> self_; // made when a later call to this is planned
    Timer timer_;
    bool paused_ = false; // by the protocol
};

class ProxyAcceptingFactory final : public Factory {
public:
    ProxyAcceptingFactory(std::shared_ptr<Factory> inner, ProxyServerOptions options)
        : inner_(std::move(inner)), options_(std::make_shared<const ProxyServerOptions>(std::move(options))) {
    }

    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override {
        if (trusted(peer))
            return std::make_unique<ProxiedConnection>(inner_, options_);
        if (options_->untrusted == ProxyServerOptions::Untrusted::direct)
            return inner_->buildProtocol(peer);
        // Anybody can make such lines: ever fewer of them.
        if (std::has_single_bit(++refused_))
            logLine(
                LogLevel::warn, kLogName,
                peer.toString() + ": refused, as it is none of the trusted balancers (refused so far: " +
                    std::to_string(refused_) + ")"
            );
        return nullptr;
    }

private:
    bool trusted(const Address& peer) const noexcept {
        if (!peer.isIp())
            return options_->trustUnix;
        return std::any_of(options_->trusted.begin(), options_->trusted.end(), [&](const Prefix& prefix) {
            return prefix.contains(peer);
        });
    }

    std::shared_ptr<Factory> inner_;
    std::shared_ptr<const ProxyServerOptions> options_;
    std::uint64_t refused_ = 0;
};

/// Sends the header and is transparent from then on.
class AnnouncingConnection final : public ProtocolWrapper {
public:
    AnnouncingConnection(
        std::unique_ptr<Protocol> inner, ProxyVersion version,
        std::shared_ptr<const std::function<ProxyHeader(const Transport&)>> describe
    ) noexcept
        : ProtocolWrapper(std::move(inner)), version_(version), describe_(std::move(describe)) {}

    void connectionMade() override {
        const ProxyHeader header =
            *describe_ ? (*describe_)(lower()) : ProxyHeader(lower().host(), lower().peer());
        const std::string text = version_ == ProxyVersion::v1 ? formatProxyV1(header) : formatProxyV2(header);
        lower().write(Bytes(text));
        ProtocolWrapper::connectionMade();
    }

private:
    ProxyVersion version_;
    std::shared_ptr<const std::function<ProxyHeader(const Transport&)>> describe_;
};

} // namespace

ProxyServerOptions::ProxyServerOptions() {
    trusted.emplace_back(*Address::parse("127.0.0.0", 0), 8U);
    trusted.emplace_back(*Address::parse("::1", 0), 128U);
}

std::shared_ptr<Factory> acceptProxyHeader(std::shared_ptr<Factory> inner, ProxyServerOptions options) {
    return std::make_shared<ProxyAcceptingFactory>(std::move(inner), std::move(options));
}

const ProxyHeader* proxyHeader(const Transport& transport) noexcept {
    const auto* connection = dynamic_cast<const ProxiedConnection*>(&transport);
    return connection ? connection->header() : nullptr;
}

std::shared_ptr<Factory> sendProxyHeader(
    std::shared_ptr<Factory> inner, ProxyVersion version,
    std::function<ProxyHeader(const Transport&)> describe
) {
    auto shared = std::make_shared<const std::function<ProxyHeader(const Transport&)>>(std::move(describe));
    return makeFactory(
        [inner = std::move(inner), version,
         shared = std::move(shared)](const Address& peer) -> std::unique_ptr<Protocol> {
            auto protocol = inner->buildProtocol(peer);
            if (!protocol)
                return nullptr;
            return std::make_unique<AnnouncingConnection>(std::move(protocol), version, shared);
        }
    );
}

} // namespace twistdpp
