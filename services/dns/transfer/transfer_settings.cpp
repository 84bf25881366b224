#include "twistdpp/dns_transfer/transfer_settings.h"

#include "twistdpp/base/number.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

constexpr std::uint16_t kPort = 53;

/// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353".
Result<Address> parseAddress(Bytes text) {
    Bytes host = text, port;
    if (!text.empty() && text.front() == '[') {
        const auto end = text.find(']');
        if (end == Bytes::npos || (end + 1 < text.size() && text[end + 1] != ':'))
            return Error(
                "'" + std::string(text) + "' is no address: '[' wants ']' and then ':PORT' or nothing"
            );
        host = text.substr(1, end - 1);
        if (end + 1 < text.size())
            port = text.substr(end + 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        host = text.substr(0, text.find(':'));
        port = text.substr(host.size());
    }
    std::uint16_t number = kPort;
    if (!port.empty()) {
        const auto parsed = parseUnsigned<std::uint16_t>(port.substr(1));
        if (!parsed || *parsed == 0)
            return Error("'" + std::string(port.substr(1)) + "' is no port; it is a number from 1 to 65535");
        number = *parsed;
    }
    auto address = Address::parse(host, number);
    if (!address)
        return Error("'" + std::string(host) + "' is no IP address");
    return address;
}

Result<std::optional<Name>> parseKey(Bytes text) {
    if (text.empty() || text == ".")
        return Error("there is no key behind the '@'");
    auto name = Name::parse(text);
    if (!name)
        return std::move(name).error();
    return std::optional<Name>(*std::move(name));
}

/// Takes "@KEY" off the end of `text`.
Result<std::optional<Name>> cutKey(Bytes& text) {
    const auto at = text.rfind('@');
    if (at == Bytes::npos)
        return std::optional<Name>();
    const Bytes key = text.substr(at + 1);
    text = text.substr(0, at);
    return parseKey(key);
}

Error notInKeys(const std::string& option, const Name& key, const std::string& file) {
    std::string name = key.toString();
    name.pop_back();
    return Error(
        "option " + option + ": there is no key '" + name + "' " +
        (file.empty() ? std::string("(no --tsig-keys are given)") : "in " + file)
    );
}

} // namespace

Result<Peer> Peer::parse(Bytes text) {
    auto key = cutKey(text);
    if (!key)
        return std::move(key).error();
    auto address = parseAddress(text);
    if (!address)
        return std::move(address).error();
    return Peer(*std::move(address), *std::move(key));
}

Result<SecondaryRule> SecondaryRule::parse(Bytes text) {
    const auto slash = text.find('/');
    if (slash == Bytes::npos)
        return Error("'" + std::string(text) + "' is not of the form IP[:PORT]/ZONE[@KEY]");
    auto address = parseAddress(text.substr(0, slash));
    if (!address)
        return std::move(address).error();
    Bytes rest = text.substr(slash + 1);
    auto key = cutKey(rest);
    if (!key)
        return std::move(key).error();
    if (rest.empty())
        return Error("'" + std::string(text) + "' names no zone behind the '/'; the root is '.'");
    auto zone = Name::parse(rest);
    if (!zone)
        return std::move(zone).error();
    return SecondaryRule(Peer(*std::move(address), *std::move(key)), *std::move(zone));
}

const SecondarySource* TransferSettings::secondary(Bytes zone) const noexcept {
    const auto at = std::find_if(secondaries.begin(), secondaries.end(), [&](const SecondarySource& each) {
        return equalNames(each.zone, zone);
    });
    return at == secondaries.end() ? nullptr : &*at;
}

Result<std::shared_ptr<const TransferSettings>> TransferSettings::make(const Texts& texts) {
    auto made = std::make_shared<TransferSettings>();
    made->directory = texts.directory;
    if (!texts.keysFile.empty()) {
        auto keys = TsigKeys::readFile(texts.keysFile);
        if (!keys)
            return std::move(keys).error().within("option --tsig-keys");
        made->keys = std::make_shared<const TsigKeys>(*std::move(keys));
    }
    auto allow = AccessList::parse(texts.allow);
    if (!allow)
        return std::move(allow).error().within("option --allow-transfer");
    made->allow = *std::move(allow);
    for (const Name& each : made->allow.keys()) {
        if (!made->key(each))
            return notInKeys("--allow-transfer", each, texts.keysFile);
    }
    for (const std::string& each : texts.notify) {
        auto peer = Peer::parse(each);
        if (!peer)
            return std::move(peer).error().within("option --notify");
        if (peer->key && !made->key(peer->key))
            return notInKeys("--notify", *peer->key, texts.keysFile);
        if (std::find(made->notify.begin(), made->notify.end(), *peer) == made->notify.end())
            made->notify.push_back(*std::move(peer));
    }
    for (const std::string& each : texts.secondary) {
        auto rule = SecondaryRule::parse(each);
        if (!rule)
            return std::move(rule).error().within("option --secondary");
        if (rule->primary.key && !made->key(rule->primary.key))
            return notInKeys("--secondary", *rule->primary.key, texts.keysFile);
        auto& zones = made->secondaries;
        auto zone = std::find_if(zones.begin(), zones.end(), [&](const SecondarySource& one) {
            return one.zone == rule->zone;
        });
        if (zone == zones.end())
            zone = zones.insert(zones.end(), SecondarySource(rule->zone));
        auto& primaries = zone->primaries;
        if (std::find(primaries.begin(), primaries.end(), rule->primary) == primaries.end())
            primaries.push_back(rule->primary);
    }
    return std::shared_ptr<const TransferSettings>(std::move(made));
}

} // namespace twistdpp::dns
