#include "twistdpp/mail_relay/destination.h"

#include "twistdpp/reactor/errors.h"
#include "twistdpp/smtp/mail_handler.h"

#include <algorithm>
#include <utility>

namespace twistdpp::mail {

namespace {

using smtp::Reply;

constexpr std::size_t kMostCouriers = 500; // of all destinations
constexpr unsigned kMostLosses = 2;        // of connections with the same mail, one behind the other

/// Gives its one session, for reactor.connect().
class SessionFactory final : public Factory {
public:
    explicit SessionFactory(std::unique_ptr<RelaySession> session) : session_(std::move(session)) {}
    std::unique_ptr<Protocol> buildProtocol(const Address&) override { return std::move(session_); }

private:
    std::unique_ptr<RelaySession> session_;
};

/// RFC 5321 section 4.5.3.1.10: more recipients than the server takes at a time.
bool tooMany(const Reply& reply) {
    return (reply.code == 452 || reply.code == 552) && statusOf(reply).ends_with(".5.3");
}

} // namespace

Duration backOff(const RelayOptions& options, unsigned tries) {
    Duration out = options.retry;
    for (unsigned i = 1; i < tries && out < options.retryMost; ++i)
        out *= 2;
    return std::min(out, options.retryMost);
}

Destination::~Destination() = default;

bool Destination::idle() const noexcept {
    return line_.empty() && couriers_.empty() &&
           (failures_ == 0 || shared_->reactor.now() >= deadUntil_ + shared_->options.retryMost);
}

void Destination::add(Parcel parcel) {
    if (failures_ > 0 && shared_->reactor.now() < deadUntil_)
        return refuse(std::move(parcel));
    line_.push_back(std::move(parcel));
    work();
}

/// Connections that have nothing to send come first, then new ones.
void Destination::work() {
    if (shared_->stopping)
        return;
    for (std::size_t ready = line_.size(); ready > 0 && !waiting_.empty(); --ready) {
        auto first = waiting_.extract(waiting_.begin());
        Promise<void> promise = std::move(first.mapped()->promise);
        first.mapped().reset();
        promise.callback();
    }
    while (line_.size() > arriving_.size() && static_cast<double>(couriers_.size()) < window_ &&
           couriers_.size() < shared_->options.perDestination && shared_->couriers < kMostCouriers)
        begin();
}

void Destination::begin() {
    const unsigned number = nextCourier_++;
    couriers_[number];
    arriving_.insert(number);
    ++shared_->couriers;
    auto run = carry(number).addBoth([self = shared_from_this(), number](const Outcome<void>&) {
        self->couriers_.erase(number);
        self->arriving_.erase(number);
        --self->shared_->couriers;
        // What came meanwhile, and what another connection has left.
        self->work();
        self->shared_->courierGone();
    });
    if (const auto its = couriers_.find(number); its != couriers_.end())
        its->second.emplace(std::move(run));
    else
        std::move(run).detach();
}

Deferred<void> Destination::carry(unsigned number) {
    const auto self = shared_from_this();
    const RelayOptions& options = shared_->options;
    auto finding = options.via.empty() ? shared_->routes.find(domain_)
                                       : shared_->routes.direct(options.via, options.viaPort);
    Outcome<std::vector<Hop>> route = co_await std::move(finding).outcome();
    if (!route.ok()) {
        if (route.failure().check<CancelledError>())
            co_return;
        const auto* const no = route.failure().as<smtp::Refusal>();
        unreachable(no ? no->reply() : Reply(451, "4.4.3", route.failure().message()), {});
        co_return;
    }
    if (!options.via.empty() && options.account) {
        // A password goes to nobody else, and to no one over the network who has not proved that it is him.
        for (Hop& hop : route.value())
            hop.strict = !hop.address.isLoopback();
    }
    Reply last; // of a server that may be back, if there is one such
    std::string host;
    for (const Hop& hop : route.value()) {
        for (bool secure = hop.strict || options.tls != nullptr, again = true; again; secure = false) {
            if (line_.empty() || shared_->stopping)
                co_return;
            auto talking = talk(number, hop, secure);
            const Outcome<SessionEnd> end = co_await std::move(talking).outcome();
            if (!end.ok())
                co_return;
            if (end.value().served)
                co_return;
            again = secure && end.value().refusedTls;
            // One that may be back counts more than one that says no for good, and an answer more than none.
            const Reply& why = end.value().why;
            const bool says = why.code != 0 && (why.code < 500 || options.account);
            if (host.empty() || last.code >= 500 || (last.code == 0 && says)) {
                last = why;
                host = hop.host;
            }
        }
        shrink();
    }
    // That the login fails is a mistake here, and no reason to send the mail back.
    if (last.code == 0 || (options.account && last.code >= 500)) {
        last = Reply(451, options.account && last.code > 0 ? "4.7.8" : "4.4.1", host + ": " + last.text);
        host.clear();
    }
    arriving_.erase(number);
    // Some servers take a few connections and no more: those that there are go on, and those that are on
    // their way may come through. When none does, the last one says so.
    if (const std::size_t others = couriers_.size() - 1; others > 0) {
        window_ = static_cast<double>(others);
        co_return;
    }
    unreachable(last, host);
}

Deferred<SessionEnd> Destination::talk(unsigned number, Hop hop, bool secure) {
    const RelayOptions& options = shared_->options;
    auto session = std::make_unique<RelaySession>(shared_from_this(), number, shared_->spool, hop.host);
    session->identity = options.hostname;
    session->serverName = hop.host;
    session->tls = hop.strict ? options.strictTls : secure ? options.tls : nullptr;
    session->requireTls = hop.strict;
    if (!options.via.empty())
        session->account = options.account;
    session->timeout = options.timeout;
    auto ending = session->ended();
    const auto factory = std::make_shared<SessionFactory>(std::move(session));
    ConnectSpec spec(hop.address, options.connectTimeout);
    auto connecting = shared_->reactor.connect(std::move(spec), factory);
    const Outcome<Transport*> connected = co_await std::move(connecting).outcome();
    if (!connected.ok()) {
        std::move(ending).addErrback([](const Failure&) { return SessionEnd(); }).detach();
        if (connected.failure().check<CancelledError>())
            co_return connected.failure();
        SessionEnd end;
        end.why = Reply(0, {}, connected.failure().message());
        co_return std::move(end);
    }
    SessionEnd end = co_await std::move(ending);
    co_return std::move(end);
}

/// What waits is told so, and what comes in the next time, too.
void Destination::unreachable(const Reply& reply, const std::string& host) {
    deadReply_ = reply;
    deadHost_ = host;
    ++failures_;
    // Somewhat before the mails that are put off now come again.
    const Duration pause = backOff(shared_->options, failures_);
    deadUntil_ = shared_->reactor.now() + pause * 3 / 4;
    for (Parcel& parcel : std::exchange(line_, {}))
        refuse(std::move(parcel));
}

void Destination::refuse(Parcel parcel) {
    const auto kind = deadReply_.code >= 500 ? Verdict::Kind::failed : Verdict::Kind::delayed;
    std::vector<Verdict> verdicts;
    for (const smtp::Mailbox& each : parcel.to)
        verdicts.push_back({each, kind, deadReply_, deadHost_});
    shared_->settled(std::move(parcel), std::move(verdicts));
}

void Destination::stop() {
    for (auto& [number, each] : std::exchange(waiting_, {})) {
        Promise<void> promise = std::move(each->promise);
        each.reset();
        promise.callback();
    }
}

void Destination::abort() {
    const auto self = shared_from_this();
    auto all = std::exchange(couriers_, {});
    for (auto& [number, courier] : all) {
        couriers_[number];
        if (courier)
            courier->cancel();
    }
}

std::optional<Parcel> Destination::next() {
    if (line_.empty() || shared_->stopping)
        return std::nullopt;
    Parcel parcel = std::move(line_.front());
    line_.pop_front();
    return parcel;
}

Deferred<void> Destination::somethingToSend(unsigned courier) {
    arriving_.erase(courier);
    failures_ = 0;
    if (!line_.empty() || shared_->stopping)
        return succeed();
    const unsigned number = nextWaiting_++;
    auto waiting = std::make_unique<Waiting>([this, number] { waiting_.erase(number); });
    auto out = waiting->promise.deferred();
    waiting->clock = shared_->reactor.callLater(shared_->options.keepOpen, [this, number] {
        auto its = waiting_.extract(number);
        Promise<void> promise = std::move(its.mapped()->promise);
        its.mapped().reset();
        promise.callback();
    });
    waiting_[number] = std::move(waiting);
    return out;
}

void Destination::sent(
    Parcel parcel, const std::string& host, const Reply& reply,
    const std::vector<smtp::RecipientAnswer>& answers, bool passesOn
) {
    std::vector<Verdict> verdicts;
    Parcel rest{parcel.mail, {}, 0};
    bool some = false;
    for (const smtp::Mailbox& each : parcel.to) {
        const auto its = std::find_if(answers.begin(), answers.end(), [&](const auto& answer) {
            return answer.address == each.toString();
        });
        const bool refused = its != answers.end() && its->reply.code / 100 != 2;
        const Reply& said = refused ? its->reply : reply;
        const auto good = passesOn ? Verdict::Kind::delivered : Verdict::Kind::relayed;
        const auto kind = said.code / 100 == 2   ? good
                          : said.code / 100 == 5 ? Verdict::Kind::failed
                                                 : Verdict::Kind::delayed;
        some = some || said.code / 100 == 2;
        if (refused && tooMany(said))
            rest.to.push_back(each);
        else
            verdicts.push_back({each, kind, said, host});
    }
    if (some) {
        window_ = std::min<double>(window_ + 1 / window_, shared_->options.perDestination);
    } else {
        for (const smtp::Mailbox& each : std::exchange(rest.to, {}))
            verdicts.push_back({each, Verdict::Kind::delayed, reply, host});
    }
    if (!rest.to.empty())
        line_.push_front(std::move(rest));
    if (!verdicts.empty())
        shared_->settled(std::move(parcel), std::move(verdicts));
}

void Destination::lost(Parcel parcel, const std::string& why) {
    shrink();
    if (++parcel.lost < kMostLosses) {
        line_.push_front(std::move(parcel));
        return;
    }
    std::vector<Verdict> verdicts;
    for (const smtp::Mailbox& each : parcel.to)
        verdicts.push_back({each, Verdict::Kind::delayed, Reply(451, "4.4.2", why), {}});
    shared_->settled(std::move(parcel), std::move(verdicts));
}

} // namespace twistdpp::mail
