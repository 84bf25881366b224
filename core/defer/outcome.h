#pragma once
#include "twistdpp/defer/failure.h"

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

namespace twistdpp {

namespace detail {
/// Stands where a Deferred<void> has no value.
struct Unit {};
template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, Unit, T>;
} // namespace detail

/// What an operation came to: a value or a Failure. addBoth gets one, and co_await gives one on request
/// (Deferred::outcome), which spares the cost of a throw.
template <class T>
class [[nodiscard]] Outcome {
public:
    using Value = detail::Stored<T>;

    Outcome(Value value) : content_(std::in_place_index<0>, std::move(value)) {}
    Outcome(Failure failure) : content_(std::in_place_index<1>, std::move(failure)) {}
    Outcome() requires std::is_void_v<T> : content_(std::in_place_index<0>) {}

    bool ok() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }
    const Failure& failure() const& { return assert(!ok()), *std::get_if<1>(&content_); }
    Failure&& failure() && { return assert(!ok()), std::move(*std::get_if<1>(&content_)); }
    Value& value() & { return assert(ok()), *std::get_if<0>(&content_); }
    const Value& value() const& { return assert(ok()), *std::get_if<0>(&content_); }
    Value&& value() && { return assert(ok()), std::move(*std::get_if<0>(&content_)); }

    /// The value, or the failure thrown.
    T get() && {
        if (!ok())
            failure().raise();
        if constexpr (!std::is_void_v<T>)
            return std::move(value());
    }

private:
    std::variant<Value, Failure> content_;
};

} // namespace twistdpp
