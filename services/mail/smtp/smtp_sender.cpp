#include "twistdpp/smtp/smtp_sender.h"

#include "twistdpp/reactor/connect_host.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/sleep.h"

namespace twistdpp::smtp {

namespace {

bool mayPass(const Failure& why) {
    if (const auto* no = why.as<SMTPError>())
        return no->temporary();
    return why.check<ConnectError>() || why.check<ConnectionEnd>();
}

Deferred<SendResult> sendOnce(
    Reactor& reactor, SendOptions options, std::string from, std::vector<std::string> to, std::string message
) {
    auto source = MailSource::text(std::move(message));
    const auto factory =
        std::make_shared<SMTPSenderFactory>(options, std::move(from), std::move(to), std::move(source));
    auto sending = factory->result();
    ConnectHostOptions how;
    how.timeout = options.connectTimeout;
    auto connecting = connectHost(reactor, options.host, options.port, factory, how);
    const Outcome<Transport*> connected = co_await std::move(connecting).outcome();
    if (!connected.ok()) {
        // Nobody will ever say how that went.
        std::move(sending).addErrback([](const Failure&) { return SendResult(); }).detach();
        co_return connected.failure();
    }
    SendResult result = co_await std::move(sending);
    co_return std::move(result);
}

} // namespace

void SMTPSender::sentMail(const Reply& reply, const std::vector<RecipientAnswer>& recipients) {
    if (result_.called())
        return;
    Promise<SendResult> result = std::move(result_);
    if (reply.code / 100 != 2)
        result.errback(SMTPError(reply));
    else
        result.callback(SendResult{reply, recipients});
}

void SMTPSender::failed(const Failure& why) {
    if (result_.called())
        return;
    Promise<SendResult> result = std::move(result_);
    result.errback(why);
}

SMTPSenderFactory::SMTPSenderFactory(
    const SendOptions& options, std::string from, std::vector<std::string> to,
    std::unique_ptr<MailSource> source
)
    : made_(std::make_unique<SMTPSender>(std::move(from), std::move(to), std::move(source))) {
    made_->identity = options.identity;
    made_->tls = options.tls;
    made_->serverName = options.host;
    made_->requireTls = options.requireTls;
    made_->account = options.account;
    made_->timeout = options.timeout;
}

std::unique_ptr<Protocol> SMTPSenderFactory::buildProtocol(const Address&) {
    return std::move(made_);
}

Deferred<SendResult> sendmail(
    Reactor& reactor, SendOptions options, std::string from, std::vector<std::string> to, std::string message
) {
    for (unsigned tries = 0;; ++tries) {
        auto sending = sendOnce(reactor, options, from, to, message);
        Outcome<SendResult> outcome = co_await std::move(sending).outcome();
        if (outcome.ok())
            co_return std::move(outcome).value();
        if (tries >= options.retries || !mayPass(outcome.failure()))
            co_return outcome.failure();
        co_await sleep(reactor, options.retryDelay);
    }
}

} // namespace twistdpp::smtp
