#include "twistdpp/app/bound_addresses.h"

#include <algorithm>

namespace twistdpp {

void BoundAddresses::report(const std::string& service, std::string what) {
    const std::lock_guard lock(mutex_);
    auto at = std::find_if(services_.begin(), services_.end(), [&](const auto& each) {
        return each.first == service;
    });
    if (at == services_.end())
        at = services_.insert(at, {service, {}});
    if (std::find(at->second.begin(), at->second.end(), what) == at->second.end())
        at->second.push_back(std::move(what));
}

void BoundAddresses::share(const std::string& service, unsigned index, const Address& address) {
    const std::lock_guard lock(mutex_);
    shared_.emplace(std::pair(service, index), address);
}

std::optional<Address> BoundAddresses::shared(const std::string& service, unsigned index) const {
    const std::lock_guard lock(mutex_);
    const auto at = shared_.find(std::pair(service, index));
    return at == shared_.end() ? std::nullopt : std::optional(at->second);
}

std::string BoundAddresses::summary() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [service, addresses] : services_) {
        text.append(text.empty() ? "" : "; ").append(service).append(" on ");
        for (std::size_t i = 0; i < addresses.size(); ++i)
            text.append(i ? ", " : "").append(addresses[i]);
    }
    return text;
}

} // namespace twistdpp
