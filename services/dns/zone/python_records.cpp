#include "twistdpp/dns_zone/python_records.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/rdata.h"
#include "twistdpp/dns_zone/master_ttl.h"
#include "twistdpp/dns_zone/text_file.h"

#include <algorithm>
#include <array>

namespace twistdpp::dns {

namespace {

using enum PythonField;

constexpr std::array kAddress{PythonParameter{"address", word}};
constexpr std::array kName{PythonParameter{"name", name}};
constexpr std::array kData{PythonParameter{"data", listing}};
constexpr std::array kSoa{PythonParameter{"mname", name},  PythonParameter{"rname", name},
                          PythonParameter{"serial", word}, PythonParameter{"refresh", time},
                          PythonParameter{"retry", time},  PythonParameter{"expire", time},
                          PythonParameter{"minimum", time}};
constexpr std::array kMx{PythonParameter{"preference", word}, PythonParameter{"name", name}};
constexpr std::array kSrv{
    PythonParameter{"priority", word}, PythonParameter{"weight", word}, PythonParameter{"port", word},
    PythonParameter{"target", name}};
constexpr std::array kNaptr{PythonParameter{"order", word},  PythonParameter{"preference", word},
                            PythonParameter{"flags", text},  PythonParameter{"service", text},
                            PythonParameter{"regexp", text}, PythonParameter{"replacement", name}};
constexpr std::array kAfsdb{PythonParameter{"subtype", word}, PythonParameter{"hostname", name}};
constexpr std::array kHinfo{PythonParameter{"cpu", text}, PythonParameter{"os", text}};
constexpr std::array kMinfo{PythonParameter{"rmailbx", name}, PythonParameter{"emailbx", name}};
constexpr std::array kRp{PythonParameter{"mbox", name}, PythonParameter{"txt", name}};
constexpr std::array kSshfp{
    PythonParameter{"algorithm", word}, PythonParameter{"fingerprintType", word},
    PythonParameter{"fingerprint", octets}};
constexpr std::array kNull{PythonParameter{"payload", octets}};

constexpr std::array kTypes{
    PythonRecordType{"A", Type::A, kAddress},       PythonRecordType{"AAAA", Type::AAAA, kAddress},
    PythonRecordType{"AFSDB", Type::AFSDB, kAfsdb}, PythonRecordType{"CNAME", Type::CNAME, kName},
    PythonRecordType{"DNAME", Type::DNAME, kName},  PythonRecordType{"HINFO", Type::HINFO, kHinfo},
    PythonRecordType{"MB", Type::MB, kName},        PythonRecordType{"MD", Type::MD, kName},
    PythonRecordType{"MF", Type::MF, kName},        PythonRecordType{"MG", Type::MG, kName},
    PythonRecordType{"MINFO", Type::MINFO, kMinfo}, PythonRecordType{"MR", Type::MR, kName},
    PythonRecordType{"MX", Type::MX, kMx},          PythonRecordType{"NAPTR", Type::NAPTR, kNaptr},
    PythonRecordType{"NS", Type::NS, kName},        PythonRecordType{"NULL", Type::null, kNull},
    PythonRecordType{"PTR", Type::PTR, kName},      PythonRecordType{"RP", Type::RP, kRp},
    PythonRecordType{"SOA", Type::SOA, kSoa},       PythonRecordType{"SPF", Type::SPF, kData},
    PythonRecordType{"SRV", Type::SRV, kSrv},       PythonRecordType{"SSHFP", Type::SSHFP, kSshfp},
    PythonRecordType{"TXT", Type::TXT, kData},
};

constexpr Bytes kRoot("\0", 1);

/// Text as a word of a master file, in which no character has a meaning of its own. Dots keep theirs in
/// names only.
void appendEscaped(Bytes bytes, std::string& to) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > ' ' && byte <= '~' && c != '\\' && c != '"' && c != '@' && c != '(' && c != ')' &&
            c != ';') {
            to += c;
            continue;
        }
        to += '\\';
        to += static_cast<char>('0' + byte / 100);
        to += static_cast<char>('0' + byte / 10 % 10);
        to += static_cast<char>('0' + byte % 10);
    }
}

/// "0x" bytes, or text that is hexadecimal already.
std::string hexadecimal(const PythonValue& value) {
    const bool isHex =
        value.kind == PythonValue::Kind::text &&
        std::all_of(value.text.begin(), value.text.end(), [](char c) { return ascii::hexValue(c) >= 0; });
    return isHex ? value.text : toHex(value.text);
}

/// The words of one argument.
std::string appendField(const PythonValue& value, const PythonParameter& parameter, std::string& to) {
    const bool isText = value.kind == PythonValue::Kind::text || value.kind == PythonValue::Kind::bytes;
    const std::string label = std::string(parameter.name) + ": ";
    std::uint32_t seconds = 0;
    switch (parameter.field) {
    case name:
        if (!isText)
            return label + "a name is text";
        appendEscaped(value.text, to);
        to += to.empty() || to.back() != '.' ? "." : "";
        break;
    case word:
        if (!isText && value.kind != PythonValue::Kind::number)
            return label + "has no value";
        if (isText)
            appendEscaped(value.text, to);
        else
            to += std::to_string(value.number);
        break;
    case time:
        if (const std::string what = pythonSeconds(value, seconds); !what.empty())
            return label + what;
        to += std::to_string(seconds);
        break;
    case octets:
        if (!isText)
            return label + "is to be bytes";
        to += hexadecimal(value);
        break;
    case text:
    case listing:
        if (!isText)
            return label + "is to be text";
        appendEscaped(value.text, to);
        break;
    }
    return {};
}

} // namespace

const PythonRecordType* pythonRecordType(Bytes called) noexcept {
    const auto* at = std::find_if(kTypes.begin(), kTypes.end(), [&](const PythonRecordType& each) {
        return each.name == called;
    });
    return at == kTypes.end() ? nullptr : at;
}

std::string pythonSeconds(const PythonValue& value, std::uint32_t& seconds) {
    constexpr std::uint64_t kYear = 365 * 86'400;
    if (value.kind == PythonValue::Kind::number) {
        if (value.number > kMaxTtl)
            return "the time " + std::to_string(value.number) +
                   " is above 2147483647 seconds (RFC 2181 section 8)";
        seconds = static_cast<std::uint32_t>(value.number);
        return {};
    }
    if (value.kind == PythonValue::Kind::none)
        return "has no time";
    const Bytes trimmed = ascii::trim(value.text);
    std::uint64_t factor = 1;
    Bytes number = trimmed;
    if (trimmed.ends_with('y') || trimmed.ends_with('Y')) {
        factor = kYear;
        number.remove_suffix(1);
    }
    if (const char* what = parseTtl(number, seconds))
        return "the time " + quoted(value.text) + ' ' + what;
    if (seconds * factor > kMaxTtl)
        return "the time " + quoted(value.text) + " is above 2147483647 seconds (RFC 2181 section 8)";
    seconds = static_cast<std::uint32_t>(seconds * factor);
    return {};
}

std::string pythonName(const PythonValue& value, std::string& wire) {
    std::string escaped;
    if (std::string what = appendField(value, {"name", name}, escaped); !what.empty())
        return what;
    if (const char* what = appendName(escaped, kRoot, wire))
        return "the name " + quoted(value.text) + ' ' + what + " (RFC 1035 section 2.3.4)";
    return {};
}

std::string pythonRdata(const PythonCall& call, std::string& rdata) {
    std::vector<std::string> texts;
    std::vector<Token> words;
    const auto& parameters = call.type->parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (parameters[i].field == listing) {
            for (const PythonValue& each : call.list) {
                texts.emplace_back();
                if (std::string what = appendField(each, parameters[i], texts.back()); !what.empty())
                    return what;
            }
            break;
        }
        texts.emplace_back();
        if (std::string what = appendField(call.values[1 + i], parameters[i], texts.back()); !what.empty())
            return what;
    }
    if (call.type->type == Type::null) {
        const std::string length = std::to_string(texts[0].size() / 2);
        texts = {"\\#", length, texts[0]};
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const PythonField field = parameters[std::min(i, parameters.size() - 1)].field;
        words.push_back({texts[i], field == text || field == listing});
    }
    if (const auto parsed = parseRdata(call.type->type, words, kRoot, rdata); !parsed)
        return parsed.error().message();
    return {};
}

} // namespace twistdpp::dns
