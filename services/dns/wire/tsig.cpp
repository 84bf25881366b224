#include "twistdpp/dns_wire/tsig.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kFixed = 16; // of the rdata, without name, code and other data
constexpr std::size_t kOtherTime = 6;
constexpr std::size_t kLeastMac = 10; // RFC 8945 section 5.2.2.1

void put48(char* at, std::uint64_t value) noexcept {
    put16(at, static_cast<std::uint16_t>(value >> 32));
    put32(at + 2, static_cast<std::uint32_t>(value));
}

std::uint64_t get48(const char* at) noexcept {
    return static_cast<std::uint64_t>(get16(at)) << 32 | get32(at + 2);
}

void addLower(Hmac& hmac, Bytes name) noexcept {
    std::array<char, kMaxName> lower;
    std::transform(name.begin(), name.end(), lower.begin(), ascii::lower);
    hmac.add({lower.data(), name.size()});
}

/// A code that goes before the message: the request's, or the last message's of a transfer.
void addPrior(Hmac& hmac, Bytes mac) noexcept {
    char size[2];
    put16(size, static_cast<std::uint16_t>(mac.size()));
    hmac.add({size, 2});
    hmac.add(mac);
}

void addTimers(Hmac& hmac, std::uint64_t time, std::uint16_t fudge) noexcept {
    char timers[8];
    put48(timers, time);
    put16(timers + 6, fudge);
    hmac.add({timers, sizeof timers});
}

/// The TSIG variables (RFC 8945 section 4.3.3).
void addVariables(
    Hmac& hmac, const TsigKey& key, std::uint64_t time, std::uint16_t fudge, Rcode error, Bytes other
) noexcept {
    addLower(hmac, key.name);
    hmac.add({"\0\xff\0\0\0\0", 6}); // class ANY, TTL 0
    hmac.add(tsigAlgorithmName(key.hash));
    addTimers(hmac, time, fudge);
    char tail[4];
    put16(tail, static_cast<std::uint16_t>(error));
    put16(tail + 2, static_cast<std::uint16_t>(other.size()));
    hmac.add({tail, sizeof tail});
    hmac.add(other);
}

/// A signed message as it was before its record was added (RFC 8945 section 4.3.2).
struct Unsigned {
    Unsigned(Bytes message, std::size_t at) noexcept : body(message.substr(kHeader, at - kHeader)) {
        message.copy(header, kHeader);
        put16(header + 10, static_cast<std::uint16_t>(get16(header + 10) - 1));
    }
    void addTo(Hmac& hmac, std::uint16_t originalId) noexcept {
        put16(header, originalId);
        hmac.add({header, kHeader});
        hmac.add(body);
    }
    char header[kHeader];
    Bytes body;
};

/// What a code's length says before anything is computed: noError, or formErr.
Rcode checkMacSize(const TsigKey& key, std::size_t size) noexcept {
    const std::size_t full = digestSize(key.hash);
    return size > full || size < std::max(kLeastMac, full / 2) ? Rcode::formErr : Rcode::noError;
}

/// Time and policy, once the code is known to be right.
Rcode checkRest(const TsigKey& key, const TsigRecord& record, std::uint64_t now) noexcept {
    const std::uint64_t apart = now > record.timeSigned ? now - record.timeSigned : record.timeSigned - now;
    if (apart > record.fudge)
        return Rcode::badTime;
    return record.mac.size() < key.macSize ? Rcode::badTrunc : Rcode::noError;
}

bool matches(Hmac& hmac, Bytes mac) noexcept {
    Digest made = hmac.finish();
    made.truncate(mac.size());
    return equalInConstantTime(made.bytes(), mac);
}

/// The record's bytes; `room` is large enough for any.
using Room = std::array<char, kMaxName + 10 + kMaxName + kFixed + kMaxDigest + kOtherTime>;

Bytes writeRecord(
    Room& room, Bytes key, Bytes algorithm, std::uint64_t time, Bytes mac, std::uint16_t id, Rcode error,
    Bytes other
) noexcept {
    char* at = room.data() + key.copy(room.data(), key.size());
    put16(at, static_cast<std::uint16_t>(Type::TSIG));
    put16(at + 2, static_cast<std::uint16_t>(Class::any));
    put32(at + 4, 0);
    put16(at + 8, static_cast<std::uint16_t>(algorithm.size() + kFixed + mac.size() + other.size()));
    at += 10;
    at += algorithm.copy(at, algorithm.size());
    put48(at, time);
    put16(at + 6, kTsigFudge);
    put16(at + 8, static_cast<std::uint16_t>(mac.size()));
    at += 10;
    at += mac.copy(at, mac.size());
    put16(at, id);
    put16(at + 2, static_cast<std::uint16_t>(error));
    put16(at + 4, static_cast<std::uint16_t>(other.size()));
    at += 6;
    at += other.copy(at, other.size());
    return {room.data(), static_cast<std::size_t>(at - room.data())};
}

} // namespace

std::optional<TsigRecord> TsigRecord::read(Bytes message, std::size_t at) noexcept {
    TsigRecord record;
    if (!record.key.read(message, at) || message.size() - at < 10)
        return std::nullopt;
    const char* head = message.data() + at;
    const bool fixed = get16(head) == static_cast<std::uint16_t>(Type::TSIG) &&
                       get16(head + 2) == static_cast<std::uint16_t>(Class::any) && get32(head + 4) == 0;
    at += 10;
    if (!fixed || get16(head + 8) != message.size() - at)
        return std::nullopt;
    if (!record.algorithm.read(message, at) || message.size() - at < 10)
        return std::nullopt;
    record.timeSigned = get48(&message[at]);
    record.fudge = get16(&message[at + 6]);
    const std::size_t macSize = get16(&message[at + 8]);
    at += 10;
    if (message.size() - at < macSize + 6)
        return std::nullopt;
    record.mac = message.substr(at, macSize);
    at += macSize;
    record.originalId = get16(&message[at]);
    record.error = static_cast<Rcode>(get16(&message[at + 2]));
    const std::size_t otherSize = get16(&message[at + 4]);
    record.other = message.substr(at + 6);
    if (record.other.size() != otherSize)
        return std::nullopt;
    return record;
}

std::optional<std::size_t> findTsig(Bytes message) noexcept {
    MessageReader reader(message);
    Question question;
    while (reader.nextQuestion(question)) {
    }
    RecordView record;
    std::size_t found = 0;
    while (reader.nextRecord(record)) {
        if (found != 0)
            return std::nullopt;
        if (record.type == Type::TSIG) {
            if (record.section != Section::additional)
                return std::nullopt;
            found = record.begin;
        }
    }
    if (reader.malformed())
        return std::nullopt;
    return found;
}

std::size_t TsigSigner::size(const TsigKey& key) noexcept {
    return key.name.wire().size() + 10 + tsigAlgorithmName(key.hash).size() + kFixed + key.macSize +
           kOtherTime;
}

bool TsigSigner::sign(MessageWriter& writer, std::uint64_t now) noexcept {
    return append(writer, Rcode::noError, now, {});
}

bool TsigSigner::signBadTime(MessageWriter& writer, std::uint64_t requestTime, std::uint64_t now) noexcept {
    char other[kOtherTime];
    put48(other, now);
    return append(writer, Rcode::badTime, requestTime, {other, sizeof other});
}

bool TsigSigner::signError(MessageWriter& writer, Rcode error, std::uint64_t now) noexcept {
    return append(writer, error, now, {});
}

bool TsigSigner::append(MessageWriter& writer, Rcode error, std::uint64_t time, Bytes other) noexcept {
    const std::uint16_t id = get16(writer.bytes().data());
    Hmac hmac(key_->hash, key_->secret);
    if (prior_.size() > 0)
        addPrior(hmac, prior_.bytes());
    hmac.add(writer.bytes());
    if (first_)
        addVariables(hmac, *key_, time, kTsigFudge, error, other);
    else
        addTimers(hmac, time, kTsigFudge);
    Digest mac = hmac.finish();
    mac.truncate(key_->macSize);
    Room room;
    writer.reserve(0);
    const Bytes record =
        writeRecord(room, key_->name, tsigAlgorithmName(key_->hash), time, mac.bytes(), id, error, other);
    if (mac.size() == 0 || !writer.raw(Section::additional, record))
        return false;
    prior_ = mac;
    first_ = false;
    return true;
}

TsigRequest::TsigRequest(Bytes message, std::size_t at, const TsigKeys& keys, std::uint64_t now) {
    if (at < kHeader)
        return;
    if (const auto record = TsigRecord::read(message, at))
        check(message, at, *record, keys, now);
}

void TsigRequest::check(
    Bytes message, std::size_t at, const TsigRecord& record, const TsigKeys& keys, std::uint64_t now
) {
    keyName_ = record.key;
    algorithm_ = record.algorithm;
    time_ = record.timeSigned;
    const TsigKey* key = keys.find(record.key);
    if (key == nullptr || tsigAlgorithmFromName(record.algorithm) != key->hash) {
        error_ = Rcode::badKey;
        return;
    }
    if (checkMacSize(*key, record.mac.size()) != Rcode::noError)
        return;
    Hmac hmac(key->hash, key->secret);
    Unsigned(message, at).addTo(hmac, record.originalId);
    addVariables(hmac, *key, record.timeSigned, record.fudge, record.error, record.other);
    if (!matches(hmac, record.mac)) {
        error_ = Rcode::badSig;
        return;
    }
    key_ = key;
    mac_.assign(record.mac);
    error_ = checkRest(*key, record, now);
}

std::size_t TsigRequest::answerSize() const noexcept {
    if (key_ != nullptr)
        return TsigSigner::size(*key_);
    return error_ == Rcode::formErr ? 0 : keyName_.wire().size() + 10 + algorithm_.wire().size() + kFixed;
}

bool TsigRequest::answer(MessageWriter& writer, std::uint64_t now) const noexcept {
    if (key_ != nullptr) {
        TsigSigner signer(*key_, mac_.bytes());
        if (error_ == Rcode::badTime)
            return signer.signBadTime(writer, time_, now);
        return signer.signError(writer, error_, now);
    }
    if (error_ == Rcode::formErr)
        return true;
    Room room;
    const std::uint16_t id = get16(writer.bytes().data());
    writer.reserve(0);
    return writer.raw(Section::additional, writeRecord(room, keyName_, algorithm_, now, {}, id, error_, {}));
}

TsigVerifier::TsigVerifier(const TsigKey& key, Bytes requestMac) : key_(&key), prior_(requestMac) {}

Rcode TsigVerifier::add(Bytes message, std::uint64_t now) {
    const auto at = findTsig(message);
    if (!at)
        return Rcode::formErr;
    if (!running_) {
        running_.emplace(key_->hash, key_->secret);
        addPrior(*running_, prior_.bytes());
    }
    if (*at != 0)
        return addSigned(message, *at, now);
    if (!verified_ || ++pending_ > kMaxPending) // the first message must be signed
        return Rcode::badSig;
    running_->add(message);
    return Rcode::noError;
}

Rcode TsigVerifier::addSigned(Bytes message, std::size_t at, std::uint64_t now) {
    const auto record = TsigRecord::read(message, at);
    if (!record)
        return Rcode::formErr;
    if (record->mac.empty() && (record->error == Rcode::badKey || record->error == Rcode::badSig)) {
        refused_ = true; // not signed, so only a hint why nothing else comes
        return record->error;
    }
    if (!equalNames(record->key, key_->name) || tsigAlgorithmFromName(record->algorithm) != key_->hash)
        return Rcode::badKey;
    if (checkMacSize(*key_, record->mac.size()) != Rcode::noError)
        return Rcode::formErr;
    Unsigned(message, at).addTo(*running_, record->originalId);
    if (verified_)
        addTimers(*running_, record->timeSigned, record->fudge);
    else
        addVariables(*running_, *key_, record->timeSigned, record->fudge, record->error, record->other);
    const bool right = matches(*running_, record->mac);
    running_.reset();
    if (!right)
        return Rcode::badSig;
    if (record->error != Rcode::noError) {
        refused_ = true;
        return record->error;
    }
    const Rcode rest = checkRest(*key_, *record, now);
    if (rest != Rcode::noError)
        return rest;
    prior_.assign(record->mac);
    verified_ = true;
    pending_ = 0;
    return Rcode::noError;
}

const char* tsigProblem(Rcode error) noexcept {
    switch (error) {
    case Rcode::noError:
        return "the signature is right";
    case Rcode::badSig:
        return "the signature is wrong or missing";
    case Rcode::badKey:
        return "the key or its algorithm is not known";
    case Rcode::badTime:
        return "the clocks differ by more than the signature allows";
    case Rcode::badTrunc:
        return "the signature is shorter than the key allows";
    default:
        return "the signature is malformed";
    }
}

} // namespace twistdpp::dns
