#pragma once
#include "twistdpp/cred/credentials.h"

#include <string>
#include <string_view>

namespace twistdpp {

/// The answer to a CRAM-MD5 challenge (RFC 2195): HMAC-MD5 of the challenge, keyed with the password. Weak by
/// today's measure: offer it under TLS or not at all.
class CramMd5 final : public UsernameHashedPassword {
public:
    /// `digest` is what the client sent, 32 hexadecimal digits; other text is a wrong answer.
    CramMd5(std::string user, std::string challenge, std::string_view digest);

    bool checkPassword(Bytes password) const override;
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<CramMd5>(*this); }

private:
    std::string challenge_;
    std::string digest_; // binary; empty when it was no digest
};

/// POP3's APOP (RFC 1939 section 7): MD5 of the greeting's timestamp and the password.
class Apop final : public UsernameHashedPassword {
public:
    /// `timestamp` is that of the greeting with its angle brackets, `digest` what the client sent.
    Apop(std::string user, std::string timestamp, std::string_view digest);

    bool checkPassword(Bytes password) const override;
    std::unique_ptr<Credentials> clone() const override { return std::make_unique<Apop>(*this); }

private:
    std::string timestamp_;
    std::string digest_;
};

/// A client's answer to a CRAM-MD5 challenge: "user digest".
std::string cramMd5Answer(Bytes user, Bytes password, Bytes challenge);

/// A client's answer to APOP: the digest in hex.
std::string apopAnswer(Bytes timestamp, Bytes password);

/// A challenge that nobody has got before: "<random.seconds@host>" (RFC 2195 section 2, RFC 1939 section 7).
std::string makeChallenge(std::string_view host);

} // namespace twistdpp
