#include "twistdpp/cred/scram.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/machine_secret.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/cred/password_hash.h"
#include "twistdpp/cred/secret.h"

#include <algorithm>
#include <optional>

namespace twistdpp {

namespace {

constexpr std::size_t kDigest = 32;

/// A name with =2C and =3D for ',' and '=' (saslname).
std::optional<std::string> unescape(Bytes text) {
    std::string out;
    while (!text.empty()) {
        if (text.front() != '=') {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        const Bytes escape = text.substr(0, 3);
        if (escape != "=2C" && escape != "=3D")
            return std::nullopt;
        out += escape == "=2C" ? ',' : '=';
        text.remove_prefix(3);
    }
    return out;
}

/// The reverse.
std::string escape(Bytes name) {
    std::string out;
    for (const char c : name)
        c == ',' ? out.append("=2C") : c == '=' ? out.append("=3D") : out.append(1, c);
    return out;
}

std::string exclusiveOr(std::string one, Bytes other) {
    for (std::size_t i = 0; i < one.size(); ++i)
        one[i] = static_cast<char>(one[i] ^ other[i]);
    return one;
}

/// The value of the attribute that `rest` begins with, which has to be `name`.
std::optional<Bytes> attribute(Bytes& rest, char name) {
    const Bytes part = ascii::cut(rest, ',');
    if (part.size() < 2 || part[0] != name || part[1] != '=')
        return std::nullopt;
    return part.substr(2);
}

bool isNonce(Bytes text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

} // namespace

ScramKeys ScramKeys::of(Bytes password, std::string salt, unsigned rounds) {
    const std::string salted = pbkdf2Sha256(password, salt, rounds);
    return {
        rounds, std::move(salt), sha256(hmacSha256(salted, "Client Key")), hmacSha256(salted, "Server Key")};
}

ScramKeys ScramKeys::decoy(Bytes user, unsigned rounds) {
    const std::string made = hmacSha256(machineSecret(), "decoy " + std::string(user));
    return {
        rounds == 0 ? PasswordHash::kNewRounds : rounds, made.substr(0, 16), std::string(kDigest, '\0'),
        made};
}

bool ScramProof::matches(const ScramKeys& keys) const {
    if (proof_.size() != kDigest)
        return false;
    const std::string key = exclusiveOr(hmacSha256(keys.storedKey, message_), proof_);
    return constantTimeEquals(keys.storedKey, sha256(key));
}

Result<std::string> ScramServer::begin(Bytes message, std::string nonce) {
    if (message.size() > kMaxMessage)
        return Error("the first message is too long");
    Bytes rest = message;
    const Bytes binding = ascii::cut(rest, ',');
    const Bytes asWhom = ascii::cut(rest, ',');
    if (binding != "n" && binding != "y")
        return Error("channel binding is not offered");
    gs2_ = std::string(message.substr(0, message.size() - rest.size()));
    firstBare_ = rest;
    const auto name = attribute(rest, 'n');
    const auto clientNonce = attribute(rest, 'r');
    const auto user = name ? unescape(*name) : std::nullopt;
    if (!user || user->empty() || user->find('\0') != std::string::npos || !clientNonce ||
        !isNonce(*clientNonce))
        return Error("the first message is malformed");
    if (!asWhom.empty() && (asWhom.substr(0, 2) != "a=" || unescape(asWhom.substr(2)) != user))
        return Error("nobody acts for someone else here");
    user_ = *user;
    nonce_ = std::string(*clientNonce) + (nonce.empty() ? toBase64(randomBytes(18)) : nonce);
    return user_;
}

std::string ScramServer::challenge(const ScramKeys& keys) {
    serverKey_ = keys.serverKey;
    serverFirst_ = "r=" + nonce_ + ",s=" + toBase64(keys.salt) + ",i=" + std::to_string(keys.rounds);
    return serverFirst_;
}

Result<ScramProof> ScramServer::finish(Bytes message) {
    if (message.size() > kMaxMessage)
        return Error("the final message is too long");
    const std::size_t end = message.rfind(",p=");
    if (end == Bytes::npos)
        return Error("the final message has no proof");
    const auto proof = fromBase64(message.substr(end + 3));
    Bytes rest = message.substr(0, end);
    const auto binding = attribute(rest, 'c');
    const auto nonce = attribute(rest, 'r');
    if (!proof || proof->size() != kDigest || !binding || fromBase64(*binding) != gs2_ || !nonce ||
        *nonce != nonce_)
        return Error("the final message does not belong to the first");
    message_ = firstBare_ + "," + serverFirst_ + "," + std::string(message.substr(0, end));
    return ScramProof(user_, message_, *proof);
}

std::string ScramServer::verdict() const {
    return "v=" + toBase64(hmacSha256(serverKey_, message_));
}

ScramClient::ScramClient(Bytes user, Secret password, Bytes actAs, std::string nonce)
    : password_(std::move(password)), nonce_(nonce.empty() ? toBase64(randomBytes(18)) : std::move(nonce)),
      gs2_(actAs.empty() ? "n,," : "n,a=" + escape(actAs) + ","),
      firstBare_("n=" + escape(user) + ",r=" + nonce_) {}

Result<std::string> ScramClient::answer(Bytes serverFirst) {
    Bytes rest = serverFirst;
    if (rest.starts_with("m="))
        return Error("SCRAM: the server asks for an extension that is not known");
    const auto nonce = attribute(rest, 'r');
    const auto salt = attribute(rest, 's');
    const auto count = attribute(rest, 'i');
    const auto bytes = salt ? fromBase64(*salt) : std::nullopt;
    const unsigned rounds = count ? parseUnsigned<unsigned>(*count).value_or(0) : 0;
    if (serverFirst.size() > ScramServer::kMaxMessage || !nonce || !isNonce(*nonce) || !bytes ||
        bytes->empty())
        return Error("SCRAM: the server's first message is malformed");
    if (nonce->size() <= nonce_.size() || !nonce->starts_with(nonce_))
        return Error("SCRAM: the server answers to another exchange");
    if (rounds < kMinRounds || rounds > kMaxRounds)
        return Error("SCRAM: " + std::to_string(rounds) + " rounds are outside of what is safe to answer");
    const std::string salted = pbkdf2Sha256(password_.bytes(), *bytes, rounds);
    const std::string clientKey = hmacSha256(salted, "Client Key");
    const std::string bare = "c=" + toBase64(gs2_) + ",r=" + std::string(*nonce);
    const std::string message = firstBare_ + "," + std::string(serverFirst) + "," + bare;
    verdict_ = toBase64(hmacSha256(hmacSha256(salted, "Server Key"), message));
    return bare + ",p=" + toBase64(exclusiveOr(clientKey, hmacSha256(sha256(clientKey), message)));
}

Result<void> ScramClient::verify(Bytes serverFinal) const {
    Bytes rest = serverFinal;
    if (rest.starts_with("e="))
        return Error("SCRAM: the server says " + std::string(ascii::cut(rest, ',').substr(2, 64)));
    const auto proof = attribute(rest, 'v');
    if (!proof || verdict_.empty() || !constantTimeEquals(verdict_, *proof))
        return Error("SCRAM: the server does not know the password itself");
    return {};
}

} // namespace twistdpp
