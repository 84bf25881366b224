#pragma once
#include "twistdpp/dns_wire/rdata_layout.h"
#include "twistdpp/dns_wire/rdata_words.h"

#include <cstddef>

namespace twistdpp::dns {

/// What the field functions return for data that does not fit.
constexpr std::size_t kBadField = static_cast<std::size_t>(-1);

/// Bytes of the field that `rest` begins with, names uncompressed; kBadField when there is none such.
std::size_t fieldSize(Field kind, Bytes rest) noexcept;

// For the fields with rules of their own. The size function checks as fieldSize() does; parse takes the words
// that belong to the field and notes what is wrong; format is given what the size function has accepted, and
// returns false when no text stands for just these bytes.

std::size_t typeBitmapSize(Bytes rest) noexcept;
bool parseTypeBitmap(RdataWords& words, const char* what);
bool formatTypeBitmap(Bytes field, std::string& to);

std::size_t nxtBitmapSize(Bytes rest) noexcept;
bool parseNxtBitmap(RdataWords& words, const char* what);
bool formatNxtBitmap(Bytes field, std::string& to);

/// SVCB and HTTPS (RFC 9460 section 2.1).
std::size_t svcParamsSize(Bytes rest) noexcept;
bool parseSvcParams(RdataWords& words, const char* what);
bool formatSvcParams(Bytes field, std::string& to);

/// LOC (RFC 1876).
std::size_t locationSize(Bytes rest) noexcept;
bool parseLocation(RdataWords& words, const char* what);
bool formatLocation(Bytes field, std::string& to);

/// APL (RFC 3123).
std::size_t prefixesSize(Bytes rest) noexcept;
bool parsePrefixes(RdataWords& words, const char* what);
bool formatPrefixes(Bytes field, std::string& to);

/// WKS behind the address (RFC 1035 section 3.4.2).
std::size_t servicesSize(Bytes rest) noexcept;
bool parseServices(RdataWords& words, const char* what);
bool formatServices(Bytes field, std::string& to);

/// IPSECKEY behind the precedence: gateway type, algorithm, gateway (RFC 4025).
std::size_t gatewaySize(Bytes rest) noexcept;
bool parseGateway(RdataWords& words, const char* what);
bool formatGateway(Bytes field, std::string& to);

/// AMTRELAY behind the precedence (RFC 8777).
std::size_t relaySize(Bytes rest) noexcept;
bool parseRelay(RdataWords& words, const char* what);
bool formatRelay(Bytes field, std::string& to);

/// HIP (RFC 8005).
std::size_t hostIdentitySize(Bytes rest) noexcept;
bool parseHostIdentity(RdataWords& words, const char* what);
bool formatHostIdentity(Bytes field, std::string& to);

/// Names for numbers: DNSSEC algorithms and certificate types.
std::optional<std::uint8_t> algorithmFromText(Bytes text) noexcept;
std::optional<std::uint16_t> certificateFromText(Bytes text) noexcept;
void appendCertificateText(std::uint16_t type, std::string& to);
/// RRSIG's times (RFC 4034 section 3.2), in UTC.
std::optional<std::uint32_t> timeFromText(Bytes text) noexcept;
void appendTimeText(std::uint32_t time, std::string& to);

} // namespace twistdpp::dns
