#pragma once
#include "twistdpp/sftp/session.h"

#include "twistdpp/defer/deferred.h"
#include "twistdpp/net/length_prefixed.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::sftp {

/// The server's end of SFTP on a transport: SSH's channel, or whatever carries bytes both ways. Requests are
/// done in their order by one thread of the pool at a time, as many as have come; a client that does not read
/// its answers is not read from, either. It ends when the client has said all, or breaks the protocol.
class SftpProtocol final : public Int32StringReceiver {
public:
    /// `ended` is called at the end of the connection.
    explicit SftpProtocol(
        std::shared_ptr<const files::FileTree> tree, SessionOptions options = SessionOptions(),
        std::function<void()> ended = nullptr
    );
    ~SftpProtocol() override;

    void connectionMade() override;
    void readConnectionLost() override;
    void writable() override { start(); }
    void connectionLost(const Failure& reason) override;

private:
    struct Work; // a thread's, and then ours
    void stringReceived(Bytes packet) override;
    void start();
    void finished(Work& work);
    void endIfDone();

    std::shared_ptr<Session> session_;
    std::deque<std::string> waiting_; // packets that have come
    std::size_t waitingBytes_ = 0;
    std::optional<Deferred<void>> running_;
    bool ended_ = false; // the client sends no more
    std::function<void()> whenEnded_;
};

} // namespace twistdpp::sftp
