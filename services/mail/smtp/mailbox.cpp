#include "twistdpp/smtp/mailbox.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/utf8.h"
#include "twistdpp/reactor/address.h"

#include <algorithm>

namespace twistdpp::smtp {

namespace {

bool isText(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x80;
}

bool isAtom(char c) noexcept {
    return ascii::isAlpha(c) || ascii::isDigit(c) || isText(c) ||
           Bytes("!#$%&'*+-/=?^_`{|}~").find(c) != Bytes::npos;
}

bool isDotString(Bytes text) noexcept {
    bool dot = true; // the character before is one, or there is none
    for (const char c : text) {
        if (c == '.' ? dot : !isAtom(c))
            return false;
        dot = c == '.';
    }
    return !dot;
}

bool isLiteral(Bytes text) noexcept {
    if (text.size() < 3 || text.front() != '[' || text.back() != ']')
        return false;
    Bytes inside = text.substr(1, text.size() - 2);
    const bool six = inside.size() > 5 && ascii::equalsIgnoreCase(inside.substr(0, 5), "IPv6:");
    if (six)
        inside.remove_prefix(5);
    const auto address = Address::parse(inside, 0);
    return address && (address->kind() == Address::Kind::ipv6) == six && inside.find('%') == Bytes::npos;
}

/// A quoted string at the beginning of `text`, which loses it. Nothing when it does not end.
std::optional<std::string> takeQuoted(Bytes& text) {
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            text.remove_prefix(i + 1);
            return out;
        }
        if (c == '\\' && ++i == text.size())
            return std::nullopt;
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7f)
            return std::nullopt;
        out += text[i];
    }
    return std::nullopt;
}

/// "local@domain" at the beginning of `text`, which loses it; it ends before '>' or a space.
Result<Mailbox> takeMailbox(Bytes& text) {
    Mailbox made;
    if (!text.empty() && text.front() == '"') {
        auto local = takeQuoted(text);
        if (!local)
            return Error("the quoted local part does not end");
        made.local = *std::move(local);
    } else {
        const std::size_t end = std::min(text.find_first_of("@> "), text.size());
        const Bytes local = text.substr(0, end);
        if (!isDotString(local))
            return Error(local.empty() ? "the local part is empty" : "the local part is malformed");
        made.local = local;
        text.remove_prefix(end);
    }
    if (made.local.empty() || made.local.size() > kMaxLocal)
        return Error("the local part has more than 64 bytes, or none");
    if (!utf8::isValid(made.local))
        return Error("the local part is no UTF-8");
    if (text.empty() || text.front() != '@')
        return made;
    text.remove_prefix(1);
    const std::size_t end = std::min(text.find_first_of("> "), text.size());
    const Bytes domain = text.substr(0, end);
    if (!isDomain(domain))
        return Error("the domain is malformed");
    made.domain = ascii::toLower(domain);
    text.remove_prefix(end);
    return made;
}

} // namespace

bool isDomain(Bytes text) noexcept {
    if (text.empty() || text.size() > kMaxDomain)
        return false;
    if (text.front() == '[')
        return isLiteral(text);
    if (!utf8::isValid(text))
        return false;
    std::size_t label = 0;
    char last = '.';
    for (const char c : text) {
        const bool letter = ascii::isAlpha(c) || ascii::isDigit(c) || isText(c) || c == '_';
        if (c == '.' ? label == 0 || last == '-' : !letter && (c != '-' || label == 0))
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
        last = c;
    }
    return last != '.' && last != '-';
}

std::string Mailbox::toString() const {
    std::string out;
    if (isDotString(local)) {
        out = local;
    } else {
        out = "\"";
        for (const char c : local) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        out += '"';
    }
    return domain.empty() ? out : out + "@" + domain;
}

bool Mailbox::isInternational() const noexcept {
    return std::any_of(local.begin(), local.end(), isText) ||
           std::any_of(domain.begin(), domain.end(), isText);
}

Result<Mailbox> Mailbox::parse(Bytes text) {
    auto made = takeMailbox(text);
    if (made && !text.empty())
        return Error("there is more behind the address");
    return made;
}

Result<Path> Path::parse(Bytes text) {
    text = text.substr(std::min(text.find_first_not_of(' '), text.size()));
    const bool bracket = !text.empty() && text.front() == '<';
    if (bracket)
        text.remove_prefix(1);
    Path path;
    if (bracket && !text.empty() && text.front() == '>') {
        path.rest = text.substr(1);
        return path;
    }
    if (bracket && !text.empty() && text.front() == '@') {
        const std::size_t colon = text.find(':');
        if (colon == Bytes::npos || colon > kMaxPath)
            return Error("the source route does not end");
        for (Bytes route = text.substr(0, colon); !route.empty();) {
            const Bytes hop = ascii::cut(route, ',');
            if (hop.size() < 2 || hop.front() != '@' || !isDomain(hop.substr(1)))
                return Error("the source route is malformed");
        }
        text.remove_prefix(colon + 1);
    }
    auto mailbox = takeMailbox(text);
    if (!mailbox)
        return std::move(mailbox).error();
    path.mailbox = *std::move(mailbox);
    if (path.mailbox->toString().size() > kMaxPath - 2)
        return Error("the path is longer than 256 bytes");
    if (bracket) {
        if (text.empty() || text.front() != '>')
            return Error("'>' is missing");
        text.remove_prefix(1);
    }
    if (!text.empty() && text.front() != ' ')
        return Error("a space is missing behind the path");
    path.rest = text;
    return path;
}

} // namespace twistdpp::smtp
