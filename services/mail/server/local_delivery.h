#pragma once
#include "twistdpp/mail_proof/dkim_signer.h"
#include "twistdpp/mail_relay/relay.h"
#include "twistdpp/mail_server/domains.h"
#include "twistdpp/mail_store/delivery_log.h"
#include "twistdpp/smtp/mail_handler.h"

#include "twistdpp/app/logger.h"
#include "twistdpp/app/metrics.h"
#include "twistdpp/net/prefix.h"
#include "twistdpp/reactor/reactor.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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
    Counter* taken = nullptr;          // counts mails
    std::uint64_t quota = 0;           // bytes of one mailbox; 0: as many as there is room for
    std::optional<dns::Client> dns;    // to ask whether mail comes from whom it says; nothing: nobody asks
    bool refuseForged = false;         // what the domain in From wants to be refused
    std::vector<DkimIdentity> signers; // for what goes elsewhere, by the domain in From
    Relay* relay = nullptr;            // for mail to other domains; nullptr: it is not taken
    std::string relayFolder;           // where its files are
    std::vector<Prefix> relayFor;      // who may send there without a login
    /// Whether the client may send mail to other domains. By a unix socket it is this machine's.
    bool mayRelay(const smtp::Client& client) const;

private:
    std::map<std::string, std::unique_ptr<DeliveryLog>> logs_; // by the folder
};

/// Takes mail for the domains that are kept here, and writes it to the Maildirs of its recipients; and for
/// others, from who may send it there, for the relay. 250 is said when it is on the disk.
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

/// Sends a report (RFC 3464) to whoever it is for, here or elsewhere. Fires when it is safe, with an error
/// when it is not; for somebody whom there is not, it is safe as it is.
Deferred<std::optional<Error>> postReport(std::shared_ptr<Deliveries> all, Report report);

} // namespace twistdpp::mail
