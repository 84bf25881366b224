#pragma once
#include "twistdpp/base/bytes.h"

#include <cstddef>
#include <memory>
#include <string>

namespace twistdpp::http {

/// Takes a content coding (RFC 9110 8.4) off a body as it comes. It gives at most as much as it is asked for,
/// so that a small body which expands to a huge one fills no memory.
class ContentDecoder {
public:
    enum class Step {
        more,   ///< all input is used up
        room,   ///< `most` bytes were made; call again
        end,    ///< the coded body is complete
        broken, ///< the input is not in this coding
    };

    virtual ~ContentDecoder() = default;
    /// Appends up to `most` bytes to `out` and takes what was used off `in`.
    virtual Step decode(Bytes& in, std::string& out, std::size_t most) = 0;

    /// The decoder for the value of a Content-Encoding field: gzip, deflate or br. nullptr for identity, for
    /// several codings on top of each other and for those we do not know.
    static std::unique_ptr<ContentDecoder> forCoding(Bytes coding);
    /// What to put in a decoder's place behind its end: takes no more input.
    static std::unique_ptr<ContentDecoder> finished();
    /// What to say in Accept-Encoding.
    static constexpr Bytes kAccepted = "gzip, deflate, br";
};

} // namespace twistdpp::http
