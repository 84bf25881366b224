#pragma once
#include "twistdpp/defer/deferred.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/reactor/connect_host.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/transport.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace twistdpp {

namespace detail {
class StreamState;
} // namespace detail

/// The stream ended before what a read asked for had come.
class EndOfStream : public ConnectionEnd {
public:
    EndOfStream() : ConnectionEnd("the stream ended in the middle of what was being read") {}
};

/// readLine() met a line that is longer than it may be. The line is skipped; the next read begins behind it.
class LineTooLong : public std::runtime_error {
public:
    explicit LineTooLong(std::size_t max)
        : std::runtime_error("a line is longer than " + std::to_string(max) + " bytes") {}
};

/// One connection as a coroutine sees it: it asks for the bytes it wants next and waits for them.
///
///     Deferred<void> greet(Stream stream) {
///         std::string name = co_await stream.readLine();
///         stream.write("Hello, " + name + "\r\n");
///     }
///
/// A handle: copies stand for the same connection, which is closed, once all was sent, when the last of them
/// dies. One read may be waiting at a time; cancelling its Deferred takes it back and loses no byte. While
/// more than readMark() unread bytes are here the transport reads no more, so a peer that sends faster than
/// it is read is slowed down. When the connection ends, bytes that are here can still be read; after them
/// read() gives an empty result for an orderly end and fails with the reason (ConnectionLost,
/// ConnectionAborted) for another.
class Stream {
public:
    static constexpr std::size_t kReadMark = 64 * 1024;

    /// Stands for no connection; only to be assigned to.
    Stream() noexcept = default;
    explicit operator bool() const noexcept { return lease_ != nullptr; }

    /// What has come, at least one byte; empty at the end of the stream. Valid until the next read.
    Deferred<Bytes> read();
    /// The next line without its end. Fails with LineTooLong, or with EndOfStream when the stream ends first.
    Deferred<std::string>
    readLine(std::size_t max = LineReceiver::kMaxLength, LineEnd lineEnd = LineEnd::crlfOrLf);
    /// Exactly `count` bytes; fails with EndOfStream when there are not so many.
    Deferred<std::string> readExactly(std::size_t count);

    /// Copies and queues. Nothing happens once the connection has ended.
    void write(Bytes data);
    /// Queues without a copy.
    void write(Buffer data);
    void writeFile(FileRange range);
    /// Waits until little is queued (Transport::drained). Who writes much waits for it now and then. Fails
    /// with the reason when the connection ends.
    Deferred<void> drain();

    /// Sends what is queued, then closes.
    void close();
    /// Closes at once.
    void abort();
    /// Sends what is queued, then tells the peer that no more comes; reading goes on.
    void closeWriting();
    /// False from the moment at which the connection ended or was told to.
    bool connected() const noexcept;

    const Address& peer() const noexcept;
    /// Address::Kind::none once the connection has ended.
    Address host() const;
    /// nullptr without TLS or once the connection has ended.
    const TlsInfo* tls() const noexcept;
    Reactor& reactor() const noexcept;
    /// For what the above does not offer (options of the socket, TLS in the middle); nullptr once the
    /// connection has ended.
    Transport* transport() const noexcept;

    /// From how many unread bytes on the transport reads no more.
    std::size_t readMark() const noexcept;
    void setReadMark(std::size_t bytes);

private:
    friend class detail::StreamState;
    struct Lease;
    explicit Stream(std::shared_ptr<detail::StreamState> state);
    detail::StreamState& state() const noexcept;

    std::shared_ptr<Lease> lease_;
};

/// What serves a connection, usually a coroutine. It lives as long as any connection it serves, so a lambda
/// may keep what it captured even if it is a coroutine.
using StreamHandler = std::function<Deferred<void>(Stream)>;

/// Runs `handler` for each connection. Its end closes the connection, once all was sent. What it throws is
/// logged as an error under "net.stream" and aborts the connection; the end of the connection itself
/// (EndOfStream, ConnectionLost and the like) is no error. When the connection ends first, the handler's
/// pending read ends with it and the handler goes on to its own end; until then the Stream stays valid.
std::shared_ptr<Factory> makeStreamFactory(StreamHandler handler);

/// Connects by means of `connect`, which is given the factory to use: an endpoint's connect(), or
/// Reactor::connect.
Deferred<Stream> connectStream(UniqueFunction<Deferred<Transport*>(std::shared_ptr<Factory>)> connect);
/// Connects to a host by name or numeric address; fails as connectHost() does.
Deferred<Stream>
connectStream(Reactor& reactor, std::string host, std::uint16_t port, const ConnectHostOptions& options = {});

} // namespace twistdpp
