#pragma once
#include "twistdpp/dns_wire/name.h"
#include "twistdpp/dns_wire/types.h"

#include <cstdint>
#include <string>

namespace twistdpp::dns {

/// One entry of the question section.
struct Question {
    NameBuffer name;
    Type type = Type::none;
    Class klass = Class::in;
};

/// One record as it stands in a message.
struct RecordView {
    NameBuffer owner;
    Type type = Type::none;
    Class klass = Class::in;
    std::uint32_t ttl = 0; // as sent; who keeps it clears a set top bit (RFC 2181 section 8)
    Bytes rdata;           // as sent: names in it may be compressed, see MessageReader::expand()
    std::size_t begin = 0; // where the record begins in the message
    Section section = Section::answer;
};

/// Walks a message of RFC 1035 section 4 from front to back, over borrowed bytes, without an allocation. Ask
/// for all questions first, then for the records. After a false of a next function malformed() tells the end
/// from an error.
class MessageReader {
public:
    /// A message of less than 12 bytes is malformed from the beginning.
    explicit MessageReader(Bytes message) noexcept;

    std::uint16_t id() const noexcept { return id_; }
    std::uint16_t flags() const noexcept { return flags_; }
    Opcode opcode() const noexcept { return static_cast<Opcode>((flags_ & Flag::opcodeMask) >> 11); }
    /// The header's four bits; OPT holds the upper ones.
    Rcode rcode() const noexcept { return static_cast<Rcode>(flags_ & Flag::rcodeMask); }
    std::uint16_t questions() const noexcept { return counts_[0]; }
    std::uint16_t count(Section section) const noexcept {
        return counts_[1U + static_cast<unsigned>(section)];
    }

    bool nextQuestion(Question& question) noexcept;
    bool nextRecord(RecordView& record) noexcept;
    bool malformed() const noexcept { return malformed_; }
    /// Where the next entry begins; after the last one, where the message should end.
    std::size_t position() const noexcept { return at_; }
    Bytes message() const noexcept { return message_; }

    /// The rdata of a record of this message with all names written out, in place of what `to` held. False
    /// when it does not fit its type.
    bool expand(const RecordView& record, std::string& to) const;

private:
    bool bad() noexcept;

    Bytes message_;
    std::size_t at_ = 0;
    std::uint16_t id_ = 0, flags_ = 0;
    std::uint16_t counts_[4] = {};
    std::uint16_t questionsRead_ = 0, recordsRead_ = 0;
    unsigned section_ = 0;
    bool malformed_ = false;
};

} // namespace twistdpp::dns
