#pragma once
#include "twistdpp/http/field_scanner.h"
#include "twistdpp/http/parse_result.h"

#include "twistdpp/base/bytes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace twistdpp::http {

/// What RequestParser and ResponseParser share: the limit of a head, where in it they are, and the error
/// after which nothing is read any more. `State` has the values `start`, `fields` and `failed`. For their own
/// use.
template <class State>
class HeadParser {
public:
    /// Back to the state of a new parser.
    void reset() noexcept {
        state_ = State::start;
        at_ = 0;
        failure_ = {};
    }

protected:
    explicit HeadParser(const HeadLimits& limits) noexcept : limits_(limits) {}

    /// How much of `input` may belong to a head.
    std::uint32_t endIn(Bytes input) const noexcept {
        return static_cast<std::uint32_t>(std::min<std::size_t>(input.size(), limits_.head));
    }
    ParseResult fail(Problem problem) noexcept {
        state_ = State::failed;
        failure_ = ParseResult::error(problem.status, problem.reason);
        return failure_;
    }
    /// Everything up to `end` was looked at, and it goes on at `at` in `state`; or what is shown is as much
    /// as a head may have.
    ParseResult suspend(State state, std::uint32_t at, std::uint32_t end, Problem tooLarge) noexcept {
        if (end == limits_.head)
            return fail(tooLarge);
        state_ = state;
        at_ = at;
        return {};
    }
    ParseResult complete(std::uint32_t size) noexcept {
        state_ = State::start;
        at_ = 0;
        return ParseResult::completed(size);
    }

    HeadLimits limits_;
    State state_ = State::start;
    std::uint32_t at_ = 0; ///< the next byte to look at, until the field lines begin
    ParseResult failure_;
    FieldScanner fields_;
};

} // namespace twistdpp::http
