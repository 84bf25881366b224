#include "twistdpp/uv/loop.h"
#include "twistdpp/uv/uv_poller.h"
#include "twistdpp/uv/uv_reactor.h"

#include <cstring>

namespace twistdpp::uv {

namespace {

/// A libuv handle that calls a function, for as long as the Watch lives. The function may drop the Watch.
template <class Handle>
class UvWatch final : public WatchHandle {
public:
    UvWatch(UvPoller& loop, UniqueFunction<void()> f)
        : loop_(loop), call_(std::make_shared<UniqueFunction<void()>>(std::move(f))),
          box_(new HandleBox<Handle, UvWatch>(*this)) {}
    ~UvWatch() override { box_->close(); }

    Handle* handle() noexcept { return &box_->handle; }
    static void happened(const Handle* handle) {
        UvWatch* self = HandleBox<Handle, UvWatch>::of(handle).owner;
        if (!self)
            return;
        self->loop_.beginTurn();
        const auto call = self->call_;
        (*call)();
    }

private:
    UvPoller& loop_;
    std::shared_ptr<UniqueFunction<void()>> call_;
    HandleBox<Handle, UvWatch>* box_;
};

} // namespace

Result<Watch> watchSignal(UvReactor& reactor, int signal, UniqueFunction<void()> f) {
    auto watch = std::make_unique<UvWatch<uv_signal_t>>(reactor.loop(), std::move(f));
    uv_signal_init(reactor.loop().loop(), watch->handle());
    const int error = uv_signal_start(
        watch->handle(), [](uv_signal_t* h, int) { UvWatch<uv_signal_t>::happened(h); }, signal
    );
    if (error != 0)
        return Error::fromErrno(-error, std::string("cannot watch for signal ") + ::strsignal(signal));
    return Watch(std::move(watch));
}

Result<Watch> watchPath(UvReactor& reactor, const std::string& path, UniqueFunction<void()> f) {
    auto watch = std::make_unique<UvWatch<uv_fs_event_t>>(reactor.loop(), std::move(f));
    uv_fs_event_init(reactor.loop().loop(), watch->handle());
    const int error = uv_fs_event_start(
        watch->handle(), [](uv_fs_event_t* h, const char*, int, int) { UvWatch<uv_fs_event_t>::happened(h); },
        path.c_str(), 0
    );
    if (error != 0)
        return Error::fromErrno(-error, "cannot watch " + path);
    return Watch(std::move(watch));
}

} // namespace twistdpp::uv
