#pragma once
#include "twistdpp/smtp/smtp_client.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::smtp {

/// How one mail goes out.
struct SendOptions {
    SendOptions() = default;
    std::string host = "localhost";
    std::uint16_t port = 25;
    std::string identity = "localhost";         // for EHLO
    std::shared_ptr<const ContextFactory> tls;  // for STARTTLS, where the server offers it
    bool requireTls = false;                    // nothing is sent without
    std::optional<SaslIdentity> account;        // whom to log in as
    Duration timeout = std::chrono::minutes(5); // for each answer
    Duration connectTimeout = std::chrono::seconds(30);
    unsigned retries = 0;                          // after a failure that may pass
    Duration retryDelay = std::chrono::seconds(5); // before each
};

/// What came of it: the server took the mail for those whose answer is a 2xx.
struct SendResult {
    Reply reply;
    std::vector<RecipientAnswer> recipients;
};

/// A client that sends one mail (Twisted's SMTPSender and ESMTPSender). Owned by its transport.
class SMTPSender final : public SMTPClient {
public:
    SMTPSender(std::string from, std::vector<std::string> to, std::unique_ptr<MailSource> source)
        : from_(std::move(from)), to_(std::move(to)), source_(std::move(source)) {}

    /// Fires when the server has taken the mail for one recipient at least. Fails with SMTPError when it has
    /// not, and with what ended the conversation. Once only; cancelling closes the connection.
    Deferred<SendResult> result() { return result_.deferred(); }

private:
    std::optional<std::string> getMailFrom() override { return std::exchange(from_, std::nullopt); }
    std::vector<std::string> getMailTo() override { return to_; }
    std::unique_ptr<MailSource> getMailData() override { return std::move(source_); }
    void sentMail(const Reply& reply, const std::vector<RecipientAnswer>& recipients) override;
    void failed(const Failure& why) override;

    std::optional<std::string> from_;
    std::vector<std::string> to_;
    std::unique_ptr<MailSource> source_;
    Promise<SendResult> result_{[this] {
        if (connected())
            transport().abortConnection();
    }};
};

/// Makes one SMTPSender, for reactor.connect() and endpoints (Twisted's SMTPSenderFactory).
class SMTPSenderFactory final : public Factory {
public:
    SMTPSenderFactory(
        const SendOptions& options, std::string from, std::vector<std::string> to,
        std::unique_ptr<MailSource> source
    );
    /// As SMTPSender::result(); before the connection is asked for. When there comes none, nothing fires.
    Deferred<SendResult> result() { return made_->result(); }
    std::unique_ptr<Protocol> buildProtocol(const Address& peer) override;

private:
    std::unique_ptr<SMTPSender> made_; // until it is needed
};

/// Sends a mail to a server, Twisted's sendmail(). Lines of `message` may end with LF or CRLF. Fires and
/// fails as SMTPSender::result(), and with a ConnectError; what may pass (no connection, 4xx) is tried again
/// as `options` say. Cancelling gives up.
Deferred<SendResult> sendmail(
    Reactor& reactor, SendOptions options, std::string from, std::vector<std::string> to, std::string message
);

} // namespace twistdpp::smtp
