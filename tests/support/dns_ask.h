#pragma once
#include "twistdpp/dns_answer/query.h"
#include "twistdpp/dns_answer/zone_answer.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// The bytes of a query, with EDNS and DO when asked for.
inline std::string
makeQuery(const std::string& name, Type type, bool dnssecOk = false, std::uint16_t udpSize = 0) {
    std::array<char, 512> memory;
    MessageWriter writer(memory);
    writer.setId(0x1234);
    writer.question(Name::parse(name).value(), type, Class::in);
    if (dnssecOk || udpSize != 0) {
        std::string opt(1, '\0');
        append16(opt, 41);
        append16(opt, udpSize != 0 ? udpSize : 4096);
        append32(opt, dnssecOk ? 0x8000 : 0);
        append16(opt, 0);
        writer.raw(Section::additional, opt);
    }
    return std::string(writer.bytes());
}

/// A message as lines: the response code with AA and TC, then "answer www.a. 300 A 192.0.2.1" and so on, OPT
/// left out.
inline std::vector<std::string> linesOf(Bytes message) {
    MessageReader reader(message);
    std::vector<std::string> lines;
    std::string head = rcodeText(reader.rcode());
    head += (reader.flags() & Flag::aa) != 0 ? " aa" : "";
    head += (reader.flags() & Flag::tc) != 0 ? " tc" : "";
    lines.push_back(head);
    Question question;
    while (reader.nextQuestion(question)) {
    }
    RecordView record;
    std::string rdata;
    constexpr std::array<const char*, 3> names{"answer", "authority", "additional"};
    while (reader.nextRecord(record)) {
        if (record.type == Type::OPT)
            continue;
        if (!reader.expand(record, rdata)) {
            lines.push_back("bad rdata");
            continue;
        }
        lines.push_back(
            std::string(names[static_cast<unsigned>(record.section)]) + " " + nameText(record.owner) + " " +
            std::to_string(record.ttl) + " " + typeText(record.type) + " " + formatRdata(record.type, rdata)
        );
    }
    if (reader.malformed() || reader.position() != message.size())
        lines.push_back("malformed");
    return lines;
}

/// What a zone answers, without a server around it, in at most `room` bytes.
inline std::vector<std::string> askZone(
    const Zone& zone, const std::string& name, Type type, bool dnssecOk = false, std::size_t room = 65'535
) {
    const std::string request = makeQuery(name, type, dnssecOk);
    Query query;
    EXPECT_EQ(query.parse(request), Query::Form::good);
    std::vector<char> memory(room);
    MessageWriter out(memory);
    out.setId(query.id);
    out.setFlags(Flag::qr);
    out.question(query.name, query.type, query.klass);
    answerFromZone(zone, query, out);
    return linesOf(out.bytes());
}

} // namespace twistdpp::dns
