#pragma once
#include "twistdpp/base/result.h"
#include "twistdpp/base/time.h"
#include "twistdpp/smtp/reply.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// When a fault comes: at MAIL, at RCPT, at DATA, or when all of the message has come.
enum class FaultStage : std::uint8_t { mail, rcpt, data, end };

/// An answer that is wrong on purpose, for the senders that have to live with it.
///
///     451 at RCPT for *@slow.test             every time
///     552 at END for *@full.test times 1      once, and then no more
///     421 at MAIL chance 20%                  now and then
///     delay 5s at DATA                        the answer comes late
///     drop at END                             the connection ends, and no answer comes
struct Fault {
    /// The error says what is wrong with it.
    static Result<Fault> parse(Bytes text);

    std::string text; // as it was given
    FaultStage stage = FaultStage::rcpt;
    std::optional<smtp::Reply> reply; // what is answered; Reply::none() for "drop"; nothing: a delay
    Duration delay{};
    std::string pattern = "*";          // of addresses, with '*' and '?', in any case
    std::optional<std::uint64_t> times; // how often it still comes; nothing: always
    unsigned chance = 100;              // in percent
};

/// The faults of a server. Belongs to one thread.
class Faults {
public:
    void set(std::vector<Fault> faults) { faults_ = std::move(faults); }
    const std::vector<Fault>& all() const noexcept { return faults_; }

    struct Outcome {
        Duration delay{};
        std::optional<smtp::Reply> reply; // nothing: all goes its way
    };
    /// What happens now: all delays that are for one of the addresses, and the first answer. Counts.
    Outcome next(FaultStage stage, const std::vector<std::string>& addresses);

private:
    std::vector<Fault> faults_;
};

} // namespace twistdpp::mail
