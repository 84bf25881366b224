#pragma once
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/reactor/address.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// Small messages for tests of what asks and what answers.
namespace twistdpp::test {

inline dns::Name name(Bytes text) {
    return dns::Name::parse(text).value();
}

/// A query as a server sees it.
struct DnsQuery {
    explicit DnsQuery(Bytes bytes) : message(bytes) {
        dns::MessageReader reader(message);
        id = reader.id();
        flags = reader.flags();
        reader.nextQuestion(question);
        dns::RecordView record;
        while (reader.nextRecord(record)) {
            if (record.type != dns::Type::OPT)
                continue;
            udpSize = static_cast<std::uint16_t>(record.klass);
            dnssecOk = (record.ttl & 0x8000) != 0;
            if (record.rdata.size() >= 12 && dns::get16(record.rdata.data()) == 10)
                cookie = record.rdata.substr(4);
        }
        malformed = reader.malformed();
    }
    std::string text() const { return dns::nameText(question.name) + " " + dns::typeText(question.type); }

    std::string message;
    std::uint16_t id = 0, flags = 0;
    dns::Question question;
    std::optional<std::uint16_t> udpSize; // of OPT
    bool dnssecOk = false, malformed = false;
    std::string cookie;
};

/// Writes a response record by record.
class DnsReply {
public:
    explicit DnsReply(const DnsQuery& query, dns::Rcode rcode = dns::Rcode::noError)
        : memory_(new char[65535]), writer_({memory_.get(), 65535}) {
        writer_.setId(query.id);
        writer_.setFlags(dns::Flag::qr | dns::Flag::ra | dns::Flag::rd);
        writer_.setRcode(rcode);
        writer_.question(query.question.name, query.question.type, query.question.klass);
    }
    DnsReply& flags(std::uint16_t more) {
        writer_.addFlags(more);
        return *this;
    }
    DnsReply& record(dns::Section section, Bytes owner, dns::Type type, std::uint32_t ttl, Bytes rdata) {
        writer_.record(section, name(owner), type, dns::Class::in, ttl, rdata);
        return *this;
    }
    /// In the answer section: an IPv4 address, a name.
    DnsReply& a(Bytes owner, Bytes address, std::uint32_t ttl = 300) {
        return record(
            dns::Section::answer, owner, dns::Type::A, ttl, Address::parse(address, 0).value().ipBytes()
        );
    }
    DnsReply& aaaa(Bytes owner, Bytes address, std::uint32_t ttl = 300) {
        return record(
            dns::Section::answer, owner, dns::Type::AAAA, ttl, Address::parse(address, 0).value().ipBytes()
        );
    }
    DnsReply& cname(Bytes owner, Bytes target, std::uint32_t ttl = 300) {
        return record(dns::Section::answer, owner, dns::Type::CNAME, ttl, name(target));
    }
    /// In the authority section.
    DnsReply& soa(Bytes owner, std::uint32_t ttl = 900, std::uint32_t minimum = 60) {
        return record(dns::Section::authority, owner, dns::Type::SOA, ttl, soaData(minimum));
    }
    /// An OPT record with these options, the upper bits of the rcode in front.
    DnsReply& opt(Bytes options = {}, unsigned upperRcode = 0) {
        std::string record("\0\0\x29\x04\xd0", 5);
        dns::append8(record, static_cast<std::uint8_t>(upperRcode));
        record.append(3, '\0');
        dns::append16(record, static_cast<std::uint16_t>(options.size()));
        record.append(options);
        writer_.raw(dns::Section::additional, record);
        return *this;
    }
    /// An OPT record with a cookie: the client's eight bytes and the server's.
    DnsReply& cookie(Bytes value, unsigned upperRcode = 0) {
        std::string option;
        dns::append16(option, 10);
        dns::append16(option, static_cast<std::uint16_t>(value.size()));
        option.append(value);
        return opt(option, upperRcode);
    }
    std::string bytes() const { return std::string(writer_.bytes()); }
    operator std::string() const { return bytes(); }

    static std::string soaData(std::uint32_t minimum, std::uint32_t serial = 1) {
        const dns::Name primary = name("ns.test.");
        std::string data(primary.wire());
        const dns::Name mailbox = name("admin.test.");
        data.append(mailbox.wire());
        for (const std::uint32_t number : {serial, 3600U, 600U, 86400U, minimum})
            dns::append32(data, number);
        return data;
    }

private:
    std::unique_ptr<char[]> memory_;
    dns::MessageWriter writer_;
};

} // namespace twistdpp::test
