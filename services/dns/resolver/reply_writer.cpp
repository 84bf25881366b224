#include "twistdpp/dns_resolver/reply_writer.h"

#include "twistdpp/dns_wire/message_writer.h"
#include "twistdpp/dns_wire/octets.h"

#include <cstring>

namespace twistdpp::dns {

namespace {
constexpr std::size_t kHeader = 12;
} // namespace

std::size_t writeReply(
    Bytes message, std::span<const std::uint16_t> ttls, std::uint32_t age,
    std::optional<std::uint32_t> fixedTtl, const ReplyHead& head, std::span<char> out
) noexcept {
    if (message.size() > out.size() || message.size() < kHeader + head.name.size())
        return 0;
    std::memcpy(out.data(), message.data(), message.size());
    const unsigned rcode = get16(message.data() + 2) & Flag::rcodeMask;
    put16(out.data(), head.id);
    put16(out.data() + 2, static_cast<std::uint16_t>(Flag::qr | Flag::ra | head.flags | rcode));
    std::memcpy(out.data() + kHeader, head.name.data(), head.name.size());
    for (const std::uint16_t at : ttls) {
        const std::uint32_t ttl = get32(message.data() + at);
        put32(out.data() + at, fixedTtl ? *fixedTtl : ttl > age ? ttl - age : 0);
    }
    return message.size();
}

std::size_t
writeEmptyReply(Rcode rcode, Type type, Class klass, const ReplyHead& head, std::span<char> out) noexcept {
    if (out.size() < kHeader + head.name.size() + 4)
        return 0;
    MessageWriter writer(out);
    writer.setId(head.id);
    writer.setFlags(static_cast<std::uint16_t>(Flag::qr | Flag::ra | head.flags));
    writer.setRcode(rcode);
    writer.question(head.name, type, klass);
    return writer.size();
}

} // namespace twistdpp::dns
