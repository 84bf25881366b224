#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/dns_wire/types.h"
#include "twistdpp/dns_zone/python_literal.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// How an argument of a record's call is written in a master file.
enum class PythonField : std::uint8_t {
    name,    // absolute
    word,    // address, number
    time,    // seconds, or text with a unit
    text,    // a character string
    octets,  // bytes, or their hexadecimal form as text
    listing, // any number of character strings
};

struct PythonParameter {
    const char* name;
    PythonField field;
};

/// A record type that can be called by its name, with the order of its arguments behind the owner. The TTL
/// follows the last of them.
struct PythonRecordType {
    const char* name;
    Type type;
    std::span<const PythonParameter> parameters;
};

/// nullptr when there is no such type.
const PythonRecordType* pythonRecordType(Bytes name) noexcept;

/// A call as it stands in the file.
struct PythonCall {
    const PythonRecordType* type = nullptr;
    unsigned line = 0;
    std::vector<PythonValue> values; // owner, then by the order of the parameters; none: left out
    std::vector<PythonValue> list;   // what TXT and SPF have behind the owner
    std::optional<PythonValue> ttl;
};

/// Seconds of a number, of text as in master files, or of "1Y", a year of 365 days. The error says what is
/// wrong.
std::string pythonSeconds(const PythonValue& value, std::uint32_t& seconds);
/// The wire name of an absolute name, whose final dot may be left out; the error likewise, empty when all is
/// well.
std::string pythonName(const PythonValue& value, std::string& wire);
/// Appends the record's wire data.
std::string pythonRdata(const PythonCall& call, std::string& rdata);

} // namespace twistdpp::dns
