#pragma once
#include <cassert>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace twistdpp {

/// Why a synchronous operation failed: a code for programs, and a sentence that names what was tried and
/// where
/// ("bind 127.0.0.1:80") for people.
class Error {
public:
    Error() = default;
    Error(std::error_code code, std::string context) : code_(code), context_(std::move(context)) {}
    /// An error that has no code of the system's, for example a mistake in an option's text.
    explicit Error(std::string context)
        : code_(std::make_error_code(std::errc::invalid_argument)), context_(std::move(context)),
          plain_(true) {}
    /// From errno (or a negated libuv code) at the place where it was seen.
    static Error fromErrno(int number, std::string context) {
        return {std::error_code(number, std::generic_category()), std::move(context)};
    }

    const std::error_code& code() const noexcept { return code_; }
    const std::string& context() const noexcept { return context_; }
    /// One line: the context, then the system's words for the code.
    std::string message() const {
        if (plain_)
            return context_;
        return context_.empty() ? code_.message() : context_ + ": " + code_.message();
    }
    /// The same error, seen from further out: `outer: context`.
    Error within(std::string_view outer) && {
        context_ = context_.empty() ? std::string(outer) : std::string(outer) + ": " + context_;
        return std::move(*this);
    }

private:
    std::error_code code_;
    std::string context_;
    bool plain_ = false;
};

/// A value, or the reason why there is none. For parsers and other synchronous work; asynchronous failures
/// travel as Failure in a Deferred. The shape is that of std::expected, which this language level lacks.
template <class T, class E = Error>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : content_(std::in_place_index<1>, std::move(error)) {}
    /// Anything that makes a T, so that a function may return a derived pointer or a literal.
    template <class U>
    requires(std::is_convertible_v<U, T> && !std::is_convertible_v<U, E> && !std::is_same_v<std::decay_t<U>, Result>)
        Result(U&& value)
        : content_(std::in_place_index<0>, std::forward<U>(value)) {}

    bool ok() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    T& value() & { return assert(ok()), *std::get_if<0>(&content_); }
    const T& value() const& { return assert(ok()), *std::get_if<0>(&content_); }
    T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&content_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    template <class U>
    T valueOr(U&& fallback) && {
        return ok() ? std::move(value()) : static_cast<T>(std::forward<U>(fallback));
    }

    const E& error() const& { return assert(!ok()), *std::get_if<1>(&content_); }
    E&& error() && { return assert(!ok()), std::move(*std::get_if<1>(&content_)); }

private:
    std::variant<T, E> content_;
};

/// Success without a value, or the reason of the failure.
template <class E>
class [[nodiscard]] Result<void, E> {
public:
    using value_type = void;

    Result() = default;
    Result(E error) : error_(std::move(error)), ok_(false) {}

    bool ok() const noexcept { return ok_; }
    explicit operator bool() const noexcept { return ok_; }
    const E& error() const& { return assert(!ok_), error_; }
    E&& error() && { return assert(!ok_), std::move(error_); }

private:
    E error_{};
    bool ok_ = true;
};

} // namespace twistdpp
