#pragma once
#include "twistdpp/base/bytes.h"

#include <string>

namespace twistdpp {

/// PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), 32 bytes. Takes about a microsecond for two rounds.
std::string pbkdf2Sha256(Bytes password, Bytes salt, unsigned rounds);

/// 32 bytes.
std::string hmacSha256(Bytes key, Bytes message);
std::string sha256(Bytes message);

/// `count` bytes of the system's random source.
std::string randomBytes(std::size_t count);

} // namespace twistdpp
