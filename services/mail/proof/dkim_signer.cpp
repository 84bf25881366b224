#include "twistdpp/mail_proof/dkim_signer.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/mail_proof/canonical.h"
#include "twistdpp/mail_proof/dkim_text.h"
#include "twistdpp/mime/addresses.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace twistdpp::mail {

namespace {

/// What is signed where it is there, and of what one more is signed than there are: another one, put in
/// front, would be what people see.
constexpr std::array<std::pair<Bytes, bool>, 20> kSigned{{
    {"from", true},
    {"to", true},
    {"cc", true},
    {"subject", true},
    {"date", true},
    {"reply-to", true},
    {"message-id", true},
    {"in-reply-to", false},
    {"references", false},
    {"sender", false},
    {"mime-version", true},
    {"content-type", true},
    {"content-transfer-encoding", true},
    {"list-id", false},
    {"list-unsubscribe", false},
    {"list-unsubscribe-post", false},
    {"list-help", false},
    {"list-subscribe", false},
    {"list-owner", false},
    {"list-archive", false},
}};

constexpr std::size_t kLine = 72;

/// Base64 over several lines.
std::string foldedBase64(Bytes bytes) {
    const std::string text = toBase64(bytes);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += kLine)
        out += (at > 0 ? "\n\t " : "") + text.substr(at, kLine);
    return out;
}

} // namespace

Result<std::string>
dkimSignature(const DkimIdentity& identity, Bytes header, Bytes bodyHash, std::int64_t unixSeconds) {
    const std::vector<mime::Field> fields = mime::fieldsOf(header);
    std::vector<std::string> names;
    for (const auto& [name, over] : kSigned) {
        const auto count =
            std::count_if(fields.begin(), fields.end(), [&, wanted = name](const mime::Field& each) {
                return ascii::equalsIgnoreCase(ascii::trim(each.name), wanted);
            });
        names.insert(names.end(), static_cast<std::size_t>(count) + (over ? 1U : 0U), std::string(name));
    }
    std::string list;
    std::size_t column = 0;
    for (const std::string& name : names) {
        if (column + name.size() > kLine) {
            list += "\n\t ";
            column = 0;
        }
        list += name + (&name == &names.back() ? "" : ":");
        column += name.size() + 1;
    }
    std::string value = " v=1; a=" + std::string(identity.key.algorithm()) +
                        "; c=relaxed/relaxed; d=" + identity.domain + ";\n\ts=" + identity.selector +
                        "; t=" + std::to_string(unixSeconds) + ";\n\th=" + list +
                        ";\n\tbh=" + toBase64(bodyHash) + ";\n\tb=";
    const mime::Field unsignedField{"DKIM-Signature", value};
    auto signature = identity.key.sign(signedText(fields, names, unsignedField, true));
    if (!signature)
        return std::move(signature).error();
    return "DKIM-Signature:" + value + foldedBase64(*signature) + "\n";
}

std::string fromDomain(Bytes header) {
    const std::vector<mime::Field> fields = mime::fieldsOf(header);
    std::string found;
    std::size_t mailboxes = 0;
    for (const mime::Field& field : fields) {
        if (!ascii::equalsIgnoreCase(ascii::trim(field.name), "from"))
            continue;
        for (const mime::AddressEntry& each : mime::parseAddresses(field.value)) {
            if (each.kind != mime::AddressEntry::Kind::mailbox)
                continue;
            ++mailboxes;
            found = ascii::toLower(each.domain);
        }
    }
    return mailboxes == 1 ? found : std::string();
}

} // namespace twistdpp::mail
