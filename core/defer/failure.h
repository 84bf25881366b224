#pragma once
#include "twistdpp/base/source_location.h"

#include <atomic>
#include <concepts>
#include <exception>
#include <string>
#include <utility>

namespace twistdpp {

/// The reason why an asynchronous operation has no result: any exception derived from std::exception, kept
/// without being thrown. One pointer wide; copies share the exception, and may be handed to another thread.
class Failure {
public:
    /// Keeps `error` and the place in the program where the failure was noticed.
    template <std::derived_from<std::exception> E>
    Failure(E error, SourceLocation where = SourceLocation::current())
        : held_(new Holder<E>(std::move(error), where)) {}

    /// The exception being handled; only inside a catch block.
    static Failure current(SourceLocation where = SourceLocation::current());

    Failure(const Failure& other) noexcept : held_(other.held_) {
        if (held_)
            held_->references.fetch_add(1, std::memory_order_relaxed);
    }
    Failure(Failure&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    Failure& operator=(Failure other) noexcept {
        std::swap(held_, other.held_);
        return *this;
    }
    ~Failure() { release(); }

    /// The exception when it is an E (or derived from it), else nullptr.
    template <class E>
    const E* as() const noexcept {
        return dynamic_cast<const E*>(&error());
    }
    template <class E>
    bool check() const noexcept {
        return as<E>() != nullptr;
    }
    const std::exception& error() const noexcept { return *held_->error; }
    /// Throws the exception.
    [[noreturn]] void raise() const;
    /// What the exception says of itself.
    std::string message() const { return error().what(); }
    const SourceLocation& where() const noexcept { return held_->where; }

private:
    struct Held {
        explicit Held(SourceLocation at) : where(at) {}
        virtual ~Held() = default;
        [[noreturn]] virtual void raise() const = 0;
        std::atomic<unsigned> references{1};
        const std::exception* error = nullptr;
        SourceLocation where;
    };
    template <class E>
    struct Holder final : Held {
        Holder(E e, SourceLocation at) : Held(at), value(std::move(e)) { error = &value; }
        void raise() const override { throw value; }
        E value;
    };
    struct Caught;

    explicit Failure(Held* held) noexcept : held_(held) {}
    void release() noexcept {
        if (held_ && held_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete held_;
    }

    Held* held_;
};

static_assert(sizeof(Failure) == sizeof(void*));

} // namespace twistdpp
