#include "twistdpp/service_dns/dns_service.h"

TWISTDPP_SERVICE(
    dns, "Answer questions about names (DNS)", twistdpp::dns::DnsConfig,
    [](const auto& config, auto& context) { return twistdpp::dns::DnsService::make(config, context); }
);
