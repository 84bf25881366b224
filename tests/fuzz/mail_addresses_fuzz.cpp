// layers: mime smtp
// Addresses: those of headers, which are never refused, and those of SMTP, which are read as what they are
// written.
#include "twistdpp/mime/addresses.h"
#include "twistdpp/smtp/mailbox.h"

#include <cstdint>
#include <cstdlib>

using namespace twistdpp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    std::size_t groups = 0;
    for (const mime::AddressEntry& entry : mime::parseAddresses(input)) {
        using Kind = mime::AddressEntry::Kind;
        groups += entry.kind == Kind::groupBegins ? 1U : 0U;
        require(entry.kind != Kind::groupEnds || groups-- > 0);
    }
    require(groups == 0);
    if (const auto mailbox = smtp::Mailbox::parse(input)) {
        const auto again = smtp::Mailbox::parse(mailbox->toString());
        require(again && *again == *mailbox);
    }
    if (const auto path = smtp::Path::parse(input); path && path->mailbox && !path->mailbox->domain.empty())
        require(smtp::Mailbox::parse(path->mailbox->toString()).ok());
    return 0;
}
