#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_resolver/resolver_options.h"
#include "twistdpp/dns_wire/name.h"

#include <string>
#include <vector>

namespace twistdpp::dns {

/// What resolv.conf(5) says of the servers to ask and of the names to ask for.
struct ResolvConf {
    std::vector<Address> servers; // port 53; 127.0.0.1 when the file names none
    std::vector<Name> search;     // tried behind names that are not complete
    unsigned ndots = 1;           // a name with so many dots is tried as it is first
    std::chrono::seconds timeout{5};
    unsigned attempts = 2;
    bool rotate = false;
    bool useVc = false;   // TCP always
    bool trustAd = false; // the way to the servers is safe, and so is their AD
};

/// Reads the text of such a file; `file` names it in errors, which say the line and what is wrong with it.
/// What resolv.conf(5) does not know is passed over, as everybody does; a mistake in what it knows is not.
Result<ResolvConf> parseResolvConf(Bytes text, Bytes file = "resolv.conf");
Result<ResolvConf> readResolvConf(const std::string& path = "/etc/resolv.conf");

/// Options for a Resolver that does as the file says.
ResolverOptions resolverOptions(const ResolvConf& conf);

} // namespace twistdpp::dns
