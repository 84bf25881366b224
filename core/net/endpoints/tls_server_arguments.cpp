#include "twistdpp/endpoints/tls_server_arguments.h"

#include <map>
#include <mutex>
#include <utility>

namespace twistdpp::detail {

namespace {

/// What tells one set of options from another.
std::string keyOf(const ServerTlsOptions& options) {
    std::string key;
    const auto add = [&key](std::string_view part) {
        key.append(std::to_string(part.size())).append(":").append(part);
    };
    for (const TlsIdentity& identity : options.identities) {
        add(identity.certificate.path());
        add(identity.privateKey.path());
        add(identity.extraChain.path());
    }
    add(options.sniDirectory);
    add(options.clientCa.path());
    add(options.ciphers);
    for (const std::string& protocol : options.alpn)
        add(protocol);
    add(std::to_string(static_cast<int>(options.clientCertificates)));
    add(std::to_string(static_cast<int>(options.minVersion)));
    add(std::to_string(static_cast<int>(options.maxVersion)));
    return key;
}

class TlsServerEndpoint final : public ServerEndpoint {
public:
    TlsServerEndpoint(std::unique_ptr<ServerEndpoint> inner, std::shared_ptr<ReloadableTlsContext> context)
        : inner_(std::move(inner)), context_(std::move(context)) {}

    Deferred<std::unique_ptr<Port>>
    listenBelow(std::shared_ptr<Factory> factory, const FactoryWrapper& lowest) override {
        auto secured = makeFactory(
            [factory = std::move(factory),
             context = context_](const Address& peer) -> std::unique_ptr<Protocol> {
                auto protocol = factory->buildProtocol(peer);
                return protocol ? context->serverProtocol(std::move(protocol)) : nullptr;
            }
        );
        return inner_->listenBelow(std::move(secured), lowest);
    }

    Result<bool> reload() override {
        auto below = inner_->reload();
        if (!below)
            return below;
        auto here = context_->reload();
        if (!here)
            return here;
        return *below || *here;
    }

private:
    std::unique_ptr<ServerEndpoint> inner_;
    std::shared_ptr<ReloadableTlsContext> context_;
};

} // namespace

ServerTlsOptions readServerTls(ArgumentReader& reader, const CertificateNames& names, std::string directory) {
    ServerTlsOptions options;
    options.sniDirectory = directory.empty() ? reader.file("sni") : std::move(directory);
    const std::string certificate = reader.file(names.certificate);
    const std::string privateKey = reader.file(names.privateKey);
    const std::string chain = reader.file(names.chain);
    if (!certificate.empty())
        options.identities.push_back(TlsIdentity::files(certificate, privateKey, chain));
    else if (options.sniDirectory.empty())
        reader.fail("a certificate is missing (" + std::string(names.certificate) + " or sni)");
    options.alpn = reader.list("alpn");
    options.ciphers = reader.text("ciphers");
    const std::string version = reader.text("minVersion", "1.2");
    if (version == "1.3")
        options.minVersion = TlsVersion::tls13;
    else if (version != "1.2")
        reader.fail("minVersion: '" + version + "' is neither 1.2 nor 1.3");

    using ClientCertificate = ServerTlsOptions::ClientCertificate;
    const std::string ca = reader.file("clientCA");
    const std::string wanted = reader.text("clientCertificate", ca.empty() ? "" : "required");
    if (!ca.empty())
        options.clientCa = Pem::file(ca);
    if (wanted == "required")
        options.clientCertificates = ClientCertificate::required;
    else if (wanted == "optional")
        options.clientCertificates = ClientCertificate::optional;
    else if (wanted == "any")
        options.clientCertificates = ClientCertificate::any;
    else if (!wanted.empty())
        reader.fail("clientCertificate: '" + wanted + "' is none of required, optional and any");
    if (ca.empty() && !wanted.empty() && wanted != "any")
        reader.fail("clientCertificate needs clientCA, whose certificates to accept");
    return options;
}

Result<std::shared_ptr<ReloadableTlsContext>> sharedContext(const ServerTlsOptions& options) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<ReloadableTlsContext>> contexts;
    const std::lock_guard lock(mutex);
    std::erase_if(contexts, [](const auto& entry) { return entry.second.expired(); });
    auto& slot = contexts[keyOf(options)];
    if (auto shared = slot.lock()) {
        auto fresh = shared->reload();
        if (!fresh)
            return std::move(fresh).error();
        return shared;
    }
    auto made = ReloadableTlsContext::make(options);
    if (made)
        slot = *made;
    return made;
}

std::unique_ptr<ServerEndpoint>
makeTlsEndpoint(std::unique_ptr<ServerEndpoint> inner, std::shared_ptr<ReloadableTlsContext> context) {
    return std::make_unique<TlsServerEndpoint>(std::move(inner), std::move(context));
}

} // namespace twistdpp::detail
