#include "twistdpp/uv/uv_poller.h"

#include "twistdpp/reactor/reactor.h"
#include "twistdpp/uv/loop.h"

#include <stdexcept>

namespace twistdpp {

class Poller::Entry {
public:
    uv_poll_t poll{};
    Handler* handler = nullptr;
};

namespace uv {

struct UvPoller::Loop {
    explicit Loop(Turn& t) : turn(t) {}

    uv_loop_t loop{};
    uv_prepare_t prepare{};
    uv_check_t check{};
    uv_timer_t timer{};
    uv_async_t async{};
    uv_idle_t idle{}; // active while the next turn must come at once
    Turn& turn;
    bool stopping = false;
    bool begun = false; // this turn's beginTurn() is done

    static Loop& of(void* data) noexcept { return *static_cast<Loop*>(data); }
    static void onPoll(uv_poll_t* poll, int status, int events);

    // libuv tells the first event right after its wait, with no hook between: whoever is called first begins
    // the turn.
    void begin() {
        if (!begun) {
            begun = true;
            turn.beginTurn();
        }
    }

    void beforeWait() {
        const auto wait = turn.endTurn();
        begun = false;
        if (stopping)
            return uv_stop(&loop);
        if (!wait) {
            uv_timer_stop(&timer);
            uv_idle_stop(&idle);
        } else if (*wait <= Duration(0)) {
            uv_idle_start(&idle, [](uv_idle_t*) {});
        } else {
            uv_idle_stop(&idle);
            // libuv counts from its own idea of now, which may be a millisecond behind.
            uv_update_time(&loop);
            const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(*wait).count();
            uv_timer_start(
                &timer, [](uv_timer_t*) {}, static_cast<std::uint64_t>(milliseconds), 0
            );
        }
    }
};

namespace {

int toUv(unsigned events) noexcept {
    return ((events & FdEvents::readable) != 0 ? UV_READABLE : 0) |
           ((events & FdEvents::writable) != 0 ? UV_WRITABLE : 0) |
           ((events & FdEvents::hangup) != 0 ? UV_DISCONNECT : 0);
}

} // namespace

void UvPoller::Loop::onPoll(uv_poll_t* poll, int status, int events) {
    auto& entry = *static_cast<Poller::Entry*>(poll->data);
    Loop::of(poll->loop->data).begin();
    if (!entry.handler)
        return;
    // After an error libuv has stopped watching; reading is how the owner learns which it was.
    if (status < 0)
        return entry.handler->ready(FdEvents::readable | FdEvents::writable | FdEvents::hangup);
    entry.handler->ready(
        ((events & UV_READABLE) != 0 ? FdEvents::readable : 0U) |
        ((events & UV_WRITABLE) != 0 ? FdEvents::writable : 0U) |
        ((events & UV_DISCONNECT) != 0 ? FdEvents::hangup : 0U)
    );
}

UvPoller::UvPoller(Turn& turn) : loop_(std::make_unique<Loop>(turn)) {
    Loop& l = *loop_;
    if (const int error = uv_loop_init(&l.loop))
        throw std::runtime_error(std::string("cannot make an event loop: ") + uv_strerror(error));
    l.loop.data = &l;
    uv_prepare_init(&l.loop, &l.prepare);
    uv_check_init(&l.loop, &l.check);
    uv_timer_init(&l.loop, &l.timer);
    uv_idle_init(&l.loop, &l.idle);
    uv_async_init(&l.loop, &l.async, [](uv_async_t* async) {
        Loop& woken = Loop::of(async->loop->data);
        woken.begin();
        woken.turn.woken();
    });
    uv_prepare_start(&l.prepare, [](uv_prepare_t* prepare) { Loop::of(prepare->loop->data).beforeWait(); });
    uv_check_start(&l.check, [](uv_check_t* check) { Loop::of(check->loop->data).begin(); });
}

UvPoller::~UvPoller() {
    Loop& l = *loop_;
    uv_prepare_stop(&l.prepare);
    uv_check_stop(&l.check);
    for (uv_handle_t* handle :
         {reinterpret_cast<uv_handle_t*>(&l.prepare), reinterpret_cast<uv_handle_t*>(&l.check),
          reinterpret_cast<uv_handle_t*>(&l.timer), reinterpret_cast<uv_handle_t*>(&l.idle),
          reinterpret_cast<uv_handle_t*>(&l.async)})
        uv_close(handle, nullptr);
    // The close callbacks of what others closed before us run here, and look-ups that a thread is busy with
    // end. A handle that somebody still holds must not make this wait for ever.
    for (int i = 0; i < 1000 && uv_loop_close(&l.loop) == UV_EBUSY; ++i)
        uv_run(&l.loop, l.loop.active_reqs.count > 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

uv_loop_s* UvPoller::loop() noexcept {
    return &loop_->loop;
}

void UvPoller::beginTurn() {
    loop_->begin();
}

Poller::Entry* UvPoller::watch(int fd, unsigned events, Handler& handler) {
    auto* entry = new Entry;
    entry->handler = &handler;
    entry->poll.data = entry;
    if (const int error = uv_poll_init(&loop_->loop, &entry->poll, fd)) {
        delete entry;
        throw std::runtime_error("cannot watch descriptor " + std::to_string(fd) + ": " + uv_strerror(error));
    }
    modify(entry, events);
    return entry;
}

void UvPoller::modify(Entry* entry, unsigned events) {
    if (events == 0)
        uv_poll_stop(&entry->poll);
    else
        uv_poll_start(&entry->poll, toUv(events), Loop::onPoll);
}

void UvPoller::unwatch(Entry* entry) {
    entry->handler = nullptr;
    uv_poll_stop(&entry->poll);
    uv_close(reinterpret_cast<uv_handle_t*>(&entry->poll), [](uv_handle_t* closed) {
        delete static_cast<Entry*>(closed->data);
    });
}

void UvPoller::run() {
    uv_run(&loop_->loop, UV_RUN_DEFAULT);
    loop_->stopping = false; // here and not before: a stop() that came before run() counts
}

void UvPoller::stop() {
    loop_->stopping = true;
}

void UvPoller::wake() {
    uv_async_send(&loop_->async);
}

} // namespace uv

} // namespace twistdpp
