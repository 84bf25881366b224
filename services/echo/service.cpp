#include "twistdpp/app/option_set.h"
#include "twistdpp/app/serve_endpoint.h"
#include "twistdpp/app/service_maker.h"
#include "twistdpp/service_echo/echo.h"

namespace twistdpp {

namespace {

struct EchoConfig : ServiceConfig {
    std::vector<std::string> listen{"tcp:7"};

    void declare(OptionSet& o) override {
        o.add("--listen,-p,--port", listen, "where to listen, an endpoint string").value("ENDPOINT");
        o.example("twistdpp -n echo --listen tcp:7777", "echo on port 7777 in the foreground");
        o.example("twistdpp -n echo --listen unix:/run/echo.sock", "echo on a unix socket");
    }
};

TWISTDPP_SERVICE(
    echo, "Send back what it is sent (RFC 862)", EchoConfig,
    [](const EchoConfig& config, ServiceContext& context) {
        return serveEndpoints(context, config.listen, makeFactory<Echo>());
    }
);

} // namespace

} // namespace twistdpp
