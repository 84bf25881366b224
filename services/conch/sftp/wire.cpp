#include "twistdpp/sftp/wire.h"

namespace twistdpp::sftp {

namespace {

std::uint64_t bigEndian(Bytes bytes) noexcept {
    std::uint64_t out = 0;
    for (const char c : bytes)
        out = out << 8U | static_cast<unsigned char>(c);
    return out;
}

void put(std::string& out, std::uint64_t value, unsigned octets) {
    for (unsigned i = octets; i-- > 0;)
        out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

} // namespace

Bytes WireReader::take(std::size_t size) noexcept {
    if (size > rest_.size()) {
        good_ = false;
        rest_ = {};
        return {};
    }
    const Bytes out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
}

std::uint8_t WireReader::byte() noexcept {
    return static_cast<std::uint8_t>(bigEndian(take(1)));
}

std::uint32_t WireReader::number() noexcept {
    return static_cast<std::uint32_t>(bigEndian(take(4)));
}

std::uint64_t WireReader::largeNumber() noexcept {
    return bigEndian(take(8));
}

Bytes WireReader::string() noexcept {
    return take(number());
}

WireWriter& WireWriter::byte(std::uint8_t value) {
    put(out_, value, 1);
    return *this;
}

WireWriter& WireWriter::number(std::uint32_t value) {
    put(out_, value, 4);
    return *this;
}

WireWriter& WireWriter::largeNumber(std::uint64_t value) {
    put(out_, value, 8);
    return *this;
}

WireWriter& WireWriter::string(Bytes value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_ += value;
    return *this;
}

void writeNumberAt(std::string& bytes, std::size_t offset, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i)
        bytes[offset + i] = static_cast<char>(value >> (24 - 8 * i) & 0xFFU);
}

} // namespace twistdpp::sftp
