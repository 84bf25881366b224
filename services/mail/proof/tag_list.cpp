#include "twistdpp/mail_proof/tag_list.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp::mail {

namespace {

constexpr Bytes kSpaces = " \t\r\n";

bool isTagName(Bytes name) {
    return !name.empty() && ascii::isAlpha(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
        return ascii::isAlpha(c) || ascii::isDigit(c) || c == '_';
    });
}

} // namespace

std::optional<TagList> parseTags(Bytes text) {
    TagList out;
    while (!text.empty()) {
        Bytes value = ascii::cut(text, ';');
        // Nothing behind the last semicolon is nothing; between two it is a mistake.
        if (ascii::trim(value, kSpaces).empty() && ascii::trim(text, kSpaces).empty())
            break;
        if (value.find('=') == Bytes::npos)
            return std::nullopt;
        const Bytes name = ascii::trim(ascii::cut(value, '='), kSpaces);
        if (!isTagName(name) ||
            !out.emplace(std::string(name), std::string(ascii::trim(value, kSpaces))).second)
            return std::nullopt;
    }
    return out;
}

Bytes tagOf(const TagList& tags, Bytes name) {
    const auto found = tags.find(name);
    return found == tags.end() ? Bytes() : Bytes(found->second);
}

std::string withoutSpaces(Bytes text) {
    std::string out;
    for (const char c : text) {
        if (kSpaces.find(c) == Bytes::npos)
            out += c;
    }
    return out;
}

} // namespace twistdpp::mail
