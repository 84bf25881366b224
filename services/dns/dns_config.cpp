#include "twistdpp/service_dns/dns_config.h"

#include "twistdpp/base/number.h"
#include "twistdpp/net/prefix.h"
#include "twistdpp/service_dns/explain.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace twistdpp::dns {

namespace {

std::string absolute(const std::string& path) {
    std::error_code ignored;
    const auto made = std::filesystem::absolute(path, ignored);
    return ignored ? path : made.string();
}

/// "ORIGIN=FILE" or "FILE"; a file whose name holds a '=' is given with "./" in front.
ZoneSource zoneSource(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || text.find('/') < equals)
        return {ZoneSource::Form::master, absolute(text), ""};
    return {ZoneSource::Form::master, absolute(text.substr(equals + 1)), text.substr(0, equals)};
}

Result<void> checkZone(Bytes text) {
    const auto equals = text.find('=');
    if (equals == Bytes::npos || text.find('/') < equals)
        return {};
    if (auto name = Name::parse(text.substr(0, equals)); !name)
        return std::move(name).error();
    return {};
}

/// What a parser of option values says of one.
template <class T>
Result<void> checkBy(Result<T> parsed) {
    if (!parsed)
        return std::move(parsed).error();
    return {};
}

Result<void> checkAddress(Bytes text) {
    if (auto address = Address::parse(text, 0); !address)
        return Error("is no IP address");
    return {};
}

} // namespace

void DnsConfig::declare(OptionSet& options) {
    options.add("-p,--port", port, "the port, UDP and TCP, on every --interface")
        .value("PORT")
        .group("Where");
    options
        .add(
            "-i,--interface", interfaces,
            "serve on this address; may be given several times (default: all, IPv4 and IPv6)"
        )
        .value("ADDRESS")
        .group("Where")
        .check(checkAddress);
    options
        .add("--tls", tls, "also serve DNS over TLS (RFC 7858) on this endpoint; may be given several times")
        .value("ENDPOINT")
        .group("Where");

    options.add("--hosts-file", hostsFiles, "answer from a hosts(5) file; may be given several times")
        .value("FILE")
        .group("What");
    options
        .add(
            "--bindzone", bindZones,
            "serve a zone from a master file (RFC 1035); without ORIGIN= the file's $ORIGIN or SOA names it; "
            "may be given several times"
        )
        .value("[ORIGIN=]FILE")
        .group("What")
        .check(checkZone);
    options
        .add(
            "--pyzone", pythonZones,
            "serve a zone from a file of Twisted's Python form, read as data; may be given several times"
        )
        .value("FILE")
        .group("What");

    options.add("-r,--recursive", recursive, "ask the servers of resolv.conf for what is not served here")
        .group("Forwarding");
    options.add("-c,--cache", cache, "keep the answers of those servers for as long as they say")
        .group("Forwarding");
    options
        .add(
            "--resolv-conf", resolvConf,
            "find the servers in this file (default: /etc/resolv.conf); implies --recursive"
        )
        .value("FILE")
        .group("Forwarding");
    options
        .add(
            "--forward", upstreams,
            "ask this server, not those of resolv.conf; implies --recursive; may be given several times"
        )
        .value("ADDRESS[:PORT]")
        .group("Forwarding")
        .check([](Bytes text) -> Result<void> {
            if (auto address = parseServer(text); !address)
                return std::move(address).error();
            return {};
        });
    options
        .add(
            "--allow-recursion", allowRecursion,
            "forward for clients of this network (default: loopback and local networks); may be given "
            "several times"
        )
        .value("PREFIX")
        .group("Forwarding")
        .check([](Bytes text) -> Result<void> {
            if (auto prefix = Prefix::parse(text); !prefix)
                return std::move(prefix).error();
            return {};
        });
    options.add("--cache-size", cacheMebibytes, "the most that --cache keeps on each worker, in MiB")
        .value("MIB")
        .group("Forwarding");
    options
        .add(
            "--serve-stale", serveStale,
            "give answers that are past their time for so long when no server answers (RFC 8767)"
        )
        .value("TIME")
        .group("Forwarding");

    options
        .add(
            "--secondary", secondaries,
            "serve a copy of a zone that is fetched from this primary, signed with KEY; several for one zone "
            "are "
            "its primaries; may be given several times"
        )
        .value("IP[:PORT]/ZONE[@KEY]")
        .group("Transfers")
        .check([](Bytes text) { return checkBy(SecondaryRule::parse(text)); });
    options.add("--secondary-dir", secondaryDirectory, "where copies of secondary zones outlive a restart")
        .value("DIR")
        .group("Transfers");
    options
        .add(
            "--allow-transfer", allowTransfer,
            "let this address or network, or who signs with KEY, fetch zones (default: nobody); may be given "
            "several times"
        )
        .value("ADDRESS[/BITS][@KEY]|@KEY")
        .group("Transfers")
        .check([](Bytes text) {
            const std::string rule(text);
            return checkBy(AccessList::parse({&rule, 1}));
        });
    options
        .add(
            "--notify", notify,
            "tell this secondary of each new serial (NOTIFY), signed with KEY; may be given several times"
        )
        .value("ADDRESS[:PORT][@KEY]")
        .group("Transfers")
        .check([](Bytes text) { return checkBy(Peer::parse(text)); });
    options
        .add(
            "--tsig-keys", tsigKeys,
            "the keys that messages are signed with (TSIG), as tsig-keygen prints them: key \"name\" { "
            "algorithm "
            "hmac-sha256; secret \"base64\"; };"
        )
        .value("FILE")
        .group("Transfers");

    options.add("--nsid", nsid, "the name of this server for those who ask with NSID (RFC 5001)")
        .value("TEXT")
        .group("How")
        .check([](Bytes text) -> Result<void> {
            if (text.size() > 255)
                return Error("is longer than 255 bytes");
            return {};
        });
    options
        .add(
            "--cookie-secret", cookieSecret,
            "the secret of DNS cookies, 32 hexadecimal digits; servers of one name share it (RFC 9018)"
        )
        .value("FILE")
        .group("How");
    options
        .add(
            "--rate-limit", rateLimit,
            "like answers a second to one network over UDP, 0: no limit; loopback is exempt"
        )
        .value("N")
        .group("How");
    options.add("--udp-size", udpSize, "the largest answer over UDP, in bytes")
        .value("BYTES")
        .group("How")
        .check([](Bytes text) -> Result<void> {
            const long size = std::strtol(std::string(text).c_str(), nullptr, 10);
            if (size < 512 || size > 4096)
                return Error("is not from 512 to 4096");
            return {};
        });
    options
        .onFlag(
            "-v,--verbose", [this]() -> Result<void> { return ++verbosity, Result<void>(); },
            "log each question; twice: with its answer"
        )
        .group("How");
    options
        .add(
            "--explain", explain,
            "print the answer to a question, and which source and step of RFC 1034 4.3.2 gave it"
        )
        .value("'NAME [TYPE]'")
        .group("How");

    options.example(
        "twistdpp dns -p 5553 --hosts-file=hosts",
        "a name server of a hosts file: dig @127.0.0.1 -p 5553 NAME"
    );
    options.example("twistdpp dns -p 5553 --bindzone example.com.zone", "an authoritative server");
    options.example(
        "twistdpp dns --bindzone example.com.zone --explain 'www.example.com MX'",
        "why is the answer what it is?"
    );
    options.example(
        "twistdpp dns --secondary 192.0.2.1/example.com", "a second name server of a zone that 192.0.2.1 has"
    );
    options.example("twistdpp --check dns --bindzone example.com.zone", "look for mistakes without serving");
}

Result<void> DnsConfig::validate() {
    if (hostsFiles.empty() && bindZones.empty() && pythonZones.empty() && secondaries.empty() && !forwards())
        return Error(
            "there is nothing to serve: give --hosts-file, --bindzone, --pyzone, --secondary or --recursive"
        );
    if (cache && !forwards())
        return Error("--cache keeps what other servers answer: give --recursive or --forward too");
    return {};
}

ZoneSources DnsConfig::sources() const {
    ZoneSources made;
    for (const std::string& each : bindZones)
        made.zones.push_back(zoneSource(each));
    for (const std::string& each : pythonZones)
        made.zones.emplace_back(ZoneSource::Form::python, absolute(each), "");
    for (const std::string& each : hostsFiles)
        made.hosts.push_back(absolute(each));
    for (const std::string& each : secondaries) {
        const auto rule = SecondaryRule::parse(each);
        if (!rule)
            continue; // told when the options were read
        std::string zone(NameKey(rule->zone).wire());
        if (std::find(made.transferred.begin(), made.transferred.end(), zone) == made.transferred.end())
            made.transferred.push_back(std::move(zone));
    }
    return made;
}

Result<std::shared_ptr<const TransferSettings>> DnsConfig::transferSettings() const {
    TransferSettings::Texts texts;
    texts.secondary = secondaries;
    texts.allow = allowTransfer;
    texts.notify = notify;
    texts.keysFile = tsigKeys;
    texts.directory = absolute(secondaryDirectory);
    return TransferSettings::make(texts);
}

Result<ResponderSettings> DnsConfig::responderSettings() const {
    ResponderSettings settings;
    settings.udpSize = udpSize;
    settings.nsid = nsid;
    settings.rateLimit = rateLimit;
    if (!cookieSecret.empty()) {
        auto cookies = Cookies::fromFile(cookieSecret);
        if (!cookies)
            return std::move(cookies).error().within("option --cookie-secret");
        settings.cookies = *cookies;
    }
    return settings;
}

Result<Address> parseServer(Bytes text) {
    constexpr std::uint16_t kPort = 53;
    if (auto plain = Address::parse(text, kPort))
        return plain;
    const auto colon = text.rfind(':');
    Bytes host = text.substr(0, colon);
    const std::uint16_t port = colon == Bytes::npos
                                   ? std::uint16_t{0}
                                   : parseUnsigned<std::uint16_t>(text.substr(colon + 1)).value_or(0);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    auto address = Address::parse(host, port);
    if (!address || port == 0)
        return Error("'" + std::string(text) + "' is no ADDRESS or ADDRESS:PORT");
    return address;
}

Result<std::vector<Address>> DnsConfig::addresses(bool& isDefault) const {
    isDefault = interfaces.empty();
    if (isDefault)
        return std::vector<Address>{Address::anyIpv4(port), Address::anyIpv6(port)};
    std::vector<Address> made;
    for (const std::string& each : interfaces) {
        auto address = Address::parse(each, port);
        if (!address)
            return std::move(address).error().within("option --interface");
        made.push_back(*address);
    }
    return made;
}

Result<std::string> DnsConfig::answer() const {
    if (explain.empty())
        return std::string();
    ZoneKeeper zones(Logger("dns"));
    const ZoneSources from = sources();
    if (auto done = zones.load(from); !done)
        return std::move(done).error();
    const ZoneStore copies(absolute(secondaryDirectory));
    for (const std::string& each : from.transferred) {
        if (auto copy = copies.load(each))
            zones.replace(each, std::move(copy->zone));
    }
    return explainAnswer(*zones.catalog(), explain);
}

} // namespace twistdpp::dns
