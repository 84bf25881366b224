#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/dns_wire/digest.h"
#include "twistdpp/dns_wire/name.h"

#include <map>
#include <optional>
#include <string>

namespace twistdpp::dns {

/// "hmac-sha256" and the like as a wire name (RFC 8945 section 6).
Bytes tsigAlgorithmName(Hash hash) noexcept;
/// HMAC-MD5 is not among those that are known: RFC 8945 forbids it where anything else can be had.
std::optional<Hash> tsigAlgorithmFromName(Bytes wireName) noexcept;

/// A secret that two parties share (RFC 8945). Never copied by accident, wiped when it goes.
struct TsigKey {
    TsigKey(Name owner, Hash algorithm, std::string shared)
        : name(std::move(owner)), hash(algorithm), macSize(digestSize(algorithm)), secret(std::move(shared)) {
    }
    ~TsigKey() { wipe(secret); }
    TsigKey(const TsigKey&) = delete;
    TsigKey& operator=(const TsigKey&) = delete;

    Name name;
    Hash hash;
    std::size_t macSize; // bytes that are sent, and the fewest that are taken (RFC 8945 section 5.2.2.1)
    std::string secret;  // raw bytes
};

/// The keys of a file, as tsig-keygen writes it:
///     key "name" { algorithm hmac-sha256; secret "base64"; };
/// any number of them, with comments of the kinds #, // and /* */. `hmac-sha256-128` is a code that is cut
/// off at 128 bits.
class TsigKeys {
public:
    /// Nobody but the file's owner may have access to it. Errors name file and line, and never show a secret.
    static Result<TsigKeys> readFile(const std::string& path);
    /// `file` is what errors call the text.
    static Result<TsigKeys> parse(Bytes text, const std::string& file);

    /// Without the case of letters; nullptr when there is none. Valid as long as this object.
    const TsigKey* find(Bytes name) const noexcept;
    std::size_t size() const noexcept { return keys_.size(); }

private:
    struct ByName {
        using is_transparent = void;
        bool operator()(Bytes a, Bytes b) const noexcept { return compareNames(a, b) < 0; }
    };
    std::map<Name, TsigKey, ByName> keys_;
};

} // namespace twistdpp::dns
