#include "twistdpp/http/etag.h"

#include "twistdpp/http/tokens.h"

#include <algorithm>
#include <charconv>

namespace twistdpp::http {

namespace {

/// Takes a tag off the front of `text`.
std::optional<EntityTag> takeTag(Bytes& text) noexcept {
    EntityTag tag;
    tag.weak = text.starts_with("W/");
    Bytes rest = text.substr(tag.weak ? 2 : 0);
    if (rest.empty() || rest.front() != '"')
        return std::nullopt;
    rest.remove_prefix(1);
    const auto quote = rest.find('"');
    if (quote == Bytes::npos || !chars::all(rest.substr(0, quote), chars::etag))
        return std::nullopt;
    tag.opaque = rest.substr(0, quote);
    text = rest.substr(quote + 1);
    return tag;
}

void appendHex(std::string& out, std::uint64_t value) {
    char digits[16];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
}

} // namespace

std::string EntityTag::text() const {
    std::string out = weak ? "W/\"" : "\"";
    return out.append(opaque).append(1, '"');
}

std::optional<EntityTag> parseEntityTag(Bytes text) noexcept {
    const std::optional<EntityTag> tag = takeTag(text);
    return text.empty() ? tag : std::nullopt;
}

std::optional<EntityTag> EntityTagReader::next() noexcept {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t,"), rest_.size()));
    std::optional<EntityTag> tag = takeTag(rest_);
    const auto after = rest_.find_first_not_of(" \t");
    if (tag && after != Bytes::npos && rest_[after] != ',')
        tag.reset();
    if (!tag)
        rest_ = {};
    return tag;
}

std::string fileTag(std::uint64_t inode, std::uint64_t size, std::int64_t modifiedNanoseconds, Bytes coding) {
    std::string out;
    appendHex(out, inode);
    out += '-';
    appendHex(out, size);
    out += '-';
    appendHex(out, static_cast<std::uint64_t>(modifiedNanoseconds));
    if (!coding.empty())
        out.append(1, '-').append(coding);
    return out;
}

} // namespace twistdpp::http
