#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_transfer/access_list.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/tsig.h"
#include "twistdpp/reactor/address.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// Another name server, and the key that messages to and from it are signed with. A value.
struct Peer {
    Peer(Address where, std::optional<Name> with) : address(std::move(where)), key(std::move(with)) {}
    /// "ADDRESS[:PORT][@KEY]", an IPv6 address with a port in brackets; port 53 unless given.
    static Result<Peer> parse(Bytes text);
    friend bool operator==(const Peer&, const Peer&) = default;

    Address address;
    std::optional<Name> key;
};

/// One value of --secondary: "IP[:PORT]/ZONE[@KEY]". A value.
struct SecondaryRule {
    SecondaryRule(Peer from, Name of) : primary(std::move(from)), zone(std::move(of)) {}
    static Result<SecondaryRule> parse(Bytes text);

    Peer primary;
    Name zone;
};

/// A zone that is fetched from elsewhere, from any of its primaries.
struct SecondarySource {
    explicit SecondarySource(Name of) : zone(std::move(of)) {}
    friend bool operator==(const SecondarySource&, const SecondarySource&) = default;

    Name zone;
    std::vector<Peer> primaries; // at least one, in the order in which they are asked
};

/// All that is to be known about transfers. Made anew by a reload; immutable then, for any thread.
struct TransferSettings {
    /// The texts of the options.
    struct Texts {
        std::vector<std::string> secondary, allow, notify;
        std::string keysFile;  // empty: no keys
        std::string directory; // absolute
    };
    /// Reads the file of keys. Errors begin with the option that they are about.
    static Result<std::shared_ptr<const TransferSettings>> make(const Texts& texts);

    /// nullptr when there is none of that name.
    const TsigKey* key(const std::optional<Name>& name) const noexcept {
        return name && keys ? keys->find(name->wire()) : nullptr;
    }
    const SecondarySource* secondary(Bytes zone) const noexcept;

    std::shared_ptr<const TsigKeys> keys; // nullptr: none
    AccessList allow;
    std::vector<Peer> notify;
    std::vector<SecondarySource> secondaries;
    std::string directory; // for the copies of secondary zones
};

} // namespace twistdpp::dns
