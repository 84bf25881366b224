#include "twistdpp/base/ascii.h"
#include "twistdpp/dns_zone/master_reader.h"

namespace twistdpp::dns {

namespace {

/// Whether the words behind the owner are those of a SOA record.
bool isSoa(std::span<const Token> words) noexcept {
    for (const Token& word : words) {
        if (word.quoted || word.text.empty())
            return false;
        if (ascii::equalsIgnoreCase(word.text, "SOA"))
            return true;
        if (!ascii::isDigit(word.text[0]) && !classFromText(word.text))
            return false;
    }
    return false;
}

/// The wire name, or empty when it is none or relative to nothing known.
std::string resolved(Bytes text, const std::string& origin) {
    std::string wire;
    if ((origin.empty() && !isAbsoluteName(text)) || appendName(text, origin, wire) != nullptr)
        wire.clear();
    return wire;
}

} // namespace

bool isAbsoluteName(Bytes text) noexcept {
    if (!text.ends_with('.'))
        return false;
    std::size_t backslashes = 0;
    while (backslashes + 1 < text.size() && text[text.size() - 2 - backslashes] == '\\')
        ++backslashes;
    return backslashes % 2 == 0;
}

std::string findOrigin(Bytes text) {
    MasterScanner scanner(text);
    std::string origin, first, ownerOrigin;
    Bytes owner;
    for (;;) {
        const MasterScanner::Found found = scanner.next();
        if (found == MasterScanner::Found::end)
            return first;
        if (found == MasterScanner::Found::problem)
            continue;
        std::span<const Token> words = scanner.words();
        if (!scanner.beginsWithBlank()) {
            if (ascii::equalsIgnoreCase(words[0].text, "$ORIGIN") && words.size() == 2) {
                origin = resolved(words[1].text, origin);
                if (first.empty())
                    first = origin;
            }
            if (words[0].text.starts_with('$'))
                continue;
            owner = words[0].text;
            ownerOrigin = origin;
            words = words.subspan(1);
        }
        if (isSoa(words)) {
            const std::string soa = resolved(owner, ownerOrigin);
            return soa.empty() ? first : soa;
        }
    }
}

} // namespace twistdpp::dns
