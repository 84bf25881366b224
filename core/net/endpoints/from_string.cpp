#include "twistdpp/base/ascii.h"
#include "twistdpp/endpoints/argument_reader.h"
#include "twistdpp/endpoints/endpoint_kind.h"
#include "twistdpp/reactor/reactor.h"

#include <algorithm>
#include <utility>

namespace twistdpp {

namespace {

constexpr unsigned kMaxDepth = 8;

bool isNumber(Bytes text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), ascii::isDigit);
}

/// "8080", "HOST:8080" and "[::1]:8080" are short for tcp; anything else is left as it is.
Result<EndpointString> parseServerString(Bytes text) {
    if (!text.empty() && text[0] == '[') {
        const std::size_t end = text.find("]:");
        if (end != Bytes::npos && Address::parse(text.substr(1, end - 1), 0)) {
            auto parsed = parseEndpointString("tcp:" + std::string(text.substr(end + 2)));
            if (parsed)
                parsed->setKeyword("interface", std::string(text.substr(1, end - 1)));
            return parsed;
        }
    }
    auto parsed = parseEndpointString(text);
    if (!parsed)
        return parsed;
    const std::string& kind = parsed->kind;
    if (isNumber(kind)) {
        parsed->positional.insert(parsed->positional.begin(), std::exchange(parsed->kind, "tcp"));
    } else if (kind == "*" || kind == "localhost" || Address::parse(kind, 0)) {
        parsed->setKeyword("interface", kind);
        parsed->kind = "tcp";
    }
    return parsed;
}

template <class Kind>
auto makeOfKind(const EndpointContext& context, const EndpointString& text)
    -> decltype(std::declval<Kind>().make(context, text)) {
    if (context.depth > kMaxDepth)
        return endpointError(context, "endpoints are nested too deeply");
    if (const Kind* kind = Registry<Kind>::find(ascii::toLower(text.kind)))
        return kind->make(context, text);
    std::string names;
    for (const Kind* kind : Registry<Kind>::all())
        names.append(names.empty() ? "" : ", ").append(kind->name);
    return endpointError(context, "there is no kind '" + text.kind + "' (there are " + names + ")");
}

EndpointContext inner(const EndpointContext& context) {
    EndpointContext next(context);
    ++next.depth;
    return next;
}

template <class Kind>
std::string describeKinds() {
    std::string text;
    for (const Kind* kind : Registry<Kind>::all()) {
        text.append("  ").append(kind->usage).append("\n      ").append(kind->summary).append("\n");
        for (const EndpointArgument& one : kind->arguments) {
            text.append("      ").append(one.name);
            text.append(one.name.size() < 14 ? 14 - one.name.size() : 1, ' ').append(one.help).append("\n");
        }
    }
    return text;
}

} // namespace

Result<std::unique_ptr<ServerEndpoint>>
makeServerEndpoint(const EndpointContext& context, const EndpointString& text) {
    return makeOfKind<ServerEndpointKind>(inner(context), text);
}

Result<std::unique_ptr<ServerEndpoint>>
makeNestedServer(const EndpointContext& context, const std::string& description) {
    auto parsed = parseServerString(description);
    if (!parsed)
        return std::move(parsed).error();
    return makeServerEndpoint(context, *parsed);
}

Result<std::unique_ptr<ClientEndpoint>>
makeNestedClient(const EndpointContext& context, const std::string& description) {
    auto parsed = parseEndpointString(description);
    if (!parsed)
        return std::move(parsed).error();
    return makeOfKind<ClientEndpointKind>(inner(context), *parsed);
}

Result<std::unique_ptr<ServerEndpoint>>
serverFromString(Reactor& reactor, std::string_view text, const EndpointOptions& options) {
    auto parsed = parseServerString(text);
    if (!parsed)
        return std::move(parsed).error();
    auto made = makeOfKind<ServerEndpointKind>(EndpointContext(reactor, options, text), *parsed);
    if (made)
        (*made)->setDescription(std::string(text));
    return made;
}

Result<std::unique_ptr<ClientEndpoint>> clientFromString(Reactor& reactor, std::string_view text) {
    auto parsed = parseEndpointString(text);
    if (!parsed)
        return std::move(parsed).error();
    auto made = makeOfKind<ClientEndpointKind>(EndpointContext(reactor, EndpointOptions(), text), *parsed);
    if (made)
        (*made)->setDescription(std::string(text));
    return made;
}

std::string describeServerEndpoints() {
    return describeKinds<ServerEndpointKind>();
}

std::string describeClientEndpoints() {
    return describeKinds<ClientEndpointKind>();
}

} // namespace twistdpp
