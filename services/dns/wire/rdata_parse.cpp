#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"
#include "twistdpp/dns_wire/rdata_encoding.h"
#include "twistdpp/dns_wire/rdata_field.h"

namespace twistdpp::dns {

namespace {

constexpr std::size_t kMaxRdata = 0xffff;
constexpr Bytes kGeneric = "\\#";

bool parseRrType(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    const auto type = typeFromText(word->text);
    if (!type)
        return words.fail(what, word->text, "is no record type");
    append16(words.to(), static_cast<std::uint16_t>(*type));
    return true;
}

bool parseAlgorithm(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    const auto algorithm = algorithmFromText(word->text);
    if (!algorithm)
        return words.fail(what, word->text, "is no number from 0 to 255 and no name of an algorithm");
    append8(words.to(), *algorithm);
    return true;
}

bool parseCertificate(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    const auto type = certificateFromText(word->text);
    if (!type)
        return words.fail(what, word->text, "is no number from 0 to 65535 and no name of a certificate type");
    append16(words.to(), *type);
    return true;
}

bool parseTime(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    const auto time = timeFromText(word->text);
    if (!time)
        return words.fail(what, word->text, "is no time as YYYYMMDDHHMMSS and no number of seconds");
    append32(words.to(), *time);
    return true;
}

/// EUI48 and EUI64 (RFC 7043): pairs of digits with hyphens between.
bool parseEui(RdataWords& words, const char* what, std::size_t bytes) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    const Bytes text = word->text;
    bool good = text.size() == bytes * 3 - 1;
    for (std::size_t i = 0; good && i < bytes; ++i) {
        HexDecoder digits;
        good = digits.add(text.substr(3 * i, 2), words.to()) && (i == 0 || text[3 * i - 1] == '-');
    }
    return good || words.fail(
                       what, text,
                       bytes == 6 ? "is not six pairs of hexadecimal digits with hyphens between"
                                  : "is not eight pairs of hexadecimal digits with hyphens between"
                   );
}

/// Four groups of up to four digits (RFC 6742 section 2.1.2).
bool parseLocator(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    Bytes rest = word->text;
    for (unsigned group = 0; group < 4; ++group) {
        const std::size_t end = group < 3 ? rest.find(':') : rest.size();
        unsigned value = 0;
        bool good = end != Bytes::npos && end >= 1 && end <= 4;
        for (std::size_t i = 0; good && i < end; ++i) {
            const int digit = ascii::hexValue(rest[i]);
            good = digit >= 0;
            value = value << 4 | static_cast<unsigned>(digit);
        }
        if (!good)
            return words.fail(what, word->text, "is not four hexadecimal numbers with colons between");
        append16(words.to(), static_cast<std::uint16_t>(value));
        rest.remove_prefix(group < 3 ? end + 1 : end);
    }
    return true;
}

bool parseSalt(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    std::string& to = words.to();
    const std::size_t begin = to.size();
    to.push_back('\0');
    if (word->text == "-")
        return true;
    HexDecoder digits;
    if (word->text.empty() || !digits.add(word->text, to) || !digits.complete() || to.size() - begin > 256)
        return words.fail(what, word->text, "is neither '-' nor at most 255 bytes in hexadecimal");
    to[begin] = static_cast<char>(to.size() - begin - 1);
    return true;
}

bool parseHash(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    std::string& to = words.to();
    const std::size_t begin = to.size();
    to.push_back('\0');
    if (word->text.empty() || !appendFromBase32Hex(word->text, to) || to.size() - begin > 256)
        return words.fail(what, word->text, "is no hash in base32hex");
    to[begin] = static_cast<char>(to.size() - begin - 1);
    return true;
}

bool parseTag(RdataWords& words, const char* what) {
    const std::size_t begin = words.to().size();
    if (!words.string(what))
        return false;
    const Bytes tag = Bytes(words.to()).substr(begin);
    return fieldSize(Field::tag, tag) != kBadField ||
           words.fail(what, tag.substr(1), "is not made of letters and digits");
}

bool parseText(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    const char* why = appendUnescaped(word->text, words.to());
    return why == nullptr || words.fail(what, word->text, why);
}

bool parseStrings(RdataWords& words, const char* what) {
    do {
        if (!words.string(what))
            return false;
    } while (words.left() > 0);
    return true;
}

/// All that is left, in as many words as there are.
template <class Decoder>
bool parseRest(RdataWords& words, const char* what, std::size_t least, const char* why) {
    Decoder decoder;
    const std::size_t begin = words.to().size();
    Bytes last;
    while (words.left() > 0) {
        last = words.next(what)->text;
        if (!decoder.add(last, words.to()))
            return words.fail(what, last, why);
    }
    if (!decoder.complete())
        return words.fail(what, last, "is cut off");
    const std::size_t size = words.to().size() - begin;
    if (size >= least)
        return true;
    if (size == 0)
        return words.fail("the " + std::string(what) + " is missing");
    return words.fail(what, last, ("is shorter than " + std::to_string(least) + " bytes").c_str());
}

bool parseNsap(RdataWords& words, const char* what) {
    const Token* word = words.next(what);
    if (word == nullptr)
        return false;
    constexpr const char* kWhy = "is not '0x' and pairs of hexadecimal digits";
    Bytes rest = word->text;
    if (rest.size() < 4 || rest[0] != '0' || ascii::lower(rest[1]) != 'x')
        return words.fail(what, word->text, kWhy);
    rest.remove_prefix(2);
    const std::size_t begin = words.to().size();
    HexDecoder digits;
    while (!rest.empty()) { // dots anywhere are for the reader's eye only
        if (!digits.add(ascii::cut(rest, '.'), words.to()))
            return words.fail(what, word->text, kWhy);
    }
    return (digits.complete() && words.to().size() > begin) || words.fail(what, word->text, kWhy);
}

bool parseField(const FieldInfo& field, RdataWords& words) {
    const char* what = field.what;
    switch (field.kind) {
    case Field::compressedName:
    case Field::expandedName:
    case Field::loweredName:
    case Field::plainName:
        return words.name(what);
    case Field::u8:
        return words.number8(what);
    case Field::u16:
        return words.number16(what);
    case Field::u32:
        return words.number32(what);
    case Field::seconds:
        return words.seconds(what);
    case Field::time:
        return parseTime(words, what);
    case Field::rrType:
        return parseRrType(words, what);
    case Field::algorithm:
        return parseAlgorithm(words, what);
    case Field::certificate:
        return parseCertificate(words, what);
    case Field::ipv4:
        return words.ipv4(what);
    case Field::ipv6:
        return words.ipv6(what);
    case Field::eui48:
        return parseEui(words, what, 6);
    case Field::eui64:
        return parseEui(words, what, 8);
    case Field::locator:
        return parseLocator(words, what);
    case Field::optionalString:
        return words.left() == 0 || words.string(what);
    case Field::string:
        return words.string(what);
    case Field::tag:
        return parseTag(words, what);
    case Field::salt:
        return parseSalt(words, what);
    case Field::hash:
        return parseHash(words, what);
    case Field::strings:
        return parseStrings(words, what);
    case Field::text:
        return parseText(words, what);
    case Field::hex:
        return parseRest<HexDecoder>(words, what, 1, "is not hexadecimal");
    case Field::digest:
        return parseRest<HexDecoder>(words, what, 12, "is not hexadecimal");
    case Field::base64:
        return parseRest<Base64Decoder>(words, what, 1, "is not base64");
    case Field::optionalBase64:
        return parseRest<Base64Decoder>(words, what, 0, "is not base64");
    case Field::nsap:
        return parseNsap(words, what);
    case Field::typeBitmap:
        return parseTypeBitmap(words, what);
    case Field::nxtBitmap:
        return parseNxtBitmap(words, what);
    case Field::svcParams:
        return parseSvcParams(words, what);
    case Field::location:
        return parseLocation(words, what);
    case Field::prefixes:
        return parsePrefixes(words, what);
    case Field::services:
        return parseServices(words, what);
    case Field::gateway:
        return parseGateway(words, what);
    case Field::relay:
        return parseRelay(words, what);
    case Field::hostIdentity:
        return parseHostIdentity(words, what);
    }
    return false;
}

/// RFC 3597 section 5.
bool parseGeneric(Type type, RdataWords& words) {
    const std::size_t begin = words.to().size();
    words.next("");
    const auto length = words.number("length", kMaxRdata);
    if (!length || !parseRest<HexDecoder>(words, "data", 0, "is not hexadecimal"))
        return false;
    const std::size_t size = words.to().size() - begin;
    if (size != *length)
        return words.fail(
            "has " + std::to_string(size) + " bytes of data where its length says " + std::to_string(*length)
        );
    return validRdata(type, Bytes(words.to()).substr(begin)) ||
           words.fail("holds data that is no valid " + typeText(type) + " record's");
}

bool parseWords(Type type, std::span<const Token> tokens, RdataWords& words) {
    if (!tokens.empty() && tokens.front().text == kGeneric && !tokens.front().quoted)
        return parseGeneric(type, words);
    const auto layout = layoutOf(type);
    if (layout.empty())
        return words.fail("a " + typeText(type) + " record's data must be written as '\\# length hex'");
    for (const FieldInfo& field : layout) {
        if (!parseField(field, words))
            return false;
    }
    if (const std::size_t left = words.left())
        return words.fail(
            "has " + std::to_string(left) + (left == 1 ? " word" : " words") + " more than a " +
            typeText(type) + " record has"
        );
    return true;
}

} // namespace

Result<void> parseRdata(Type type, std::span<const Token> words, Bytes origin, std::string& to) {
    const std::size_t begin = to.size();
    RdataWords work(words, origin, to);
    bool good = parseWords(type, words, work);
    if (good && to.size() - begin > kMaxRdata)
        good = work.fail("has " + std::to_string(to.size() - begin) + " bytes of data; 65535 are the most");
    if (good)
        return {};
    to.resize(begin);
    return Error(std::move(work.problem()));
}

} // namespace twistdpp::dns
