#include "twistdpp/http/media_types.h"

#include "twistdpp/http/media_type_table.h"
#include "twistdpp/http/tokens.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>

namespace twistdpp::http {

namespace {

static_assert(std::is_sorted(kMediaTypes.begin(), kMediaTypes.end()));

Bytes builtIn(Bytes extension) noexcept {
    const auto found = std::lower_bound(
        kMediaTypes.begin(), kMediaTypes.end(), extension,
        [](const auto& entry, Bytes wanted) { return entry.first < wanted; }
    );
    return found != kMediaTypes.end() && found->first == extension ? found->second : Bytes{};
}

std::string withCharset(Bytes type) {
    const bool bare = type.find(';') == Bytes::npos;
    return std::string(type) + (bare && type.starts_with("text/") ? "; charset=utf-8" : "");
}

/// What stands after the last '.' of the last segment, in small letters; a name that is only ".profile" has
/// none.
std::string extensionOf(Bytes name) {
    name = name.substr(name.rfind('/') + 1);
    const auto dot = name.rfind('.');
    return dot == Bytes::npos || dot == 0 ? std::string() : ascii::toLower(name.substr(dot + 1));
}

/// Takes the next word off `line`; empty at its end.
Bytes takeWord(Bytes& line) noexcept {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    const Bytes word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    return word;
}

} // namespace

bool MediaTypes::isMediaType(Bytes text) noexcept {
    Bytes subtype = splitParameters(text).value;
    const Bytes type = ascii::cut(subtype, '/');
    return isToken(type) && isToken(subtype) && isFieldValue(text);
}

MediaTypes::MediaTypes(Bytes fallback) : fallback_(withCharset(fallback)) {}

Bytes MediaTypes::typeOf(Bytes fileName) const {
    const std::string extension = extensionOf(fileName);
    if (extension.empty())
        return fallback_;
    if (const auto found = added_.find(extension); found != added_.end())
        return found->second;
    const Bytes known = builtIn(extension);
    return known.empty() ? Bytes(fallback_) : known;
}

bool MediaTypes::set(Bytes extension, Bytes type) {
    if (extension.empty() || extension.find('/') != Bytes::npos || !isMediaType(type))
        return false;
    added_[ascii::toLower(extension)] = withCharset(type);
    return true;
}

std::size_t MediaTypes::addMimeTypes(Bytes text, bool keepKnown) {
    std::size_t added = 0;
    while (!text.empty()) {
        Bytes line = ascii::cut(text, '\n');
        line = line.substr(0, line.find('#'));
        const Bytes type = takeWord(line);
        for (Bytes extension = takeWord(line); !extension.empty(); extension = takeWord(line)) {
            const std::string folded = ascii::toLower(extension);
            if (keepKnown && (!builtIn(folded).empty() || added_.count(folded) > 0))
                continue;
            added += set(folded, type) ? 1 : 0;
        }
    }
    return added;
}

} // namespace twistdpp::http
