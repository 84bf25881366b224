#include "twistdpp/service_web/web_service.h"

TWISTDPP_SERVICE(
    web, "Serve files over HTTP", twistdpp::web::WebConfig,
    [](const auto& config, auto& context) { return twistdpp::web::WebService::make(config, context); }
);
