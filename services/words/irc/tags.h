#pragma once
#include "twistdpp/base/bytes.h"

#include <optional>
#include <string>

namespace twistdpp::irc {

/// One tag of a message, borrowed; the value is still escaped. A tag without a value has an empty one.
struct Tag {
    Bytes key;
    Bytes value;
    /// Tags of clients for clients begin with '+' (IRCv3 "client-only tags").
    bool clientOnly() const noexcept { return !key.empty() && key.front() == '+'; }
};

/// Walks over Message::tags. Parts without a name are passed over.
class TagReader {
public:
    explicit TagReader(Bytes tags) noexcept : rest_(tags) {}
    bool next(Tag& out) noexcept;

private:
    Bytes rest_;
};

/// The value of the tag with that name, still escaped; the last one counts when there are several.
std::optional<Bytes> findTag(Bytes tags, Bytes key) noexcept;

/// The value that an escaped text stands for (IRCv3 message tags, "Escaping values"): an unknown escape is
/// the character itself, a backslash at the end is dropped.
std::string unescapeTag(Bytes value);
void appendEscapedTag(std::string& out, Bytes value);

} // namespace twistdpp::irc
