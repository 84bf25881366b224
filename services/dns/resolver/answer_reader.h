#pragma once
#include "twistdpp/dns_resolver/answer.h"
#include "twistdpp/dns_wire/message_reader.h"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace twistdpp::dns {

/// Makes an Answer of a response whose id, source and question were checked. It believes a server no more
/// than it must: of the answer section it takes the records of the name that was asked for and of those that
/// a CNAME or DNAME leads to from there; of the authority section the SOA and NS of zones that those names
/// are in, and what proves a denial; of the additional section addresses. All else, and what is malformed, is
/// left out or refused. TTLs are bounded; the lifetime of a denial comes from its SOA (RFC 2308). One a
/// resolver: it keeps the memory that it works in.
class AnswerReader {
public:
    explicit AnswerReader(const TtlLimits& limits = TtlLimits());

    /// Nothing when the message is malformed, or when what it says is not an answer to the question.
    std::optional<Answer> read(Bytes response, const Asked& asked);

private:
    /// Longer chains of aliases are a mistake of somebody's or an attack.
    static constexpr unsigned kMaxChain = 16;

    bool inChain(Bytes name) const noexcept;
    bool belowChain(Bytes zone) const noexcept;
    bool follow(Bytes target) noexcept;
    bool findChain(const MessageReader& begin, const Asked& asked);
    bool wanted(const RecordView& record, const Asked& asked) const noexcept;
    bool write(MessageReader reader, const Asked& asked, Answer& answer);

    TtlLimits limits_;
    std::unique_ptr<char[]> memory_;
    std::string rdata_;
    std::array<NameBuffer, kMaxChain> chain_;
    unsigned chainLength_ = 0;
};

} // namespace twistdpp::dns
