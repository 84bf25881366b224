#pragma once
#include "twistdpp/base/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::mail {

/// A policy as it was found.
struct FoundPolicy {
    std::string id;
    std::int64_t time = 0; // in seconds of Unix
    std::string text;
};

/// The policies of domains in a folder, a file each, so that a domain which had one is not believed to have
/// none because somebody keeps the next look-up from its answer (RFC 8461 section 10.2). Everything blocks:
/// for the reactor's pool. A value.
class PolicyFiles {
public:
    explicit PolicyFiles(std::string folder) : folder_(std::move(folder)) {}

    /// Nothing when there is none that can be read.
    std::optional<FoundPolicy> read(const std::string& domain) const;
    Result<void> write(const std::string& domain, const FoundPolicy& policy) const;

private:
    std::string folder_;
};

} // namespace twistdpp::mail
