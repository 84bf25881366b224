// layers: mail_proof
// A policy from the DNS of somebody: it is read or refused, and what its macros make is a name that can be
// asked for.
#include "twistdpp/mail_proof/spf_record.h"

#include <cstdint>
#include <cstdlib>

using namespace twistdpp;
using namespace twistdpp::mail;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes text(reinterpret_cast<const char*>(data), size);
    if (size > 4096)
        return 0;
    const SpfMacros macros{
        "joe.x-y@mail.example.com", "mail.example.com", "mx.example.org", *Address::parse("2001:db8::1", 0)};
    const auto record = SpfRecord::parse(text);
    if (!record)
        return 0;
    for (const SpfTerm& term : record->terms) {
        require(term.width4 <= 32 && term.width6 <= 128);
        const auto name = expandMacros(term.domain, macros);
        require(name.ok());
        require(name->size() <= 253 || name->find('.') == std::string::npos);
    }
    require(expandMacros(record->redirect, macros).ok());
    return 0;
}
