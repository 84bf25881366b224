#pragma once
#include "twistdpp/http/method.h"
#include "twistdpp/http/parse_result.h"

#include "twistdpp/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>

/// What a request is about: the forms of the request-target (RFC 9112 3.2) and the way from a target's path,
/// which a stranger wrote, to one that may be looked up.
namespace twistdpp::http {

/// "host", "host:port", "[v6]:port". Borrowed from the text it was parsed from.
struct Authority {
    Bytes host; ///< with the brackets of an IPv6 address
    std::optional<std::uint16_t> port;
};

/// Nothing unless `text` is a host and, perhaps, a port. The host is empty, an IPv6 address in brackets, or
/// made of letters, digits and "-._~": names with other characters (RFC 3986 would allow "a,b" or "a%2fb")
/// come from attackers only. No user name: RFC 9110 4.2.4 wants it treated as an error.
std::optional<Authority> parseAuthority(Bytes text) noexcept;

enum class TargetForm : std::uint8_t {
    origin,    ///< "/path?query"
    absolute,  ///< "http://host/path?query", as proxies get it and every server must take it
    authority, ///< "host:port", of CONNECT only
    asterisk,  ///< "*", of OPTIONS only
};

/// A request-target taken to pieces; all of them are borrowed from it, but the path of an absolute-form
/// without one, which is "/". Nothing is decoded.
struct Target {
    TargetForm form = TargetForm::origin;
    Bytes scheme; ///< of absolute-form
    Bytes
        authority; ///< of absolute-form and authority-form; it is valid, and wins over Host (RFC 9112 3.2.2)
    Bytes path;    ///< of origin-form and absolute-form; begins with '/'
    Bytes query;   ///< what follows the first '?'
    bool hasQuery = false;
};

/// Nothing when the target is in no form that `method` may have. `text` has no spaces or controls
/// (chars::target).
std::optional<Target> splitTarget(Method method, Bytes text) noexcept;

/// What a path may hold besides what is refused always: a NUL, a malformed "%", and a ".." above the root.
struct PathRules {
    bool allowEncodedSlash = false; ///< take "%2F" for '/'; else refuse it, as no file's name can hold one
    bool allowBackslash = false;    ///< refuse '\', raw or as "%5C": some readers take it for '/'
    bool allowControls = false;     ///< refuse bytes below 0x20 and 0x7f
    bool requireUtf8 = false;       ///< refuse what is not UTF-8; off, as POSIX names need not be
};

/// Decodes "%xx" once, removes dot segments *after* decoding, makes runs of '/' one, and writes the result to
/// `out` (reusing its memory): it begins with '/', has no "." or ".." segment and no NUL, and ends in '/'
/// when `path` named a directory ("/a/", "/a/.", "/a/b/.."). The problem, if any, is a 400; `out` is then
/// undefined.
Problem normalisePath(Bytes path, std::string& out, const PathRules& rules = {});

/// Whether `text` is UTF-8 without overlong forms, surrogates and values above U+10FFFF.
bool isUtf8(Bytes text) noexcept;

/// Encodes a decoded path for a URL: all but pchar and '/' becomes "%XX". A relative reference made of it
/// must not begin with a segment that holds ':' ("./" in front cures that); redirectTarget() and links to
/// "/..." are safe.
std::string encodePath(Bytes path);
/// Likewise for one segment, in which '/' is encoded too, and ':' so that it may begin a relative reference.
std::string encodeSegment(Bytes segment);
/// Likewise for a name or value in a query: '&', '=', '+', '#' and space are encoded.
std::string encodeQueryPart(Bytes text);

/// The value of Location for a redirect inside this server to a decoded path, with the query of the request
/// (as it was sent, without '?'; empty for none). It is always "/x", never "//host" or "/\host", which
/// browsers would take for another server, whatever `path` begins with.
std::string redirectTarget(Bytes path, Bytes rawQuery);

/// Decodes "%xx", and '+' as space, of one name or value of a query or of a form's body. Nothing when a "%"
/// is malformed.
std::optional<std::string> decodeFormPart(Bytes text);

/// Walks the "name=value" pairs of a query or form body; they are not decoded yet.
class FormReader {
public:
    struct Pair {
        Bytes name;
        Bytes value;
    };
    explicit FormReader(Bytes text) noexcept : rest_(text) {}
    /// The next pair (empty pieces between '&' are skipped), or nothing at the end.
    std::optional<Pair> next() noexcept;

private:
    Bytes rest_;
};

/// The decoded value of the first parameter of that name; nothing when it is missing or malformed.
std::optional<std::string> formValue(Bytes text, Bytes name);

} // namespace twistdpp::http
