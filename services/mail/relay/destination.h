#pragma once
#include "twistdpp/mail_relay/parcel.h"
#include "twistdpp/mail_relay/relay_options.h"
#include "twistdpp/mail_relay/relay_session.h"
#include "twistdpp/mail_relay/routes.h"

#include "twistdpp/defer/deferred.h"
#include "twistdpp/reactor/reactor.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace twistdpp::mail {

/// What all destinations share; outlives them.
struct RelayShared {
    Reactor& reactor;
    MailSpool& spool;
    Routes routes;
    RelayOptions options;
    /// Whom to tell what became of a parcel, one verdict for each recipient.
    std::function<void(Parcel, std::vector<Verdict>)> settled;
    bool stopping = false;
    std::size_t couriers = 0;          // at work, of all destinations
    std::function<void()> courierGone; // one less
};

/// How long a mail waits behind so many tries.
Duration backOff(const RelayOptions& options, unsigned tries);

/// The domain that mail goes to: its waiting line, and the connections that carry it off. There are as many
/// as there is mail for, up to a window that grows with each mail that is taken and shrinks with each
/// connection that fails. When no server can be reached, all that waits is told so at once. Belongs to the
/// reactor's thread.
class Destination final : public ParcelFeed, public std::enable_shared_from_this<Destination> {
public:
    Destination(std::shared_ptr<RelayShared> shared, std::string domain)
        : shared_(std::move(shared)), domain_(std::move(domain)) {}
    ~Destination() override;

    /// It is to be sent now.
    void add(Parcel parcel);
    /// Nothing waits, nobody is at work, and nothing is known that has to be remembered.
    bool idle() const noexcept;
    /// Its servers are tried again although they could not be reached a moment ago.
    void wake() noexcept { failures_ = 0; }
    /// Ends what can be ended: connections that wait for more. The others end with their mail.
    void stop();
    /// Ends all connections.
    void abort();

    std::optional<Parcel> next() override;
    Deferred<void> somethingToSend(unsigned courier) override;
    void sent(
        Parcel parcel, const std::string& host, const smtp::Reply& reply,
        const std::vector<smtp::RecipientAnswer>& answers, bool passesOn
    ) override;
    void lost(Parcel parcel, const std::string& why) override;

private:
    struct Waiting {
        explicit Waiting(UniqueFunction<void()> canceller) : promise(std::move(canceller)) {}
        Promise<void> promise;
        Timer clock;
    };

    void work();
    void begin();
    Deferred<void> carry(unsigned number);
    Deferred<SessionEnd> talk(unsigned number, Hop hop, bool secure);
    void unreachable(const smtp::Reply& reply, const std::string& host);
    void refuse(Parcel parcel);
    void shrink() { window_ = std::max(1.0, window_ - 1); }

    std::shared_ptr<RelayShared> shared_;
    std::string domain_;
    std::deque<Parcel> line_;
    double window_ = 4;
    unsigned nextCourier_ = 0;
    std::map<unsigned, std::optional<Deferred<void>>> couriers_;
    std::set<unsigned> arriving_;                          // couriers that have no connection yet
    std::map<unsigned, std::unique_ptr<Waiting>> waiting_; // connections that have nothing to send
    unsigned nextWaiting_ = 0;
    // No server could be reached: how often, until when nobody tries, and what is said meanwhile.
    unsigned failures_ = 0;
    TimePoint deadUntil_{};
    smtp::Reply deadReply_;
    std::string deadHost_;
};

} // namespace twistdpp::mail
