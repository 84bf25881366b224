#include "twistdpp/imap_server/manner.h"

#include "twistdpp/base/utf8.h"
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap/mailbox_name.h"

namespace twistdpp::imap {

std::optional<std::string> Manner::decodeName(Bytes written) const {
    if (!rev2)
        return fromModifiedUtf7(written);
    return utf8::isValid(written) ? std::optional<std::string>(written) : std::nullopt;
}

void Manner::appendName(std::string& out, Bytes name) const {
    appendString(out, rev2 ? std::string(name) : toModifiedUtf7(name));
}

} // namespace twistdpp::imap
