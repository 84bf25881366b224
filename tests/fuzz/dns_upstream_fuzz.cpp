// layers: dns_resolver
// Any bytes that a server may send for a question: they are judged, read and kept without harm, and what is
// made of them is a message that says nothing of other names and can be sent on.
#include "twistdpp/dns_resolver/answer_reader.h"
#include "twistdpp/dns_resolver/cache.h"
#include "twistdpp/dns_resolver/random.h"
#include "twistdpp/dns_resolver/reply_writer.h"
#include "twistdpp/dns_resolver/upstream_query.h"
#include "twistdpp/dns_wire/message_reader.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace twistdpp;
using namespace twistdpp::dns;

namespace {

void check(bool right) {
    if (!right)
        std::abort();
}

/// Every record of the answer section is of the name that was asked for, or of one that an alias leads to.
void checkAnswer(const Answer& answer, const Asked& asked) {
    std::vector<Name> names{Name(asked.name)};
    const auto records = answer.records(Section::answer);
    for (std::size_t before = 0; before != names.size();) {
        before = names.size();
        for (const Record& record : records) {
            for (std::size_t i = 0; i < before && record.type == Type::CNAME; ++i) {
                const Name target(record.rdata);
                bool known = false;
                for (const Name& name : names)
                    known = known || name == target;
                if (record.owner == names[i] && !known)
                    names.push_back(target);
            }
        }
    }
    for (const Record& record : records) {
        bool related = record.type == Type::DNAME || record.type == Type::RRSIG;
        for (const Name& name : names)
            related = related || record.owner == name;
        check(related);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size < 2 || size > 65535)
        return 0;
    // The first byte chooses what was asked, the rest is the response.
    const unsigned choice = input[0];
    const Bytes response(reinterpret_cast<const char*>(input + 1), size - 1);
    const Name owner = Name::parse("www.test.").value();
    Asked asked(owner.wire(), choice % 3 == 0 ? Type::A : choice % 3 == 1 ? Type::ANY : Type::MX);
    asked.dnssecOk = (choice & 0x80) != 0;

    QueryDress dress;
    dress.randomCase = false;
    dress.clientCookie = "12345678";
    dress.serverCookie = (choice & 0x40) != 0 ? Bytes("abcdefgh") : Bytes();
    const UpstreamQuery query(asked, dress, QueryRandom());
    std::string cookie;
    query.judge(response, (choice & 0x20) != 0, cookie);
    check(cookie.size() <= 32);

    static AnswerReader reader;
    const auto answer = reader.read(response, asked);
    if (!answer)
        return 0;
    checkAnswer(*answer, asked);
    check(answer->lifetime <= 86400);

    static Cache cache;
    const TimePoint now{std::chrono::hours(1)};
    cache.put(asked, *answer, now);
    const Cached kept = cache.find(asked, now);
    check(static_cast<bool>(kept) == (answer->lifetime > 0));
    std::vector<char> out(65535);
    ReplyHead head;
    head.name = asked.name;
    const std::size_t written = writeReply(answer->message, answer->ttls, 1, std::nullopt, head, out);
    check(written == answer->message.size());
    MessageReader again(Bytes(out.data(), written));
    Question question;
    check(again.nextQuestion(question) && equalNames(question.name, asked.name));
    RecordView record;
    std::size_t records = 0;
    std::string rdata;
    while (again.nextRecord(record)) {
        check(again.expand(record, rdata) && record.ttl <= 86400);
        ++records;
    }
    check(!again.malformed() && again.position() == written && records == answer->ttls.size());
    // To be read again changes nothing but for TTLs.
    const auto twice = reader.read(answer->message, asked);
    check(twice.has_value());
    if (static_cast<unsigned>(answer->rcode) < 16) // else it needs the OPT that it came with
        check(twice->message == answer->message);
    cache.clear();
    return 0;
}
