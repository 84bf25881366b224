#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

/// An endpoint's description cut into its parts, "kind:value:name=value": Twisted's grammar. A backslash
/// takes the next character as it is; the first '=' of a part divides name and value, and in a value only ':'
/// ends it. A value for a nested endpoint is quoted as a whole: "tls:endpoint=tcp\:443". A plain value.
struct EndpointString {
    using Keyword = std::pair<std::string, std::string>;

    EndpointString() = default;
    explicit EndpointString(std::string of) : kind(std::move(of)) {}

    std::string kind;
    std::vector<std::string> positional; // behind the kind
    std::vector<Keyword> keywords;       // each name once: the last value holds, as in Twisted

    void setKeyword(std::string name, std::string value);
    const std::string* keyword(Bytes name) const noexcept;
    std::optional<std::string> takeKeyword(Bytes name);
};

/// The only mistake the grammar knows is a backslash at the end; and a first part that is "name=value" is no
/// kind.
Result<EndpointString> parseEndpointString(Bytes text);

/// As part of a description `argument` stands for itself.
std::string quoteArgument(Bytes argument);

} // namespace twistdpp
