#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/net/prefix.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// Who may have something, by address and by the key that a request is signed with. Each rule is
/// "ADDRESS[/BITS]", "ADDRESS[/BITS]@KEY" (from there and signed with that key) or "@KEY" (from anywhere).
/// One that fits is enough; without any, nobody may. A value.
class AccessList {
public:
    /// The error names the rule and what is wrong with it.
    static Result<AccessList> parse(std::span<const std::string> rules);

    /// `key` is the wire name of the key that the request's signature was verified with, or empty.
    bool allows(const Address& from, Bytes key) const noexcept;
    bool empty() const noexcept { return rules_.empty(); }
    /// The keys that the rules name, as wire names: they must be known.
    std::vector<Name> keys() const;

private:
    struct Rule {
        std::optional<Prefix> network; // none: anywhere
        std::optional<Name> key;       // none: signed or not
    };
    std::vector<Rule> rules_;
};

} // namespace twistdpp::dns
