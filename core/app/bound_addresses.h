#pragma once
#include "twistdpp/reactor/address.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

/// Every address that the daemon serves, as its ready line names them. Shared by all reactors; any thread.
/// The reactors bind one after the other, the first one first, which lets the others join a port that the
/// system chose.
class BoundAddresses {
public:
    /// `what` as people see it: "tcp 127.0.0.1:8080". The same one of several reactors is kept once.
    void report(const std::string& service, std::string what);
    /// Notes the address of the `index`th port of a service, and finds it again from another reactor.
    void share(const std::string& service, unsigned index, const Address& address);
    std::optional<Address> shared(const std::string& service, unsigned index) const;
    /// "web on tcp 127.0.0.1:8080, tcp [::1]:8080; echo on tcp 0.0.0.0:7". Services in the order of their
    /// reports.
    std::string summary() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<std::string, std::vector<std::string>>> services_;
    std::map<std::pair<std::string, unsigned>, Address> shared_;
};

} // namespace twistdpp
