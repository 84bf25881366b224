#pragma once
#include "twistdpp/words_server/variant.h"

#include "twistdpp/base/buffer.h"
#include "twistdpp/base/bytes.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp {
class Reactor;
}

namespace twistdpp::words {

class Session;

/// A part of a run, see Bursts: from one byte to before another.
struct Stretch {
    std::uint32_t from = 0, to = 0;
    bool empty() const noexcept { return from == to; }
};

/// What goes to many within one turn of the loop. Lines for receivers of one kind (Variant) are put one
/// behind the other into that kind's run; a session only keeps the stretch of the run that is for it, and is
/// written that stretch at once when the turn ends. As long as a session gets each line of the run, a further
/// line costs it an addition. Belongs to the server's thread.
class Bursts {
public:
    explicit Bursts(Reactor& reactor);
    ~Bursts();
    Bursts(const Bursts&) = delete;
    Bursts& operator=(const Bursts&) = delete;

    /// Appends a line to the kind's run; where it stands there.
    Stretch append(Variant variant, Bytes line);
    /// Something of the run, until endTurn().
    Bytes bytes(Variant variant, Stretch stretch) const noexcept {
        return Bytes(runs_[variant.index()].bytes).substr(stretch.from, stretch.to - stretch.from);
    }
    /// The same to be queued by many, of which each gets its part of one copy; nothing may be appended then.
    Buffer buffer(Variant variant, Stretch stretch);

    /// The session has something to be written. It calls forget() before it dies.
    void note(Session& session);
    void forget(const Session& session) noexcept;
    /// Writes out all that waits when it has become much, between two messages.
    void bound();
    /// Writes out all that waits.
    void writeOut();

private:
    struct Run {
        std::string bytes;
        Buffer sealed; // the same bytes, shared by those who are written parts of them
    };

    Reactor& reactor_;
    std::array<Run, Variant::kCount> runs_;
    std::vector<Session*> waiting_; // nullptr: has gone
    std::size_t size_ = 0;          // of all runs
    bool due_ = false;              // the end of the turn is waited for
    std::shared_ptr<Bursts*> self_; // for what comes then
};

} // namespace twistdpp::words
