#pragma once
#include "twistdpp/mail_relay/parcel.h"

#include "twistdpp/defer/deferred.h"
#include "twistdpp/smtp/smtp_client.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// Where a session gets what it sends, and whom it tells.
class ParcelFeed {
public:
    virtual ~ParcelFeed() = default;
    /// What is to be sent next; nothing: no more.
    virtual std::optional<Parcel> next() = 0;
    /// Connection number `courier` can send: fires when next() is to be asked, at once, or when something
    /// comes
    /// within a few seconds, or then.
    virtual Deferred<void> somethingToSend(unsigned courier) = 0;
    /// The server has answered: as SMTPClient::sentMail(). `passesOn`: what the sender wants to be told goes
    /// with the mail, and the next server sees to it (RFC 3461).
    virtual void sent(
        Parcel parcel, const std::string& host, const smtp::Reply& reply,
        const std::vector<smtp::RecipientAnswer>& answers, bool passesOn
    ) = 0;
    /// The connection broke with it in the middle: nobody knows whether the server has it.
    virtual void lost(Parcel parcel, const std::string& why) = 0;
};

/// How a session went.
struct SessionEnd {
    bool served = false;     // it came as far as a mail
    bool refusedTls = false; // the server offers TLS, and that did not work
    smtp::Reply why;         // when it did not come to a mail; code 0: no answer of the server's
};

/// A connection to a server that takes one mail after the other. Owned by its transport.
class RelaySession final : public smtp::SMTPClient {
public:
    RelaySession(std::shared_ptr<ParcelFeed> feed, unsigned courier, MailSpool& spool, std::string host)
        : feed_(std::move(feed)), courier_(courier), spool_(spool), host_(std::move(host)) {}

    /// Fires when the connection has ended; never fails. Once only, before the connection.
    Deferred<SessionEnd> ended() { return ended_.deferred(); }

private:
    Deferred<void> ready() override { return feed_->somethingToSend(courier_); }
    std::optional<std::string> getMailFrom() override;
    std::vector<std::string> getMailTo() override;
    std::unique_ptr<smtp::MailSource> getMailData() override;
    smtp::MailParameters getMailParameters() override;
    std::optional<smtp::Reply> objection() override;
    void sentMail(const smtp::Reply& reply, const std::vector<smtp::RecipientAnswer>& answers) override;
    void failed(const Failure& why) override;
    void connectionLost(const Failure& reason) override;

    std::shared_ptr<ParcelFeed> feed_;
    unsigned courier_;
    MailSpool& spool_;
    std::string host_;
    std::optional<Parcel> parcel_; // that is on its way
    bool closing_ = false;         // the server has said so
    SessionEnd end_;
    Promise<SessionEnd> ended_{[this] {
        if (connected())
            transport().abortConnection();
    }};
};

} // namespace twistdpp::mail
