#include "twistdpp/dns_resolver/resolv_conf.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/dns_resolver/text_lines.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

constexpr std::uint16_t kPort = 53;
constexpr std::size_t kLargestFile = 64 * 1024;
constexpr std::size_t kMostServers = 16, kMostSearch = 32;
// The bounds of resolv.conf(5).
constexpr unsigned kMostNdots = 15, kMostTimeout = 30, kMostAttempts = 5;

/// The number behind "name:", at most `most`.
Result<unsigned> number(Bytes option, unsigned most) {
    Bytes value = option;
    const Bytes name = ascii::cut(value, ':');
    const auto read = parseUnsigned<unsigned>(value);
    if (!read)
        return Error("option " + std::string(name) + " needs a number, as in '" + std::string(name) + ":2'");
    return std::min(*read, most);
}

Result<void> setOption(ResolvConf& conf, Bytes option) {
    const Bytes name = option.substr(0, option.find(':'));
    if (name == "ndots" || name == "timeout" || name == "attempts") {
        const unsigned most = name == "ndots" ? kMostNdots : name == "timeout" ? kMostTimeout : kMostAttempts;
        auto value = number(option, most);
        if (!value)
            return std::move(value).error();
        if (name == "ndots")
            conf.ndots = *value;
        else if (name == "timeout")
            conf.timeout = std::chrono::seconds(std::max(*value, 1U));
        else
            conf.attempts = std::max(*value, 1U);
    } else if (name == "rotate") {
        conf.rotate = true;
    } else if (name == "use-vc") {
        conf.useVc = true;
    } else if (name == "trust-ad") {
        conf.trustAd = true;
    }
    return {};
}

Result<void> addSearch(ResolvConf& conf, Bytes words, std::size_t most) {
    conf.search.clear(); // of several lines the last one holds
    for (Bytes word = nextWord(words); !word.empty() && conf.search.size() < most; word = nextWord(words)) {
        auto name = Name::parse(word);
        if (!name)
            return std::move(name).error();
        conf.search.push_back(*std::move(name));
    }
    return {};
}

Result<void> readLine(ResolvConf& conf, Bytes line) {
    const Bytes keyword = nextWord(line);
    if (keyword == "nameserver") {
        const Bytes word = nextWord(line);
        auto address = Address::parse(word, kPort);
        if (!address)
            return Error("nameserver '" + std::string(word) + "' is no IPv4 or IPv6 address");
        if (conf.servers.size() < kMostServers)
            conf.servers.push_back(*std::move(address));
    } else if (keyword == "search") {
        return addSearch(conf, line, kMostSearch);
    } else if (keyword == "domain") {
        return addSearch(conf, line, 1);
    } else if (keyword == "options") {
        for (Bytes option = nextWord(line); !option.empty(); option = nextWord(line)) {
            if (auto set = setOption(conf, option); !set)
                return set;
        }
    }
    return {};
}

} // namespace

Result<ResolvConf> parseResolvConf(Bytes text, Bytes file) {
    ResolvConf conf;
    for (unsigned number = 1; !text.empty(); ++number) {
        const Bytes line = ascii::cut(text, '\n');
        if (line.empty() || line.front() == '#' || line.front() == ';')
            continue;
        if (auto read = readLine(conf, line); !read)
            return std::move(read).error().within(std::string(file) + ":" + std::to_string(number));
    }
    if (conf.servers.empty())
        conf.servers.push_back(Address::loopback(kPort));
    return conf;
}

Result<ResolvConf> readResolvConf(const std::string& path) {
    auto text = readSmallFile(path, kLargestFile);
    if (!text)
        return std::move(text).error();
    return parseResolvConf(*text, path);
}

ResolverOptions resolverOptions(const ResolvConf& conf) {
    ResolverOptions options(conf.servers);
    options.timeout = conf.timeout;
    options.attempts = conf.attempts;
    options.order = conf.rotate ? ServerOrder::rotate : ServerOrder::listed;
    // As long as the attempts take when all of them are late.
    options.limit = conf.timeout * static_cast<long>(conf.attempts * conf.servers.size());
    options.exchange.alwaysTcp = conf.useVc;
    options.exchange.wantAuthenticated = conf.trustAd;
    return options;
}

} // namespace twistdpp::dns
