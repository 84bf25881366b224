#pragma once
#include "twistdpp/dns_wire/digest.h"
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/tsig_keys.h"
#include "twistdpp/dns_wire/types.h"

#include <cstdint>
#include <optional>
#include <string>

/// Signed messages (RFC 8945). Times are seconds since 1970 by the wall clock, handed in by the caller.
namespace twistdpp::dns {

/// Seconds that the clocks of both sides may differ (RFC 8945 section 10).
constexpr std::uint16_t kTsigFudge = 300;

/// A TSIG record's fields, borrowed from the message but for the names.
struct TsigRecord {
    NameBuffer key, algorithm;
    std::uint64_t timeSigned = 0; // 48 bits
    std::uint16_t fudge = 0;
    Bytes mac;
    std::uint16_t originalId = 0;
    Rcode error = Rcode::noError;
    Bytes other;

    /// The record that begins at `at`, which must be the last thing of the message, of class ANY and TTL 0.
    static std::optional<TsigRecord> read(Bytes message, std::size_t at) noexcept;
};

/// Where a message's TSIG record begins, 0 when it is not signed; nothing for a message that is malformed or
/// has the record elsewhere than at its end.
std::optional<std::size_t> findTsig(Bytes message) noexcept;

/// Signs what one side says in an exchange: a request, a response, or the messages of a transfer one after
/// the other (RFC 8945 section 5.3.1), every one of which gets a record.
class TsigSigner {
public:
    /// `requestMac` is empty for a request. The key must outlive this.
    explicit TsigSigner(const TsigKey& key, Bytes requestMac = {}) noexcept
        : key_(&key), prior_(requestMac) {}

    /// Bytes that sign() will need at a message's end, to be kept free with MessageWriter::reserve().
    static std::size_t size(const TsigKey& key) noexcept;
    /// Appends the record; ends the writer's reservation. False when it does not fit or the library failed.
    bool sign(MessageWriter& writer, std::uint64_t now) noexcept;
    /// The answer to a request whose time was wrong: it carries the request's time, and ours behind it.
    bool signBadTime(MessageWriter& writer, std::uint64_t requestTime, std::uint64_t now) noexcept;
    /// The answer to any other request whose signature was refused, for example for BADTRUNC.
    bool signError(MessageWriter& writer, Rcode error, std::uint64_t now) noexcept;
    /// The last code that was sent: what the response is signed over as well.
    Bytes mac() const noexcept { return prior_.bytes(); }

private:
    bool append(MessageWriter& writer, Rcode error, std::uint64_t time, Bytes other) noexcept;

    const TsigKey* key_;
    Digest prior_;
    bool first_ = true;
};

/// What a server finds about a signed request, and what it answers with.
class TsigRequest {
public:
    /// Verifies the message whose TSIG record begins at `at`.
    TsigRequest(Bytes message, std::size_t at, const TsigKeys& keys, std::uint64_t now);

    /// noError, formErr, or what the answer's TSIG record says while its header says NOTAUTH: badKey, badSig,
    /// badTime, badTrunc.
    Rcode error() const noexcept { return error_; }
    bool good() const noexcept { return error_ == Rcode::noError; }
    /// The key that signed it; nullptr for formErr, badKey and badSig.
    const TsigKey* key() const noexcept { return key_; }
    Bytes mac() const noexcept { return mac_.bytes(); }

    /// Bytes that answer() will need at the message's end.
    std::size_t answerSize() const noexcept;
    /// Signs the answer as the request's outcome demands: BADKEY and BADSIG get a record without a code, a
    /// malformed record none. For a transfer use TsigSigner(*key(), mac()) instead.
    bool answer(MessageWriter& writer, std::uint64_t now) const noexcept;

private:
    void
    check(Bytes message, std::size_t at, const TsigRecord& record, const TsigKeys& keys, std::uint64_t now);

    Rcode error_ = Rcode::formErr;
    const TsigKey* key_ = nullptr;
    Digest mac_;
    std::uint64_t time_ = 0;
    NameBuffer keyName_, algorithm_;
};

/// Verifies what a client gets back: one response, or the messages of a transfer, up to 99 of which may
/// follow a signed one without a record of their own.
class TsigVerifier {
public:
    /// The key must outlive this; `requestMac` is the request's code.
    TsigVerifier(const TsigKey& key, Bytes requestMac);

    /// Takes the next message. noError: nothing is wrong so far, and what came may be used once isSigned()
    /// says so. formErr: malformed. badKey, badSig, badTime, badTrunc: found here, or the peer's word when
    /// refused() says so; nothing of the exchange may be used then.
    Rcode add(Bytes message, std::uint64_t now);
    /// Whether all messages up to the last one are covered by a code.
    bool isSigned() const noexcept { return verified_ && pending_ == 0; }
    /// The peer would not take the request's signature.
    bool refused() const noexcept { return refused_; }

private:
    static constexpr unsigned kMaxPending = 99;

    Rcode addSigned(Bytes message, std::size_t at, std::uint64_t now);

    const TsigKey* key_;
    Digest prior_;
    std::optional<Hmac> running_; // over the messages since the last code
    unsigned pending_ = 0;
    bool verified_ = false, refused_ = false;
};

/// "the clocks differ by too much" and the like, for logs.
const char* tsigProblem(Rcode error) noexcept;

} // namespace twistdpp::dns
