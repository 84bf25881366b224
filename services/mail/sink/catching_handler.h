#pragma once
#include "twistdpp/mail_sink/caught_mail.h"
#include "twistdpp/mail_sink/faults.h"
#include "twistdpp/smtp/mail_handler.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/cred/checker.h"
#include "twistdpp/reactor/reactor.h"

#include <memory>

namespace twistdpp::mail {

/// What all connections of a sink share; outlives them.
struct Sink {
    Sink(Reactor& on, std::size_t most, std::uint64_t bytes, Logger to)
        : reactor(on), mails(most, bytes), log(std::move(to)) {}
    Reactor& reactor;
    CaughtMails mails;
    Faults faults;
    Logger log;
};

/// Takes every mail for everyone, and gives it to nobody else.
class CatchingHandler final : public smtp::MailHandler {
public:
    explicit CatchingHandler(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}

    Deferred<smtp::Reply> validateFrom(const smtp::Client& client, const smtp::Envelope& envelope) override;
    Deferred<smtp::Reply> validateTo(
        const smtp::Client& client, const smtp::Envelope& envelope, const smtp::Recipient& recipient
    ) override;
    Deferred<std::unique_ptr<smtp::IncomingMessage>>
    receive(const smtp::Client& client, const smtp::Envelope& envelope) override;

private:
    std::shared_ptr<Sink> sink_;
};

/// Lets in whoever has a name, with any password: programs under test come with accounts of their own.
class AnyoneChecker final : public Checker {
public:
    CredentialKinds kinds() const noexcept override {
        return CredentialKind::password | CredentialKind::hashedPassword;
    }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override {
        return AvatarId(std::string(credentials.claimedUser()));
    }
};

} // namespace twistdpp::mail
