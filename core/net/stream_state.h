#pragma once
#include "twistdpp/defer/promise.h"
#include "twistdpp/net/stream.h"
#include "twistdpp/reactor/protocol.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace twistdpp::detail {

/// What the handles of one Stream share with the connection's protocol: the bytes that were not read yet, the
/// read that waits, and how the connection ended. It lives until both sides have let go of it.
class StreamState : public std::enable_shared_from_this<StreamState> {
public:
    Stream handle() { return Stream(shared_from_this()); }

    // From the protocol.
    void attach(Protocol& protocol);
    void received(Bytes data);
    void readEnded();
    void lost(const Failure& reason);

    // From the handles.
    Deferred<Bytes> read();
    Deferred<std::string> readLine(std::size_t max, LineEnd lineEnd);
    Deferred<std::string> readExactly(std::size_t count);
    Deferred<void> drain();
    void close();
    void setReadMark(std::size_t bytes);

    Transport* transport() const noexcept { return protocol_ ? &protocol_->transport() : nullptr; }
    const Address& peer() const noexcept { return peer_; }
    Reactor& reactor() const noexcept { return *reactor_; }
    std::size_t readMark() const noexcept { return readMark_; }

private:
    enum class Want { nothing, some, line, exactly };

    std::size_t unread() const noexcept { return bytes_.size() - begin_; }
    bool ended() const noexcept { return readEnded_ || reason_; }
    /// The read that waits, as far as what is here allows; nothing when it must go on waiting.
    std::optional<Outcome<Bytes>> trySome();
    std::optional<Outcome<std::string>> tryText();
    std::optional<Outcome<std::string>> tryLine();
    template <class T>
    Deferred<T> start(Want want, std::size_t amount, std::optional<Outcome<T>> (StreamState::*attempt)());
    void serve();
    void skipRestOfLine();
    std::string take(std::size_t count, std::size_t behind);
    Failure endReason() const;
    void steerReading();

    Protocol* protocol_ = nullptr; // nullptr once the connection has ended
    Reactor* reactor_ = nullptr;
    Address peer_;
    std::string bytes_; // what came; the first begin_ bytes were read
    std::size_t begin_ = 0;
    std::string lent_;         // what the last read() gave out
    std::size_t searched_ = 0; // unread bytes known to hold no line's end
    std::size_t readMark_ = Stream::kReadMark;

    Want want_ = Want::nothing;
    std::size_t amount_ = 0; // of the line at most, or exactly
    LineEnd lineEnd_ = LineEnd::crlf;
    std::variant<std::monostate, Promise<Bytes>, Promise<std::string>> waiting_;

    std::optional<Failure> reason_;
    bool readEnded_ = false;
    bool skipping_ = false;
    bool stopped_ = false; // the transport was told to pause
};

} // namespace twistdpp::detail
