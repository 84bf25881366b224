#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>

namespace twistdpp::smtp {

/// Finds the end of a message behind DATA: CRLF "." CRLF and nothing else (RFC 5321 section 4.1.1.4), however
/// the bytes are cut. A CR or an LF that stands alone is noted: servers do not agree on what it is, and what
/// one takes for the end of a message another takes for its middle, behind which commands can be hidden
/// ("SMTP smuggling"). A message with one has to be refused as a whole.
class DataReader {
public:
    /// `dots`: as DATA sends it. Without, as BDAT does (RFC 3030): nothing is put in, and no end is found.
    explicit DataReader(bool dots = true) noexcept : dots_(dots) {}

    /// Reads some bytes. `take(Bytes)` is given the message's, lines ending with CRLF, the dot that was put
    /// in front of a line taken away. Returns how many bytes belong to the message: all, unless it ended.
    template <class Take>
    std::size_t read(Bytes data, Take take);

    /// Nothing more comes, of what has no end of its own: a CR that still waits for its LF stands alone.
    void finish() noexcept { malformed_ = malformed_ || after_ == After::cr; }

    bool ended() const noexcept { return ended_; }
    /// Whether there was a CR or LF that stood alone, or a NUL.
    bool malformed() const noexcept { return malformed_; }
    /// Whether what has come so far ends with a line's end, or is nothing.
    bool atLineEnd() const noexcept { return after_ == After::lineEnd; }
    /// Bytes of the message so far.
    std::uint64_t size() const noexcept { return size_; }

private:
    /// What the bytes before were.
    enum class After : std::uint8_t { lineEnd, text, cr, dot, dotCr };

    /// From the middle of a line on, to the end of it or of what there is; gives where that is.
    std::size_t readText(Bytes data, std::size_t at) noexcept;

    After after_ = After::lineEnd;
    bool dots_;
    bool ended_ = false;
    bool malformed_ = false;
    std::uint64_t size_ = 0;
};

template <class Take>
std::size_t DataReader::read(Bytes data, Take take) {
    std::size_t begin = 0; // of what was not given yet
    const auto give = [&](std::size_t end) {
        if (end > begin) {
            size_ += end - begin;
            take(data.substr(begin, end - begin));
        }
        begin = end;
    };
    std::size_t at = 0;
    while (at < data.size() && !ended_) {
        const char c = data[at];
        switch (after_) {
        case After::text: {
            at = readText(data, at);
            break;
        }
        case After::lineEnd:
            if (c == '.' && dots_) {
                give(at);
                begin = ++at; // the dot is taken away
                after_ = After::dot;
            } else {
                after_ = After::text;
            }
            break;
        case After::cr:
            if (c == '\n') {
                after_ = After::lineEnd;
                ++at;
            } else {
                malformed_ = true;
                after_ = c == '\r' ? After::cr : After::text;
                at += c == '\r' ? 1U : 0U;
            }
            break;
        case After::dot:
            if (c == '\r') {
                give(at); // nothing: the CR may belong to the end
                begin = ++at;
                after_ = After::dotCr;
            } else {
                after_ = After::text;
            }
            break;
        case After::dotCr:
            if (c == '\n') {
                begin = ++at;
                ended_ = true;
                break;
            }
            // A dot, and a CR that stands alone.
            malformed_ = true;
            take(Bytes("\r"));
            ++size_;
            after_ = c == '\r' ? After::cr : After::text;
            at += c == '\r' ? 1U : 0U;
            break;
        }
    }
    give(ended_ ? begin : at);
    return at;
}

} // namespace twistdpp::smtp
