#include "twistdpp/websocket/frame.h"

namespace twistdpp::websocket {

namespace {

constexpr unsigned kLast = 0x80, kReserved = 0x70, kMasked = 0x80;
constexpr std::uint64_t kShort = 125, kMedium = 0xffff;

unsigned byteAt(Bytes data, std::size_t at) noexcept {
    return static_cast<unsigned char>(data[at]);
}

bool isKnown(unsigned opcode) noexcept {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

} // namespace

FrameStatus parseFrameHeader(Bytes data, FrameHeader& out) noexcept {
    if (data.size() < 2)
        return FrameStatus::needMore;
    const unsigned first = byteAt(data, 0);
    const unsigned second = byteAt(data, 1);
    const unsigned opcode = first & 0x0fU;
    if ((first & kReserved) != 0 || !isKnown(opcode))
        return FrameStatus::malformed;
    out.last = (first & kLast) != 0;
    out.opcode = static_cast<Opcode>(opcode);
    out.masked = (second & kMasked) != 0;
    out.size = second & 0x7fU;
    if (opcode >= 8 && (!out.last || out.size > kShort))
        return FrameStatus::malformed;
    const std::size_t sizeBytes = out.size == 126 ? 2U : out.size == 127 ? 8U : 0U;
    out.headerSize = 2 + sizeBytes + (out.masked ? 4U : 0U);
    if (data.size() < out.headerSize)
        return FrameStatus::needMore;
    if (sizeBytes > 0) {
        out.size = 0;
        for (std::size_t i = 0; i < sizeBytes; ++i)
            out.size = out.size << 8U | byteAt(data, 2 + i);
        const bool shortest = sizeBytes == 2 ? out.size > kShort : out.size > kMedium;
        if (!shortest || (out.size >> 63U) != 0)
            return FrameStatus::malformed;
    }
    if (out.masked)
        data.copy(out.mask.data(), 4, 2 + sizeBytes);
    return FrameStatus::ok;
}

std::size_t
writeFrameHeader(std::span<char, kMaxServerHeader> out, Opcode opcode, std::size_t size) noexcept {
    out[0] = static_cast<char>(kLast | static_cast<unsigned>(opcode));
    if (size <= kShort) {
        out[1] = static_cast<char>(size);
        return 2;
    }
    const std::size_t sizeBytes = size <= kMedium ? 2 : 8;
    out[1] = static_cast<char>(sizeBytes == 2 ? 126 : 127);
    for (std::size_t i = 0; i < sizeBytes; ++i)
        out[2 + i] = static_cast<char>(size >> 8U * (sizeBytes - 1 - i) & 0xffU);
    return 2 + sizeBytes;
}

void applyMask(std::string& payload, const std::array<char, 4>& mask) noexcept {
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
}

bool isCloseCode(unsigned code) noexcept {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

} // namespace twistdpp::websocket
