// layers: mail_sts
// A policy and a TXT record, whatever they are: what is read stays within its limits, and allows the names
// that it has.
#include "twistdpp/mail_sts/sts_policy.h"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace twistdpp;
using namespace twistdpp::mail;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    if (const auto policy = StsPolicy::parse(input)) {
        require(policy->maxAge >= 0 && policy->hosts.size() <= 1000);
        for (const std::string& host : policy->hosts) {
            if (host.starts_with("*."))
                require(policy->allows("x" + host.substr(1)));
            else if (!host.ends_with('.'))
                require(policy->allows(host));
        }
        static_cast<void>(policy->allows(input.substr(0, 100)));
    }
    if (const auto id = stsId({std::string(input)}))
        require(!id->empty() && id->size() <= 32);
    return 0;
}
