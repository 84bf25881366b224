#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twistdpp {

/// One line of an authorized_keys file (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
struct AuthorizedKey {
    std::string type;    // "ssh-ed25519"
    std::string blob;    // wire form, begins with the type
    std::string comment; // what follows the key
    /// Options in their order, names in lower case, values without quotes; empty for flags.
    std::vector<std::pair<std::string, std::string>> options;
    std::size_t line = 0;

    /// The first option of that name, or nullptr.
    const std::string* option(std::string_view name) const noexcept;
};

struct AuthorizedKeys {
    std::vector<AuthorizedKey> keys;
    /// Why lines were left out, "file:line: reason", some at most.
    std::vector<std::string> warnings;
};

constexpr std::size_t kMaxAuthorizedKeysFile = std::size_t{1} << 20;

/// Reads the lines that can be used. As in sshd a line with a mistake or with an option that is not known is
/// left out and does not spoil the others: to drop a restriction would be worse than to drop a key. Lines of
/// certificate authorities (cert-authority) are left out too, since they name no key that may log in. Text
/// beyond kMaxAuthorizedKeysFile is not looked at.
AuthorizedKeys parseAuthorizedKeys(Bytes text, std::string_view file);

} // namespace twistdpp
