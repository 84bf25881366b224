#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/mime/fields.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace twistdpp::mail {

/// A field of a header as DKIM hashes it, with its CRLF (RFC 6376 section 3.4). `field` borrows from a header
/// whose lines end with LF. Relaxed: the name in lower case, one line, one space where there are several.
std::string canonicalField(const mime::Field& field, bool relaxed);

/// Hashes a body as DKIM does (RFC 6376 sections 3.4.3 and 3.4.4), in pieces.
class BodyHash {
public:
    /// `limit`: so many bytes of what is hashed count ("l=").
    explicit BodyHash(bool relaxed, std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());
    ~BodyHash();

    /// Some of the body; lines end with LF.
    void add(Bytes text);
    /// SHA-256, 32 bytes. Once.
    std::string finish();
    /// Bytes that there were, before the limit: fewer than the signer says is no match.
    std::uint64_t size() const noexcept { return size_; }

private:
    struct Digest;
    void put(Bytes data);
    void endLine();

    std::unique_ptr<Digest> digest_;
    std::string block_; // not hashed yet
    bool relaxed_;
    std::uint64_t limit_;
    std::uint64_t size_ = 0;
    std::uint64_t emptyLines_ = 0; // that count if something comes behind them
    bool space_ = false;           // the same, of a line
    bool line_ = false;            // something of the present line was put
};

} // namespace twistdpp::mail
