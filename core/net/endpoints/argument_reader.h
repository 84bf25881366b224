#pragma once
#include "twistdpp/base/number.h"
#include "twistdpp/base/time.h"
#include "twistdpp/endpoints/endpoint_kind.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace twistdpp {

/// Reads a kind's arguments and keeps the first mistake, so that a kind may read all and look at error()
/// once. Each message names the argument and the whole description.
class ArgumentReader {
public:
    /// Binds positional arguments to those of `known` that have no value by name, in order. What is left over
    /// or has an unknown name is a mistake.
    ArgumentReader(
        const EndpointContext& context, const EndpointString& text, std::span<const EndpointArgument> known
    );
    /// For kinds that wrap another one: takes the arguments of `known` that are given by name out of `text`
    /// and leaves the rest there.
    static ArgumentReader
    take(const EndpointContext& context, EndpointString& text, std::span<const EndpointArgument> known);

    bool has(Bytes name) const noexcept { return find(name) != nullptr; }
    std::string text(Bytes name, Bytes otherwise = {}) const;
    /// Not given, or empty, is a mistake; `what` says what is missing: "a port".
    std::string required(Bytes name, Bytes what);
    std::uint16_t port(Bytes name);
    std::uint32_t number(Bytes name, std::uint32_t otherwise, std::uint32_t least, std::uint32_t most);
    bool flag(Bytes name, bool otherwise);
    Duration seconds(Bytes name, Duration otherwise);
    /// A numeric address with `port`; `otherwise` when not given or empty.
    Address address(Bytes name, const Address& otherwise);
    /// Comma-separated, without empty ones.
    std::vector<std::string> list(Bytes name) const;
    /// A file (or folder) that must be there and readable; its path.
    std::string file(Bytes name, Bytes otherwise = {});

    /// Gives an argument its value when it has none.
    void setDefault(Bytes name, std::string value) {
        if (!has(name))
            values_.setKeyword(std::string(name), std::move(value));
    }

    /// Notes a mistake, " in endpoint '...'" behind it.
    void fail(std::string message);
    const std::optional<Error>& error() const noexcept { return error_; }

private:
    ArgumentReader(const EndpointContext& context, std::span<const EndpointArgument> known)
        : context_(context), known_(known) {}
    const std::string* find(Bytes name) const noexcept { return values_.keyword(name); }
    std::string knownNames() const;

    const EndpointContext& context_;
    std::span<const EndpointArgument> known_;
    EndpointString values_; // all by name
    std::optional<Error> error_;
};

/// The same message for mistakes that are found elsewhere.
Error endpointError(const EndpointContext& context, std::string message);

} // namespace twistdpp
