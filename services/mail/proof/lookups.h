#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/client.h"

#include <string>
#include <vector>

namespace twistdpp::mail {

/// What a look-up comes to.
enum class Found { some, none, unknown };

/// The TXT records of a name, each in one piece. `unknown`: no server could say. Never fails but by
/// cancelling.
struct Texts {
    Found found = Found::none;
    std::vector<std::string> records;
};
Deferred<Texts> lookUpTexts(dns::Client client, std::string name);

} // namespace twistdpp::mail
