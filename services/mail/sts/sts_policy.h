#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// What a domain says of its mail servers (RFC 8461 section 3.2). A value.
struct StsPolicy {
    enum class Mode : std::uint8_t { none, testing, enforce };
    Mode mode = Mode::none;
    std::vector<std::string> hosts; // "mx.example.com" or "*.example.net", lower case
    std::int64_t maxAge = 0;        // seconds that it may be kept

    /// Whether a server of that name may take the domain's mail: a star is one label.
    bool allows(Bytes host) const;

    /// Reads the text of the policy. The error is what is wrong with it.
    static Result<StsPolicy> parse(Bytes text);
};

/// The longest text that is read.
inline constexpr std::size_t kLongestPolicy = 64 * 1024;

/// The id in the TXT records of "_mta-sts." and the domain (section 3.1), which changes with the policy;
/// nothing when there is none, or when there are two.
std::optional<std::string> stsId(const std::vector<std::string>& records);

} // namespace twistdpp::mail
