#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/cred/credential_kinds.h"
#include "twistdpp/cred/secret.h"
#include "twistdpp/reactor/address.h"

#include <memory>
#include <string>
#include <utility>

namespace twistdpp {

/// What someone shows to prove who they are. A protocol makes one from what it received and gives it to a
/// Portal. Values that do not change; whoever needs one for longer than a call takes a clone().
class Credentials {
public:
    Credentials() = default;
    virtual ~Credentials() = default;
    virtual CredentialKind kind() const noexcept = 0;
    virtual std::unique_ptr<Credentials> clone() const = 0;
    /// The name that is claimed, any bytes; empty where there is none. Not proven: for logs and throttles.
    virtual Bytes claimedUser() const noexcept { return {}; }

protected:
    Credentials(const Credentials&) = default;
    Credentials& operator=(const Credentials&) = default;
};

/// A name and the password in clear: what FTP's PASS, IMAP's LOGIN or SASL PLAIN bring.
class UsernamePassword final : public Credentials {
public:
    UsernamePassword(std::string user, Secret password)
        : user_(std::move(user)), password_(std::move(password)) {}
    UsernamePassword(std::string user, Bytes password)
        : UsernamePassword(std::move(user), Secret(password)) {}

    const std::string& user() const noexcept { return user_; }
    const Secret& password() const noexcept { return password_; }

    CredentialKind kind() const noexcept override { return CredentialKind::password; }
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<UsernamePassword>(*this); }
    Bytes claimedUser() const noexcept override { return user_; }

private:
    std::string user_;
    Secret password_;
};

/// A name and a proof of knowing the password, which only someone who has it in clear can check: CRAM-MD5,
/// APOP, HTTP Digest (Twisted's IUsernameHashedPassword). Checkers that hold hashes cannot judge it.
class UsernameHashedPassword : public Credentials {
public:
    explicit UsernameHashedPassword(std::string user) : user_(std::move(user)) {}

    const std::string& user() const noexcept { return user_; }
    /// Whether the proof was made with `password`. Compares in constant time; needs no more than
    /// microseconds.
    virtual bool checkPassword(Bytes password) const = 0;

    CredentialKind kind() const noexcept final { return CredentialKind::hashedPassword; }
    Bytes claimedUser() const noexcept override { return user_; }

private:
    std::string user_;
};

/// No proof at all; what is let in is up to the service.
class Anonymous final : public Credentials {
public:
    CredentialKind kind() const noexcept override { return CredentialKind::anonymous; }
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<Anonymous>(*this); }
};

/// A public key offered in SSH's "publickey" method (RFC 4252 section 7). A checker says whether this key may
/// log in as this user; that the client has the private key is for the caller to verify. It fills `signature`
/// in only once that is done: without one the login is a question, with one it is written to the audit log.
class SshPublicKey final : public Credentials {
public:
    SshPublicKey(std::string userName, std::string signatureAlgorithm, std::string keyBlob)
        : user(std::move(userName)), algorithm(std::move(signatureAlgorithm)), blob(std::move(keyBlob)) {}

    std::string user;
    std::string algorithm;  // as the request names it: "ssh-ed25519", "rsa-sha2-512"
    std::string blob;       // the key in wire form (RFC 4253 section 6.6)
    std::string signedData; // what the signature covers; empty while the client only asks
    std::string signature;
    Address peer; // where the client is. Without it a key that is bound to addresses (from=) is refused.

    CredentialKind kind() const noexcept override { return CredentialKind::sshKey; }
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<SshPublicKey>(*this); }
    Bytes claimedUser() const noexcept override { return user; }
};

/// The certificate that a client has shown in TLS, whose private key it has thereby proved to have (SASL
/// EXTERNAL). A checker says whose it is.
class ClientCertificate final : public Credentials {
public:
    /// `fingerprint` is the SHA-256 of the certificate in hexadecimal, lower case; `name` whom the client
    /// asks to be, or nothing.
    ClientCertificate(std::string fingerprint, std::string name)
        : fingerprint_(std::move(fingerprint)), name_(std::move(name)) {}

    const std::string& fingerprint() const noexcept { return fingerprint_; }
    const std::string& name() const noexcept { return name_; }

    CredentialKind kind() const noexcept override { return CredentialKind::certificate; }
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<ClientCertificate>(*this); }
    Bytes claimedUser() const noexcept override { return name_; }

private:
    std::string fingerprint_;
    std::string name_;
};

/// A local process whose user the kernel has named (SO_PEERCRED on a unix socket): nothing is left to prove.
class PreauthenticatedUid final : public Credentials {
public:
    PreauthenticatedUid(unsigned uid, unsigned gid, int pid) : uid_(uid), gid_(gid), pid_(pid) {}

    unsigned uid() const noexcept { return uid_; }
    unsigned gid() const noexcept { return gid_; }
    int pid() const noexcept { return pid_; }

    CredentialKind kind() const noexcept override { return CredentialKind::uid; }
    std::unique_ptr<Credentials> clone() const override {
        return std::make_unique<PreauthenticatedUid>(*this);
    }

private:
    unsigned uid_;
    unsigned gid_;
    int pid_;
};

} // namespace twistdpp
