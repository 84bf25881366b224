#include "twistdpp/uv/loop.h"
#include "twistdpp/uv/uv_poller.h"
#include "twistdpp/uv/uv_reactor.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>

namespace twistdpp::uv {

namespace {

/// Calls a function at each signal, for as long as the Watch lives. The function may drop the Watch.
class SignalWatch final : public WatchHandle {
    using Box = HandleBox<uv_signal_t, SignalWatch>;

public:
    SignalWatch(UvPoller& loop, UniqueFunction<void()> f)
        : loop_(loop), call_(std::make_shared<UniqueFunction<void()>>(std::move(f))), box_(new Box(*this)) {}
    ~SignalWatch() override {
        loop_.loop();
        box_->close();
    }

    uv_signal_t* handle() noexcept { return &box_->handle; }
    static void happened(uv_signal_t* handle, int) {
        SignalWatch* self = Box::of(handle).owner;
        if (!self)
            return;
        self->loop_.beginTurn();
        const auto call = self->call_;
        (*call)();
    }

private:
    UvPoller& loop_;
    std::shared_ptr<UniqueFunction<void()>> call_;
    Box* box_;
};

/// The system watches what a path leads to now, and not the path: a file that is replaced takes its watch
/// with it. So the folder that the name stands in is watched too, and tells when to look again.
class PathWatch final : public WatchHandle {
    using Box = HandleBox<uv_fs_event_t, PathWatch>;

public:
    PathWatch(UvReactor& reactor, const std::string& path, UniqueFunction<void()> f)
        : reactor_(reactor), path_(path), call_(std::make_shared<UniqueFunction<void()>>(std::move(f))),
          self_(std::make_shared<PathWatch*>(this)) {
        while (path_.size() > 1 && path_.back() == '/')
            path_.pop_back();
        name_ = path_.substr(path_.rfind('/') + 1);
    }
    ~PathWatch() override {
        close(target_);
        close(folder_);
    }

    /// 0, or libuv's error when there is nothing to watch.
    int start() {
        if (const int error = watchTarget())
            return error;
        // What has no name of its own in a folder cannot be replaced there; and where the folder must not be
        // read, the file alone has to do.
        if (name_ == "" || name_ == "." || name_ == "..")
            return 0;
        const auto slash = path_.rfind('/');
        const std::string folder = slash == std::string::npos ? "."
                                   : slash == 0               ? "/"
                                                              : path_.substr(0, slash);
        static_cast<void>(open(folder_, folder, &inFolder));
        return 0;
    }

private:
    void close(Box*& box) noexcept {
        reactor_.loop().loop();
        if (Box* const old = std::exchange(box, nullptr))
            old->close();
    }

    int open(Box*& box, const std::string& path, uv_fs_event_cb told) {
        close(box);
        box = new Box(*this);
        uv_fs_event_init(reactor_.loop().loop(), &box->handle);
        const int error = uv_fs_event_start(&box->handle, told, path.c_str(), 0);
        if (error != 0)
            close(box);
        return error;
    }

    int watchTarget() { return open(target_, path_, &atTarget); }

    static void atTarget(uv_fs_event_t* handle, const char*, int events, int) {
        if (PathWatch* const self = Box::of(handle).owner)
            self->happened((events & UV_RENAME) != 0);
    }
    static void inFolder(uv_fs_event_t* handle, const char* name, int, int) {
        PathWatch* const self = Box::of(handle).owner;
        if (self && (!name || self->name_ == name))
            self->happened(true);
    }

    /// Told at the end of the turn, as one change often is several events. `replaced`: the path may lead
    /// elsewhere now.
    void happened(bool replaced) {
        reactor_.loop().beginTurn();
        lookAgain_ = lookAgain_ || replaced;
        if (std::exchange(telling_, true))
            return;
        reactor_.callSoon([weak = std::weak_ptr(self_)] {
            if (const auto here = weak.lock())
                (*here)->tell();
        });
    }

    void tell() {
        telling_ = false;
        if (std::exchange(lookAgain_, false))
            static_cast<void>(watchTarget()); // when it is gone: until its name is there again
        const auto call = call_;
        (*call)();
    }

    UvReactor& reactor_;
    std::string path_;
    std::string name_;
    std::shared_ptr<UniqueFunction<void()>> call_; // may drop this watch while it runs
    std::shared_ptr<PathWatch*> self_;
    Box* target_ = nullptr;
    Box* folder_ = nullptr;
    bool telling_ = false;
    bool lookAgain_ = false;
};

} // namespace

Result<Watch> watchSignal(UvReactor& reactor, int signal, UniqueFunction<void()> f) {
    auto watch = std::make_unique<SignalWatch>(reactor.loop(), std::move(f));
    uv_signal_init(reactor.loop().loop(), watch->handle());
    const int error = uv_signal_start(watch->handle(), &SignalWatch::happened, signal);
    if (error != 0)
        return Error::fromErrno(-error, std::string("cannot watch for signal ") + ::strsignal(signal));
    return Watch(std::move(watch));
}

Result<Watch> watchPath(UvReactor& reactor, const std::string& path, UniqueFunction<void()> f) {
    auto watch = std::make_unique<PathWatch>(reactor, path, std::move(f));
    if (const int error = watch->start())
        return Error::fromErrno(-error, "cannot watch " + path);
    return Watch(std::move(watch));
}

} // namespace twistdpp::uv
