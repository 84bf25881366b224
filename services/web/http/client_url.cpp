#include "twistdpp/http/client_url.h"

#include "twistdpp/http/target.h"
#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <optional>

namespace twistdpp::http {

namespace {

constexpr std::size_t kMaxUrl = 8 * 1024; // what servers take in a request line

/// The scheme that `text` begins with, and what stands behind its colon; nothing for a relative reference.
std::optional<Bytes> takeScheme(Bytes& text) {
    const auto end = text.find_first_of(":/?#");
    if (end == Bytes::npos || text[end] != ':' || end == 0 || !ascii::isAlpha(text.front()))
        return std::nullopt;
    const Bytes scheme = text.substr(0, end);
    text.remove_prefix(end + 1);
    return scheme;
}

std::string encoded(Bytes text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (chars::is(c, chars::target)) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

/// RFC 3986 5.2.4, of an absolute path. What is percent-encoded stays so.
std::string withoutDots(Bytes path) {
    std::string out;
    while (!path.empty()) {
        const auto end = path.find('/', 1);
        const Bytes segment = path.substr(0, end);
        const bool last = end == Bytes::npos;
        path = last ? Bytes() : path.substr(end);
        if (segment == "/..") {
            out.resize(std::min(out.rfind('/'), out.size()));
            if (last)
                out += '/';
        } else if (segment == "/.") {
            if (last)
                out += '/';
        } else {
            out += segment;
        }
    }
    return out.empty() ? "/" : out;
}

Error notUsable(Bytes text, Bytes why) {
    std::string shown(text.substr(0, 200));
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        '?'
    );
    return Error("cannot use the URL '" + shown + "': " + std::string(why));
}

std::optional<Error> checkBytes(Bytes text) {
    if (text.size() > kMaxUrl)
        return notUsable(text, "it is longer than 8192 bytes");
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return notUsable(text, "there is a control byte in it");
    }
    return std::nullopt;
}

} // namespace

Result<ClientUrl> ClientUrl::parse(Bytes text) {
    if (auto error = checkBytes(text))
        return *std::move(error);
    Bytes rest = text;
    const auto scheme = takeScheme(rest);
    ClientUrl url;
    if (scheme && ascii::equalsIgnoreCase(*scheme, "https")) {
        url.secure_ = true;
        url.port_ = 443;
    } else if (!scheme || !ascii::equalsIgnoreCase(*scheme, "http")) {
        return notUsable(text, "it must begin with http:// or https://");
    }
    if (!rest.starts_with("//"))
        return notUsable(text, "there is no host in it");
    rest.remove_prefix(2);
    const auto authorityEnd = std::min(rest.find_first_of("/?#"), rest.size());
    const Bytes written = rest.substr(0, authorityEnd);
    if (written.find('@') != Bytes::npos)
        return notUsable("...", "a user name or password has no place in it; send an Authorization field");
    const auto authority = parseAuthority(written);
    if (!authority || authority->host.empty())
        return notUsable(text, "there is no valid host in it");
    url.host_ = ascii::toLower(authority->host);
    if (url.host_.front() == '[')
        url.host_ = url.host_.substr(1, url.host_.size() - 2);
    if (authority->port == 0)
        return notUsable(text, "nobody can be reached at port 0");
    url.port_ = authority->port.value_or(url.port_);

    rest = rest.substr(authorityEnd);
    rest = rest.substr(0, rest.find('#'));
    const auto pathEnd = std::min(rest.find('?'), rest.size());
    url.target_ = withoutDots(encoded(rest.substr(0, pathEnd))) + encoded(rest.substr(pathEnd));
    return url;
}

Result<ClientUrl> ClientUrl::resolve(Bytes reference) const {
    Bytes rest = reference;
    if (takeScheme(rest))
        return parse(reference);
    if (reference.starts_with("//"))
        return parse((secure_ ? "https:" : "http:") + std::string(reference));
    if (auto error = checkBytes(reference))
        return *std::move(error);
    reference = reference.substr(0, reference.find('#'));

    const auto pathEnd = std::min(reference.find('?'), reference.size());
    const Bytes path = reference.substr(0, pathEnd);
    const Bytes ownPath = Bytes(target_).substr(0, target_.find('?'));
    ClientUrl url(*this);
    if (path.starts_with('/'))
        url.target_ = withoutDots(encoded(path));
    else if (!path.empty())
        url.target_ = withoutDots(std::string(ownPath.substr(0, ownPath.rfind('/') + 1)) + encoded(path));
    else if (!reference.empty())
        url.target_ = ownPath;
    if (!reference.empty())
        url.target_ += encoded(reference.substr(pathEnd));
    return url;
}

std::string ClientUrl::authority() const {
    std::string text = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
    if (port_ != (secure_ ? 443 : 80))
        text += ":" + std::to_string(port_);
    return text;
}

} // namespace twistdpp::http
