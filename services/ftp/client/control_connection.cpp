#include "twistdpp/ftp_client/control_connection.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/number.h"
#include "twistdpp/defer/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/reactor/transport.h"
#include "twistdpp/tls/start_tls.h"

#include <stdexcept>
#include <utility>

namespace twistdpp::ftp {

namespace {

constexpr std::size_t kLongestLine = 8192;
constexpr std::size_t kMostLines = 100'000; // of an answer: STAT may be a folder
constexpr std::size_t kMostReplies = 100;   // that nobody has asked for

} // namespace

class Control::Connection final : public LineReceiver, public HandshakeListener {
public:
    explicit Connection(std::shared_ptr<Control> control)
        : LineReceiver(kLongestLine, LineEnd::crlfOrLf), control_(std::move(control)) {}

    void connectionMade() override { control_->connection_ = this; }
    void lineReceived(Bytes line) override {
        if (!reply_) {
            const auto code = line.size() >= 3 ? parseUnsigned<unsigned>(line.substr(0, 3)) : std::nullopt;
            const bool good =
                code && *code >= 100 && *code < 700 && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
            if (!good)
                return transport().abortConnection(Failure(std::runtime_error("what the server says is no FTP"
                )));
            Reply reply(
                static_cast<int>(*code), std::string(line.substr(std::min<std::size_t>(4, line.size())))
            );
            if (line.size() == 3 || line[3] == ' ')
                return control_->gotReply(std::move(reply));
            reply_ = std::move(reply);
            return;
        }
        // "ddd " with the same number ends it (RFC 959 section 4.2).
        const std::string end = std::to_string(reply_->code) + " ";
        const bool last = line.starts_with(end) || line == Bytes(end).substr(0, 3);
        if (reply_->lines.size() >= kMostLines)
            return transport().abortConnection(Failure(std::runtime_error("the answer does not end")));
        reply_->lines.emplace_back(last ? line.substr(std::min<std::size_t>(4, line.size())) : line);
        if (!last)
            return;
        Reply reply = std::move(*reply_);
        reply_.reset();
        control_->gotReply(std::move(reply));
    }
    void lineLengthExceeded(Bytes) override {
        transport().abortConnection(Failure(std::runtime_error("a line of the server is too long")));
    }
    void handshakeCompleted(const TlsInfo&) override {
        if (auto secured = std::exchange(control_->secured_, std::nullopt))
            secured->callback();
    }
    void connectionLost(const Failure& reason) override { control_->lost(reason); }
    /// Whether something has come that belongs to no answer.
    bool forgetRest() { return reply_.has_value() || !clearLineBuffer().empty(); }

private:
    std::shared_ptr<Control> control_;
    std::optional<Reply> reply_; // whose last line has not come
};

std::unique_ptr<Protocol> Control::protocol(std::shared_ptr<Control> control) {
    return std::make_unique<Connection>(std::move(control));
}

Transport* Control::transport() const noexcept {
    return connection_ ? &connection_->transport() : nullptr;
}

void Control::send(const std::string& command) {
    if (Transport* const to = transport())
        to->write(Bytes(command + "\r\n"));
}

Deferred<Reply> Control::answer() {
    if (!replies_.empty()) {
        Reply reply = std::move(replies_.front());
        replies_.pop_front();
        return reply;
    }
    if (lost_)
        return fail<Reply>(*lost_);
    waiting_.emplace([this] { waiting_.reset(); });
    auto out = waiting_->deferred();
    clock_ = transport()->reactor().callLater(limit_, [this] {
        if (auto waiting = std::exchange(waiting_, std::nullopt))
            waiting->errback(Failure(TimeoutError()));
        close();
    });
    return out;
}

void Control::gotReply(Reply reply) {
    if (auto waiting = std::exchange(waiting_, std::nullopt)) {
        clock_.cancel();
        return waiting->callback(std::move(reply));
    }
    if (replies_.size() >= kMostReplies)
        return connection_->transport().abortConnection(Failure(std::runtime_error("the server says too much")
        ));
    replies_.push_back(std::move(reply));
}

void Control::lost(const Failure& why) {
    connection_ = nullptr;
    lost_ = why;
    clock_.cancel();
    if (auto secured = std::exchange(secured_, std::nullopt))
        secured->errback(why);
    if (auto waiting = std::exchange(waiting_, std::nullopt))
        waiting->errback(why);
}

Deferred<void>
Control::secure(const std::shared_ptr<const ContextFactory>& context, const std::string& hostname) {
    if (!connection_)
        return fail(*lost_);
    // It was not protected, and may be somebody else's.
    if (connection_->forgetRest() || !replies_.empty())
        return fail(std::runtime_error("the server has sent something along with its answer to AUTH"));
    secured_.emplace([this] { secured_.reset(); });
    auto out = secured_->deferred();
    startTlsClient(connection_->transport(), context, hostname);
    return out;
}

void Control::close() {
    if (Transport* const to = transport())
        to->loseConnection();
}

} // namespace twistdpp::ftp
