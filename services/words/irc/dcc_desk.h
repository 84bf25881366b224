#pragma once
#include "twistdpp/irc/dcc.h"

#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/timer.h"

#include <list>
#include <memory>
#include <string>

namespace twistdpp::irc {

/// A client's connections of its own to other people's programs: files and chats, offered and taken.
/// IRCClient has one. Belongs to the reactor's thread; what it has begun goes on when it dies, offers end
/// with it.
class DccDesk {
public:
    /// Sends a CTCP DCC to somebody.
    using Tell = UniqueFunction<void(Bytes user, const DccRequest& request)>;
    /// How long an offer stands, and how long the answer to a RESUME is waited for.
    static constexpr Duration kPatience = std::chrono::minutes(3);

    explicit DccDesk(Tell tell);
    ~DccDesk();
    DccDesk(const DccDesk&) = delete;
    DccDesk& operator=(const DccDesk&) = delete;

    /// Before anything else.
    void useReactor(Reactor& reactor) noexcept { reactor_ = &reactor; }

    /// Offers a file: listens on a port of `on`, an address of ours that the other end can reach. Fires with
    /// its length when the other end has it. Fails with TimeoutError when nobody came for it, ConnectionLost
    /// when they went early, CannotListenError.
    Deferred<std::uint64_t> offerFile(
        Bytes user, const std::string& name, std::uint64_t size, DccSender::Give give, const Address& on
    );
    /// Takes a file that was offered (Kind::send), whatever the address is that stands there: whoever offers
    /// chooses it. Fails with a ConnectError, or as DccReceiver::done().
    Deferred<std::uint64_t> takeFile(const DccRequest& offer, DccReceiver::Take take);
    /// The same, of which the first `have` bytes are here already: asks `user` to begin there. Fails with
    /// TimeoutError when that is not answered.
    Deferred<std::uint64_t>
    resumeFile(Bytes user, const DccRequest& offer, std::uint64_t have, DccReceiver::Take take);
    /// Connects to a chat that was offered, with a protocol of the program's (a LineReceiver): lines end with
    /// LF.
    Deferred<void> takeChat(const DccRequest& offer, std::unique_ptr<Protocol> protocol);
    /// Offers a chat; fires when the other end has come, and fails as offerFile().
    Deferred<void> offerChat(Bytes user, std::unique_ptr<Protocol> protocol, const Address& on);

    /// RESUME and ACCEPT of others, which belong to what was begun here; false for other kinds.
    bool handle(Bytes user, const DccRequest& request);

private:
    struct Offer;
    struct Resumption;
    using Offers = std::list<std::shared_ptr<Offer>>;

    Result<std::shared_ptr<Offer>> listen(Bytes user, const Address& on, std::shared_ptr<Factory> factory);
    void close(const Offer& offer);

    Tell tell_;
    Reactor* reactor_ = nullptr;
    Offers offers_;
    std::list<std::unique_ptr<Resumption>> resumptions_;
};

} // namespace twistdpp::irc
