// layers: dns_wire
// Messages from strangers: what is read has an end, fits its types, has a text that means the same data, and
// can be written again.
#include "support/dns_rdata_words.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/record.h"
#include "twistdpp/dns_wire/tsig.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace twistdpp;
using namespace twistdpp::dns;

void require(bool condition) {
    if (!condition)
        std::abort();
}

void checkName(Bytes name) {
    require(wireNameSize(name) == name.size());
    const auto parsed = Name::parse(nameText(name));
    require(parsed && parsed->wire() == name);
    const NameKey key(name);
    require(key.labels() == labelCount(name) && equalNames(key.wire(), name));
}

/// Data with a text reads back as it was; that of an unfit record has none but the generic one.
void checkRdata(Type type, Bytes rdata) {
    require(validRdata(type, rdata));
    const std::string text = formatRdata(type, rdata);
    require(test::wire(type, text, test::kRoot) == rdata);
    std::string canonical;
    appendCanonicalRdata(type, rdata, canonical);
    require(canonical.size() == rdata.size() && validRdata(type, canonical));
}

std::vector<Record> readAll(MessageReader& reader, std::vector<Question>& questions) {
    std::vector<Record> records;
    Question question;
    RecordView view;
    while (reader.nextQuestion(question))
        questions.push_back(question);
    while (reader.nextRecord(view)) {
        require(reader.position() <= reader.message().size());
        checkName(view.owner);
        formatRdata(view.type, view.rdata);
        std::string rdata;
        if (!reader.expand(view, rdata))
            continue;
        checkRdata(view.type, rdata);
        records.emplace_back(Name(view.owner), view.type, view.ttl, rdata);
        records.back().klass = view.klass;
    }
    return records;
}

void checkWriting(const std::vector<Record>& records, const std::vector<Question>& questions) {
    std::vector<char> memory(0xffff);
    MessageWriter writer(memory);
    for (const Question& question : questions)
        if (!writer.question(question.name, question.type, question.klass))
            return;
    std::size_t written = 0;
    for (const Record& record : records) {
        const auto mark = writer.mark();
        const bool fits =
            writer.record(Section::answer, record.owner, record.type, record.klass, record.ttl, record.rdata);
        if (!fits)
            break;
        if (written % 3 == 2) { // once more, after it was taken back
            writer.rollback(mark);
            require(writer.record(
                Section::answer, record.owner, record.type, record.klass, record.ttl, record.rdata
            ));
        }
        ++written;
    }
    MessageReader reader(writer.bytes());
    std::vector<Question> again;
    const std::vector<Record> read = readAll(reader, again);
    require(!reader.malformed() && reader.position() == writer.size());
    require(again.size() == questions.size() && read.size() == written);
    for (std::size_t i = 0; i < written; ++i) {
        std::string canonical, expected; // a pointer may lead to a name in another case of letters
        appendCanonicalRdata(read[i].type, read[i].rdata, canonical);
        appendCanonicalRdata(records[i].type, records[i].rdata, expected);
        require(
            read[i].owner == records[i].owner && read[i].type == records[i].type && canonical == expected
        );
    }
}

void checkSignature(Bytes message) {
    static const TsigKeys keys = *TsigKeys::parse(
        "key key.example { algorithm hmac-sha256; secret AAECAwQFBgcICQoLDA0ODxAREhM=; };", ""
    );
    const auto at = findTsig(message);
    if (at && *at != 0) {
        const TsigRequest request(message, *at, keys, 0);
        require(request.error() != Rcode::noError || request.key() != nullptr);
    }
    TsigVerifier verifier(*keys.find(Name::parse("key.example")->wire()), "");
    verifier.add(message, 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes message(reinterpret_cast<const char*>(data), size);
    MessageReader reader(message);
    std::vector<Question> questions;
    const std::vector<Record> records = readAll(reader, questions);
    for (const Question& question : questions)
        checkName(question.name);
    checkWriting(records, questions);
    checkSignature(message);
    return 0;
}
