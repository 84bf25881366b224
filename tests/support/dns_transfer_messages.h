#pragma once
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/rdata.h"

#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

namespace twistdpp::dns {

/// A record as a test writes it: "www.a.test. 60 A 192.0.2.1".
struct TextRecord {
    explicit TextRecord(const std::string& text) {
        std::istringstream in(text);
        std::string name, kind, word;
        in >> name >> ttl >> kind;
        owner = Name::parse(name).value();
        type = typeFromText(kind).value();
        std::vector<std::string> words;
        while (in >> word)
            words.push_back(word);
        std::vector<Token> tokens;
        for (const std::string& each : words) {
            Token token;
            token.text = each;
            tokens.push_back(token);
        }
        EXPECT_TRUE(parseRdata(type, tokens, Bytes("\0", 1), rdata).ok()) << text;
    }
    Name owner;
    Type type = Type::none;
    std::uint32_t ttl = 0;
    std::string rdata;
};

/// "a.test. 60 SOA ns.a.test. h.a.test. SERIAL 1000 100 5000 60"
inline std::string soaText(std::uint32_t serial, const std::string& times = "1000 100 5000 60") {
    return "a.test. 60 SOA ns.a.test. h.a.test. " + std::to_string(serial) + " " + times;
}

/// One message of a transfer's answer.
inline std::string transferMessage(
    const std::vector<std::string>& records, Type asked = Type::AXFR, std::uint16_t id = 7,
    std::uint16_t flags = Flag::qr | Flag::aa
) {
    std::vector<char> memory(65'535);
    MessageWriter out{std::span<char>(memory)};
    out.setId(id);
    out.setFlags(flags);
    out.question(Name::parse("a.test.").value(), asked, Class::in);
    for (const std::string& each : records) {
        const TextRecord record(each);
        EXPECT_TRUE(
            out.record(Section::answer, record.owner, record.type, Class::in, record.ttl, record.rdata)
        );
    }
    return std::string(out.bytes());
}

} // namespace twistdpp::dns
