#include "twistdpp/dns_wire/message_reader.h"

#include "twistdpp/dns_wire/octets.h"
#include "twistdpp/dns_wire/rdata.h"

namespace twistdpp::dns {

namespace {
constexpr std::size_t kHeader = 12;
} // namespace

MessageReader::MessageReader(Bytes message) noexcept : message_(message) {
    if (message.size() < kHeader) {
        malformed_ = true;
        return;
    }
    id_ = get16(&message[0]);
    flags_ = get16(&message[2]);
    for (unsigned i = 0; i < 4; ++i)
        counts_[i] = get16(&message[4 + 2 * std::size_t{i}]);
    at_ = kHeader;
}

bool MessageReader::bad() noexcept {
    malformed_ = true;
    return false;
}

bool MessageReader::nextQuestion(Question& question) noexcept {
    if (malformed_ || questionsRead_ == counts_[0])
        return false;
    if (!question.name.read(message_, at_) || message_.size() - at_ < 4)
        return bad();
    question.type = static_cast<Type>(get16(&message_[at_]));
    question.klass = static_cast<Class>(get16(&message_[at_ + 2]));
    at_ += 4;
    ++questionsRead_;
    return true;
}

bool MessageReader::nextRecord(RecordView& record) noexcept {
    if (malformed_)
        return false;
    while (section_ < 3 && recordsRead_ == counts_[1 + section_]) {
        ++section_;
        recordsRead_ = 0;
    }
    if (section_ == 3)
        return false;
    record.begin = at_;
    if (!record.owner.read(message_, at_) || message_.size() - at_ < 10)
        return bad();
    record.type = static_cast<Type>(get16(&message_[at_]));
    record.klass = static_cast<Class>(get16(&message_[at_ + 2]));
    record.ttl = get32(&message_[at_ + 4]);
    const std::size_t length = get16(&message_[at_ + 8]);
    at_ += 10;
    if (message_.size() - at_ < length)
        return bad();
    record.rdata = message_.substr(at_, length);
    record.section = static_cast<Section>(section_);
    at_ += length;
    ++recordsRead_;
    return true;
}

bool MessageReader::expand(const RecordView& record, std::string& to) const {
    to.clear();
    const auto at = static_cast<std::size_t>(record.rdata.data() - message_.data());
    return expandRdata(record.type, message_, at, record.rdata.size(), to);
}

} // namespace twistdpp::dns
