#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// The encodings of binary fields, for the parsers and formatters of rdata.h: they append to a string that
/// grows anyway, and base64 and hexadecimal text may be cut anywhere into several words.
namespace twistdpp::dns {

/// Hexadecimal digits, word after word.
class HexDecoder {
public:
    /// False when the word has anything but digits.
    bool add(Bytes word, std::string& to);
    /// False when a digit is left alone.
    bool complete() const noexcept { return half_ < 0; }

private:
    int half_ = -1;
};

/// RFC 4648 section 4, padded, the unused bits zero.
class Base64Decoder {
public:
    bool add(Bytes word, std::string& to);
    bool complete() const noexcept { return digits_ == 0; }

private:
    std::uint32_t bits_ = 0;
    unsigned digits_ = 0;  // of the group in progress, the padding counted
    unsigned padding_ = 0; // more than none: nothing may follow the group
};

/// RFC 4648 section 7 without padding, in either case; false for anything else.
bool appendFromBase32Hex(Bytes text, std::string& to);
/// In lower case.
void appendBase32Hex(Bytes bytes, std::string& to);
void appendBase64(Bytes bytes, std::string& to);
/// In upper case, as master files show digests.
void appendHex(Bytes bytes, std::string& to);

} // namespace twistdpp::dns
