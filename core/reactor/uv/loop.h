#pragma once
// Private to this folder: the one header that includes libuv's.
#include <uv.h>

#include <utility>

namespace twistdpp::uv {

/// A libuv handle on the heap, with an owner it calls back. close() frees it when libuv is done with it.
template <class Handle, class Owner>
struct HandleBox {
    Handle handle{};
    Owner* owner = nullptr;

    explicit HandleBox(Owner& o) : owner(&o) { handle.data = this; }
    uv_handle_t* base() noexcept { return reinterpret_cast<uv_handle_t*>(&handle); }
    void close() noexcept {
        owner = nullptr;
        uv_close(base(), [](uv_handle_t* closed) { delete static_cast<HandleBox*>(closed->data); });
    }
    static HandleBox& of(const Handle* handle) noexcept { return *static_cast<HandleBox*>(handle->data); }
};

} // namespace twistdpp::uv
