#include "twistdpp/dns_transfer/signed_request.h"

#include "twistdpp/dns_wire/octets.h"

#include <array>
#include <ctime>
#include <vector>

namespace twistdpp::dns {

namespace {

std::uint64_t unixTime() noexcept {
    return static_cast<std::uint64_t>(std::time(nullptr));
}

} // namespace

std::uint16_t SignedRequest::id() const noexcept {
    return get16(message.data());
}

SignedRequest makeRequest(
    Opcode opcode, std::uint16_t flags, Bytes zone, Type type, const TsigKey* key, const Zone* soa,
    Section section
) {
    std::array<char, 2> id;
    randomBytes(id);
    std::vector<char> memory(4096); // names and a SOA are a quarter of it at most
    MessageWriter out{std::span<char>(memory)};
    out.setId(get16(id.data()));
    out.setFlags(flags);
    out.setOpcode(opcode);
    out.question(zone, type, Class::in);
    if (soa)
        out.record(
            section, soa->name(soa->apex()), Type::SOA, Class::in, soa->soa()->ttl(), soa->soa()->first()
        );
    SignedRequest made;
    if (key) {
        TsigSigner signer(*key);
        signer.sign(out, unixTime());
        made.mac = signer.mac();
    }
    made.message = out.bytes();
    return made;
}

std::string signatureProblem(Bytes answer, const SignedRequest& request, const TsigKey* key) {
    if (!key)
        return {};
    TsigVerifier verifier(*key, request.mac);
    const Rcode found = verifier.add(answer, unixTime());
    if (found != Rcode::noError)
        return std::string(verifier.refused() ? "it refuses our signature: " : "its signature is wrong: ") +
               tsigProblem(found);
    return verifier.isSigned() ? std::string() : "it does not sign its answer";
}

} // namespace twistdpp::dns
