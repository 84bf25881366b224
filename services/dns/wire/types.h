#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::dns {

/// Record and query types by their numbers in IANA's registry "Resource Record (RR) TYPEs". Any other number
/// is a type as well (RFC 3597); the enumerators are those that some part of the code knows by name.
enum class Type : std::uint16_t {
    none = 0,
    A = 1,
    NS = 2,
    MD = 3,
    MF = 4,
    CNAME = 5,
    SOA = 6,
    MB = 7,
    MG = 8,
    MR = 9,
    null = 10,
    WKS = 11,
    PTR = 12,
    HINFO = 13,
    MINFO = 14,
    MX = 15,
    TXT = 16,
    RP = 17,
    AFSDB = 18,
    X25 = 19,
    ISDN = 20,
    RT = 21,
    NSAP = 22,
    SIG = 24,
    KEY = 25,
    PX = 26,
    GPOS = 27,
    AAAA = 28,
    LOC = 29,
    NXT = 30,
    EID = 31,
    NIMLOC = 32,
    SRV = 33,
    NAPTR = 35,
    KX = 36,
    CERT = 37,
    DNAME = 39,
    OPT = 41,
    APL = 42,
    DS = 43,
    SSHFP = 44,
    IPSECKEY = 45,
    RRSIG = 46,
    NSEC = 47,
    DNSKEY = 48,
    DHCID = 49,
    NSEC3 = 50,
    NSEC3PARAM = 51,
    TLSA = 52,
    SMIMEA = 53,
    HIP = 55,
    NINFO = 56,
    RKEY = 57,
    TALINK = 58,
    CDS = 59,
    CDNSKEY = 60,
    OPENPGPKEY = 61,
    CSYNC = 62,
    ZONEMD = 63,
    SVCB = 64,
    HTTPS = 65,
    SPF = 99,
    NID = 104,
    L32 = 105,
    L64 = 106,
    LP = 107,
    EUI48 = 108,
    EUI64 = 109,
    TKEY = 249,
    TSIG = 250,
    IXFR = 251,
    AXFR = 252,
    MAILB = 253,
    MAILA = 254,
    ANY = 255,
    URI = 256,
    CAA = 257,
    AVC = 258,
    AMTRELAY = 260,
    RESINFO = 261,
    TA = 32768,
    DLV = 32769,
};

/// Classes (RFC 1035 section 3.2.4, RFC 2136).
enum class Class : std::uint16_t { in = 1, ch = 3, hs = 4, none = 254, any = 255 };

/// What is asked for (RFC 1035, 1996, 2136, 8490).
enum class Opcode : std::uint8_t { query = 0, iquery = 1, status = 2, notify = 4, update = 5, dso = 6 };

/// How it went. Values above 15 need an OPT record for their upper bits, or stand in TSIG's error field.
enum class Rcode : std::uint16_t {
    noError = 0,
    formErr = 1,
    servFail = 2,
    nxDomain = 3,
    notImp = 4,
    refused = 5,
    yxDomain = 6,
    yxRrset = 7,
    nxRrset = 8,
    notAuth = 9,
    notZone = 10,
    badVers = 16,
    badSig = 16,
    badKey = 17,
    badTime = 18,
    badTrunc = 22,
    badCookie = 23,
};

/// Bits of the header's second word (RFC 1035 section 4.1.1, RFC 4035).
struct Flag {
    static constexpr std::uint16_t qr = 0x8000;
    static constexpr std::uint16_t opcodeMask = 0x7800;
    static constexpr std::uint16_t aa = 0x0400;
    static constexpr std::uint16_t tc = 0x0200;
    static constexpr std::uint16_t rd = 0x0100;
    static constexpr std::uint16_t ra = 0x0080;
    static constexpr std::uint16_t ad = 0x0020;
    static constexpr std::uint16_t cd = 0x0010;
    static constexpr std::uint16_t rcodeMask = 0x000f;
};

/// The part of a message a record stands in.
enum class Section : std::uint8_t { answer, authority, additional };

/// "MX", or "TYPE65280" for a type without a name (RFC 3597 section 5).
std::string typeText(Type type);
/// The reverse of typeText(), in any case of letters.
std::optional<Type> typeFromText(Bytes text) noexcept;
/// "IN", or "CLASS4711".
std::string classText(Class type);
std::optional<Class> classFromText(Bytes text) noexcept;
/// "NXDOMAIN", or "RCODE4000".
std::string rcodeText(Rcode code);
std::string opcodeText(Opcode code);

/// Types that stand for no data of their own: OPT, TSIG and the question types 128 to 255 (RFC 6895
/// section 3.1).
constexpr bool isMetaType(Type type) noexcept {
    const auto number = static_cast<std::uint16_t>(type);
    return type == Type::OPT || (number >= 128 && number <= 255);
}

} // namespace twistdpp::dns
