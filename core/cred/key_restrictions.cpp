#include "twistdpp/cred/key_restrictions.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

namespace twistdpp {

namespace {

// '*' goes back to where it began at most once for each byte: no pattern takes longer than the product.
bool matchesGlob(Bytes pattern, Bytes text) {
    std::size_t p = 0, t = 0, star = Bytes::npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || ascii::lower(pattern[p]) == ascii::lower(text[t]))) {
            ++p;
            ++t;
        } else if (star != Bytes::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

/// Nothing when `pattern` is no network.
std::optional<bool> inNetwork(Bytes pattern, const Address& peer) {
    Bytes rest = pattern;
    const Bytes host = ascii::cut(rest, '/');
    const auto bits = parseUnsigned<unsigned>(rest);
    const Result<Address> network = Address::parse(host, 0);
    if (!bits || !network || *bits > 8 * network->ipBytes().size())
        return std::nullopt;
    return peer.inPrefix(*network, *bits);
}

} // namespace

bool addressInList(Bytes patterns, const Address& peer) {
    if (!peer.isIp())
        return false;
    const std::string host = peer.host();
    bool found = false;
    while (!patterns.empty()) {
        Bytes pattern = ascii::trim(ascii::cut(patterns, ','));
        const bool excludes = pattern.starts_with('!');
        if (excludes)
            pattern.remove_prefix(1);
        const std::optional<bool> matches =
            pattern.find('/') != Bytes::npos ? inNetwork(pattern, peer) : matchesGlob(pattern, host);
        // An exclusion with a slip in it must not let in whom it was to keep out.
        if (!matches || (*matches && excludes))
            return false;
        found = found || *matches;
    }
    return found;
}

std::optional<std::time_t> parseExpiryTime(Bytes text) {
    const bool utc = text.ends_with('Z') || text.ends_with('z');
    if (utc)
        text.remove_suffix(1);
    if (text.size() != 8 && text.size() != 12 && text.size() != 14)
        return std::nullopt;
    int fields[6] = {0, 1, 1, 0, 0, 0}; // year, month, day, hour, minute, second
    for (std::size_t at = 0, field = 0; at < text.size(); ++field) {
        const std::size_t width = field == 0 ? 4 : 2;
        const auto number = parseUnsigned<unsigned>(text.substr(at, width));
        if (!number)
            return std::nullopt;
        fields[field] = static_cast<int>(*number);
        at += width;
    }
    if (fields[0] < 1970 || fields[1] < 1 || fields[1] > 12 || fields[2] < 1 || fields[2] > 31 ||
        fields[3] > 23 || fields[4] > 59 || fields[5] > 59)
        return std::nullopt;
    std::tm when{};
    when.tm_year = fields[0] - 1900;
    when.tm_mon = fields[1] - 1;
    when.tm_mday = fields[2];
    when.tm_hour = fields[3];
    when.tm_min = fields[4];
    when.tm_sec = fields[5];
    when.tm_isdst = -1;
    const std::time_t seconds = utc ? ::timegm(&when) : std::mktime(&when);
    return seconds == -1 ? std::nullopt : std::optional(seconds);
}

bool restrictionsHold(const AuthorizedKey& key, const Address& peer, std::time_t now) {
    for (const auto& [name, value] : key.options) {
        if (name == "from" && !addressInList(value, peer))
            return false;
        if (name == "expiry-time") {
            const auto end = parseExpiryTime(value);
            if (!end || now >= *end)
                return false;
        }
    }
    return true;
}

} // namespace twistdpp
