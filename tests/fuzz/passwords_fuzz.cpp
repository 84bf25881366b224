// layers: cred
#include "twistdpp/cred/authorized_keys.h"
#include "twistdpp/cred/key_restrictions.h"
#include "twistdpp/cred/password_file.h"

#include <cstdint>
#include <cstdlib>

using namespace twistdpp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void passwords(Bytes text) {
    const Result<PasswordTable> table = parsePasswordFile(text, "f");
    if (!table) {
        const std::string message = table.error().message();
        require(message.starts_with("f:") && message.find('\n') == std::string::npos);
        return;
    }
    for (const auto& [name, hash] : table->entries) {
        require(!name.empty() && name.find(':') == std::string::npos && name.front() != '#');
        require(!hash.kind().empty());
        // A password in clear matches itself; hashes would take too long here.
        if (hash.form() == PasswordHash::Form::plain)
            require(!hash.plainText().empty() && hash.matches(hash.plainText()));
    }
}

void keys(Bytes text) {
    const AuthorizedKeys file = parseAuthorizedKeys(text, "f");
    const Address peer = *Address::parse("192.0.2.1", 22);
    for (const AuthorizedKey& key : file.keys) {
        require(key.line > 0 && key.blob.size() > 4 + key.type.size());
        require(!key.option("cert-authority"));
        require(!key.option("from") || !restrictionsHold(key, Address(), 0));
        static_cast<void>(restrictionsHold(key, peer, 0));
    }
    for (const std::string& warning : file.warnings)
        require(warning.find('\n') == std::string::npos && warning.size() < 400);
}

} // namespace

// The first byte chooses the parser, the rest is its file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const Bytes text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        passwords(text);
        break;
    case 1:
        keys(text);
        break;
    case 2:
        static_cast<void>(addressInList(text, *Address::parse("2001:db8::1", 22)));
        break;
    default:
        static_cast<void>(parseExpiryTime(text));
        break;
    }
    return 0;
}
