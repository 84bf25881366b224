#pragma once
#include "twistdpp/base/buffer.h"
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace twistdpp::http {

/// The body of a request that a client sends: none, a text, or what a producer gives piece by piece.
class RequestBody {
public:
    /// Gives the next piece each time it is called, an empty one at the end. Called again when the piece
    /// before was given to the network; a failure cuts the connection and is that of the request.
    using Producer = UniqueFunction<Deferred<std::string>()>;

    RequestBody() = default;
    explicit RequestBody(Bytes text) : kind_(Kind::text), text_(text) {}
    explicit RequestBody(Buffer text) : kind_(Kind::text), text_(std::move(text)) {}
    /// Without a length it is sent chunked. A producer that does not keep to `length` fails the request.
    static RequestBody stream(Producer next, std::optional<std::uint64_t> length = std::nullopt) {
        RequestBody body;
        body.kind_ = Kind::stream;
        body.next_ = std::move(next);
        body.length_ = length;
        return body;
    }

    bool none() const noexcept { return kind_ == Kind::none; }
    /// Whether it can be sent a second time: after a redirect, or on another connection.
    bool replayable() const noexcept { return kind_ != Kind::stream; }
    bool streamed() const noexcept { return kind_ == Kind::stream; }
    const Buffer& text() const noexcept { return text_; }
    /// Nothing: chunked.
    std::optional<std::uint64_t> length() const noexcept {
        return kind_ == Kind::stream ? length_ : std::optional<std::uint64_t>(text_.size());
    }
    Producer takeProducer() noexcept { return std::move(next_); }

private:
    enum class Kind : std::uint8_t { none, text, stream };

    Kind kind_ = Kind::none;
    Buffer text_;
    Producer next_;
    std::optional<std::uint64_t> length_;
};

} // namespace twistdpp::http
