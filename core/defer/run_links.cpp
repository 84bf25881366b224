#include "twistdpp/defer/state.h"

namespace twistdpp::detail {

namespace {

constexpr int kDeepest = 64;

struct Running {
    int depth = 0;
    Link* head = nullptr;
    Link* tail = nullptr;
};
constinit thread_local Running running;

} // namespace

void runLinks(Link* link) noexcept {
    if (!link)
        return;
    if (running.depth >= kDeepest) {
        link->queued = nullptr;
        (running.tail ? running.tail->queued : running.head) = link;
        running.tail = link;
        return;
    }
    ++running.depth;
    while (link) {
        link = link->run();
        if (!link && running.depth == 1 && running.head) {
            link = running.head;
            running.head = link->queued;
            if (!running.head)
                running.tail = nullptr;
        }
    }
    --running.depth;
}

void cancelState(StateBase* state) noexcept {
    // Cancelling fires, and firing lets go of the states on the way: each is kept until its successor is.
    state->retain();
    while (!state->fired()) {
        StateBase* const next = state->cancelStep();
        if (!next)
            break;
        next->retain();
        state->release();
        state = next;
    }
    state->release();
}

} // namespace twistdpp::detail
