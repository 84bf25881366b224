#include "twistdpp/posix/posix_reactor.h"

#include "twistdpp/posix/child_process.h"
#include "twistdpp/posix/connection.h"
#include "twistdpp/posix/connector.h"
#include "twistdpp/posix/datagram_port.h"
#include "twistdpp/posix/open_socket.h"
#include "twistdpp/posix/port_set.h"
#include "twistdpp/posix/stream_port.h"
#include "twistdpp/reactor/errors.h"

#include <algorithm>
#include <stdexcept>
#include <sys/socket.h>

namespace twistdpp {

namespace {
constexpr std::size_t kSpareChains = 64;
}

/// Descriptors of other libraries in this loop.
class PosixReactor::ForeignFds final : public FdWatch {
    class Handle final : public FdHandle, private Poller::Handler {
    public:
        Handle(Poller& poller, int fd, unsigned events, UniqueFunction<void(unsigned)> ready)
            : poller_(poller), ready_(std::move(ready)), entry_(poller.watch(fd, events, *this)) {}
        ~Handle() override { poller_.unwatch(entry_); }
        void modify(unsigned events) override { poller_.modify(entry_, events); }

    private:
        void ready(unsigned events) override {
            // The callback may drop this handle, and itself with it.
            auto running = std::move(ready_);
            bool gone = false;
            gone_ = &gone;
            running(events);
            if (!gone) {
                gone_ = nullptr;
                ready_ = std::move(running);
            }
        }
        struct Flag {
            bool** gone;
            ~Flag() {
                if (*gone)
                    **gone = true;
            }
        };
        Poller& poller_;
        UniqueFunction<void(unsigned)> ready_;
        Poller::Entry* entry_;
        bool* gone_ = nullptr;
        Flag flag_{&gone_};
    };

public:
    explicit ForeignFds(Poller& poller) : poller_(poller) {}
    Result<std::unique_ptr<FdHandle>>
    watch(int fd, unsigned events, UniqueFunction<void(unsigned)> ready) override {
        if (fd < 0)
            return Error("cannot watch descriptor " + std::to_string(fd));
        try {
            return std::unique_ptr<FdHandle>(std::make_unique<Handle>(poller_, fd, events, std::move(ready)));
        } catch (const std::runtime_error& error) {
            return Error(error.what());
        }
    }

private:
    Poller& poller_;
};

PosixReactor::PosixReactor() = default;
PosixReactor::~PosixReactor() = default;

void PosixReactor::setPoller(std::unique_ptr<Poller> poller) {
    poller_ = std::move(poller);
}

void PosixReactor::endAll() {
    // What ends may begin something new once; nobody goes on for ever.
    for (int round = 0; round < 16 && !(open_.empty() && pending_.empty() && soon_.empty() && ended_.empty());
         ++round) {
        while (PendingOperation* operation = pending_.popFront())
            operation->reactorEnds();
        std::vector<Connection*> all;
        open_.forEach([&](OpenHook& hook) { all.push_back(static_cast<Connection*>(&hook)); });
        for (Connection* connection : all)
            connection->abortConnection(ConnectionAborted("the reactor ends"));
        buryDead();
        soon_.clear();
    }
    // Not under the lock: what the calls hold may call again as it goes.
    std::vector<UniqueFunction<void()>> unmade;
    const std::lock_guard lock(mutex_);
    unmade.swap(fromThreads_);
}

void PosixReactor::run() {
    wheel_.setNow(std::chrono::steady_clock::now());
    turnBegan_ = wheel_.now();
    poller_->run();
}

void PosixReactor::stop() {
    poller_->stop();
}

void PosixReactor::callFromThread(UniqueFunction<void()> f) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = fromThreads_.empty();
        fromThreads_.push_back(std::move(f));
    }
    if (first)
        poller_->wake();
}

void PosixReactor::woken() {
    std::vector<UniqueFunction<void()>> calls;
    {
        const std::lock_guard lock(mutex_);
        calls.swap(fromThreads_);
    }
    for (UniqueFunction<void()>& call : calls)
        call();
}

void PosixReactor::callSoon(UniqueFunction<void()> f) {
    soon_.push_back(std::move(f));
}

void PosixReactor::beginTurn() {
    turnBegan_ = std::chrono::steady_clock::now();
    wheel_.advance(turnBegan_);
}

void PosixReactor::finishTurn() {
    // Each step may give work to the others; what is still left after some rounds waits for the next turn, so
    // that calls which always make new ones do not keep the loop from its descriptors.
    for (int round = 0; round < 4; ++round) {
        std::vector<UniqueFunction<void()>> calls;
        calls.swap(soon_);
        for (UniqueFunction<void()>& call : calls)
            call();
        while (DirtyHook* hook = dirty_.popFront())
            static_cast<Connection*>(hook)->flush();
        for (std::size_t i = 0; i < dirtyPorts_.size(); ++i) {
            if (PosixDatagramPort* port = dirtyPorts_[i]) {
                port->dirty = false;
                port->flush();
            }
        }
        dirtyPorts_.clear();
        buryDead();
        if (soon_.empty() && dirty_.empty() && ended_.empty() && dirtyPorts_.empty())
            return;
    }
}

void PosixReactor::buryDead() {
    while (!ended_.empty()) {
        std::vector<Connection*> dead;
        dead.swap(ended_);
        for (Connection* connection : dead)
            connection->finish();
        for (Connection* connection : dead)
            delete connection;
    }
}

std::optional<Duration> PosixReactor::endTurn() {
    finishTurn();
    const TimePoint now = std::chrono::steady_clock::now();
    statistics_.add(now - turnBegan_);
    if (!soon_.empty() || !dirty_.empty() || !dirtyPorts_.empty())
        return Duration(0);
    auto wait = wheel_.untilNext();
    if (wait)
        *wait = std::max(Duration(0), *wait - (now - wheel_.now()));
    return wait;
}

char* PosixReactor::readBuffer() {
    if (!readBuffer_)
        readBuffer_ = std::make_unique_for_overwrite<char[]>(kReadBuffer);
    return readBuffer_.get();
}

std::unique_ptr<Chain> PosixReactor::borrowChain() {
    if (spareChains_.empty())
        return std::make_unique<Chain>();
    auto chain = std::move(spareChains_.back());
    spareChains_.pop_back();
    return chain;
}

void PosixReactor::giveBack(std::unique_ptr<Chain> chain) {
    if (spareChains_.size() >= kSpareChains)
        return;
    chain->clear();
    spareChains_.push_back(std::move(chain));
}

void PosixReactor::markDirty(PosixDatagramPort& port) {
    port.dirty = true;
    dirtyPorts_.push_back(&port);
}

void PosixReactor::forget(PosixDatagramPort& port) noexcept {
    std::replace(dirtyPorts_.begin(), dirtyPorts_.end(), &port, static_cast<PosixDatagramPort*>(nullptr));
}

Transport& PosixReactor::attach(
    UniqueFd socket, const Address& peer, std::unique_ptr<Protocol> protocol, bool accepted
) {
    auto* connection = new Connection(*this, std::move(socket), peer, std::move(protocol));
    connection->begin(accepted);
    return *connection;
}

Result<std::unique_ptr<Port>> PosixReactor::listen(ListenSpec spec, std::shared_ptr<Factory> factory) {
    if (spec.fd) {
        auto socket = openListener(spec);
        if (!socket)
            return std::move(socket).error();
        return std::unique_ptr<Port>(
            std::make_unique<StreamPort>(*this, *std::move(socket), std::move(factory), std::nullopt)
        );
    }
    if (auto inherited = handOver_.take(HandOver::Kind::stream, spec.address); !inherited.empty())
        return listenOn(std::move(inherited), spec, std::move(factory));
    auto socket = openListener(spec);
    if (!socket)
        return std::move(socket).error();
    auto entry = handOver_.enter(HandOver::Kind::stream, socket->get(), spec.address, false);
    return std::unique_ptr<Port>(
        std::make_unique<StreamPort>(*this, *std::move(socket), std::move(factory), std::move(entry))
    );
}

Result<std::unique_ptr<Port>> PosixReactor::listenOn(
    std::vector<UniqueFd> inherited, const ListenSpec& spec, std::shared_ptr<Factory> factory
) {
    std::vector<std::unique_ptr<Port>> ports;
    for (UniqueFd& socket : inherited) {
        if (auto done = fitListener(socket.get(), spec); !done)
            return std::move(done).error();
        auto entry = handOver_.enter(HandOver::Kind::stream, socket.get(), spec.address, true);
        ports.push_back(std::make_unique<StreamPort>(*this, std::move(socket), factory, std::move(entry)));
    }
    if (ports.size() == 1)
        return std::move(ports.front());
    return std::unique_ptr<Port>(std::make_unique<PortSet>(std::move(ports)));
}

Deferred<Transport*> PosixReactor::connect(ConnectSpec spec, std::shared_ptr<Factory> factory) {
    return startConnecting(*this, std::move(spec), std::move(factory));
}

Result<Transport*> PosixReactor::adopt(UniqueFd socket, std::unique_ptr<Protocol> protocol) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0)
        return Error::fromErrno(errno, "cannot take over descriptor " + std::to_string(socket.get()));
    int type = 0;
    socklen_t typeSize = sizeof type;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &typeSize) != 0 || type != SOCK_STREAM)
        return Error(
            "cannot take over descriptor " + std::to_string(socket.get()) + ": it is no stream socket"
        );
    if (auto ready = makeNonBlocking(socket.get(), "cannot take over descriptor"); !ready)
        return std::move(ready).error();
    const Address peer = Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&name), size);
    return &attach(std::move(socket), peer, std::move(protocol), false);
}

Result<std::unique_ptr<DatagramPort>> PosixReactor::bind(DatagramSpec spec, DatagramProtocol& protocol) {
    HandOver::Entry entry;
    UniqueFd socket;
    const bool adopted = static_cast<bool>(spec.fd);
    if (!adopted) {
        if (auto inherited = handOver_.take(HandOver::Kind::datagram, spec.address); !inherited.empty()) {
            socket = std::move(inherited.front());
            if (auto done = fitDatagramSocket(socket.get(), spec); !done)
                return std::move(done).error();
            entry = handOver_.enter(HandOver::Kind::datagram, socket.get(), spec.address, true);
        }
    }
    if (!socket) {
        auto opened = openDatagramSocket(spec);
        if (!opened)
            return std::move(opened).error();
        socket = *std::move(opened);
        if (!adopted)
            entry = handOver_.enter(HandOver::Kind::datagram, socket.get(), spec.address, false);
    }
    return std::unique_ptr<DatagramPort>(
        std::make_unique<PosixDatagramPort>(*this, std::move(socket), protocol, spec, std::move(entry))
    );
}

Result<std::unique_ptr<Process>> PosixReactor::spawn(ProcessSpec spec, ProcessProtocol& protocol) {
    return startProcess(*this, std::move(spec), protocol);
}

FdWatch* PosixReactor::fds() noexcept {
    if (!foreign_)
        foreign_ = std::make_unique<ForeignFds>(*poller_);
    return foreign_.get();
}

} // namespace twistdpp
