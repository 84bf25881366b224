#include "twistdpp/sasl/sasl_client.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/sasl/mechanism.h"

#include <algorithm>

namespace twistdpp {

std::unique_ptr<SaslClient>
SaslClient::choose(std::span<const std::string> offered, const SaslIdentity& identity, bool safe) {
    std::unique_ptr<SaslClient> best;
    unsigned strength = 0;
    for (const SaslMechanism* mechanism : Registry<SaslMechanism>::all()) {
        const bool has = std::any_of(offered.begin(), offered.end(), [&](const std::string& name) {
            return ascii::equalsIgnoreCase(name, mechanism->name);
        });
        if (!has || mechanism->strength <= strength || (mechanism->showsPassword && !safe))
            continue;
        if (auto client = mechanism->client(identity)) {
            best = std::move(client);
            best->mechanism_ = mechanism->name;
            strength = mechanism->strength;
        }
    }
    return best;
}

} // namespace twistdpp
