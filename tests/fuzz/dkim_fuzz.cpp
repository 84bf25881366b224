// layers: mail_proof
// The header of a message and the records that its domains may have: whatever they are, they are read or
// refused, and what is hashed of a body does not depend on how it comes in pieces.
#include "twistdpp/mail_proof/canonical.h"
#include "twistdpp/mail_proof/dkim_key.h"
#include "twistdpp/mail_proof/dkim_signer.h"
#include "twistdpp/mail_proof/dkim_text.h"
#include "twistdpp/mail_proof/dkim_verifier.h"
#include "twistdpp/mail_proof/dmarc.h"
#include "twistdpp/mail_proof/tag_list.h"

#include <cstdint>
#include <cstdlib>

using namespace twistdpp;
using namespace twistdpp::mail;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

std::string hashOf(Bytes body, bool relaxed, std::size_t step) {
    BodyHash hash(relaxed);
    for (; !body.empty(); body.remove_prefix(std::min(step, body.size())))
        hash.add(body.substr(0, step));
    return hash.finish();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    if (input.empty() || size > 8192)
        return 0;
    const std::size_t step = static_cast<unsigned char>(input.front()) % 7 + 1U;
    const Bytes text = input.substr(1);
    for (const bool relaxed : {false, true})
        require(hashOf(text, relaxed, step) == hashOf(text, relaxed, text.size() + 1));
    const auto fields = mime::fieldsOf(text);
    for (const mime::Field& field : fields) {
        const auto signature = DkimSignature::parse(field.value);
        if (signature)
            signedText(fields, signature->names, field, signature->relaxedHeader);
        const std::string bare = withoutSignature(field.value);
        require(withoutSignature(bare) == bare);
        for (const bool relaxed : {false, true})
            require(canonicalField(field, relaxed).ends_with("\r\n"));
    }
    fromDomain(text);
    static_cast<void>(DmarcPolicy::parse(text));
    for (const Bytes algorithm : {Bytes("rsa-sha256"), Bytes("ed25519-sha256")})
        require(matchSignature(algorithm, text, "text", "signature") != KeyMatch::good);
    return 0;
}
