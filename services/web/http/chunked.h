#pragma once
#include "twistdpp/http/header_list.h"

#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>
#include <string>

namespace twistdpp::http {

/// How much framing a peer may wrap around a chunked body.
struct ChunkedLimits {
    std::uint32_t line = 256; ///< bytes of one chunk-size line with its extensions
    std::uint32_t extensions =
        16 * 1024;                     ///< bytes of extensions in the whole body, which carry nothing we use
    std::uint32_t trailers = 8 * 1024; ///< bytes of the trailer section
    std::uint32_t trailerFields = 32;
};

/// Decodes the chunked transfer coding (RFC 9112 7.1). It keeps no data: what it finds is handed out as
/// pieces of the input, and everything of the input that was looked at is consumed, so the caller keeps no
/// tail either. Strict: 1-16 hexadecimal digits, no sign or prefix, CR LF everywhere, well-formed extensions
/// and trailers.
///
///     while (!decoder.done()) {
///         const auto step = decoder.decode(input);
///         input.remove_prefix(step.consumed);
///         if (step.failed()) return refuse(400, step.reason);
///         if (step.data.empty()) break;                // done, or all input is used up
///         bodyReceived(step.data);
///     }
class ChunkedDecoder {
public:
    struct Step {
        std::size_t consumed = 0; ///< bytes of input to drop, those of `data` included
        Bytes data;               ///< the next piece of the body; empty when this input holds no more of it
        const char* reason =
            nullptr; ///< of an error: constant text. Answer 400 (502 for a response) and close.

        bool failed() const noexcept { return reason != nullptr; }
    };

    explicit ChunkedDecoder(const ChunkedLimits& limits = ChunkedLimits{}) noexcept : limits_(limits) {}

    /// Goes on with `input`, up to the end of the first piece of data or of the body. After an error every
    /// call says the same; after the end it consumes nothing.
    Step decode(Bytes input);

    /// Whether the blank line behind the last chunk has been read.
    bool done() const noexcept { return state_ == State::done; }
    /// Fields sent behind the body. Kept apart from the head's fields, as RFC 9110 6.5.1 demands, and without
    /// those that would change how the message is read: framing, routing, authentication, content.
    const HeaderList& trailers() const noexcept { return trailers_; }

    /// Ready for another body.
    void reset();

private:
    enum class State : std::uint8_t {
        firstDigit,
        digits,
        spaceBeforeExtension,
        spaceBeforeName,
        name,
        spaceAfterName,
        spaceBeforeValue,
        token,
        quoted,
        escaped,
        afterQuoted,
        sizeLineFeed,
        data,
        dataReturn,
        dataLineFeed,
        trailerStart,
        trailerLine,
        trailerLineFeed,
        lastLineFeed,
        done,
        failed,
    };

    Step fail(std::size_t consumed, const char* reason) noexcept;
    const char* sizeLineByte(char c) noexcept;
    const char* trailerByte(char c);
    const char* endTrailer();

    ChunkedLimits limits_;
    State state_ = State::firstDigit;
    std::uint8_t digits_ = 0;
    std::uint32_t line_ = 0;
    std::uint32_t extensions_ = 0;
    std::uint32_t trailerBytes_ = 0;
    std::uint64_t left_ = 0; // of the current chunk
    const char* reason_ = nullptr;
    std::string trailer_; // the trailer line being read
    std::uint32_t trailerCount_ = 0;
    HeaderList trailers_;
};

/// What goes before the data of a chunk: its size in hexadecimal and CR LF. `size` must not be 0, as that
/// would end the body. Borrowed from `buffer`.
using ChunkHeaderBuffer = std::array<char, 18>;
Bytes chunkHeader(std::uint64_t size, ChunkHeaderBuffer& buffer) noexcept;
/// What goes behind it.
inline constexpr Bytes kChunkEnd = "\r\n";
/// What ends a body without trailers.
inline constexpr Bytes kLastChunk = "0\r\n\r\n";
/// Appends one chunk with `data`; nothing at all when it is empty.
void appendChunk(std::string& out, Bytes data);
/// Appends the end of a body, with trailers.
void appendLastChunk(std::string& out, const HeaderList& trailers);

} // namespace twistdpp::http
