#include "twistdpp/words_server/bursts.h"

#include "twistdpp/words_server/session.h"

#include "twistdpp/reactor/reactor.h"

#include <algorithm>
#include <utility>

namespace twistdpp::words {

namespace {

/// More is written out before the turn ends, to bound the memory.
constexpr std::size_t kMost = 256 * 1024;

} // namespace

Bursts::Bursts(Reactor& reactor) : reactor_(reactor), self_(std::make_shared<Bursts*>(this)) {}

Bursts::~Bursts() {
    *self_ = nullptr;
}

void Bursts::note(Session& session) {
    waiting_.push_back(&session);
    if (std::exchange(due_, true))
        return;
    reactor_.callSoon([self = self_] {
        if (!*self)
            return;
        (*self)->due_ = false;
        (*self)->writeOut();
    });
}

Stretch Bursts::append(Variant variant, Bytes line) {
    std::string& run = runs_[variant.index()].bytes;
    const std::size_t from = run.size();
    run.append(line);
    size_ += line.size();
    return {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(run.size())};
}

Buffer Bursts::buffer(Variant variant, Stretch stretch) {
    Run& run = runs_[variant.index()];
    if (run.sealed.size() != run.bytes.size())
        run.sealed = Buffer(Bytes(run.bytes));
    return run.sealed.slice(stretch.from, stretch.to - stretch.from);
}

void Bursts::forget(const Session& session) noexcept {
    std::replace(
        waiting_.begin(), waiting_.end(), const_cast<Session*>(&session), static_cast<Session*>(nullptr)
    );
}

void Bursts::bound() {
    if (size_ > kMost)
        writeOut();
}

void Bursts::writeOut() {
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        if (waiting_[i])
            waiting_[i]->writeBurst();
    }
    waiting_.clear();
    for (Run& run : runs_) {
        run.bytes.clear();
        run.sealed = Buffer();
    }
    size_ = 0;
}

} // namespace twistdpp::words
