#pragma once
#include "twistdpp/base/bytes.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/transport.h"

#include <cstdint>
#include <optional>
#include <string>

namespace twistdpp::irc {

/// What people's programs say to each other by CTCP DCC to agree on a connection of their own (no standard;
/// what mIRC and its likes do). A value.
struct DccRequest {
    enum class Kind : std::uint8_t {
        send,   ///< a file is offered: name, where, size
        resume, ///< the other end has the beginning: name, port, position
        accept, ///< that is fine: name, port, position
        chat,   ///< a line to each other: where
    };
    Kind kind = Kind::send;
    std::string name;
    Address address;        ///< of resume and accept the port alone
    std::uint64_t size = 0; ///< or the position; 0: not told

    /// From what stands behind "DCC ". Nothing when it is malformed, or asks that we listen (port 0).
    static std::optional<DccRequest> parse(Bytes text);
    std::string toString() const;
    /// The name for a file of one's own: the part behind the last separator, without control characters and
    /// leading dots; "file" when nothing is left.
    std::string safeName() const;
};

/// Takes a file that another program sends. Owned by its transport.
class DccReceiver final : public Protocol {
public:
    /// Is given what comes, in order. What it throws ends the transfer.
    using Take = UniqueFunction<void(Bytes)>;

    /// `from`: how much of the file is there already. `size` 0: until the other end closes.
    DccReceiver(Take take, std::uint64_t from, std::uint64_t size)
        : take_(std::move(take)), received_(from), size_(size) {}

    /// How long the file is, once all of it has come. Fails with ConnectionLost when it was cut short, or
    /// with what Take threw. Once only; cancelling closes the connection.
    Deferred<std::uint64_t> done() { return done_.deferred(); }

    void dataReceived(Bytes data) override;
    void connectionLost(const Failure& reason) override;

private:
    Take take_;
    std::uint64_t received_;
    std::uint64_t size_;
    Promise<std::uint64_t> done_{[this] {
        if (connected())
            transport().abortConnection();
    }};
};

/// Gives a file to another program. Owned by its transport.
class DccSender final : public Protocol {
public:
    /// Up to `most` bytes of the file from `at` on; empty at its end. What it throws ends the transfer.
    using Give = UniqueFunction<std::string(std::uint64_t at, std::size_t most)>;

    DccSender(Give give, std::uint64_t from) : give_(std::move(give)), sent_(from) {}

    /// How far it was read by the other end, when that is all. Fails with ConnectionLost when the other end
    /// went before, or with what Give threw. Once only.
    Deferred<std::uint64_t> done() { return done_.deferred(); }

    void connectionMade() override { pump(); }
    void dataReceived(Bytes data) override;
    void writable() override { pump(); }
    void readConnectionLost() override { transport().loseConnection(); }
    void connectionLost(const Failure& reason) override;

private:
    void pump();

    Give give_;
    std::uint64_t sent_;
    bool all_ = false;
    std::string acknowledgement_; // of four bytes, in parts
    Promise<std::uint64_t> done_;
};

} // namespace twistdpp::irc
