#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/dns_resolver/cache.h"
#include "twistdpp/dns_resolver/hosts_file.h"
#include "twistdpp/dns_resolver/record_values.h"
#include "twistdpp/dns_resolver/resolver.h"
#include "twistdpp/dns_resolver/zone_transfer.h"
#include "twistdpp/dns_wire/record.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twistdpp::dns {

/// What a look-up finds. A name that exists and has nothing of the kind gives no answers, which is no error.
struct Records {
    std::vector<Record> answers; // aliases (CNAME) on the way to them included
    std::vector<Record> authority;
    std::vector<Record> additional;
};

struct ClientOptions {
    std::optional<std::string> hostsFile; // asked before any server, for addresses and getHostByName()
    CacheLimits cache{1024 * 1024, 0, 5};
    std::vector<Name> search; // for getHostByName() and resolve(): tried behind names that are not complete
    unsigned ndots = 1;       // names with so many dots are tried as they are first
};

/// The look-ups of Twisted's names.client, over a Resolver and with a cache of its own. Names are text, and
/// complete with or without a final dot. They fail with a DomainError when the answer is an error
/// (DNSNameError for a name that is not there), with a NoAnswerError when there is none, and with
/// std::invalid_argument for text that is no name. Cancelling gives up. Belongs to the resolver's thread;
/// look-ups under way live on without it.
class Client {
public:
    explicit Client(std::shared_ptr<Resolver> resolver, const ClientOptions& options = ClientOptions());
    /// Over the servers and with the search list of the system's files.
    static Result<Client> system(
        Reactor& reactor, const std::string& resolvConf = "/etc/resolv.conf",
        const std::string& hostsFile = "/etc/hosts"
    );

    /// Records of any type; aliases are followed, to another look-up if need be.
    Deferred<Records> lookup(std::string_view name, Type type) const;

    Deferred<Records> lookupAddress(std::string_view name) const { return lookup(name, Type::A); }
    Deferred<Records> lookupIPV6Address(std::string_view name) const { return lookup(name, Type::AAAA); }
    /// A6, which RFC 6563 has made history.
    Deferred<Records> lookupAddress6(std::string_view name) const {
        return lookup(name, static_cast<Type>(38));
    }
    Deferred<Records> lookupMailExchange(std::string_view name) const { return lookup(name, Type::MX); }
    Deferred<Records> lookupNameservers(std::string_view name) const { return lookup(name, Type::NS); }
    Deferred<Records> lookupCanonicalName(std::string_view name) const { return lookup(name, Type::CNAME); }
    Deferred<Records> lookupMailBox(std::string_view name) const { return lookup(name, Type::MB); }
    Deferred<Records> lookupMailGroup(std::string_view name) const { return lookup(name, Type::MG); }
    Deferred<Records> lookupMailRename(std::string_view name) const { return lookup(name, Type::MR); }
    Deferred<Records> lookupMailboxInfo(std::string_view name) const { return lookup(name, Type::MINFO); }
    Deferred<Records> lookupPointer(std::string_view name) const { return lookup(name, Type::PTR); }
    Deferred<Records> lookupAuthority(std::string_view name) const { return lookup(name, Type::SOA); }
    Deferred<Records> lookupNull(std::string_view name) const { return lookup(name, Type::null); }
    Deferred<Records> lookupWellKnownServices(std::string_view name) const { return lookup(name, Type::WKS); }
    Deferred<Records> lookupHostInfo(std::string_view name) const { return lookup(name, Type::HINFO); }
    Deferred<Records> lookupText(std::string_view name) const { return lookup(name, Type::TXT); }
    Deferred<Records> lookupSenderPolicy(std::string_view name) const { return lookup(name, Type::SPF); }
    Deferred<Records> lookupResponsibility(std::string_view name) const { return lookup(name, Type::RP); }
    Deferred<Records> lookupAFSDatabase(std::string_view name) const { return lookup(name, Type::AFSDB); }
    Deferred<Records> lookupService(std::string_view name) const { return lookup(name, Type::SRV); }
    Deferred<Records> lookupNamingAuthorityPointer(std::string_view name) const {
        return lookup(name, Type::NAPTR);
    }
    /// What a server likes to give for ANY; many give one set alone (RFC 8482).
    Deferred<Records> lookupAllRecords(std::string_view name) const { return lookup(name, Type::ANY); }

    /// The whole zone from the first server (AXFR, RFC 5936), the SOA first and last; see transferZone().
    Deferred<std::vector<Record>>
    lookupZone(std::string_view name, const TransferLimits& limits = TransferLimits()) const;

    /// The addresses of a host, port 0, at least one: of localhost (RFC 6761), from the hosts file, or of the
    /// name with the search list; IPv6 first. When one family has come and the other has not 50 ms later
    /// (RFC 8305 section 3), it is left out. Fails with a DNSLookupError.
    Deferred<std::vector<Address>> resolve(std::string host, Family family = Family::any) const;
    /// The first of these.
    Deferred<Address> getHostByName(std::string host, Family family = Family::any) const;
    /// The name of an address (PTR, RFC 1035 section 3.5); from the hosts file never.
    Deferred<Name> getNameByAddress(const Address& address) const;

    Cache& cache() const noexcept;
    Resolver& resolver() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// The name of the PTR records of an IP address, "1.2.0.192.in-addr.arpa." or its like in ip6.arpa.
Name reverseName(const Address& address);

} // namespace twistdpp::dns
