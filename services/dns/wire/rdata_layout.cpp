#include "twistdpp/dns_wire/rdata_layout.h"

#include <array>
#include <cstddef>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kMost = 9; // RRSIG

struct Layout {
    Type type;
    std::array<FieldInfo, kMost> fields;

    constexpr std::size_t size() const noexcept {
        std::size_t count = 0;
        while (count < kMost && fields[count].what != nullptr)
            ++count;
        return count;
    }
};

constexpr std::array kLayouts{
    Layout{Type::A, {{{Field::ipv4, "address"}}}},
    Layout{Type::NS, {{{Field::compressedName, "name server"}}}},
    Layout{Type::MD, {{{Field::compressedName, "mail agent"}}}},
    Layout{Type::MF, {{{Field::compressedName, "mail agent"}}}},
    Layout{Type::CNAME, {{{Field::compressedName, "canonical name"}}}},
    Layout{
        Type::SOA,
        {{{Field::compressedName, "primary server"},
          {Field::compressedName, "mailbox"},
          {Field::u32, "serial"},
          {Field::seconds, "refresh time"},
          {Field::seconds, "retry time"},
          {Field::seconds, "expire time"},
          {Field::seconds, "minimum"}}}},
    Layout{Type::MB, {{{Field::compressedName, "mailbox host"}}}},
    Layout{Type::MG, {{{Field::compressedName, "group member"}}}},
    Layout{Type::MR, {{{Field::compressedName, "new mailbox"}}}},
    Layout{Type::WKS, {{{Field::ipv4, "address"}, {Field::services, "protocol"}}}},
    Layout{Type::PTR, {{{Field::compressedName, "name"}}}},
    Layout{Type::HINFO, {{{Field::string, "machine"}, {Field::string, "system"}}}},
    Layout{
        Type::MINFO, {{{Field::compressedName, "owner mailbox"}, {Field::compressedName, "error mailbox"}}}},
    Layout{Type::MX, {{{Field::u16, "preference"}, {Field::compressedName, "mail server"}}}},
    Layout{Type::TXT, {{{Field::strings, "text"}}}},
    Layout{Type::RP, {{{Field::expandedName, "mailbox"}, {Field::expandedName, "text's name"}}}},
    Layout{Type::AFSDB, {{{Field::u16, "subtype"}, {Field::expandedName, "host"}}}},
    Layout{Type::X25, {{{Field::string, "PSDN address"}}}},
    Layout{Type::ISDN, {{{Field::string, "ISDN address"}, {Field::optionalString, "subaddress"}}}},
    Layout{Type::RT, {{{Field::u16, "preference"}, {Field::expandedName, "intermediate host"}}}},
    Layout{Type::NSAP, {{{Field::nsap, "address"}}}},
    Layout{
        Type::SIG,
        {{{Field::rrType, "covered type"},
          {Field::algorithm, "algorithm"},
          {Field::u8, "number of labels"},
          {Field::seconds, "original TTL"},
          {Field::time, "expiration"},
          {Field::time, "inception"},
          {Field::u16, "key tag"},
          {Field::expandedName, "signer"},
          {Field::base64, "signature"}}}},
    Layout{
        Type::KEY,
        {{{Field::u16, "flags"},
          {Field::u8, "protocol"},
          {Field::algorithm, "algorithm"},
          {Field::optionalBase64, "key"}}}},
    Layout{
        Type::PX,
        {{{Field::u16, "preference"},
          {Field::expandedName, "RFC 822 name"},
          {Field::expandedName, "X.400 name"}}}},
    Layout{
        Type::GPOS,
        {{{Field::string, "longitude"}, {Field::string, "latitude"}, {Field::string, "altitude"}}}},
    Layout{Type::AAAA, {{{Field::ipv6, "address"}}}},
    Layout{Type::LOC, {{{Field::location, "latitude"}}}},
    Layout{Type::NXT, {{{Field::expandedName, "next name"}, {Field::nxtBitmap, "type"}}}},
    Layout{Type::EID, {{{Field::hex, "endpoint identifier"}}}},
    Layout{Type::NIMLOC, {{{Field::hex, "locator"}}}},
    Layout{
        Type::SRV,
        {{{Field::u16, "priority"},
          {Field::u16, "weight"},
          {Field::u16, "port"},
          {Field::expandedName, "target"}}}},
    Layout{
        Type::NAPTR,
        {{{Field::u16, "order"},
          {Field::u16, "preference"},
          {Field::string, "flags"},
          {Field::string, "service"},
          {Field::string, "expression"},
          {Field::expandedName, "replacement"}}}},
    Layout{Type::KX, {{{Field::u16, "preference"}, {Field::loweredName, "exchanger"}}}},
    Layout{
        Type::CERT,
        {{{Field::certificate, "certificate type"},
          {Field::u16, "key tag"},
          {Field::algorithm, "algorithm"},
          {Field::base64, "certificate"}}}},
    Layout{Type::DNAME, {{{Field::loweredName, "target"}}}},
    Layout{Type::APL, {{{Field::prefixes, "prefix"}}}},
    Layout{
        Type::DS,
        {{{Field::u16, "key tag"},
          {Field::algorithm, "algorithm"},
          {Field::u8, "digest type"},
          {Field::hex, "digest"}}}},
    Layout{
        Type::SSHFP,
        {{{Field::u8, "algorithm"}, {Field::u8, "fingerprint type"}, {Field::hex, "fingerprint"}}}},
    Layout{
        Type::IPSECKEY,
        {{{Field::u8, "precedence"}, {Field::gateway, "gateway type"}, {Field::optionalBase64, "key"}}}},
    Layout{
        Type::RRSIG,
        {{{Field::rrType, "covered type"},
          {Field::algorithm, "algorithm"},
          {Field::u8, "number of labels"},
          {Field::seconds, "original TTL"},
          {Field::time, "expiration"},
          {Field::time, "inception"},
          {Field::u16, "key tag"},
          {Field::loweredName, "signer"},
          {Field::base64, "signature"}}}},
    Layout{Type::NSEC, {{{Field::plainName, "next name"}, {Field::typeBitmap, "type"}}}},
    Layout{
        Type::DNSKEY,
        {{{Field::u16, "flags"},
          {Field::u8, "protocol"},
          {Field::algorithm, "algorithm"},
          {Field::base64, "key"}}}},
    Layout{Type::DHCID, {{{Field::base64, "identifier"}}}},
    Layout{
        Type::NSEC3,
        {{{Field::u8, "hash algorithm"},
          {Field::u8, "flags"},
          {Field::u16, "number of iterations"},
          {Field::salt, "salt"},
          {Field::hash, "next hash"},
          {Field::typeBitmap, "type"}}}},
    Layout{
        Type::NSEC3PARAM,
        {{{Field::u8, "hash algorithm"},
          {Field::u8, "flags"},
          {Field::u16, "number of iterations"},
          {Field::salt, "salt"}}}},
    Layout{
        Type::TLSA,
        {{{Field::u8, "usage"},
          {Field::u8, "selector"},
          {Field::u8, "matching type"},
          {Field::hex, "data"}}}},
    Layout{
        Type::SMIMEA,
        {{{Field::u8, "usage"},
          {Field::u8, "selector"},
          {Field::u8, "matching type"},
          {Field::hex, "data"}}}},
    Layout{Type::HIP, {{{Field::hostIdentity, "key algorithm"}}}},
    Layout{Type::NINFO, {{{Field::strings, "text"}}}},
    Layout{
        Type::RKEY,
        {{{Field::u16, "flags"},
          {Field::u8, "protocol"},
          {Field::algorithm, "algorithm"},
          {Field::base64, "key"}}}},
    Layout{Type::TALINK, {{{Field::plainName, "previous name"}, {Field::plainName, "next name"}}}},
    Layout{
        Type::CDS,
        {{{Field::u16, "key tag"},
          {Field::algorithm, "algorithm"},
          {Field::u8, "digest type"},
          {Field::hex, "digest"}}}},
    Layout{
        Type::CDNSKEY,
        {{{Field::u16, "flags"},
          {Field::u8, "protocol"},
          {Field::algorithm, "algorithm"},
          {Field::base64, "key"}}}},
    Layout{Type::OPENPGPKEY, {{{Field::base64, "key"}}}},
    Layout{Type::CSYNC, {{{Field::u32, "serial"}, {Field::u16, "flags"}, {Field::typeBitmap, "type"}}}},
    Layout{
        Type::ZONEMD,
        {{{Field::u32, "serial"},
          {Field::u8, "scheme"},
          {Field::u8, "hash algorithm"},
          {Field::digest, "digest"}}}},
    Layout{
        Type::SVCB,
        {{{Field::u16, "priority"}, {Field::plainName, "target"}, {Field::svcParams, "parameter"}}}},
    Layout{
        Type::HTTPS,
        {{{Field::u16, "priority"}, {Field::plainName, "target"}, {Field::svcParams, "parameter"}}}},
    Layout{Type::SPF, {{{Field::strings, "text"}}}},
    Layout{Type::NID, {{{Field::u16, "preference"}, {Field::locator, "node identifier"}}}},
    Layout{Type::L32, {{{Field::u16, "preference"}, {Field::ipv4, "locator"}}}},
    Layout{Type::L64, {{{Field::u16, "preference"}, {Field::locator, "locator"}}}},
    Layout{Type::LP, {{{Field::u16, "preference"}, {Field::plainName, "name"}}}},
    Layout{Type::EUI48, {{{Field::eui48, "address"}}}},
    Layout{Type::EUI64, {{{Field::eui64, "address"}}}},
    Layout{Type::URI, {{{Field::u16, "priority"}, {Field::u16, "weight"}, {Field::text, "target"}}}},
    Layout{Type::CAA, {{{Field::u8, "flags"}, {Field::tag, "tag"}, {Field::text, "value"}}}},
    Layout{Type::AVC, {{{Field::strings, "text"}}}},
    Layout{Type::AMTRELAY, {{{Field::u8, "precedence"}, {Field::relay, "discovery-optional bit"}}}},
    Layout{Type::RESINFO, {{{Field::strings, "text"}}}},
    Layout{
        Type::TA,
        {{{Field::u16, "key tag"},
          {Field::algorithm, "algorithm"},
          {Field::u8, "digest type"},
          {Field::hex, "digest"}}}},
    Layout{
        Type::DLV,
        {{{Field::u16, "key tag"},
          {Field::algorithm, "algorithm"},
          {Field::u8, "digest type"},
          {Field::hex, "digest"}}}},
};
static_assert(kLayouts.size() < 255);

/// Types below this are found without a search; only two old ones are above.
constexpr std::size_t kIndexed = 262;

/// One more than the place in kLayouts, 0 for none.
constexpr auto kIndex = [] {
    std::array<std::uint8_t, kIndexed> index{};
    for (std::size_t i = 0; i < kLayouts.size(); ++i) {
        if (const auto type = static_cast<std::size_t>(kLayouts[i].type); type < kIndexed)
            index[type] = static_cast<std::uint8_t>(i + 1);
    }
    return index;
}();

constexpr auto kSizes = [] {
    std::array<std::uint8_t, kLayouts.size()> sizes{};
    for (std::size_t i = 0; i < kLayouts.size(); ++i)
        sizes[i] = static_cast<std::uint8_t>(kLayouts[i].size());
    return sizes;
}();

} // namespace

std::span<const FieldInfo> layoutOf(Type type) noexcept {
    const auto number = static_cast<std::size_t>(type);
    std::size_t at = number < kIndexed ? kIndex[number] : 0;
    for (std::size_t i = kLayouts.size(); number >= kIndexed && at == 0 && i-- > kLayouts.size() - 2;) {
        if (kLayouts[i].type == type)
            at = i + 1;
    }
    if (at == 0)
        return {};
    return {kLayouts[at - 1].fields.data(), kSizes[at - 1]};
}

} // namespace twistdpp::dns
