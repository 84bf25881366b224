#pragma once
#include "twistdpp/app/logger.h"
#include "twistdpp/app/metrics.h"
#include "twistdpp/app/service.h"
#include "twistdpp/base/registry.h"
#include "twistdpp/base/result.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>
#include <string>
#include <string_view>

namespace twistdpp {

class OptionSet;
class BoundAddresses;

/// The options of a service as plain members, with their defaults. One is filled for the process and read by
/// all its reactors; it does not change after that.
class ServiceConfig {
public:
    virtual ~ServiceConfig() = default;
    /// Says which option fills which member.
    virtual void declare(OptionSet& options) = 0;
    /// What single values do not show: options that contradict each other. After all are filled.
    virtual Result<void> validate() { return {}; }
    /// What the command prints in place of serving, for options that only ask something. Empty when it
    /// serves.
    virtual Result<std::string> answer() const { return std::string(); }
};

/// What a service is given to live in. It and what it refers to outlive the service.
struct ServiceContext {
    Reactor& reactor;
    Logger log; // under the service's name
    Metrics& metrics;
    BoundAddresses& bound; // to report ports to, for the ready line
    std::string name;      // the subcommand
    unsigned shard = 0;    // which reactor this is: 0 .. shards - 1
    unsigned shards = 1;
};

/// Whether a service is made once for each reactor, or lives on the first alone (because its users share one
/// state).
enum class Reactors { each, one };

/// A kind of service: a subcommand of the daemon.
struct ServiceMaker {
    std::string_view name;
    std::string_view summary; // one line of `twistdpp --help`
    Reactors reactors;
    std::unique_ptr<ServiceConfig> (*config)();
    /// Once for each reactor, on its thread. Checks what can be checked without a change that others see
    /// (that a folder can be read, a certificate matches its key): `--check` does this much and no more.
    /// Ports are bound in Service::privilegedStart().
    Result<std::unique_ptr<Service>> (*make)(const ServiceConfig&, ServiceContext&);
};

namespace detail {
template <class Config, class Make>
ServiceMaker serviceMaker(std::string_view name, std::string_view summary, Reactors reactors, Make) {
    return {
        name, summary, reactors,
        +[]() -> std::unique_ptr<ServiceConfig> { return std::make_unique<Config>(); },
        +[](const ServiceConfig& config, ServiceContext& context) -> Result<std::unique_ptr<Service>> {
            return Make{}(static_cast<const Config&>(config), context);
        }};
}
} // namespace detail

} // namespace twistdpp

/// The last lines of a service's service.cpp: registers it under `id`. The last argument is a lambda without
/// captures, from (const Config&, ServiceContext&) to unique_ptr<Service> or Result of it.
#define TWISTDPP_SERVICE(id, summary, Config, ...)                                                           \
    static const ::twistdpp::Registry<::twistdpp::ServiceMaker>::Entry twistdppService_##id(                 \
        ::twistdpp::detail::serviceMaker<Config>(#id, summary, ::twistdpp::Reactors::each, __VA_ARGS__)      \
    )

/// The same for a service that lives on one reactor, however many there are.
#define TWISTDPP_SERVICE_ON_ONE_REACTOR(id, summary, Config, ...)                                            \
    static const ::twistdpp::Registry<::twistdpp::ServiceMaker>::Entry twistdppService_##id(                 \
        ::twistdpp::detail::serviceMaker<Config>(#id, summary, ::twistdpp::Reactors::one, __VA_ARGS__)       \
    )
