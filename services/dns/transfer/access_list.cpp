#include "twistdpp/dns_transfer/access_list.h"

namespace twistdpp::dns {

Result<AccessList> AccessList::parse(std::span<const std::string> rules) {
    AccessList made;
    for (const std::string& text : rules) {
        Rule rule;
        const auto at = text.find('@');
        if (at != std::string::npos) {
            const Bytes name = Bytes(text).substr(at + 1);
            if (name.empty() || name == ".")
                return Error("'" + text + "' names no key behind the '@'");
            auto key = Name::parse(name);
            if (!key)
                return std::move(key).error().within("'" + text + "'");
            rule.key = *std::move(key);
        }
        if (at != 0) {
            auto network = Prefix::parse(Bytes(text).substr(0, at));
            if (!network)
                return std::move(network).error();
            rule.network = *std::move(network);
        }
        made.rules_.push_back(std::move(rule));
    }
    return made;
}

bool AccessList::allows(const Address& from, Bytes key) const noexcept {
    for (const Rule& rule : rules_) {
        if (rule.network && !rule.network->contains(from))
            continue;
        if (rule.key && (key.empty() || !equalNames(rule.key->wire(), key)))
            continue;
        return true;
    }
    return false;
}

std::vector<Name> AccessList::keys() const {
    std::vector<Name> names;
    for (const Rule& rule : rules_) {
        if (rule.key)
            names.push_back(*rule.key);
    }
    return names;
}

} // namespace twistdpp::dns
