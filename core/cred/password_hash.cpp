#include "twistdpp/cred/password_hash.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/cred/scram.h"

#include <crypt.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>

namespace twistdpp {

namespace {

constexpr Bytes kPlain = "{PLAIN}";
constexpr Bytes kPbkdf2 = "{PBKDF2-SHA256}";
constexpr Bytes kScram = "{SCRAM-SHA-256}";
constexpr unsigned kMaxRounds = 10'000'000; // some seconds: more is a mistake or an attack
constexpr std::size_t kMaxSalt = 256;
constexpr std::size_t kDigest = 32;
constexpr Bytes kForms = "$y$, $6$, $5$, $2b$, {PBKDF2-SHA256}, {SCRAM-SHA-256}, {PLAIN}";

// What is made has no padding and '.' for '+', as crypt's world writes it; what is read may have both.
std::string toCryptBase64(Bytes bytes) {
    std::string text = toBase64(bytes);
    while (!text.empty() && text.back() == '=')
        text.pop_back();
    for (char& c : text)
        c = c == '+' ? '.' : c;
    return text;
}

std::optional<std::string> fromAnyBase64(Bytes text) {
    std::string padded(text);
    for (char& c : padded)
        c = c == '.' ? '+' : c;
    while (!padded.empty() && padded.back() == '=')
        padded.pop_back();
    padded.append((4 - padded.size() % 4) % 4, '=');
    return fromBase64(padded);
}

std::optional<unsigned> rounds(Bytes text) {
    const auto number = parseUnsigned<unsigned>(text);
    return number && *number >= 1 && *number <= kMaxRounds ? number : std::nullopt;
}

// "$id$" with a short name of letters, digits and '-': what no one takes for a password.
bool looksLikeCrypt(Bytes text) {
    if (text.size() < 3 || text[0] != '$')
        return false;
    const std::size_t end = text.find('$', 1);
    if (end == Bytes::npos || end == 1 || end > 16)
        return false;
    for (const char c : text.substr(1, end - 1)) {
        if (!ascii::isAlpha(c) && !ascii::isDigit(c) && c != '-')
            return false;
    }
    return true;
}

bool looksLikeScheme(Bytes text) {
    const std::size_t end = text.find('}');
    if (text.empty() || text[0] != '{' || end == Bytes::npos || end == 1)
        return false;
    for (const char c : text.substr(1, end - 1)) {
        if (!(c >= 'A' && c <= 'Z') && !ascii::isDigit(c) && c != '-' && c != '.')
            return false;
    }
    return true;
}

bool knownToCrypt(const std::string& setting) {
    const int verdict = ::crypt_checksalt(setting.c_str());
    return verdict == CRYPT_SALT_OK || verdict == CRYPT_SALT_METHOD_LEGACY;
}

// crypt's own defaults for the older methods are those of slower machines.
unsigned long costOf(const std::string& prefix) {
    if (prefix.starts_with("$2"))
        return 10;
    return prefix.starts_with("$5$") || prefix.starts_with("$6$") ? 100'000 : 0;
}

Result<std::string> newSetting(const std::string& prefix) {
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const char* from = prefix.empty() ? nullptr : prefix.c_str();
    if (!::crypt_gensalt_rn(from, costOf(prefix), nullptr, 0, setting, sizeof setting))
        return Error::fromErrno(errno, "crypt(3) cannot make a '" + prefix + "' hash");
    return std::string(setting);
}

// The hash of `password` as `setting` says, or nothing.
std::optional<std::string> cryptText(Bytes password, const char* setting) {
    if (password.find('\0') != Bytes::npos || password.size() > PasswordHash::kMaxPassword)
        return std::nullopt; // crypt would stop at the NUL and take the rest for granted
    const Secret phrase(password);
    const auto scratch = std::make_unique<crypt_data>();
    const char* text =
        ::crypt_rn(phrase.empty() ? "" : phrase.bytes().data(), setting, scratch.get(), sizeof *scratch);
    std::optional<std::string> result;
    if (text)
        result = text;
    wipe(scratch.get(), sizeof *scratch);
    return result;
}

} // namespace

Result<PasswordHash> PasswordHash::parse(Bytes text) {
    if (text.starts_with(kPlain))
        return PasswordHash(Form::plain, Secret(text.substr(kPlain.size())));
    if (text.starts_with(kPbkdf2))
        return parsePbkdf2(text.substr(kPbkdf2.size()));
    if (text.starts_with(kScram))
        return parseScram(text.substr(kScram.size()));
    if (looksLikeScheme(text))
        return Error(
            "the form " + std::string(text.substr(0, text.find('}') + 1)) + " is not known; there are " +
            std::string(kForms)
        );
    if (!looksLikeCrypt(text))
        return PasswordHash(Form::plain, Secret(text));
    const std::string hash(text);
    if (hash.find('\0') != std::string::npos || !knownToCrypt(hash))
        return Error(
            "crypt(3) of this system does not know a hash of the form " +
            hash.substr(0, hash.find('$', 1) + 1) + "; there are " + std::string(kForms)
        );
    if (hash.size() - hash.rfind('$') <= 22) // the shortest digest, that of $1$
        return Error("the hash is cut short");
    return PasswordHash(Form::crypt, Secret(hash));
}

Result<PasswordHash> PasswordHash::parsePbkdf2(Bytes text) {
    const auto count = rounds(ascii::cut(text, '$'));
    const auto salt = fromAnyBase64(ascii::cut(text, '$'));
    const auto digest = fromAnyBase64(text);
    if (!count || !salt || salt->size() > kMaxSalt || !digest || digest->size() != kDigest)
        return Error("a {PBKDF2-SHA256} entry must be ROUNDS$SALT$DIGEST, at most 10000000 rounds, in base64"
        );
    PasswordHash hash(Form::pbkdf2Sha256, Secret());
    hash.rounds_ = *count;
    hash.salt_ = *salt;
    hash.digest_ = *digest;
    return hash;
}

Result<PasswordHash> PasswordHash::parseScram(Bytes text) {
    const auto count = rounds(ascii::cut(text, ','));
    const auto salt = fromAnyBase64(ascii::cut(text, ','));
    const auto stored = fromAnyBase64(ascii::cut(text, ','));
    const auto server = fromAnyBase64(text);
    if (!count || !salt || salt->size() > kMaxSalt || !stored || stored->size() != kDigest || !server ||
        server->size() != kDigest)
        return Error(
            "a {SCRAM-SHA-256} entry must be ROUNDS,SALT,STOREDKEY,SERVERKEY, at most 10000000 rounds, "
            "in base64"
        );
    PasswordHash hash(Form::scramSha256, Secret());
    hash.rounds_ = *count;
    hash.salt_ = *salt;
    hash.digest_ = *stored;
    hash.serverKey_ = *server;
    return hash;
}

std::optional<ScramKeys> PasswordHash::scramKeys() const {
    if (form_ != Form::scramSha256)
        return std::nullopt;
    return ScramKeys{rounds_, salt_, digest_, serverKey_};
}

PasswordHash PasswordHash::decoy() {
    // Without its digest a setting costs the same and equals no result.
    Result<std::string> setting = newSetting({});
    return PasswordHash(Form::crypt, Secret(setting ? *setting : std::string("$6$rounds=500000$decoydecoy")));
}

std::string PasswordHash::kind() const {
    switch (form_) {
    case Form::plain:
        return std::string(kPlain);
    case Form::pbkdf2Sha256:
        return std::string(kPbkdf2) + std::to_string(rounds_);
    case Form::scramSha256:
        return std::string(kScram) + std::to_string(rounds_);
    case Form::crypt:
        break;
    }
    const Bytes text = text_.bytes();
    std::size_t end = text.find('$', 1);
    // Parameters, where there are some, are the next field: "$y$j9T$", "$6$rounds=9000$", "$2b$12$".
    const std::size_t next = text.find('$', end + 1);
    const Bytes field = text.substr(end + 1, next - end - 1);
    const bool salted = text.starts_with("$6$") || text.starts_with("$5$") || text.starts_with("$1$");
    if (next != Bytes::npos && (!salted || field.starts_with("rounds=")))
        end = next;
    return std::string(text.substr(0, end + 1));
}

bool PasswordHash::matches(Bytes password) const {
    if (form_ == Form::plain)
        return constantTimeEquals(text_.bytes(), password);
    if (form_ == Form::crypt)
        return matchesCrypt(password);
    if (password.size() > kMaxPassword)
        return false;
    std::string made = pbkdf2Sha256(password, salt_, rounds_);
    if (form_ == Form::scramSha256)
        made = sha256(hmacSha256(made, "Client Key"));
    return constantTimeEquals(digest_, made);
}

bool PasswordHash::matchesCrypt(Bytes password) const {
    const auto made = cryptText(password, text_.bytes().data());
    return made && constantTimeEquals(text_.bytes(), *made);
}

Result<std::string> hashPassword(Bytes password, std::string_view form) {
    if (password.empty())
        return Error("the password is empty");
    if (password.size() > PasswordHash::kMaxPassword)
        return Error("the password is longer than " + std::to_string(PasswordHash::kMaxPassword) + " bytes");
    if (form == kPbkdf2) {
        const std::string salt = randomBytes(16);
        return std::string(kPbkdf2) + std::to_string(PasswordHash::kNewRounds) + "$" + toCryptBase64(salt) +
               "$" + toCryptBase64(pbkdf2Sha256(password, salt, PasswordHash::kNewRounds));
    }
    if (form == kScram) {
        const std::string salt = randomBytes(16);
        const std::string salted = pbkdf2Sha256(password, salt, PasswordHash::kNewRounds);
        return std::string(kScram) + std::to_string(PasswordHash::kNewRounds) + "," + toBase64(salt) + "," +
               toBase64(sha256(hmacSha256(salted, "Client Key"))) + "," +
               toBase64(hmacSha256(salted, "Server Key"));
    }
    if (!form.empty() && !looksLikeCrypt(form))
        return Error("'" + std::string(form) + "' is no form of a hash; there are " + std::string(kForms));
    if (password.find('\0') != Bytes::npos)
        return Error("crypt(3) takes no password with a NUL byte");
    if (form.starts_with("$2") && password.size() > 72)
        return Error(
            "bcrypt looks at the first 72 bytes of a password only; take another form for a longer one"
        );
    Result<std::string> setting = newSetting(std::string(form));
    if (!setting)
        return setting;
    const auto text = cryptText(password, setting->c_str());
    if (!text)
        return Error("crypt(3) cannot make a '" + std::string(form) + "' hash");
    return *text;
}

} // namespace twistdpp
