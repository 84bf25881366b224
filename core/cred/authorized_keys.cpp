#include "twistdpp/cred/authorized_keys.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/result.h"

#include <algorithm>
#include <cstdint>

namespace twistdpp {

namespace {

constexpr std::size_t kMaxLine = 16 * 1024;
constexpr std::size_t kMaxOptions = 64;
constexpr std::size_t kMaxWarnings = 20;

constexpr std::string_view kTypes[] = {
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};
constexpr std::string_view kFlags[] = {
    "agent-forwarding",
    "cert-authority",
    "no-agent-forwarding",
    "no-port-forwarding",
    "no-pty",
    "no-touch-required",
    "no-user-rc",
    "no-x11-forwarding",
    "port-forwarding",
    "pty",
    "restrict",
    "verify-required",
    "user-rc",
    "x11-forwarding",
};
constexpr std::string_view kValued[] = {
    "command", "environment", "expiry-time", "from", "permitlisten", "permitopen", "principals", "tunnel",
};

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view name) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

Bytes firstWord(Bytes text) {
    return text.substr(0, text.find_first_of(" \t"));
}

void skipBlanks(Bytes& text) {
    const auto at = text.find_first_not_of(" \t");
    text = at == Bytes::npos ? Bytes() : text.substr(at);
}

// A value in double quotes at the start of `text`; \" stands for a quote, any other backslash for itself.
Result<std::string> takeQuoted(Bytes& text) {
    if (!text.starts_with('"'))
        return Error("an option's value must stand in double quotes");
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '"') {
            text = text.substr(at + 1);
            return value;
        }
        if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '"')
            ++at;
        value += text[at];
    }
    return Error("an option's value has no closing quote");
}

Result<void> takeOptions(Bytes& text, AuthorizedKey& key) {
    for (;;) {
        const std::size_t end = std::min(text.find_first_of("=, \t"), text.size());
        const std::string name = ascii::toLower(text.substr(0, end));
        text = text.substr(end);
        std::string value;
        if (text.starts_with('=')) {
            if (!contains(kValued, name))
                return Error("the option '" + name + "=' is not known");
            text = text.substr(1);
            Result<std::string> quoted = takeQuoted(text);
            if (!quoted)
                return std::move(quoted).error();
            value = std::move(*quoted);
        } else if (!contains(kFlags, name)) {
            return Error("the option '" + name + "' is not known");
        }
        if (key.options.size() == kMaxOptions)
            return Error("more than " + std::to_string(kMaxOptions) + " options");
        key.options.emplace_back(name, std::move(value));
        if (text.empty() || text.front() == ' ' || text.front() == '\t')
            return {};
        if (text.front() != ',')
            return Error("options must be separated by ','");
        text = text.substr(1);
    }
}

// RFC 4253 section 6.6: the blob begins with the type as a string.
bool blobIsOf(Bytes blob, Bytes type) {
    if (blob.size() < 4)
        return false;
    std::uint32_t length = 0;
    for (const char c : blob.substr(0, 4))
        length = length << 8 | static_cast<unsigned char>(c);
    return length == type.size() && blob.substr(4, length) == type && blob.size() > 4 + length;
}

Result<AuthorizedKey> parseLine(Bytes line) {
    AuthorizedKey key;
    if (!contains(kTypes, firstWord(line))) {
        if (Result<void> options = takeOptions(line, key); !options)
            return std::move(options).error();
        skipBlanks(line);
    }
    const Bytes type = firstWord(line);
    if (!contains(kTypes, type))
        return Error(
            type.empty() ? std::string("there is no key") : std::string("the key's type is not known")
        );
    line = line.substr(type.size());
    skipBlanks(line);
    const Bytes text = firstWord(line);
    auto blob = fromBase64(text);
    if (!blob || !blobIsOf(*blob, type))
        return Error("the key is damaged");
    line = line.substr(text.size());
    skipBlanks(line);
    key.type = type;
    key.blob = std::move(*blob);
    key.comment = line;
    if (key.option("cert-authority"))
        return Error("certificates are not supported");
    return key;
}

std::string printable(std::string text) {
    for (char& c : text)
        c = c >= ' ' && c <= '~' ? c : '?';
    return text.substr(0, 200);
}

} // namespace

const std::string* AuthorizedKey::option(std::string_view name) const noexcept {
    for (const auto& [key, value] : options) {
        if (key == name)
            return &value;
    }
    return nullptr;
}

AuthorizedKeys parseAuthorizedKeys(Bytes text, std::string_view file) {
    AuthorizedKeys all;
    text = text.substr(0, kMaxAuthorizedKeysFile);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const Bytes line = ascii::trim(ascii::cut(text, '\n'), " \t\r");
        if (line.empty() || line.front() == '#')
            continue;
        Result<AuthorizedKey> key =
            line.size() > kMaxLine ? Result<AuthorizedKey>(Error("the line is too long")) : parseLine(line);
        if (key) {
            key->line = number;
            all.keys.push_back(std::move(*key));
        } else if (all.warnings.size() < kMaxWarnings) {
            all.warnings.push_back(
                std::string(file) + ":" + std::to_string(number) + ": " + printable(key.error().message()) +
                "; the line does not count"
            );
        }
    }
    return all;
}

} // namespace twistdpp
