#include "twistdpp/dns_resolver/answer.h"

#include "twistdpp/dns_wire/message_reader.h"

namespace twistdpp::dns {

std::vector<Record> Answer::records(Section section) const {
    std::vector<Record> found;
    MessageReader reader(message);
    Question question;
    while (reader.nextQuestion(question)) {
    }
    RecordView view;
    std::string rdata;
    while (reader.nextRecord(view)) {
        if (view.section != section || !reader.expand(view, rdata))
            continue;
        Record& record = found.emplace_back(Name(view.owner), view.type, view.ttl, rdata);
        record.klass = view.klass;
    }
    return found;
}

} // namespace twistdpp::dns
