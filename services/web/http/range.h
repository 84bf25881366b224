#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Byte ranges (RFC 9110 14), of the representation as it is sent: of the compressed bytes if it is
/// compressed.
namespace twistdpp::http {

/// At least one byte of a representation.
struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    ByteRange() = default;
    ByteRange(std::uint64_t from, std::uint64_t count) : offset(from), length(count) {}
    std::uint64_t end() const noexcept { return offset + length; }
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// What to answer to a Range field.
struct RangeDecision {
    enum class Kind : std::uint8_t {
        whole,         ///< 200, as if the field were not there
        partial,       ///< 206 with `ranges`: one as the body itself, more as multipart/byteranges
        unsatisfiable, ///< 416 with unsatisfiedRange()
    };
    Kind kind = Kind::whole;
    std::vector<ByteRange> ranges; ///< inside the representation; none touches another
};

/// Reads the value of Range for a representation of `size` bytes. Only for GET, and only when
/// rangeConditionHolds(). Another unit, bad syntax, more than `mostRanges` and an empty representation give
/// `whole`. Suffixes longer than the representation and ends behind it are clamped. Ranges keep the client's
/// order; if any overlap or touch, they are sorted and joined, so that no byte is sent twice.
RangeDecision resolveRange(Bytes header, std::uint64_t size, std::size_t mostRanges = 16);

/// The value of Content-Range for one range: "bytes 0-99/1234".
std::string contentRange(const ByteRange& range, std::uint64_t size);
/// The one for a 416: "bytes */1234".
std::string unsatisfiedRange(std::uint64_t size);

/// The frame of a multipart/byteranges body (RFC 9110 14.6), all made beforehand so that its length is exact.
/// Send preamble(0), the bytes of range 0, preamble(1), ..., closing().
class MultipartRanges {
public:
    /// `partType` is the Content-Type of the representation. `boundary` is 1-70 letters and digits that
    /// cannot be foreseen, or a content could be made to hold it.
    MultipartRanges(const std::vector<ByteRange>& ranges, std::uint64_t size, Bytes partType, Bytes boundary);

    /// The Content-Type of the answer.
    const std::string& contentType() const noexcept { return contentType_; }
    std::uint64_t contentLength() const noexcept { return contentLength_; }
    /// What goes before the bytes of the range of that index.
    const std::string& preamble(std::size_t index) const noexcept { return preambles_[index]; }
    const std::string& closing() const noexcept { return closing_; }

private:
    std::string contentType_;
    std::vector<std::string> preambles_;
    std::string closing_;
    std::uint64_t contentLength_ = 0;
};

} // namespace twistdpp::http
