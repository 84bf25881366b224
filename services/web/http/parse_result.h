#pragma once
#include "twistdpp/base/bytes.h"

#include <cstdint>

namespace twistdpp::http {

/// How much a peer may send us in one message head. Going over one is an error, not a truncation.
struct HeadLimits {
    std::uint32_t head = 16 * 1024;     ///< bytes of the whole head, its blank line included: 431
    std::uint32_t target = 8 * 1024;    ///< bytes of the request-target: 414
    std::uint32_t fieldLine = 8 * 1024; ///< bytes of one field line: 431
    std::uint32_t fieldName = 256;      ///< bytes of one field name: 431
    std::uint32_t fields = 100;         ///< field lines, at most 65535: 431
};

/// What a head parser made of the bytes it was shown.
struct ParseResult {
    enum class State : std::uint8_t {
        complete, ///< a head of `consumed` bytes; the body, or the next message, begins there
        needMore, ///< well-formed so far; call again with the same bytes and more behind them
        error,    ///< answer with `status`, then close: where the message ends is not known
    };
    State state = State::needMore;
    std::uint16_t status = 0;
    std::uint32_t consumed = 0;
    const char* reason =
        nullptr; ///< of an error: one line of constant text, fit for a log and for the client

    bool complete() const noexcept { return state == State::complete; }
    bool needMore() const noexcept { return state == State::needMore; }
    bool failed() const noexcept { return state == State::error; }

    static ParseResult completed(std::uint32_t bytes) noexcept {
        return {State::complete, 0, bytes, nullptr};
    }
    static ParseResult error(std::uint16_t status, const char* reason) noexcept {
        return {State::error, status, 0, reason};
    }
};

/// A status and a reason, or (status 0) that nothing is wrong.
struct Problem {
    std::uint16_t status = 0;
    const char* reason = nullptr;

    explicit operator bool() const noexcept { return status != 0; }
};

} // namespace twistdpp::http
