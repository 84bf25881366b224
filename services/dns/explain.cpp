#include "twistdpp/service_dns/explain.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_server/responder.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/rdata.h"

#include <array>

namespace twistdpp::dns {

namespace {

constexpr std::array<const char*, 3> kSections{"answer", "authority", "additional"};

std::string flagsText(std::uint16_t flags) {
    std::string text;
    for (const auto& [bit, name] :
         {std::pair(Flag::aa, " aa"), std::pair(Flag::tc, " tc"), std::pair(Flag::ra, " ra")})
        text += (flags & bit) != 0 ? name : "";
    return text;
}

std::string messageText(Bytes message) {
    MessageReader reader(message);
    std::string text = rcodeText(reader.rcode()) + flagsText(reader.flags()) + "\n";
    Question question;
    while (reader.nextQuestion(question)) {
    }
    RecordView record;
    std::string rdata;
    while (reader.nextRecord(record)) {
        if (record.type == Type::OPT)
            continue;
        reader.expand(record, rdata);
        text += std::string(kSections[static_cast<unsigned>(record.section)]) + ": " +
                nameText(record.owner) + " " + std::to_string(record.ttl) + " " + typeText(record.type) +
                " " + formatRdata(record.type, rdata) + "\n";
    }
    return text;
}

} // namespace

Result<std::string> explainAnswer(const Catalog& catalog, const std::string& question) {
    Bytes rest = ascii::trim(question);
    const Bytes nameWord = ascii::cut(rest, ' ');
    const Bytes typeWord = ascii::trim(rest);
    auto name = Name::parse(nameWord);
    if (!name)
        return std::move(name).error().within("option --explain");
    const auto type = typeWord.empty() ? Type::A : typeFromText(typeWord);
    if (!type)
        return Error("option --explain: '" + std::string(typeWord) + "' is no record type");

    std::array<char, 512> request;
    MessageWriter writer(request);
    writer.setFlags(Flag::rd);
    writer.question(*name, *type, Class::in);

    Metrics metrics;
    QueryLog log(Logger("dns"), metrics, 0);
    Responder responder(ResponderSettings(), log);
    // Shared with nobody: it lives as long as this call.
    responder.setCatalog(std::shared_ptr<const Catalog>(std::shared_ptr<void>(), &catalog));
    Trace trace;
    const std::span<char> out = responder.scratch();
    const auto fate = responder.respond(writer.bytes(), Address::loopback(1), Carrier::tcp, out, &trace);
    std::string text = name->toString() + " " + typeText(*type) + "\n";
    for (std::size_t i = 0; i < trace.steps().size(); ++i)
        text += std::to_string(i + 1) + ". " + trace.steps()[i] + "\n";
    if (fate == Responder::Fate::answered)
        text += messageText({out.data(), responder.size()});
    return text;
}

} // namespace twistdpp::dns
