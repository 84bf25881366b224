#pragma once
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace twistdpp::websocket {

/// RFC 6455 section 5.2.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Why a connection is closed (RFC 6455 section 7.4.1).
struct CloseCode {
    static constexpr std::uint16_t normal = 1000, protocolError = 1002, badData = 1007, tooBig = 1009;
};

/// What stands in front of a frame's payload.
struct FrameHeader {
    bool last = true;
    Opcode opcode = Opcode::text;
    bool masked = false;
    std::array<char, 4> mask{};
    std::uint64_t size = 0;     // of the payload
    std::size_t headerSize = 0; // of this
};

enum class FrameStatus : std::uint8_t { ok, needMore, malformed };

/// Reads the header that `data` begins with. Malformed: reserved bits and opcodes, a control frame that is
/// long or fragmented, a size that is not written in the shortest way (sections 5.2 and 5.5).
FrameStatus parseFrameHeader(Bytes data, FrameHeader& out) noexcept;

/// The longest header of a server's frame, which has no mask.
inline constexpr std::size_t kMaxServerHeader = 10;
/// Writes the header of a whole, unmasked message; returns its size.
std::size_t writeFrameHeader(std::span<char, kMaxServerHeader> out, Opcode opcode, std::size_t size) noexcept;

/// Takes the mask off, or puts it on (section 5.3).
void applyMask(std::string& payload, const std::array<char, 4>& mask) noexcept;

/// Whether an endpoint may send that code.
bool isCloseCode(unsigned code) noexcept;

} // namespace twistdpp::websocket
