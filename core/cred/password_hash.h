#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/result.h"
#include "twistdpp/cred/secret.h"

#include <optional>
#include <string>

namespace twistdpp {

struct ScramKeys;

/// A password as it is kept: in clear, or as a hash. A value that does not change; may be used by several
/// threads at once. The forms:
///
///     $ID$...                                        crypt(3): $y$, $6$, $5$, $2b$ and what else it knows
///     {PBKDF2-SHA256}ROUNDS$SALT$DIGEST              base64 without padding, '.' may stand for '+'
///     {SCRAM-SHA-256}ROUNDS,SALT,STORED,SERVER       base64 (RFC 5802 section 3; RFC 7677)
///     {PLAIN}TEXT                                    the text, whatever its first character
///     TEXT                                           the text, unless it looks like one of the above
class PasswordHash {
public:
    enum class Form { plain, crypt, pbkdf2Sha256, scramSha256 };

    /// Longer passwords match no hash: it bounds the work, and crypt(3) has the same limit.
    static constexpr std::size_t kMaxPassword = 512;
    /// Rounds of a new PBKDF2 or SCRAM hash.
    static constexpr unsigned kNewRounds = 310'000;

    /// Reads what stands in a password file. The error names the mistake and shows nothing of the secret.
    static Result<PasswordHash> parse(Bytes text);
    /// What matches no password, and takes as long to say so as a new hash of hashPassword() does.
    static PasswordHash decoy();

    Form form() const noexcept { return form_; }
    /// Text before the salt: what decides the cost of a check. Equal for hashes made alike.
    std::string kind() const;
    /// The password itself; empty unless form() is plain.
    Bytes plainText() const noexcept { return form_ == Form::plain ? text_.bytes() : Bytes(); }

    /// What a SCRAM login needs; nothing unless form() is scramSha256.
    std::optional<ScramKeys> scramKeys() const;
    /// Whether `password` is the one. Takes milliseconds to a second unless form() is plain: not for the
    /// reactor's thread. Constant in time but for the password's length.
    bool matches(Bytes password) const;

private:
    PasswordHash(Form form, Secret text) : form_(form), text_(std::move(text)) {}
    static Result<PasswordHash> parsePbkdf2(Bytes text);
    static Result<PasswordHash> parseScram(Bytes text);
    bool matchesCrypt(Bytes password) const;

    Form form_;
    Secret text_; // plain: the password; crypt: the whole hash
    std::string salt_;
    std::string digest_;    // PBKDF2's output, or SCRAM's StoredKey
    std::string serverKey_; // of SCRAM
    unsigned rounds_ = 0;
};

/// The text to keep for `password`, with a new salt from the system's random source. `form` is a crypt(3)
/// prefix ("$y$", "$6$", "$2b$"), "{PBKDF2-SHA256}" or "{SCRAM-SHA-256}"; empty stands for what crypt(3)
/// prefers. Takes as long as a check.
Result<std::string> hashPassword(Bytes password, std::string_view form = {});

} // namespace twistdpp
