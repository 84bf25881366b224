#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>

/// Entity tags (RFC 9110 8.8.3).
namespace twistdpp::http {

/// A validator: two representations with the same strong tag are the same bytes; with the same weak one they
/// may stand for each other. `opaque` is what stands between the quotes, borrowed.
struct EntityTag {
    bool weak = false;
    Bytes opaque;

    /// As it is sent: "x" or W/"x", quotes included.
    std::string text() const;
};

/// Neither is weak and the opaque parts are equal: for If-Match and If-Range.
constexpr bool strongMatch(const EntityTag& a, const EntityTag& b) noexcept {
    return !a.weak && !b.weak && a.opaque == b.opaque;
}
/// The opaque parts are equal: for If-None-Match.
constexpr bool weakMatch(const EntityTag& a, const EntityTag& b) noexcept {
    return a.opaque == b.opaque;
}

/// The whole of `text` as one tag. "w/" is not "W/", and a backslash quotes nothing.
std::optional<EntityTag> parseEntityTag(Bytes text) noexcept;

/// Walks the tags of a list, in which commas inside the quotes do not separate. Stops at the first thing that
/// is no tag: the rest of such a list is not to be trusted.
class EntityTagReader {
public:
    explicit EntityTagReader(Bytes list) noexcept : rest_(list) {}
    std::optional<EntityTag> next() noexcept;

private:
    Bytes rest_;
};

/// The opaque part for a file: its inode, size and time of change in nanoseconds, as hexadecimal numbers, and
/// after a '-' the content coding for which it is sent ("gzip"; empty for the file itself), as each coding is
/// a representation of its own.
std::string
fileTag(std::uint64_t inode, std::uint64_t size, std::int64_t modifiedNanoseconds, Bytes coding = {});

} // namespace twistdpp::http
