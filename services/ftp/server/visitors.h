#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace twistdpp::ftp {

/// Most sessions at a time; 0: as many as come.
struct VisitorLimits {
    std::size_t all = 0, perAddress = 0, perUser = 0;
};

/// Who is here. Belongs to the reactor's thread, and outlives the sessions.
class Visitors {
public:
    explicit Visitors(VisitorLimits limits) : limits_(limits) {}

    /// Counts as long as it lives.
    using Place = std::shared_ptr<void>;
    /// nullptr when there are as many as there may be.
    Place enter(const std::string& address);
    Place logIn(const std::string& user);

private:
    static Place take(std::map<std::string, std::size_t>& counts, const std::string& name, std::size_t most);

    VisitorLimits limits_;
    std::map<std::string, std::size_t> all_, addresses_, users_;
};

} // namespace twistdpp::ftp
