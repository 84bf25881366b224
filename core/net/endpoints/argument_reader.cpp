#include "twistdpp/endpoints/argument_reader.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace twistdpp {

Error endpointError(const EndpointContext& context, std::string message) {
    return Error(std::move(message) + " in endpoint '" + std::string(context.text) + "'");
}

ArgumentReader::ArgumentReader(
    const EndpointContext& context, const EndpointString& text, std::span<const EndpointArgument> known
)
    : ArgumentReader(context, known) {
    for (const auto& [name, value] : text.keywords) {
        const auto found =
            std::find_if(known.begin(), known.end(), [&name = name](const EndpointArgument& one) {
                return one.name == name;
            });
        if (found == known.end())
            fail(text.kind + " has no argument '" + name + "' (it has " + knownNames() + ")");
        values_.setKeyword(name, value);
    }
    auto next = known.begin();
    for (const std::string& value : text.positional) {
        while (next != known.end() && (next->byNameOnly || has(next->name)))
            ++next;
        if (next == known.end()) {
            fail("one value too many, '" + value + "', for " + text.kind + " (it has " + knownNames() + ")");
            return;
        }
        values_.setKeyword(std::string(next->name), value);
    }
}

ArgumentReader ArgumentReader::take(
    const EndpointContext& context, EndpointString& text, std::span<const EndpointArgument> known
) {
    ArgumentReader reader(context, known);
    for (const EndpointArgument& one : known) {
        if (auto value = text.takeKeyword(one.name))
            reader.values_.setKeyword(std::string(one.name), std::move(*value));
    }
    return reader;
}

std::string ArgumentReader::knownNames() const {
    std::string names;
    for (const EndpointArgument& one : known_)
        names.append(names.empty() ? "" : ", ").append(one.name);
    return names.empty() ? "none" : names;
}

void ArgumentReader::fail(std::string message) {
    if (!error_)
        error_ = endpointError(context_, std::move(message));
}

std::string ArgumentReader::text(Bytes name, Bytes otherwise) const {
    const std::string* value = find(name);
    return value ? *value : std::string(otherwise);
}

std::string ArgumentReader::required(Bytes name, Bytes what) {
    const std::string* value = find(name);
    if (value && !value->empty())
        return *value;
    fail(std::string(what) + " is missing (" + std::string(name) + ")");
    return {};
}

std::uint16_t ArgumentReader::port(Bytes name) {
    const std::string value = required(name, "a port number");
    const auto number = parseUnsigned<std::uint16_t>(value);
    if (!number)
        fail("'" + value + "' is not a port number (0 to 65535)");
    return number.value_or(0);
}

std::uint32_t
ArgumentReader::number(Bytes name, std::uint32_t otherwise, std::uint32_t least, std::uint32_t most) {
    const std::string* value = find(name);
    if (!value)
        return otherwise;
    const auto number = parseUnsigned<std::uint32_t>(*value);
    if (number && *number >= least && *number <= most)
        return *number;
    fail(
        std::string(name) + ": '" + *value + "' is not a number from " + std::to_string(least) + " to " +
        std::to_string(most)
    );
    return otherwise;
}

bool ArgumentReader::flag(Bytes name, bool otherwise) {
    const std::string* value = find(name);
    if (!value)
        return otherwise;
    for (const Bytes yes : {"1", "yes", "true", "on"}) {
        if (ascii::equalsIgnoreCase(*value, yes))
            return true;
    }
    for (const Bytes no : {"0", "no", "false", "off"}) {
        if (ascii::equalsIgnoreCase(*value, no))
            return false;
    }
    fail(std::string(name) + ": '" + *value + "' is neither 1 nor 0");
    return otherwise;
}

Duration ArgumentReader::seconds(Bytes name, Duration otherwise) {
    const std::string* value = find(name);
    if (!value)
        return otherwise;
    char* end = nullptr;
    const double seconds = std::strtod(value->c_str(), &end);
    const bool plain = value->find_first_not_of("0123456789.") == std::string::npos;
    if (plain && !value->empty() && end == value->c_str() + value->size() && seconds <= 1e9)
        return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    fail(std::string(name) + ": '" + *value + "' is not a number of seconds");
    return otherwise;
}

Address ArgumentReader::address(Bytes name, const Address& otherwise) {
    const std::string* value = find(name);
    if (!value || value->empty())
        return otherwise;
    auto address =
        Address::parse(*value == "localhost" ? Bytes("127.0.0.1") : Bytes(*value), otherwise.port());
    if (address)
        return std::move(*address);
    fail(std::string(name) + ": '" + *value + "' is not a numeric address (as 127.0.0.1 or \\:\\:1)");
    return otherwise;
}

std::vector<std::string> ArgumentReader::list(Bytes name) const {
    std::vector<std::string> items;
    const std::string* value = find(name);
    for (Bytes rest = value ? Bytes(*value) : Bytes(); !rest.empty();) {
        const Bytes item = ascii::trim(ascii::cut(rest, ','));
        if (!item.empty())
            items.emplace_back(item);
    }
    return items;
}

std::string ArgumentReader::file(Bytes name, Bytes otherwise) {
    std::string path = text(name, otherwise);
    if (path.empty()) {
        if (has(name))
            fail(std::string(name) + ": a file name is missing");
    } else if (::access(path.c_str(), R_OK) != 0) {
        fail(std::string(name) + ": cannot read '" + path + "': " + std::strerror(errno));
    }
    return path;
}

} // namespace twistdpp
