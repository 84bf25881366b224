#include "twistdpp/net/prefix.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <utility>

namespace twistdpp {

Result<Prefix> Prefix::parse(Bytes text) {
    const Bytes host = text.substr(0, text.find('/'));
    auto network = Address::parse(host, 0);
    if (!network)
        return Error("'" + std::string(text) + "' is not a network (as in 10.0.0.0/8 or 2001:db8::/32)");
    const auto most = static_cast<unsigned>(network->ipBytes().size() * 8);
    if (host.size() == text.size())
        return Prefix(std::move(*network), most);
    const auto width = parseUnsigned<unsigned>(text.substr(host.size() + 1));
    if (!width || *width > most)
        return Error(
            "'" + std::string(text) + "' is not a network: its width must be 0 to " + std::to_string(most)
        );
    return Prefix(std::move(*network), *width);
}

Result<std::vector<Prefix>> parsePrefixes(Bytes text) {
    std::vector<Prefix> prefixes;
    while (!text.empty()) {
        auto prefix = Prefix::parse(ascii::trim(ascii::cut(text, ',')));
        if (!prefix)
            return std::move(prefix).error();
        prefixes.push_back(std::move(*prefix));
    }
    return prefixes;
}

} // namespace twistdpp
