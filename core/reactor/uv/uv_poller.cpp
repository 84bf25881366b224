#include "twistdpp/uv/uv_poller.h"

#include "twistdpp/reactor/reactor.h"
#include "twistdpp/uv/epoll_set.h"
#include "twistdpp/uv/loop.h"

#include <stdexcept>
#include <string>

namespace twistdpp::uv {

struct UvPoller::Loop final : private Poller::Handler {
    explicit Loop(Turn& t) : turn(t) {
        if (const int error = uv_loop_init(&loop))
            throw std::runtime_error(std::string("cannot make an event loop: ") + uv_strerror(error));
        loop.data = this;
        // It also keeps libuv's loop alive, so that a turn of it always reads what made it ready.
        uv_async_init(&loop, &async, [](uv_async_t* woken) {
            Loop& self = *static_cast<Loop*>(woken->loop->data);
            self.begin();
            self.turn.woken();
        });
        set.watch(uv_backend_fd(&loop), FdEvents::readable, *this);
    }

    ~Loop() {
        uv_close(reinterpret_cast<uv_handle_t*>(&async), nullptr);
        // The close callbacks of what others closed before us run here, and look-ups that a thread is busy
        // with end. A handle that somebody still holds must not make this wait for ever.
        for (int i = 0; i < 1000 && uv_loop_close(&loop) == UV_EBUSY; ++i)
            uv_run(&loop, loop.active_reqs.count > 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    }

    void begin() {
        if (!begun) {
            begun = true;
            turn.beginTurn();
        }
    }

    void turnUv() {
        touched = false;
        uv_run(&loop, UV_RUN_NOWAIT);
    }

    void ready(unsigned) override { turnUv(); }

    uv_loop_t loop{};
    uv_async_t async{};
    EpollSet set;
    Turn& turn;
    bool stopping = false;
    bool begun = false;  // this turn's beginTurn() is done
    bool touched = true; // libuv has been given something that it learns of when it is turned
};

UvPoller::UvPoller(Turn& turn) : loop_(std::make_unique<Loop>(turn)) {}

UvPoller::~UvPoller() = default;

uv_loop_s* UvPoller::loop() noexcept {
    loop_->touched = true;
    return &loop_->loop;
}

void UvPoller::beginTurn() {
    loop_->begin();
}

Poller::Entry* UvPoller::watch(int fd, unsigned events, Handler& handler) {
    return loop_->set.watch(fd, events, handler);
}

void UvPoller::modify(Entry* entry, unsigned events) {
    loop_->set.modify(entry, events);
}

void UvPoller::unwatch(Entry* entry, Then then) {
    loop_->set.unwatch(entry, then);
}

void UvPoller::run() {
    Loop& l = *loop_;
    while (true) {
        auto most = l.turn.endTurn();
        l.begun = false;
        if (l.stopping)
            break;
        if (l.touched)
            l.turnUv(); // its callbacks may begin the next turn
        if (l.begun || l.touched)
            most = Duration(0);
        l.set.wait(most);
        l.begin();
        l.set.tell();
    }
    l.stopping = false; // here and not before: a stop() that came before run() counts
}

void UvPoller::stop() {
    loop_->stopping = true;
}

void UvPoller::wake() {
    uv_async_send(&loop_->async);
}

} // namespace twistdpp::uv
