#pragma once
#include "twistdpp/base/bytes.h"

#include <charconv>
#include <concepts>
#include <optional>

namespace twistdpp {

/// The whole of `text` as a number in `base`: no sign, no spaces, no overflow. Empty text is no number.
template <std::unsigned_integral T>
std::optional<T> parseUnsigned(Bytes text, int base = 10) noexcept {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

} // namespace twistdpp
