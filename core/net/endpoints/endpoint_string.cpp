#include "twistdpp/endpoints/endpoint_string.h"

#include <algorithm>

namespace twistdpp {

void EndpointString::setKeyword(std::string name, std::string value) {
    for (Keyword& one : keywords) {
        if (one.first == name) {
            one.second = std::move(value);
            return;
        }
    }
    keywords.emplace_back(std::move(name), std::move(value));
}

const std::string* EndpointString::keyword(Bytes name) const noexcept {
    for (const Keyword& one : keywords) {
        if (one.first == name)
            return &one.second;
    }
    return nullptr;
}

std::optional<std::string> EndpointString::takeKeyword(Bytes name) {
    const auto found =
        std::find_if(keywords.begin(), keywords.end(), [&](const Keyword& one) { return one.first == name; });
    if (found == keywords.end())
        return std::nullopt;
    std::string value = std::move(found->second);
    keywords.erase(found);
    return value;
}

Result<EndpointString> parseEndpointString(Bytes text) {
    EndpointString parsed;
    bool first = true;
    std::string part;
    std::optional<std::string> name;
    const auto endPart = [&]() -> bool {
        if (first && name)
            return false;
        if (first)
            parsed.kind = std::move(part);
        else if (name)
            parsed.setKeyword(std::move(*name), std::move(part));
        else
            parsed.positional.push_back(std::move(part));
        part.clear();
        name.reset();
        first = false;
        return true;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            if (++i == text.size())
                return Error(
                    "endpoint '" + std::string(text) + "' ends in a backslash, which quotes nothing"
                );
            part.push_back(text[i]);
        } else if (text[i] == ':') {
            if (!endPart())
                break;
        } else if (text[i] == '=' && !name) {
            name = std::move(part);
            part.clear();
        } else {
            part.push_back(text[i]);
        }
    }
    if (!first || !name) {
        if (endPart())
            return parsed;
    }
    return Error("endpoint '" + std::string(text) + "' does not begin with a kind, as in tcp:8080");
}

std::string quoteArgument(Bytes argument) {
    std::string quoted;
    for (const char c : argument) {
        if (c == '\\' || c == ':' || c == '=')
            quoted.push_back('\\');
        quoted.push_back(c);
    }
    return quoted;
}

} // namespace twistdpp
