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

bool isBlank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r';
}

/// Takes the next word off `line`; empty at its end.
Bytes takeWord(Bytes& line) noexcept {
    const auto begin = std::find_if_not(line.begin(), line.end(), isBlank);
    const auto end = std::find_if(begin, line.end(), isBlank);
    line = Bytes(end, line.end());
    return Bytes(begin, end);
}

bool isExtension(Bytes text) noexcept {
    return !text.empty() && text.find('/') == Bytes::npos;
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
    const auto found = std::lower_bound(
        added_.begin(), added_.end(), Bytes(extension),
        [this](const Added& entry, Bytes wanted) { return at(entry.extension) < wanted; }
    );
    if (found != added_.end() && at(found->extension) == extension)
        return at(found->type);
    const Bytes known = builtIn(extension);
    return known.empty() ? Bytes(fallback_) : known;
}

MediaTypes::Place MediaTypes::keep(Bytes text) {
    const Place place{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text.size())};
    text_ += text;
    return place;
}

/// What was appended takes its place; of an extension that is there twice, the first or the last stays.
void MediaTypes::sortAdded(bool firstWins) {
    if (!firstWins)
        std::reverse(added_.begin(), added_.end());
    std::stable_sort(added_.begin(), added_.end(), [this](const Added& a, const Added& b) {
        return at(a.extension) < at(b.extension);
    });
    const auto last = std::unique(added_.begin(), added_.end(), [this](const Added& a, const Added& b) {
        return at(a.extension) == at(b.extension);
    });
    added_.erase(last, added_.end());
}

bool MediaTypes::set(Bytes extension, Bytes type) {
    if (!isExtension(extension) || !isMediaType(type))
        return false;
    const Place place = keep(ascii::toLower(extension));
    added_.push_back({place, keep(withCharset(type))});
    sortAdded(false);
    return true;
}

std::size_t MediaTypes::addMimeTypes(Bytes text, bool keepKnown) {
    const std::size_t before = added_.size();
    while (!text.empty()) {
        Bytes line = ascii::cut(text, '\n');
        line = line.substr(0, line.find('#'));
        const Bytes type = takeWord(line);
        Bytes extension = takeWord(line);
        if (extension.empty() || !isMediaType(type))
            continue;
        const Place kept = keep(withCharset(type));
        for (; !extension.empty(); extension = takeWord(line)) {
            const std::string folded = ascii::toLower(extension);
            if (isExtension(folded) && !(keepKnown && !builtIn(folded).empty()))
                added_.push_back({keep(folded), kept});
        }
    }
    const std::size_t read = added_.size() - before;
    sortAdded(keepKnown);
    return keepKnown ? added_.size() - before : read;
}

} // namespace twistdpp::http
