#pragma once
#include <string>

namespace twistdpp {

/// A way of proving who one is. Each is one bit, so that a checker says in one value what it can judge and a
/// service what it can ask for. A new kind takes the next bit and a line in toString().
enum class CredentialKind : unsigned {
    password = 1U << 0,       // UsernamePassword: the password itself
    hashedPassword = 1U << 1, // UsernameHashedPassword: a proof that needs the plain password to be checked
    anonymous = 1U << 2,      // Anonymous
    sshKey = 1U << 3,         // SshPublicKey
    uid = 1U << 4,            // PreauthenticatedUid
    scram = 1U << 5,          // ScramProof
    certificate = 1U << 6,    // ClientCertificate
};

/// A set of kinds. A value.
class CredentialKinds {
public:
    constexpr CredentialKinds() noexcept = default;
    constexpr CredentialKinds(CredentialKind kind) noexcept : bits_(static_cast<unsigned>(kind)) {}
    static constexpr CredentialKinds all() noexcept {
        CredentialKinds every;
        every.bits_ = ~0U;
        return every;
    }

    constexpr bool has(CredentialKind kind) const noexcept {
        return (bits_ & static_cast<unsigned>(kind)) != 0;
    }
    constexpr bool empty() const noexcept { return bits_ == 0; }
    /// Whether one kind at least is in both.
    constexpr bool overlaps(CredentialKinds other) const noexcept { return (bits_ & other.bits_) != 0; }
    constexpr CredentialKinds without(CredentialKinds other) const noexcept {
        CredentialKinds rest;
        rest.bits_ = bits_ & ~other.bits_;
        return rest;
    }
    constexpr CredentialKinds& operator|=(CredentialKinds other) noexcept {
        bits_ |= other.bits_;
        return *this;
    }
    friend constexpr CredentialKinds operator|(CredentialKinds a, CredentialKinds b) noexcept {
        return a |= b;
    }
    friend constexpr bool operator==(CredentialKinds, CredentialKinds) noexcept = default;

private:
    unsigned bits_ = 0;
};

constexpr CredentialKinds operator|(CredentialKind a, CredentialKind b) noexcept {
    return CredentialKinds(a) | CredentialKinds(b);
}

/// For people: "password, anonymous"; "nothing" for the empty set.
std::string toString(CredentialKinds kinds);

} // namespace twistdpp
