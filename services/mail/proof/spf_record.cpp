#include "twistdpp/mail_proof/spf_record.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <algorithm>
#include <array>
#include <optional>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kMostTerms = 100;
constexpr std::size_t kLongestName = 253;

struct KindName {
    Bytes name;
    SpfTerm::Kind kind;
};
constexpr std::array<KindName, 8> kKinds{{
    {"all", SpfTerm::Kind::all},
    {"include", SpfTerm::Kind::include},
    {"a", SpfTerm::Kind::a},
    {"mx", SpfTerm::Kind::mx},
    {"ptr", SpfTerm::Kind::ptr},
    {"ip4", SpfTerm::Kind::ip4},
    {"ip6", SpfTerm::Kind::ip6},
    {"exists", SpfTerm::Kind::exists},
}};

/// "/24", "//64", "/24//64" at the end of `text`, which is taken off.
bool readWidths(Bytes& text, SpfTerm& into) {
    const std::size_t slash = text.find('/');
    if (slash == Bytes::npos)
        return true;
    Bytes widths = text.substr(slash);
    text = text.substr(0, slash);
    if (!widths.starts_with("//")) {
        Bytes four = widths.substr(1, widths.find('/', 1) - 1);
        const auto width = parseUnsigned<unsigned>(four);
        if (!width || *width > 32)
            return false;
        into.width4 = *width;
        widths.remove_prefix(1 + four.size());
    }
    if (widths.empty())
        return true;
    const auto width = parseUnsigned<unsigned>(widths.substr(std::min<std::size_t>(2, widths.size())));
    if (!widths.starts_with("//") || !width || *width > 128)
        return false;
    into.width6 = *width;
    return true;
}

bool readNetwork(Bytes text, SpfTerm& into) {
    const bool four = into.kind == SpfTerm::Kind::ip4;
    const std::size_t slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash), 0);
    if (!address || (address->kind() == Address::Kind::ipv4) != four)
        return false;
    into.network = *address;
    if (slash == Bytes::npos)
        return true;
    const auto width = parseUnsigned<unsigned>(text.substr(slash + 1));
    (four ? into.width4 : into.width6) = width.value_or(0);
    return width && *width <= (four ? 32U : 128U);
}

std::optional<SpfTerm> readTerm(Bytes text) {
    SpfTerm out;
    out.text = text;
    if (Bytes("+-~?").find(text.front()) != Bytes::npos) {
        out.qualifier = text.front();
        text.remove_prefix(1);
    }
    const std::size_t end = std::min(text.find_first_of(":/"), text.size());
    const std::string name = ascii::toLower(text.substr(0, end));
    const auto kind =
        std::find_if(kKinds.begin(), kKinds.end(), [&](const KindName& each) { return each.name == name; });
    if (kind == kKinds.end())
        return std::nullopt;
    using Kind = SpfTerm::Kind;
    out.kind = kind->kind;
    text.remove_prefix(end);
    const bool named = text.starts_with(':');
    if (named)
        text.remove_prefix(1);
    const bool needsName = out.kind == Kind::include || out.kind == Kind::exists || out.kind == Kind::ip4 ||
                           out.kind == Kind::ip6;
    if ((needsName || named) && text.empty())
        return std::nullopt;
    if (out.kind == Kind::all)
        return text.empty() && !named ? std::optional(out) : std::nullopt;
    if (out.kind == Kind::ip4 || out.kind == Kind::ip6)
        return named && readNetwork(text, out) ? std::optional(out) : std::nullopt;
    if ((out.kind == Kind::a || out.kind == Kind::mx) && !readWidths(text, out))
        return std::nullopt;
    if (named == text.empty() || (needsName && !named))
        return std::nullopt;
    out.domain = text;
    return expandMacros(text, SpfMacros()) ? std::optional(out) : std::nullopt;
}

/// The bytes of an address as "i" gives them: "192.0.2.3", "2.0.0.1.0.d.b.8...".
std::string dotted(const Address& address) {
    if (address.kind() != Address::Kind::ipv6)
        return address.host();
    std::string out;
    for (const char c : address.ipBytes()) {
        const auto byte = static_cast<unsigned char>(c);
        for (const unsigned digit : {byte / 16U, byte % 16U})
            out.append(out.empty() ? "" : ".") += "0123456789abcdef"[digit];
    }
    return out;
}

std::optional<std::string> valueOf(char letter, const SpfMacros& macros) {
    const std::size_t at = macros.sender.rfind('@');
    switch (ascii::lower(letter)) {
    case 's':
        return macros.sender;
    case 'l':
        return at == std::string::npos ? std::string("postmaster") : macros.sender.substr(0, at);
    case 'o':
        return macros.sender.substr(at == std::string::npos ? 0 : at + 1);
    case 'd':
        return macros.domain;
    case 'i':
        return dotted(macros.client);
    case 'p':
        return std::string("unknown"); // which asks for a name nobody should (section 7.3)
    case 'v':
        return std::string(macros.client.kind() == Address::Kind::ipv6 ? "ip6" : "in-addr");
    case 'h':
        return macros.helo;
    default:
        return std::nullopt;
    }
}

/// What stands in "%{...}".
std::optional<std::string> expandOne(Bytes macro, const SpfMacros& macros) {
    if (macro.empty())
        return std::nullopt;
    auto value = valueOf(macro.front(), macros);
    if (!value)
        return std::nullopt;
    macro.remove_prefix(1);
    const std::size_t digits = std::min(macro.find_first_not_of("0123456789"), macro.size());
    const auto keep =
        digits > 0 ? parseUnsigned<unsigned>(macro.substr(0, digits)) : std::optional<unsigned>(0);
    if (!keep || (digits > 0 && *keep == 0))
        return std::nullopt;
    macro.remove_prefix(digits);
    const bool reverse = !macro.empty() && ascii::lower(macro.front()) == 'r';
    if (reverse)
        macro.remove_prefix(1);
    const Bytes delimiters = macro.empty() ? Bytes(".") : macro;
    if (delimiters.find_first_not_of(".-+,/_=") != Bytes::npos)
        return std::nullopt;
    std::vector<std::string> parts(1);
    for (const char c : *value) {
        if (delimiters.find(c) != Bytes::npos)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    if (reverse)
        std::reverse(parts.begin(), parts.end());
    if (*keep > 0 && *keep < parts.size())
        parts.erase(parts.begin(), parts.end() - static_cast<std::ptrdiff_t>(*keep));
    std::string out;
    for (const std::string& part : parts)
        out += (&part == &parts.front() ? "" : ".") + part;
    return out;
}

} // namespace

Result<std::string> expandMacros(Bytes text, const SpfMacros& macros) {
    std::string out;
    while (!text.empty()) {
        if (text.front() != '%') {
            if (static_cast<unsigned char>(text.front()) <= 0x20 ||
                static_cast<unsigned char>(text.front()) >= 0x7f)
                return Error("there is a character that does not belong there");
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        const char kind = text.size() > 1 ? text[1] : '\0';
        const std::size_t close = text.find('}');
        if (kind == '%' || kind == '_' || kind == '-') {
            out += kind == '%' ? "%" : kind == '_' ? " " : "%20";
            text.remove_prefix(2);
            continue;
        }
        if (kind != '{' || close == Bytes::npos)
            return Error("there is a % that begins nothing");
        const auto value = expandOne(text.substr(2, close - 2), macros);
        if (!value)
            return Error("there is no macro " + std::string(text.substr(0, close + 1)));
        out += *value;
        text.remove_prefix(close + 1);
    }
    // What is too long loses labels from its left (section 7.3).
    while (out.size() > kLongestName && out.find('.') != std::string::npos)
        out.erase(0, out.find('.') + 1);
    return out;
}

bool SpfRecord::isOne(Bytes text) noexcept {
    constexpr Bytes kVersion = "v=spf1";
    return ascii::equalsIgnoreCase(text.substr(0, kVersion.size()), kVersion) &&
           (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

Result<SpfRecord> SpfRecord::parse(Bytes text) {
    SpfRecord out;
    bool redirected = false;
    bool explained = false;
    ascii::cut(text, ' ');
    while (!text.empty()) {
        const Bytes term = ascii::cut(text, ' ');
        if (term.empty())
            continue;
        const Error wrong("the term '" + std::string(term.substr(0, 60)) + "' cannot be read");
        const std::size_t end = std::min(term.find_first_of("=:/"), term.size());
        if (end < term.size() && term[end] == '=') {
            const std::string name = ascii::toLower(term.substr(0, end));
            const Bytes value = term.substr(end + 1);
            if (!expandMacros(value, SpfMacros()))
                return wrong;
            bool* const once = name == "redirect" ? &redirected : name == "exp" ? &explained : nullptr;
            if (once && (*once || value.empty()))
                return wrong;
            if (once)
                *once = true;
            if (name == "redirect")
                out.redirect = value;
            continue;
        }
        auto read = readTerm(term);
        if (!read || out.terms.size() >= kMostTerms)
            return wrong;
        out.terms.push_back(*std::move(read));
    }
    return out;
}

} // namespace twistdpp::mail
