#pragma once
#include "twistdpp/ftp/reply.h"

#include "twistdpp/base/time.h"
#include "twistdpp/defer/deferred.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/net/line_receiver.h"
#include "twistdpp/reactor/context_factory.h"
#include "twistdpp/reactor/timer.h"
#include "twistdpp/tls/tls_transport.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace twistdpp::ftp {

/// What a server says, as a client asks for it. Shared by the connection, which its transport owns, and the
/// client.
class Control {
public:
    explicit Control(Duration limit) : limit_(limit) {}
    /// The protocol of the connection.
    static std::unique_ptr<Protocol> protocol(std::shared_ptr<Control> control);

    /// Sends a command; its answer is asked for by answer().
    void send(const std::string& command);
    /// The next answer, whatever it is. Fails with the end of the connection, or a TimeoutError.
    Deferred<Reply> answer();
    /// TLS from here on. Fails when the server has sent something along with its answer to AUTH.
    Deferred<void> secure(const std::shared_ptr<const ContextFactory>& context, const std::string& hostname);
    void close();
    /// nullptr when it has ended.
    Transport* transport() const noexcept;

private:
    class Connection;
    void gotReply(Reply reply);
    void lost(const Failure& why);

    Duration limit_; // for an answer
    Connection* connection_ = nullptr;
    std::deque<Reply> replies_; // that nobody has asked for yet
    std::optional<Promise<Reply>> waiting_;
    std::optional<Promise<void>> secured_;
    std::optional<Failure> lost_;
    Timer clock_;
};

} // namespace twistdpp::ftp
