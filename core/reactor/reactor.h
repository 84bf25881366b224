#pragma once
#include "twistdpp/base/registry.h"
#include "twistdpp/base/result.h"
#include "twistdpp/base/time.h"
#include "twistdpp/base/unique_fd.h"
#include "twistdpp/base/unique_function.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/address.h"
#include "twistdpp/reactor/datagram.h"
#include "twistdpp/reactor/loop_statistics.h"
#include "twistdpp/reactor/process.h"
#include "twistdpp/reactor/protocol.h"
#include "twistdpp/reactor/timer.h"
#include "twistdpp/reactor/transport.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace twistdpp {

class ContextFactory;
class HandOverSeat;

/// Where and how to listen for connections.
struct ListenSpec {
    explicit ListenSpec(Address where) : address(std::move(where)) {}
    /// Takes over a socket that listens already (systemd, a parent process).
    static ListenSpec adopt(UniqueFd socket) {
        ListenSpec spec{Address()};
        spec.fd = std::move(socket);
        return spec;
    }

    Address address;
    UniqueFd fd;
    int backlog = 4096;
    bool reusePort = false; // several sockets, one a reactor, share the port
    bool dualStack = false; // an IPv6 socket that takes IPv4 too
    bool freeBind = false;  // the address need not be there yet
    int unixMode = 0660;    // of a unix socket's path; a stale path is replaced, a live one is not
};

/// Where to connect to.
struct ConnectSpec {
    explicit ConnectSpec(Address where, Duration limit = std::chrono::seconds(30))
        : address(std::move(where)), timeout(limit) {}

    Address address;
    Duration timeout;
    Address bindAddress; // Kind::none: the system chooses
};

/// Where to receive datagrams.
struct DatagramSpec {
    explicit DatagramSpec(Address where) : address(std::move(where)) {}
    static DatagramSpec adopt(UniqueFd socket) {
        DatagramSpec spec{Address()};
        spec.fd = std::move(socket);
        return spec;
    }

    Address address;
    UniqueFd fd;
    bool reusePort = false;
    bool dualStack = false;
    std::size_t maxPacketSize = 65535; // longer datagrams are dropped
    int receiveBuffer = 0;             // bytes asked of the system; 0: its default
    /// A server that is bound to all addresses must answer from the one that it was asked at, or its client
    /// does not know the answer for its own: tells which one that was (Datagram::to). Not for dual-stack
    /// sockets.
    bool tellLocal = false;
};

/// Which threads run a piece of work: `io` waits for files and look-ups, `cpu` computes (password hashes), so
/// that neither starves the other.
enum class Pool { io, cpu };

enum class Family { any, ipv4, ipv6 };

/// Something the reactor watches as long as the handle lives.
class WatchHandle {
public:
    virtual ~WatchHandle() = default;
};
using Watch = std::unique_ptr<WatchHandle>;

/// Bits of what a foreign descriptor is, or should be, ready for.
struct FdEvents {
    static constexpr unsigned readable = 1;
    static constexpr unsigned writable = 2;
    static constexpr unsigned hangup = 4;
};

/// A foreign descriptor being watched. Dropping it stops that and does not close the descriptor.
class FdHandle : public WatchHandle {
public:
    virtual void modify(unsigned events) = 0;
};

/// Capability of a reactor over real descriptors: those of other libraries can join its loop.
class FdWatch {
public:
    virtual ~FdWatch() = default;
    /// `ready` gets the bits that hold. An error of the descriptor shows as all of them, once: until modify()
    /// it is not watched any more. A descriptor can be watched once, and a regular file not at all: an Error.
    virtual Result<std::unique_ptr<FdHandle>>
    watch(int fd, unsigned events, UniqueFunction<void(unsigned)> ready) = 0;
};

/// Looks up host names in place of the system: Twisted's IHostnameResolver. Installed in one reactor
/// (Reactor::installResolver) and called on its thread.
class NameResolver {
public:
    virtual ~NameResolver() = default;
    /// The addresses of `host`, which is no numeric address, port 0, of `family` alone unless that is
    /// Family::any, in order of preference and at least one; fails with a DNSLookupError. Cancelling gives
    /// up.
    virtual Deferred<std::vector<Address>> resolve(std::string host, Family family) = 0;
};

/// The event loop and all that it can be asked for. There is no global one: it is passed to who needs it. One
/// thread runs it, and every member but callFromThread() is for that thread alone (or for any one thread
/// before run()). It must outlive all that it made: ports, timers, watches. The destructor of a reactor
/// calls installResolver(nullptr) while it still works, as the resolver holds some of those.
class Reactor {
public:
    Reactor() = default;
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;
    virtual ~Reactor() = default;

    /// Serves events until stop(); may be called again after that. Loss of the last port does not end it.
    virtual void run() = 0;
    /// Makes run() return at the end of the turn; before run(), at the end of its first one. More than once
    /// does no harm.
    virtual void stop() = 0;
    /// The one member that any thread may call: `f` runs on the reactor's thread, in the order of the calls.
    virtual void callFromThread(UniqueFunction<void()> f) = 0;

    /// The time of this loop turn: monotonic, or virtual.
    TimePoint now() const noexcept { return timers().now(); }
    /// `f` runs once, `after` from now, unless the Timer is dropped first. Resolution one millisecond.
    Timer callLater(Duration after, UniqueFunction<void()> f) { return Timer(timers(), after, std::move(f)); }
    /// What a TimerNode is made with.
    virtual TimerQueue& timers() const noexcept = 0;
    /// `f` runs at the end of this loop turn, before the loop waits again.
    virtual void callSoon(UniqueFunction<void()> f) = 0;

    virtual Result<std::unique_ptr<Port>> listen(ListenSpec spec, std::shared_ptr<Factory> factory) = 0;
    /// Fires once the protocol has its connectionMade() behind it; fails with a ConnectError. Cancelling
    /// gives up. The Transport is the reactor's: use it at once, or through the protocol.
    virtual Deferred<Transport*> connect(ConnectSpec spec, std::shared_ptr<Factory> factory) = 0;
    /// Takes over a connected stream socket.
    virtual Result<Transport*> adopt(UniqueFd socket, std::unique_ptr<Protocol> protocol) = 0;
    virtual Result<std::unique_ptr<DatagramPort>> bind(DatagramSpec spec, DatagramProtocol& protocol) = 0;

    /// The addresses of a host name or numeric address, port 0, in order of preference, at least one; fails
    /// with a DNSLookupError. Names are looked up by the installed resolver, or else by the system's.
    Deferred<std::vector<Address>> resolve(std::string host, Family family = Family::any);
    /// From now on `resolver` looks up the names that resolve() and with it connectTCP() and its like are
    /// given; nullptr: the system does. Returns the one before. Look-ups under way are not touched.
    std::shared_ptr<NameResolver> installResolver(std::shared_ptr<NameResolver> resolver);
    /// The system's look-up, whatever is installed: what a resolver that decorates it asks. As resolve().
    virtual Deferred<std::vector<Address>> resolveBySystem(std::string host, Family family) = 0;
    /// Runs `f` on a thread of the pool. What it throws is the Failure. Cancelling before it began takes it
    /// back.
    virtual Deferred<void> runInThread(Pool pool, UniqueFunction<void()> f) = 0;
    virtual Result<std::unique_ptr<Process>> spawn(ProcessSpec spec, ProcessProtocol& protocol) = 0;
    /// `f` runs in the loop each time the process gets the signal; the signal's default action is off
    /// meanwhile.
    virtual Result<Watch> onSignal(int signal, UniqueFunction<void()> f) = 0;
    /// `f` runs after the file, or something in the folder, was changed, replaced or removed; several changes
    /// may be told as one. It must be there now; what takes its name later is watched in its place, as long
    /// as the folder that the name stands in stays the same.
    virtual Result<Watch> watchFile(const std::string& path, UniqueFunction<void()> f) = 0;
    virtual FdWatch* fds() noexcept { return nullptr; }
    /// Its place at the hand-over of sockets from process to process; nullptr for a reactor without sockets
    /// of the system's.
    virtual HandOverSeat* handOver() noexcept { return nullptr; }
    virtual const LoopStatistics& statistics() const noexcept = 0;

    // The introductory talk's names, over the members above. Ports throw CannotListenError; `interface` is a
    // numeric address, empty for all of IPv4. Host names may be given to connectX(); their addresses are
    // tried as RFC 8305 says.
    std::unique_ptr<Port> listenTCP(
        std::uint16_t port, std::shared_ptr<Factory> factory, std::string_view interface = {},
        int backlog = 4096
    );
    std::unique_ptr<Port> listenSSL(
        std::uint16_t port, std::shared_ptr<Factory> factory, std::shared_ptr<const ContextFactory> context,
        std::string_view interface = {}, int backlog = 4096
    );
    std::unique_ptr<DatagramPort>
    listenUDP(std::uint16_t port, DatagramProtocol& protocol, std::string_view interface = {});
    Deferred<Transport*> connectTCP(
        std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
        Duration timeout = std::chrono::seconds(30)
    );
    /// Fires after the handshake, with the transport that encrypts.
    Deferred<Transport*> connectSSL(
        std::string host, std::uint16_t port, std::shared_ptr<Factory> factory,
        std::shared_ptr<const ContextFactory> context, Duration timeout = std::chrono::seconds(30)
    );

private:
    std::shared_ptr<NameResolver> resolver_;
};

/// A kind of reactor that can be chosen by name. A file of the user's own may register one:
/// `static Registry<ReactorMaker>::Entry entry({"mine", "what it is", &makeMine});`
struct ReactorMaker {
    std::string_view name;
    std::string_view summary;
    /// `arguments` is what stood behind "name:", for example "seed=7".
    Result<std::unique_ptr<Reactor>> (*make)(std::string_view arguments);
};

/// The reactor that `text` names: "uv", "sim:seed=7". The error lists the names there are.
Result<std::unique_ptr<Reactor>> makeReactor(std::string_view text = "uv");

} // namespace twistdpp
