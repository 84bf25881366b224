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

} // namespace twistdpp::detail
