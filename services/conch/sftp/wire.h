#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <string>

namespace twistdpp::sftp {

/// Reads what SSH has written (RFC 4251 section 5). What is not there is zero or empty, and noticed: ask
/// good() when all was read. Borrows the bytes.
class WireReader {
public:
    explicit WireReader(Bytes bytes) noexcept : rest_(bytes) {}

    std::uint8_t byte() noexcept;
    std::uint32_t number() noexcept;
    std::uint64_t largeNumber() noexcept;
    Bytes string() noexcept;

    bool good() const noexcept { return good_; }
    Bytes rest() const noexcept { return rest_; }

private:
    Bytes take(std::size_t size) noexcept;

    Bytes rest_;
    bool good_ = true;
};

/// Writes to the end of `out`, which outlives it.
class WireWriter {
public:
    explicit WireWriter(std::string& out) noexcept : out_(out) {}

    WireWriter& byte(std::uint8_t value);
    WireWriter& number(std::uint32_t value);
    WireWriter& largeNumber(std::uint64_t value);
    WireWriter& string(Bytes value);

private:
    std::string& out_;
};

/// Puts a number in place of the four bytes at `offset`.
void writeNumberAt(std::string& bytes, std::size_t offset, std::uint32_t value);

} // namespace twistdpp::sftp
