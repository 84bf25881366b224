#pragma once
#include "twistdpp/http/header_block.h"
#include "twistdpp/http/parse_result.h"

#include <cstdint>

namespace twistdpp::http {

/// Reads field lines up to and with the blank line that ends them (RFC 9112 5), for requests and responses
/// alike. It looks at every byte once however the input is cut, and takes nothing that two readers could read
/// differently: lines end in CR LF only, no folding, no space before the colon, no empty name, no control
/// byte.
class FieldScanner {
public:
    enum class Outcome : std::uint8_t { done, needMore, bad };

    /// Starts a message whose field lines begin `at` bytes after its first byte.
    void start(std::uint32_t at) noexcept {
        at_ = at;
        state_ = State::lineStart;
    }
    /// Goes on over the bytes [position(), end) of the message at `base` and adds the fields to `into`.
    Outcome run(const char* base, std::uint32_t end, const HeadLimits& limits, HeaderBlock& into);

    /// The next byte to look at; after `done`, the first one behind the blank line.
    std::uint32_t position() const noexcept { return at_; }
    /// After `bad`: what is wrong.
    Problem problem() const noexcept { return problem_; }

private:
    enum class State : std::uint8_t { lineStart, name, padding, value, lineFeed, lastLineFeed };

    Outcome fail(std::uint16_t status, const char* reason) noexcept {
        problem_ = {status, reason};
        return Outcome::bad;
    }

    State state_ = State::lineStart;
    KnownHeader known_ = KnownHeader::none;
    std::uint32_t at_ = 0;
    std::uint32_t line_ = 0; // where the current line began
    std::uint32_t nameSize_ = 0;
    std::uint32_t value_ = 0; // where its value began
    Problem problem_;
};

} // namespace twistdpp::http
