#include "twistdpp/mail_proof/dkim_verifier.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/number.h"
#include "twistdpp/mail_proof/dkim_key.h"
#include "twistdpp/mail_proof/dkim_text.h"
#include "twistdpp/mail_proof/lookups.h"
#include "twistdpp/mail_proof/tag_list.h"

#include <algorithm>
#include <memory>

namespace twistdpp::mail {

namespace {

using Status = DkimResult::Status;

constexpr std::size_t kMostSignatures = 5;
constexpr std::size_t kMostNames = 200;       // of signed fields
constexpr std::int64_t kClockError = 15 * 60; // seconds that a signer may be ahead

bool isWithin(Bytes domain, Bytes parent) {
    return ascii::equalsIgnoreCase(domain, parent) ||
           (domain.size() > parent.size() + 1 && domain[domain.size() - parent.size() - 1] == '.' &&
            ascii::equalsIgnoreCase(domain.substr(domain.size() - parent.size()), parent));
}

bool isDomainText(Bytes text) {
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
        return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '.' || c == '_' ||
               static_cast<unsigned char>(c) >= 0x80;
    });
}

std::vector<std::string> split(Bytes text, char separator) {
    std::vector<std::string> out;
    while (!text.empty())
        out.push_back(ascii::toLower(ascii::trim(ascii::cut(text, separator), " \t\r\n")));
    return out;
}

/// What a key record says.
struct KeyRecord {
    std::string key; // out of base64
    bool testing = false, strict = false;
};

/// RFC 6376 section 3.6.1. The error is why the key cannot be used.
Result<KeyRecord> readKey(const std::string& text, const DkimSignature& signature) {
    const auto tags = parseTags(text);
    if (!tags)
        return Error("the key record cannot be read");
    if (const Bytes version = tagOf(*tags, "v"); !version.empty() && version != "DKIM1")
        return Error("the key record is of another version");
    const Bytes kind = tagOf(*tags, "k").empty() ? Bytes("rsa") : tagOf(*tags, "k");
    if (!signature.algorithm.starts_with(kind) || signature.algorithm[kind.size()] != '-')
        return Error("the key is of another kind");
    const auto hashes = split(tagOf(*tags, "h"), ':');
    if (!hashes.empty() && std::find(hashes.begin(), hashes.end(), "sha256") == hashes.end())
        return Error("the key is not for SHA-256");
    const auto services = split(tagOf(*tags, "s"), ':');
    if (!services.empty() && std::find(services.begin(), services.end(), "*") == services.end() &&
        std::find(services.begin(), services.end(), "email") == services.end())
        return Error("the key is not for mail");
    KeyRecord out;
    const auto flags = split(tagOf(*tags, "t"), ':');
    out.testing = std::find(flags.begin(), flags.end(), "y") != flags.end();
    out.strict = std::find(flags.begin(), flags.end(), "s") != flags.end();
    const auto key = fromBase64(withoutSpaces(tagOf(*tags, "p")));
    if (!key)
        return Error("the key record has no key that can be read");
    if (key->empty())
        return Error("the key was revoked");
    if (out.strict &&
        !ascii::equalsIgnoreCase(
            Bytes(signature.identity).substr(signature.identity.rfind('@') + 1), signature.domain
        ))
        return Error("the key is for the domain itself alone");
    out.key = *key;
    return out;
}

DkimResult resultOf(const DkimSignature& signature, Status status, const std::string& reason) {
    return {status, signature.domain, signature.selector, signature.identity, reason};
}

/// Everything but the look-up of the key and the hash of the body.
DkimResult judge(
    const DkimSignature& signature, const std::string& record, const std::vector<mime::Field>& fields,
    const mime::Field& field, const std::string& bodyHash
) {
    const auto key = readKey(record, signature);
    if (!key)
        return resultOf(signature, Status::permanent, key.error().message());
    if (bodyHash != signature.bodyHash)
        return resultOf(signature, Status::fail, "the body was changed");
    // Simple canonicalization takes the field as it stands, which has to be in one piece for that.
    const std::string name(field.name);
    const Bytes between(
        field.name.data() + field.name.size(),
        static_cast<std::size_t>(field.value.data() - field.name.data()) - field.name.size()
    );
    const std::string whole = name + std::string(between) + withoutSignature(field.value);
    const mime::Field bare{
        Bytes(whole).substr(0, name.size()), Bytes(whole).substr(name.size() + between.size())};
    const std::string text = signedText(fields, signature.names, bare, signature.relaxedHeader);
    switch (matchSignature(signature.algorithm, key->key, text, signature.signature)) {
    case KeyMatch::good:
        return resultOf(signature, Status::pass, {});
    case KeyMatch::bad:
        return resultOf(signature, Status::fail, "the header was changed, or another key has signed");
    case KeyMatch::tooShort:
        return resultOf(signature, Status::policy, "the key has less than 1024 bits");
    case KeyMatch::noKey:
        break;
    }
    return resultOf(signature, Status::permanent, "the key record has no key that can be read");
}

Deferred<DkimResult> verifyOne(
    Reactor& reactor, dns::Client client, std::shared_ptr<const DkimMessage> message,
    std::shared_ptr<const std::vector<mime::Field>> fields, mime::Field field, std::int64_t now
) {
    auto parsed = DkimSignature::parse(field.value);
    if (!parsed) {
        DkimResult out{Status::permanent, {}, {}, {}, parsed.error().message()};
        co_return std::move(out);
    }
    const DkimSignature signature = *std::move(parsed);
    if (signature.ends && *signature.ends < now) {
        DkimResult out = resultOf(signature, Status::policy, "the signature has ended");
        co_return std::move(out);
    }
    if (signature.made && *signature.made > now + kClockError) {
        DkimResult out = resultOf(signature, Status::policy, "the signature is of the future");
        co_return std::move(out);
    }
    auto asking = lookUpTexts(client, signature.selector + "._domainkey." + signature.domain);
    const Outcome<Texts> found = co_await std::move(asking).outcome();
    if (!found.ok())
        co_return found.failure();
    if (found.value().found != Found::some) {
        const bool none = found.value().found == Found::none;
        DkimResult out = resultOf(
            signature, none ? Status::permanent : Status::temporary,
            none ? "there is no key" : "the key cannot be looked up"
        );
        co_return std::move(out);
    }
    struct Work {
        Result<std::string> hash = Error("the body was not read");
        DkimResult result;
    };
    const auto work = std::make_shared<Work>();
    const std::string record = found.value().records.front();
    auto hashing = reactor.runInThread(Pool::cpu, [work, message, signature, record, fields, field] {
        work->hash = message->bodyHash(signature.relaxedBody, signature.length);
        if (work->hash)
            work->result = judge(signature, record, *fields, field, *work->hash);
    });
    const Outcome<void> done = co_await std::move(hashing).outcome();
    if (!done.ok() && done.failure().check<CancelledError>())
        co_return done.failure();
    if (!done.ok() || !work->hash) {
        DkimResult out = resultOf(signature, Status::temporary, "the message cannot be read");
        co_return std::move(out);
    }
    co_return std::move(work->result);
}

} // namespace

Result<DkimSignature> DkimSignature::parse(Bytes value) {
    const auto tags = parseTags(value);
    if (!tags)
        return Error("it is no list of tags");
    if (tagOf(*tags, "v") != "1")
        return Error("it is of another version");
    DkimSignature out;
    out.algorithm = ascii::toLower(tagOf(*tags, "a"));
    if (out.algorithm != "rsa-sha256" && out.algorithm != "ed25519-sha256")
        return Error("its algorithm is not known, or not safe");
    out.domain = ascii::toLower(tagOf(*tags, "d"));
    out.selector = ascii::toLower(tagOf(*tags, "s"));
    if (!isDomainText(out.domain) || !isDomainText(out.selector))
        return Error("it has no domain and selector");
    out.identity = tagOf(*tags, "i").empty() ? "@" + out.domain : std::string(tagOf(*tags, "i"));
    if (!isWithin(
            Bytes(out.identity).substr(std::min(out.identity.rfind('@') + 1, out.identity.size())), out.domain
        ))
        return Error("its identity is not of its domain");
    out.names = split(tagOf(*tags, "h"), ':');
    if (out.names.size() > kMostNames ||
        std::find(out.names.begin(), out.names.end(), "from") == out.names.end())
        return Error("it does not sign From");
    const auto hash = fromBase64(withoutSpaces(tagOf(*tags, "bh")));
    const auto signature = fromBase64(withoutSpaces(tagOf(*tags, "b")));
    if (!hash || hash->size() != 32 || !signature || signature->empty())
        return Error("its hash or signature cannot be read");
    out.bodyHash = *hash;
    out.signature = *signature;
    Bytes canonical = tagOf(*tags, "c");
    const Bytes ofHeader = ascii::cut(canonical, '/');
    for (const auto& [word, relaxed] :
         {std::pair(ofHeader, &out.relaxedHeader), std::pair(canonical, &out.relaxedBody)}) {
        *relaxed = word == "relaxed";
        if (!*relaxed && !word.empty() && word != "simple")
            return Error("its canonicalization is not known");
    }
    if (const Bytes length = tagOf(*tags, "l"); !length.empty()) {
        out.length = parseUnsigned<std::uint64_t>(length);
        if (!out.length)
            return Error("its length is no number");
    }
    for (const auto& [name, time] : {std::pair(Bytes("t"), &out.made), std::pair(Bytes("x"), &out.ends)}) {
        const Bytes text = tagOf(*tags, name);
        const auto seconds = parseUnsigned<std::uint64_t>(text);
        if (!text.empty() && (!seconds || *seconds >> 62U != 0))
            return Error("its time is no number");
        if (seconds)
            *time = static_cast<std::int64_t>(*seconds);
    }
    return out;
}

Deferred<std::vector<DkimResult>>
verifyDkim(Reactor& reactor, dns::Client client, DkimMessage message, std::int64_t unixSeconds) {
    const auto shared = std::make_shared<const DkimMessage>(std::move(message));
    const auto fields = std::make_shared<const std::vector<mime::Field>>(mime::fieldsOf(shared->header));
    std::vector<mime::Field> signatures;
    for (const mime::Field& each : *fields) {
        if (ascii::equalsIgnoreCase(ascii::trim(each.name), "dkim-signature") &&
            signatures.size() < kMostSignatures)
            signatures.push_back(each);
    }
    std::vector<DkimResult> out;
    for (const mime::Field& each : signatures) {
        auto verifying = verifyOne(reactor, client, shared, fields, each, unixSeconds);
        DkimResult result = co_await std::move(verifying);
        out.push_back(std::move(result));
    }
    co_return std::move(out);
}

} // namespace twistdpp::mail
