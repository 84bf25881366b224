#include "twistdpp/http/target.h"

#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <arpa/inet.h>

namespace twistdpp::http {

namespace {

bool isIpv6(Bytes text) noexcept {
    char copy[INET6_ADDRSTRLEN] = {};
    if (text.size() >= sizeof copy || text.find('\0') != Bytes::npos)
        return false;
    text.copy(copy, text.size());
    in6_addr address{};
    return inet_pton(AF_INET6, copy, &address) == 1;
}

bool isScheme(Bytes text) noexcept {
    if (text.empty() || !ascii::isAlpha(text.front()))
        return false;
    for (const char c : text) {
        if (!ascii::isAlpha(c) && !ascii::isDigit(c) && c != '+' && c != '-' && c != '.')
            return false;
    }
    return true;
}

void splitQuery(Bytes text, Target& into) noexcept {
    const auto mark = text.find('?');
    into.path = text.substr(0, mark);
    if (mark != Bytes::npos) {
        into.hasQuery = true;
        into.query = text.substr(mark + 1);
    }
}

std::optional<Target> splitAbsolute(Bytes text) noexcept {
    Target target;
    target.form = TargetForm::absolute;
    const auto colon = text.find("://");
    if (colon == Bytes::npos || !isScheme(text.substr(0, colon)))
        return std::nullopt;
    target.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 3);
    const auto pathAt = text.find_first_of("/?");
    target.authority = text.substr(0, pathAt);
    const std::optional<Authority> authority = parseAuthority(target.authority);
    if (!authority || authority->host.empty())
        return std::nullopt;
    splitQuery(pathAt == Bytes::npos ? Bytes{} : text.substr(pathAt), target);
    if (target.path.empty())
        target.path = "/";
    return target;
}

} // namespace

std::optional<Authority> parseAuthority(Bytes text) noexcept {
    Authority authority;
    std::size_t hostEnd = 0;
    if (!text.empty() && text.front() == '[') {
        const auto bracket = text.find(']');
        if (bracket == Bytes::npos || !isIpv6(text.substr(1, bracket - 1)))
            return std::nullopt;
        hostEnd = bracket + 1;
    } else {
        while (hostEnd < text.size() && chars::is(text[hostEnd], chars::unreserved))
            ++hostEnd;
    }
    authority.host = text.substr(0, hostEnd);
    if (hostEnd == text.size())
        return authority;
    if (text[hostEnd] != ':')
        return std::nullopt;
    const Bytes port = text.substr(hostEnd + 1);
    if (port.empty())
        return authority; // RFC 3986 3.2.3 allows "host:"
    authority.port = parseUnsigned<std::uint16_t>(port);
    if (!authority.port || authority.host.empty())
        return std::nullopt;
    return authority;
}

std::optional<Target> splitTarget(Method method, Bytes text) noexcept {
    Target target;
    if (method == Method::connect) {
        const std::optional<Authority> authority = parseAuthority(text);
        if (!authority || authority->host.empty() || !authority->port)
            return std::nullopt;
        target.form = TargetForm::authority;
        target.authority = text;
        return target;
    }
    if (text.empty())
        return std::nullopt;
    if (text.front() == '/') {
        splitQuery(text, target);
        return target;
    }
    if (text == "*") {
        if (method != Method::options)
            return std::nullopt;
        target.form = TargetForm::asterisk;
        return target;
    }
    return splitAbsolute(text);
}

std::optional<std::string> decodeFormPart(Bytes text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%') {
            const int high = i + 2 < text.size() ? ascii::hexValue(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? ascii::hexValue(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::optional<FormReader::Pair> FormReader::next() noexcept {
    while (!rest_.empty()) {
        Bytes value = ascii::cut(rest_, '&');
        if (value.empty())
            continue;
        const Bytes name = ascii::cut(value, '=');
        return Pair{name, value};
    }
    return std::nullopt;
}

std::optional<std::string> formValue(Bytes text, Bytes name) {
    FormReader reader(text);
    while (const auto pair = reader.next()) {
        if (decodeFormPart(pair->name) == name)
            return decodeFormPart(pair->value);
    }
    return std::nullopt;
}

} // namespace twistdpp::http
