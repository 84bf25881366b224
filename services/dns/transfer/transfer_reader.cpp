#include "twistdpp/dns_transfer/transfer_reader.h"

#include "twistdpp/dns_wire/message_reader.h"

namespace twistdpp::dns {

TransferReader::TransferReader(
    Bytes zone, Type type, std::uint16_t id, std::optional<std::uint32_t> serial, Limits limits
)
    : zone_(zone), type_(type), id_(id), serial_(serial), limits_(limits) {}

TransferReader::State TransferReader::fail(std::string why) {
    if (problem_.empty())
        problem_ = std::move(why);
    part_ = Part::end;
    return State::failed;
}

bool TransferReader::checkHead(Bytes message) {
    MessageReader reader(message);
    if (reader.malformed())
        return fail("a message is too short"), false;
    if (reader.id() != id_)
        return fail("a message has another id than the question"), false;
    if ((reader.flags() & Flag::qr) == 0 || reader.opcode() != Opcode::query)
        return fail("a message is no answer"), false;
    rcode_ = reader.rcode();
    if (rcode_ != Rcode::noError)
        return fail("the primary says " + rcodeText(rcode_)), false;
    if ((reader.flags() & Flag::tc) != 0)
        return fail("a message is cut off (TC)"), false;
    Question question;
    while (reader.nextQuestion(question)) {
        // Only the first message must have it (RFC 5936 section 2.2.1).
        if (!equalNames(question.name, zone_) || question.type != type_ || question.klass != Class::in)
            return fail("a message answers another question"), false;
    }
    return true;
}

TransferReader::State TransferReader::take(Bytes message) {
    if (!problem_.empty())
        return State::failed;
    if (part_ == Part::end)
        return fail("something follows the end of the transfer");
    if (!checkHead(message))
        return State::failed;
    MessageReader reader(message);
    Question question;
    while (reader.nextQuestion(question)) {
    }
    const bool isFirst = std::exchange(first_, false);
    const bool alone = isFirst && reader.count(Section::answer) == 1;
    if (reader.count(Section::answer) == 0)
        return fail("a message has no records");
    RecordView view;
    while (reader.nextRecord(view)) {
        if (view.section != Section::answer)
            continue;
        if (view.klass != Class::in)
            return fail("the record " + nameText(view.owner) + " is of class " + classText(view.klass));
        if (isMetaType(view.type))
            return fail("a record " + nameText(view.owner) + " " + typeText(view.type) + " in a zone");
        if (!reader.expand(view, rdata_))
            return fail("the data of " + nameText(view.owner) + " " + typeText(view.type) + " is malformed");
        const std::uint32_t ttl = view.ttl < 0x80000000U ? view.ttl : 0; // RFC 2181 section 8
        if (!takeRecord({view.owner, view.type, ttl, rdata_}))
            return State::failed;
    }
    if (reader.malformed())
        return fail("a message is malformed");
    if (alone && part_ == Part::second && serial_ && !serialAfter(result_.serial, *serial_)) {
        result_.kind = TransferResult::Kind::upToDate;
        part_ = Part::end;
    }
    return part_ == Part::end ? State::done : State::more;
}

bool TransferReader::keep(RecordList& to, const RecordRef& record) {
    const std::size_t before = to.memory();
    to.add(record);
    bytes_ += to.memory() - before;
    overLimit_ = bytes_ > limits_.bytes;
    if (overLimit_)
        return fail("it is larger than " + std::to_string(limits_.bytes >> 20) + " MiB"), false;
    return true;
}

bool TransferReader::takeRecord(const RecordRef& record) {
    if (part_ == Part::end)
        return fail("records follow the last SOA"), false;
    overLimit_ = ++records_ > limits_.records;
    if (overLimit_)
        return fail("it has more than " + std::to_string(limits_.records) + " records"), false;
    if (!isWithin(record.owner, zone_))
        return fail("the record " + nameText(record.owner) + " is not of this zone"), false;
    if (part_ == Part::second)
        return takeSecond(record);
    if (record.type == Type::SOA)
        return takeSoa(record);
    switch (part_) {
    case Part::whole:
        return keep(result_.records, record);
    case Part::removed:
        return keep(result_.differences.back()->removed, record);
    case Part::added:
        return keep(result_.differences.back()->added, record);
    default:
        return fail("it does not begin with the SOA"), false;
    }
}

/// The second record tells whether differences follow the SOA or the zone.
bool TransferReader::takeSecond(const RecordRef& record) {
    if (serial_ && !serialAfter(result_.serial, *serial_))
        return fail(
                   "it is serial " + std::to_string(result_.serial) + ", which does not come after ours, " +
                   std::to_string(*serial_)
               ),
               false;
    const bool differences =
        type_ == Type::IXFR && record.type == Type::SOA && serial_ && record.rdata != soa_;
    if (differences) {
        result_.kind = TransferResult::Kind::differences;
        part_ = Part::added; // as if behind one: the next begins with the SOA
        return takeSoa(record);
    }
    result_.kind = TransferResult::Kind::whole;
    part_ = Part::whole;
    return keep(result_.records, {zone_, Type::SOA, soaTtl_, soa_}) && takeRecord(record);
}

bool TransferReader::takeSoa(const RecordRef& record) {
    if (!equalNames(record.owner, zone_))
        return fail("it has a SOA of " + nameText(record.owner)), false;
    const std::uint32_t serial = Soa(record.rdata).serial;
    switch (part_) {
    case Part::firstSoa:
        soa_ = record.rdata;
        soaTtl_ = record.ttl;
        result_.serial = serial;
        part_ = Part::second;
        return true;
    case Part::whole:
        if (record.rdata != soa_)
            return fail("the SOA at its end is another one than at its beginning"), false;
        part_ = Part::end;
        return true;
    case Part::removed: {
        ZoneDifference& one = *result_.differences.back();
        if (!serialAfter(serial, one.from))
            return fail("a difference leads back from serial " + std::to_string(one.from)), false;
        one.to = serial;
        part_ = Part::added;
        return keep(one.added, record);
    }
    case Part::added: {
        const auto& done = result_.differences;
        const std::uint32_t reached = done.empty() ? *serial_ : done.back()->to;
        if (!done.empty() && reached == result_.serial) {
            if (record.rdata != soa_)
                return fail("the SOA at its end is another one than at its beginning"), false;
            part_ = Part::end;
            return true;
        }
        if (serial != reached)
            return fail(
                       "a difference begins at serial " + std::to_string(serial) + " in place of " +
                       std::to_string(reached)
                   ),
                   false;
        result_.differences.push_back(std::make_unique<ZoneDifference>());
        result_.differences.back()->from = serial;
        part_ = Part::removed;
        return keep(result_.differences.back()->removed, record);
    }
    default:
        return fail("a SOA where none can be"), false;
    }
}

} // namespace twistdpp::dns
