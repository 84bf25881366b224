#include "twistdpp/dns_resolver/answer_reader.h"

#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>

namespace twistdpp::dns {

namespace {

constexpr std::size_t kLargest = 65535;

/// RFC 2181 section 8: a TTL with its top bit set means 0.
std::uint32_t ttlOf(std::uint32_t sent, std::uint32_t most) noexcept {
    return sent > 0x7fffffffU ? 0 : std::min(sent, most);
}

bool isDenial(Type type) noexcept {
    return type == Type::NSEC || type == Type::NSEC3 || type == Type::RRSIG || type == Type::DS;
}

} // namespace

AnswerReader::AnswerReader(const TtlLimits& limits)
    : limits_(limits), memory_(std::make_unique_for_overwrite<char[]>(kLargest)) {}

bool AnswerReader::inChain(Bytes name) const noexcept {
    return std::any_of(chain_.begin(), chain_.begin() + chainLength_, [&](const NameBuffer& one) {
        return equalNames(one, name);
    });
}

/// Whether one of the chain's names stands in `zone`.
bool AnswerReader::belowChain(Bytes zone) const noexcept {
    return std::any_of(chain_.begin(), chain_.begin() + chainLength_, [&](const NameBuffer& one) {
        return isWithin(one, zone);
    });
}

/// False when the chain is too long.
bool AnswerReader::follow(Bytes target) noexcept {
    if (inChain(target))
        return true;
    if (chainLength_ == kMaxChain)
        return false;
    chain_[chainLength_++].assign(target);
    return true;
}

/// Aliases may stand in any order, so that each new name needs another look at all of them.
bool AnswerReader::findChain(const MessageReader& begin, const Asked& asked) {
    chainLength_ = 0;
    follow(asked.name);
    if (asked.type == Type::CNAME || asked.type == Type::ANY)
        return true;
    for (unsigned before = 0; before != chainLength_;) {
        before = chainLength_;
        MessageReader reader = begin;
        RecordView record;
        while (reader.nextRecord(record) && record.section == Section::answer) {
            if (record.type != Type::CNAME || record.klass != asked.klass || !inChain(record.owner))
                continue;
            if (!reader.expand(record, rdata_) || wireNameSize(rdata_) != rdata_.size() || !follow(rdata_))
                return false;
        }
    }
    return true;
}

bool AnswerReader::wanted(const RecordView& record, const Asked& asked) const noexcept {
    if (record.klass != asked.klass || isMetaType(record.type))
        return false;
    if (!asked.dnssecOk && record.type == Type::RRSIG && asked.type != Type::RRSIG && asked.type != Type::ANY)
        return false;
    switch (record.section) {
    case Section::answer:
        // A DNAME stands above the names that it renames; its signature goes with it.
        if (record.type == Type::DNAME || (record.type == Type::RRSIG && !inChain(record.owner)))
            return belowChain(record.owner);
        return inChain(record.owner) && (record.type == asked.type || asked.type == Type::ANY ||
                                         record.type == Type::CNAME || record.type == Type::RRSIG);
    case Section::authority:
        if (record.type == Type::SOA || record.type == Type::NS)
            return belowChain(record.owner);
        return asked.dnssecOk && isDenial(record.type);
    case Section::additional:
        return record.type == Type::A || record.type == Type::AAAA || record.type == Type::RRSIG;
    }
    return false;
}

bool AnswerReader::write(MessageReader reader, const Asked& asked, Answer& answer) {
    MessageWriter writer({memory_.get(), kLargest});
    writer.setFlags(Flag::qr | Flag::rd | Flag::ra);
    writer.setRcode(answer.rcode);
    if (!writer.question(asked.name, asked.type, asked.klass))
        return false;
    std::uint32_t shortest = limits_.positive, denial = 0;
    bool found = false, denied = false;
    RecordView record;
    while (reader.nextRecord(record)) {
        if (!wanted(record, asked))
            continue;
        if (!reader.expand(record, rdata_))
            return false;
        std::uint32_t ttl = ttlOf(record.ttl, limits_.positive);
        if (record.section == Section::authority && record.type == Type::SOA && rdata_.size() >= 20) {
            const std::uint32_t minimum = ttlOf(get32(&rdata_[rdata_.size() - 4]), limits_.negative);
            denial = denied ? std::min(denial, std::min(ttl, minimum)) : std::min(ttl, minimum);
            denied = true;
        }
        found = found || (record.section == Section::answer && record.type != Type::CNAME &&
                          record.type != Type::DNAME && record.type != Type::RRSIG);
        found = found || (record.section == Section::answer && record.type == asked.type);
        if (!writer.record(record.section, record.owner, record.type, record.klass, ttl, rdata_)) {
            if (record.section != Section::additional)
                return false;
            break; // no answer is refused for what is only beside it
        }
        shortest = std::min(shortest, ttl);
    }
    if (reader.malformed())
        return false;
    answer.message.assign(writer.bytes());
    answer.negative = answer.rcode == Rcode::nxDomain || (answer.rcode == Rcode::noError && !found);
    answer.referral = answer.negative && answer.rcode == Rcode::noError && !denied &&
                      writer.count(Section::answer) == 0 && writer.count(Section::authority) > 0;
    if (answer.negative)
        answer.lifetime = denied ? std::min(shortest, denial) : 0; // without SOA: not kept (RFC 2308, 5)
    else if (answer.rcode == Rcode::noError)
        answer.lifetime = shortest;
    return true;
}

std::optional<Answer> AnswerReader::read(Bytes response, const Asked& asked) {
    MessageReader reader(response);
    Question question;
    while (reader.nextQuestion(question)) {
    }
    if (reader.malformed())
        return std::nullopt;
    Answer answer;
    answer.rcode = reader.rcode();
    answer.authenticated = (reader.flags() & Flag::ad) != 0;
    MessageReader walk = reader;
    RecordView record;
    while (walk.nextRecord(record)) {
        if (record.type == Type::OPT)
            answer.rcode =
                static_cast<Rcode>((record.ttl >> 24) << 4 | static_cast<unsigned>(reader.rcode()));
    }
    if (walk.malformed() || !findChain(reader, asked) || !write(reader, asked, answer))
        return std::nullopt;

    // A denial's TTLs are the SOA's, so that whoever is given it keeps it no longer than is right.
    MessageReader made(answer.message);
    while (made.nextQuestion(question)) {
    }
    while (made.nextRecord(record)) {
        const auto at = static_cast<std::size_t>(record.rdata.data() - answer.message.data()) - 6;
        answer.ttls.push_back(static_cast<std::uint16_t>(at));
        if (answer.negative && record.section == Section::authority)
            put32(&answer.message[at], std::min(record.ttl, answer.lifetime));
    }
    return answer;
}

} // namespace twistdpp::dns
