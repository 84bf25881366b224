#include "twistdpp/dns_wire/types.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"

#include <array>
#include <utility>

namespace twistdpp::dns {

namespace {

struct NamedType {
    Bytes name;
    Type type;
};

/// By name, for the reader's eye.
constexpr std::array kTypes{
    NamedType{"A", Type::A},
    NamedType{"AAAA", Type::AAAA},
    NamedType{"AFSDB", Type::AFSDB},
    NamedType{"AMTRELAY", Type::AMTRELAY},
    NamedType{"ANY", Type::ANY},
    NamedType{"APL", Type::APL},
    NamedType{"AVC", Type::AVC},
    NamedType{"AXFR", Type::AXFR},
    NamedType{"CAA", Type::CAA},
    NamedType{"CDNSKEY", Type::CDNSKEY},
    NamedType{"CDS", Type::CDS},
    NamedType{"CERT", Type::CERT},
    NamedType{"CNAME", Type::CNAME},
    NamedType{"CSYNC", Type::CSYNC},
    NamedType{"DHCID", Type::DHCID},
    NamedType{"DLV", Type::DLV},
    NamedType{"DNAME", Type::DNAME},
    NamedType{"DNSKEY", Type::DNSKEY},
    NamedType{"DS", Type::DS},
    NamedType{"EID", Type::EID},
    NamedType{"EUI48", Type::EUI48},
    NamedType{"EUI64", Type::EUI64},
    NamedType{"GPOS", Type::GPOS},
    NamedType{"HINFO", Type::HINFO},
    NamedType{"HIP", Type::HIP},
    NamedType{"HTTPS", Type::HTTPS},
    NamedType{"IPSECKEY", Type::IPSECKEY},
    NamedType{"ISDN", Type::ISDN},
    NamedType{"IXFR", Type::IXFR},
    NamedType{"KEY", Type::KEY},
    NamedType{"KX", Type::KX},
    NamedType{"L32", Type::L32},
    NamedType{"L64", Type::L64},
    NamedType{"LOC", Type::LOC},
    NamedType{"LP", Type::LP},
    NamedType{"MAILA", Type::MAILA},
    NamedType{"MAILB", Type::MAILB},
    NamedType{"MB", Type::MB},
    NamedType{"MD", Type::MD},
    NamedType{"MF", Type::MF},
    NamedType{"MG", Type::MG},
    NamedType{"MINFO", Type::MINFO},
    NamedType{"MR", Type::MR},
    NamedType{"MX", Type::MX},
    NamedType{"NAPTR", Type::NAPTR},
    NamedType{"NID", Type::NID},
    NamedType{"NIMLOC", Type::NIMLOC},
    NamedType{"NINFO", Type::NINFO},
    NamedType{"NS", Type::NS},
    NamedType{"NSAP", Type::NSAP},
    NamedType{"NSEC", Type::NSEC},
    NamedType{"NSEC3", Type::NSEC3},
    NamedType{"NSEC3PARAM", Type::NSEC3PARAM},
    NamedType{"NULL", Type::null},
    NamedType{"NXT", Type::NXT},
    NamedType{"OPENPGPKEY", Type::OPENPGPKEY},
    NamedType{"OPT", Type::OPT},
    NamedType{"PTR", Type::PTR},
    NamedType{"PX", Type::PX},
    NamedType{"RESINFO", Type::RESINFO},
    NamedType{"RKEY", Type::RKEY},
    NamedType{"RP", Type::RP},
    NamedType{"RRSIG", Type::RRSIG},
    NamedType{"RT", Type::RT},
    NamedType{"SIG", Type::SIG},
    NamedType{"SMIMEA", Type::SMIMEA},
    NamedType{"SOA", Type::SOA},
    NamedType{"SPF", Type::SPF},
    NamedType{"SRV", Type::SRV},
    NamedType{"SSHFP", Type::SSHFP},
    NamedType{"SVCB", Type::SVCB},
    NamedType{"TA", Type::TA},
    NamedType{"TALINK", Type::TALINK},
    NamedType{"TKEY", Type::TKEY},
    NamedType{"TLSA", Type::TLSA},
    NamedType{"TSIG", Type::TSIG},
    NamedType{"TXT", Type::TXT},
    NamedType{"URI", Type::URI},
    NamedType{"WKS", Type::WKS},
    NamedType{"X25", Type::X25},
    NamedType{"ZONEMD", Type::ZONEMD},
};
static_assert(kTypes.size() < 255);

constexpr std::size_t kLongest = 16; // more than any type's or class's name

/// A name in upper case with zeros behind it, as two words: quick to compare and to hash.
struct Packed {
    std::uint64_t first = 0, second = 0;

    constexpr Packed() noexcept = default;
    constexpr explicit Packed(Bytes text) noexcept {
        for (std::size_t i = 0; i < text.size() && i < kLongest; ++i) {
            const auto byte = static_cast<unsigned char>(ascii::upper(text[i]));
            (i < 8 ? first : second) |= std::uint64_t{byte} << (i % 8 * 8);
        }
    }
    constexpr std::size_t hash() const noexcept {
        return ((first ^ second * 31) * 0x9e3779b97f4a7c15U) >> 55;
    }
    friend constexpr bool operator==(const Packed&, const Packed&) noexcept = default;
};

/// Open addressing: zone files name a type in every line. One more than the place in kTypes, 0 for none.
constexpr std::size_t kSlots = 512;
constexpr auto kTypeSlots = [] {
    std::array<std::uint8_t, kSlots> slots{};
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        std::size_t at = Packed(kTypes[i].name).hash();
        while (slots[at] != 0)
            at = (at + 1) % kSlots;
        slots[at] = static_cast<std::uint8_t>(i + 1);
    }
    return slots;
}();
constexpr auto kTypeNames = [] {
    std::array<Packed, kTypes.size()> names{};
    for (std::size_t i = 0; i < kTypes.size(); ++i)
        names[i] = Packed(kTypes[i].name);
    return names;
}();

constexpr std::array<std::pair<Bytes, Class>, 5> kClasses{
    {{"IN", Class::in}, {"CH", Class::ch}, {"HS", Class::hs}, {"NONE", Class::none}, {"ANY", Class::any}}};

constexpr std::array<std::pair<Rcode, Bytes>, 16> kRcodes{{
    {Rcode::noError, "NOERROR"},
    {Rcode::formErr, "FORMERR"},
    {Rcode::servFail, "SERVFAIL"},
    {Rcode::nxDomain, "NXDOMAIN"},
    {Rcode::notImp, "NOTIMP"},
    {Rcode::refused, "REFUSED"},
    {Rcode::yxDomain, "YXDOMAIN"},
    {Rcode::yxRrset, "YXRRSET"},
    {Rcode::nxRrset, "NXRRSET"},
    {Rcode::notAuth, "NOTAUTH"},
    {Rcode::notZone, "NOTZONE"},
    {Rcode::badVers, "BADVERS"},
    {Rcode::badKey, "BADKEY"},
    {Rcode::badTime, "BADTIME"},
    {Rcode::badTrunc, "BADTRUNC"},
    {Rcode::badCookie, "BADCOOKIE"},
}};

/// The number of "TYPE123" or "CLASS123".
std::optional<std::uint16_t> generic(Bytes text, Bytes prefix) noexcept {
    if (!ascii::equalsIgnoreCase(text.substr(0, prefix.size()), prefix))
        return std::nullopt;
    return parseUnsigned<std::uint16_t>(text.substr(prefix.size()));
}

} // namespace

std::string typeText(Type type) {
    for (const NamedType& each : kTypes) {
        if (each.type == type)
            return std::string(each.name);
    }
    return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::optional<Type> typeFromText(Bytes text) noexcept {
    if (text.empty() || text.size() > kLongest)
        return std::nullopt;
    const Packed name(text);
    for (std::size_t at = name.hash(); kTypeSlots[at] != 0; at = (at + 1) % kSlots) {
        const NamedType& found = kTypes[kTypeSlots[at] - 1U];
        if (kTypeNames[kTypeSlots[at] - 1U] == name &&
            found.name.size() == text.size()) // zeros are no name's end
            return found.type;
    }
    if (const auto number = generic(text, "TYPE"))
        return static_cast<Type>(*number);
    return std::nullopt;
}

std::string classText(Class type) {
    for (const auto& [name, value] : kClasses) {
        if (value == type)
            return std::string(name);
    }
    return "CLASS" + std::to_string(static_cast<unsigned>(type));
}

std::optional<Class> classFromText(Bytes text) noexcept {
    for (const auto& [name, value] : kClasses) {
        if (ascii::equalsIgnoreCase(name, text))
            return value;
    }
    if (const auto number = generic(text, "CLASS"))
        return static_cast<Class>(*number);
    return std::nullopt;
}

std::string rcodeText(Rcode code) {
    for (const auto& [value, name] : kRcodes) {
        if (value == code)
            return std::string(name);
    }
    return "RCODE" + std::to_string(static_cast<unsigned>(code));
}

std::string opcodeText(Opcode code) {
    switch (code) {
    case Opcode::query:
        return "QUERY";
    case Opcode::iquery:
        return "IQUERY";
    case Opcode::status:
        return "STATUS";
    case Opcode::notify:
        return "NOTIFY";
    case Opcode::update:
        return "UPDATE";
    case Opcode::dso:
        return "DSO";
    }
    return "OPCODE" + std::to_string(static_cast<unsigned>(code));
}

} // namespace twistdpp::dns
