#pragma once
#include "twistdpp/mail_server/domains.h"
#include "twistdpp/mail_store/delivery_log.h"
#include "twistdpp/smtp/mail_handler.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/reactor/reactor.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::mail {

/// What the deliveries of all connections share; outlives them.
struct Deliveries {
    Deliveries(Reactor& on, Domains& of, std::string called, Logger to)
        : reactor(on), domains(of), hostname(std::move(called)), log(std::move(to)) {}
    /// What writes to the Maildirs below a folder.
    DeliveryLog& logOf(const std::string& folder);
    /// Fires when all that was promised is in the Maildirs for good.
    Deferred<void> close();

    Reactor& reactor;
    Domains& domains;
    std::string hostname;
    Logger log;

private:
    std::map<std::string, std::unique_ptr<DeliveryLog>> logs_; // by the folder
};

/// Takes mail for the domains that are kept here, and writes it to the Maildirs of its recipients: 250 is
/// said when it is on the disk. Mail for others is refused, whoever sends it.
class LocalDelivery final : public smtp::MailHandler {
public:
    explicit LocalDelivery(std::shared_ptr<Deliveries> all) : all_(std::move(all)) {}

    Deferred<smtp::Reply> validateFrom(const smtp::Client& client, const smtp::Envelope& envelope) override;
    Deferred<smtp::Reply> validateTo(
        const smtp::Client& client, const smtp::Envelope& envelope, const smtp::Recipient& recipient
    ) override;
    Deferred<std::unique_ptr<smtp::IncomingMessage>>
    receive(const smtp::Client& client, const smtp::Envelope& envelope) override;

private:
    std::shared_ptr<Deliveries> all_;
};

} // namespace twistdpp::mail
