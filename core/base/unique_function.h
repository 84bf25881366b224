#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace twistdpp {

template <class Signature>
class UniqueFunction;

/// A callable that can be moved and not copied, so that it may own what it needs (a Promise, a unique_ptr).
/// A target of up to three pointers is stored inside, a larger one on the heap. Calling an empty one is
/// undefined.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
    static constexpr std::size_t kInline = 3 * sizeof(void*);

    struct Table {
        R (*call)(void*, Args&&...);
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void*) noexcept;
    };

    template <class F>
    static constexpr bool
        fitsInside = sizeof(F) <= kInline &&
                     alignof(F) <= alignof(void*) && std::is_nothrow_move_constructible_v<F>;

    template <class F>
    struct Inside {
        static R call(void* at, Args&&... args) {
            return (*static_cast<F*>(at))(std::forward<Args>(args)...);
        }
        static void move(void* from, void* to) noexcept {
            ::new (to) F(std::move(*static_cast<F*>(from)));
            static_cast<F*>(from)->~F();
        }
        static void destroy(void* at) noexcept { static_cast<F*>(at)->~F(); }
        static constexpr Table table{&call, &move, &destroy};
    };

    template <class F>
    struct Outside {
        static F*& target(void* at) { return *static_cast<F**>(at); }
        static R call(void* at, Args&&... args) { return (*target(at))(std::forward<Args>(args)...); }
        static void move(void* from, void* to) noexcept { ::new (to) F*(target(from)); }
        static void destroy(void* at) noexcept { delete target(at); }
        static constexpr Table table{&call, &move, &destroy};
    };

public:
    UniqueFunction() noexcept = default;
    UniqueFunction(std::nullptr_t) noexcept {}

    template <class F>
    requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
        UniqueFunction(F&& f) {
        using Target = std::decay_t<F>;
        if constexpr (fitsInside<Target>) {
            ::new (static_cast<void*>(storage_)) Target(std::forward<F>(f));
            table_ = &Inside<Target>::table;
        } else {
            ::new (static_cast<void*>(storage_)) Target*(new Target(std::forward<F>(f)));
            table_ = &Outside<Target>::table;
        }
    }

    UniqueFunction(UniqueFunction&& other) noexcept : table_(std::exchange(other.table_, nullptr)) {
        if (table_)
            table_->move(other.storage_, storage_);
    }
    UniqueFunction& operator=(UniqueFunction&& other) noexcept {
        if (this != &other) {
            reset();
            table_ = std::exchange(other.table_, nullptr);
            if (table_)
                table_->move(other.storage_, storage_);
        }
        return *this;
    }
    UniqueFunction(const UniqueFunction&) = delete;
    UniqueFunction& operator=(const UniqueFunction&) = delete;
    ~UniqueFunction() { reset(); }

    void reset() noexcept {
        if (const Table* table = std::exchange(table_, nullptr))
            table->destroy(storage_);
    }

    explicit operator bool() const noexcept { return table_ != nullptr; }
    R operator()(Args... args) { return table_->call(storage_, std::forward<Args>(args)...); }

private:
    alignas(void*) std::byte storage_[kInline];
    const Table* table_ = nullptr;
};

static_assert(sizeof(UniqueFunction<void()>) == 4 * sizeof(void*));
static_assert(std::is_nothrow_move_constructible_v<UniqueFunction<void()>>);

} // namespace twistdpp
