#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"

#include <memory>
#include <string>

namespace twistdpp::mail {

/// The private key of a domain. Can be used by several threads.
class DkimKey {
public:
    /// From a file in PEM: RSA of 1024 bits at least, or Ed25519 (RFC 8463). The error names the file.
    static Result<DkimKey> load(const std::string& path);
    DkimKey(DkimKey&&) noexcept;
    DkimKey& operator=(DkimKey&&) noexcept;
    ~DkimKey();

    /// "rsa-sha256", "ed25519-sha256".
    Bytes algorithm() const noexcept;
    /// The signature of a text, not in base64. The error is the library's.
    Result<std::string> sign(Bytes text) const;
    /// What the domain has to have at SELECTOR._domainkey: "v=DKIM1; k=rsa; p=...".
    std::string record() const;

private:
    struct Key;
    explicit DkimKey(std::unique_ptr<Key> key) noexcept;
    std::unique_ptr<Key> key_;
};

/// How a signature and a key go together.
enum class KeyMatch { good, bad, noKey, tooShort };
/// Whether `signature` is one of `text`, by the key `publicKey` as a record has it behind "p=", out of
/// base64. `algorithm` is "rsa-sha256" or "ed25519-sha256".
KeyMatch matchSignature(Bytes algorithm, Bytes publicKey, Bytes text, Bytes signature);

} // namespace twistdpp::mail
