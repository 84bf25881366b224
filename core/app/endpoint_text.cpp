#include "twistdpp/app/endpoint_text.h"

#include "twistdpp/endpoints/endpoint_kind.h"
#include "twistdpp/endpoints/endpoint_string.h"

#include <algorithm>

namespace twistdpp {

namespace {

bool isKind(const std::string& name) {
    return Registry<ServerEndpointKind>::find(name) != nullptr;
}

std::string joined(const EndpointString& parts) {
    std::string text = parts.kind;
    for (const std::string& each : parts.positional)
        text.append(":").append(quoteArgument(each));
    for (const auto& [name, value] : parts.keywords)
        text.append(":").append(name).append("=").append(quoteArgument(value));
    return text;
}

} // namespace

std::string endpointWithPort(const std::string& text, std::uint16_t port) {
    const std::string number = std::to_string(port);
    if (text == "0")
        return number;
    auto parsed = parseEndpointString(text);
    // Descriptors from outside have numbers that are no ports.
    if (!parsed || parsed->kind == "fd" || parsed->kind == "systemd" || parsed->kind == "stdio")
        return text;
    bool changed = false;
    for (auto& [name, value] : parsed->keywords) {
        const std::string before = value;
        if (name == "port" && value == "0")
            value = number;
        else if (name == "endpoint")
            value = endpointWithPort(value, port);
        changed = changed || value != before;
    }
    const auto zero = std::find(parsed->positional.begin(), parsed->positional.end(), "0");
    if (!changed && zero != parsed->positional.end() && !parsed->keyword("port")) {
        *zero = number;
        changed = true;
    }
    return changed ? joined(*parsed) : text;
}

std::string endpointLabel(const std::string& text, const Address& address) {
    const std::string kind = text.substr(0, text.find(':'));
    if (address.isIp())
        return (isKind(kind) ? kind : "tcp") + " " + address.toString();
    return address.kind() == Address::Kind::none ? text : address.toString();
}

} // namespace twistdpp
