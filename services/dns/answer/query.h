#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/types.h"

#include <cstddef>
#include <cstdint>

namespace twistdpp::dns {

/// What a client said in its OPT record (RFC 6891), if it sent one.
struct EdnsRequest {
    bool present = false;
    bool dnssecOk = false;  // DO (RFC 3225)
    bool nsid = false;      // RFC 5001
    bool keepalive = false; // RFC 7828
    bool padding = false;   // RFC 7830
    bool badCookie = false; // a cookie option of an impossible length
    std::uint8_t version = 0;
    std::uint16_t udpSize = 512; // bytes of UDP payload that it can take
    Bytes cookie;                // client cookie of 8 bytes, then the server cookie if it has one (RFC 7873)
};

/// A request taken apart, over the bytes of the message, without an allocation. Made once a reactor and used
/// again: the key is large.
class Query {
public:
    enum class Form {
        good,
        drop, // no request at all: too short for a header, or an answer. It gets no answer: two servers would
              // talk for ever
        malformed, // FORMERR; what could be read of it is there
    };

    /// Reads a message. `malformed` is also: more than one question (RFC 9619), bytes behind the last record,
    /// a second OPT, an OPT that is not of the root or whose options do not fit, a TSIG that is not the last
    /// record.
    Form parse(Bytes message) noexcept;

    Bytes message;
    std::uint16_t id = 0, flags = 0;
    Opcode opcode = Opcode::query;
    bool hasQuestion = false;
    Bytes name; // as it was asked, in the message
    NameKey key;
    Type type = Type::none;
    Class klass = Class::in;
    std::size_t questionEnd = 12;
    EdnsRequest edns;
    std::size_t tsigAt = 0; // where a TSIG record begins; 0: not signed

    bool recursionDesired() const noexcept { return (flags & Flag::rd) != 0; }

private:
    bool readRecords(unsigned counts[3]) noexcept;
    bool readOptions(Bytes options) noexcept;
};

} // namespace twistdpp::dns
