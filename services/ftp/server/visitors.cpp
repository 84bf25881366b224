#include "twistdpp/ftp_server/visitors.h"

#include <utility>

namespace twistdpp::ftp {

Visitors::Place
Visitors::take(std::map<std::string, std::size_t>& counts, const std::string& name, std::size_t most) {
    std::size_t& count = counts[name];
    if (most > 0 && count >= most)
        return nullptr;
    ++count;
    return {&counts, [name](void* of) {
                auto& all = *static_cast<std::map<std::string, std::size_t>*>(of);
                if (const auto its = all.find(name); --its->second == 0)
                    all.erase(its);
            }};
}

Visitors::Place Visitors::enter(const std::string& address) {
    auto one = take(all_, {}, limits_.all);
    auto other = one ? take(addresses_, address, limits_.perAddress) : nullptr;
    if (!other)
        return nullptr;
    return std::make_shared<std::pair<Place, Place>>(std::move(one), std::move(other));
}

Visitors::Place Visitors::logIn(const std::string& user) {
    return take(users_, user, limits_.perUser);
}

} // namespace twistdpp::ftp
