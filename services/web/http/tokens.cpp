#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

namespace twistdpp::http {

namespace {

/// Where `separator` stands outside quoted strings, or npos. Sets `open` when a quoted string does not end.
std::size_t findOutsideQuotes(Bytes text, char separator, bool& open) noexcept {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (c == separator && !quoted)
            return i;
    }
    open = quoted;
    return Bytes::npos;
}

} // namespace

bool isFieldValue(Bytes text) noexcept {
    if (text.empty())
        return true;
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    return !blank(text.front()) && !blank(text.back()) && chars::all(text, chars::fieldValue);
}

std::optional<Bytes> ListReader::next() noexcept {
    while (!rest_.empty()) {
        const auto comma = findOutsideQuotes(rest_, ',', broken_);
        const Bytes element = ascii::trim(rest_.substr(0, comma));
        rest_ = comma == Bytes::npos ? Bytes{} : rest_.substr(comma + 1);
        if (!element.empty())
            return element;
    }
    return std::nullopt;
}

Parameterised splitParameters(Bytes element) noexcept {
    bool open = false;
    const auto at = findOutsideQuotes(element, ';', open);
    if (at == Bytes::npos)
        return {ascii::trim(element), {}};
    return {ascii::trim(element.substr(0, at)), ascii::trim(element.substr(at + 1))};
}

std::optional<int> parseQuality(Bytes text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1'))
        return std::nullopt;
    int value = (text[0] - '0') * 1000;
    if (text.size() == 1)
        return value;
    if (text[1] != '.')
        return std::nullopt;
    int weight = 100;
    for (const char c : text.substr(2)) {
        if (!ascii::isDigit(c))
            return std::nullopt;
        value += (c - '0') * weight;
        weight /= 10;
    }
    if (value > 1000)
        return std::nullopt;
    return value;
}

std::optional<int> qualityOf(Bytes parameters) noexcept {
    while (!parameters.empty()) {
        const Parameterised parts = splitParameters(parameters);
        Bytes value = parts.value;
        const Bytes name = ascii::cut(value, '=');
        if (ascii::equalsIgnoreCase(name, "q"))
            return parseQuality(value);
        parameters = parts.parameters;
    }
    return 1000;
}

} // namespace twistdpp::http
