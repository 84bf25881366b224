#pragma once
#include "twistdpp/defer/promise.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/transport.h"

#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace twistdpp::test {

/// A transport without a socket: what the protocol writes is kept for the test to look at, and the test plays
/// the network. Closing only sets a mark; the test ends the connection with lose().
class StringTransport final : public Transport {
public:
    StringTransport() = default;
    /// For protocols that ask their transport for the reactor.
    explicit StringTransport(Reactor& reactor) : reactor_(&reactor) {}
    ~StringTransport() override { lose(ConnectionAborted("the test is over")); }

    // The network's part.
    /// Owns `protocol` from here on and tells it that it is connected.
    template <class P>
    P& connect(std::unique_ptr<P> protocol) {
        P& made = *protocol;
        protocol_ = std::move(protocol);
        protocol_->makeConnection(*this);
        return made;
    }
    void receive(Bytes data) {
        // A copy that dies with the call, so that a protocol which keeps the bytes is found out.
        const std::string copy(data);
        if (!lost_)
            protocol_->dataReceived(copy);
    }
    /// The same, one byte a call.
    void receiveBytewise(Bytes data) {
        for (std::size_t i = 0; i < data.size(); ++i)
            receive(data.substr(i, 1));
    }
    void loseReading() { protocol_->readConnectionLost(); }
    /// Ends the connection; the protocol lives on until this transport dies, so that the test can ask it.
    void lose(Failure reason = ConnectionDone()) {
        if (!protocol_ || std::exchange(lost_, true))
            return;
        reason_.emplace(reason);
        for (Promise<void>& promise : std::exchange(waiting_, {}))
            promise.errback(reason);
        protocol_->connectionLost(reason);
    }
    /// From now on what is written counts as queued, until drain().
    void holdWrites() noexcept { holding_ = true; }
    void drain() {
        holding_ = false;
        const bool wasFull = queued_ > limits_.high;
        queued_ = 0;
        for (Promise<void>& promise : std::exchange(waiting_, {}))
            promise.callback();
        if (wasFull && !lost_)
            protocol_->writable();
    }
    void setPeer(Address address) { peer_ = std::move(address); }
    void setHost(Address address) { host_ = std::move(address); }
    void setTls(TlsInfo info) { tls_ = std::move(info); }

    // What the protocol did.
    /// All that was written and not yet taken, files' contents included.
    const std::string& value() const noexcept { return written_; }
    std::string takeValue() { return std::exchange(written_, {}); }
    const std::vector<FileRange>& files() const noexcept { return files_; }
    bool losing() const noexcept { return losing_; }
    bool lostWriting() const noexcept { return lostWriting_; }
    /// The reason given to abortConnection(), if it was called.
    const std::optional<Failure>& aborted() const noexcept { return aborted_; }
    bool paused() const noexcept { return paused_; }
    int corks() const noexcept { return corks_; }
    const WriteLimits& writeLimits() const noexcept { return limits_; }

    void write(Bytes data) override {
        if (!writing())
            return;
        written_.append(data);
        queued_ += holding_ ? data.size() : 0;
    }
    void write(Buffer data) override { write(data.bytes()); }
    void writeFile(FileRange range) override {
        if (!writing())
            return;
        std::string data(range.length, '\0');
        const auto got =
            ::pread(range.file->get(), data.data(), data.size(), static_cast<off_t>(range.offset));
        if (got < 0 || static_cast<std::uint64_t>(got) < range.length)
            return abortConnection(ConnectionAborted("a file became shorter while it was being sent"));
        files_.push_back(std::move(range));
        write(Bytes(data));
    }
    void loseConnection() override { losing_ = true; }
    using Transport::abortConnection;
    void abortConnection(Failure reason) override {
        if (!lost_ && !aborted_)
            aborted_.emplace(std::move(reason));
    }
    void loseWriteConnection() override { lostWriting_ = true; }
    void pauseProducing() override { paused_ = true; }
    void resumeProducing() override { paused_ = false; }
    std::size_t queued() const noexcept override { return queued_; }
    void setWriteLimits(const WriteLimits& limits) override { limits_ = limits; }
    Deferred<void> drained() override {
        if (lost_)
            return fail(*reason_);
        if (queued_ <= limits_.low)
            return succeed();
        return waiting_.emplace_back().deferred();
    }
    const Address& peer() const noexcept override { return peer_; }
    Address host() const override { return host_; }
    const TlsInfo* tls() const noexcept override { return tls_ ? &*tls_ : nullptr; }
    Reactor& reactor() const noexcept override { return *reactor_; }
    bool closing() const noexcept override { return losing_ || aborted_ || lost_; }
    std::unique_ptr<Protocol> switchProtocol(std::unique_ptr<Protocol> next) override {
        return std::exchange(protocol_, std::move(next));
    }
    void cork() noexcept override { ++corks_; }
    void uncork() override { --corks_; }

private:
    bool writing() const noexcept { return !closing() && !lostWriting_; }

    Reactor* reactor_ = nullptr;
    std::unique_ptr<Protocol> protocol_;
    std::string written_;
    std::vector<FileRange> files_;
    std::vector<Promise<void>> waiting_;
    WriteLimits limits_;
    Address peer_ = Address::loopback(40000);
    Address host_ = Address::loopback(80);
    std::optional<TlsInfo> tls_;
    std::optional<Failure> aborted_;
    std::optional<Failure> reason_;
    std::size_t queued_ = 0;
    int corks_ = 0;
    bool holding_ = false;
    bool losing_ = false;
    bool lostWriting_ = false;
    bool paused_ = false;
    bool lost_ = false;
};

} // namespace twistdpp::test

namespace twistdpp {
using test::StringTransport;
} // namespace twistdpp
