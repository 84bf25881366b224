#include "twistdpp/dns_resolver/host_resolver.h"

namespace twistdpp::dns {

namespace {

class HostResolver final : public NameResolver {
public:
    explicit HostResolver(Client client) : client_(std::move(client)) {}
    Deferred<std::vector<Address>> resolve(std::string host, Family family) override {
        return client_.resolve(std::move(host), family);
    }

private:
    Client client_;
};

} // namespace

std::shared_ptr<NameResolver> makeHostResolver(Client client) {
    return std::make_shared<HostResolver>(std::move(client));
}

} // namespace twistdpp::dns
