#include "twistdpp/mail_relay/relay.h"

#include "twistdpp/mail_relay/delivery_report.h"
#include "twistdpp/mail_relay/destination.h"

#include "twistdpp/app/text_escape.h"
#include "twistdpp/base/ascii.h"
#include "twistdpp/defer/promise.h"
#include "twistdpp/smtp/mail_handler.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <unordered_map>
#include <utility>

namespace twistdpp::mail {

namespace {

using Kind = Verdict::Kind;

constexpr std::size_t kMostRecipients = 100;  // of one mail at a time
constexpr std::size_t kSentBack = 64 * 1024;  // of a mail that is longer its header alone
constexpr std::size_t kIdleDestinations = 64; // behind which they are looked through

std::int64_t milliseconds(Duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

bool wanted(const QueuedRecipient& each, unsigned what) {
    using smtp::Notify;
    // Who does not say wants to know of failures, and is told of delays, too (RFC 3461 section 4.1).
    return each.who.notify == 0 ? what != Notify::success : (each.who.notify & what) != 0;
}

std::string sender(const QueuedMail& mail) {
    return mail.envelope.from ? mail.envelope.from->toString() : std::string();
}

} // namespace

/// What others can see of a relay. Recipients are counted.
struct RelayMetrics {
    explicit RelayMetrics(Metrics& metrics)
        : waiting(metrics.gauge("mail_queue_size", "Mails that wait to be sent on")),
          sent(metrics.counter("mail_relay_sent_total", "Recipients whose servers have taken a mail")),
          delayed(metrics.counter("mail_relay_delayed_total", "Tries for a recipient that are to be repeated")
          ),
          failed(metrics.counter("mail_relay_failed_total", "Recipients for whom a mail was given up")) {}
    Gauge& waiting;
    Counter &sent, &delayed, &failed;
};

class Relay::State : public std::enable_shared_from_this<State> {
public:
    State(
        Reactor& reactor, std::string folder, std::unique_ptr<SpoolFiles> files, Routes routes,
        RelayOptions options, ReportPost post, Logger log, Metrics& metrics
    )
        : reactor_(reactor), metrics_(metrics), spool_(reactor, std::move(folder), std::move(files)),
          shared_(std::make_shared<RelayShared>(RelayShared{
              reactor, spool_, std::move(routes), std::move(options), {}, false, 0, {}})),
          post_(std::move(post)), log_(std::move(log)), begun_(reactor.now()),
          wall_(milliseconds(std::chrono::system_clock::now().time_since_epoch())) {}

    void bind() {
        shared_->settled = [weak = weak_from_this()](Parcel parcel, std::vector<Verdict> verdicts) {
            if (const auto self = weak.lock())
                self->settled(std::move(parcel), std::move(verdicts));
        };
        shared_->courierGone = [weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->quiet();
        };
    }
    void adopt(std::vector<SpoolFiles::Found> found) {
        for (SpoolFiles::Found& each : found) {
            auto mail = std::make_shared<SpooledMail>();
            static_cast<QueuedMail&>(*mail) = std::move(each.mail);
            mail->place = std::move(each.place);
            spool_.adopt(mail);
            mails_[mail->id] = std::move(mail);
        }
        count();
    }
    void start() {
        for (const auto& [id, mail] : mails_)
            schedule(mail, mail->to);
    }
    Deferred<std::optional<Error>>
    accept(QueuedMail mail, std::string head, std::shared_ptr<const MessageSpool> body) {
        auto taken = std::make_shared<SpooledMail>();
        static_cast<QueuedMail&>(*taken) = std::move(mail);
        if (shared_->stopping)
            return std::optional<Error>(Error("the relay stops"));
        ++incoming_;
        return spool_.put(taken, std::move(head), std::move(body))
            .addCallback([self = shared_from_this(), taken](std::optional<Error> error) {
                --self->incoming_;
                if (!error) {
                    self->mails_[taken->id] = taken;
                    self->count();
                    std::string to;
                    for (const QueuedRecipient& each : taken->to)
                        to += " to=<" + each.who.to.toString() + ">";
                    self->note(
                        taken->id,
                        "queued from=<" + sender(*taken) + ">" + to + " size=" + std::to_string(taken->size)
                    );
                    self->schedule(taken, taken->to);
                }
                self->quiet();
                return error;
            });
    }
    std::size_t flush(const std::string& id) {
        std::vector<Parcel> now;
        for (auto each = waiting_.begin(); each != waiting_.end();) {
            if (!id.empty() && each->second.mail->id != id) {
                ++each;
                continue;
            }
            now.push_back(std::move(each->second));
            each = waiting_.erase(each);
        }
        for (const auto& [domain, destination] : destinations_)
            destination->wake();
        std::vector<const SpooledMail*> mails;
        for (Parcel& parcel : now) {
            if (std::find(mails.begin(), mails.end(), parcel.mail.get()) == mails.end())
                mails.push_back(parcel.mail.get());
            send(std::move(parcel));
        }
        return mails.size();
    }
    bool drop(const std::string& id) {
        const auto found = mails_.find(id);
        if (found == mails_.end())
            return false;
        note(id, "thrown away");
        done(found->second);
        return true;
    }
    std::size_t size() const noexcept { return mails_.size(); }
    void note(const std::string& id, const std::string& line) {
        std::string text = std::to_string(now()) + " " + id + " ";
        appendEscaped(text, line);
        spool_.note(std::move(text));
    }
    Deferred<void> stop(Drain drain) {
        shared_->stopping = true;
        clock_.cancel();
        Promise<void> promise;
        auto out = promise.deferred();
        whenQuiet_.emplace(std::move(promise));
        for (const auto& [domain, destination] : destinations_)
            destination->stop();
        if (drain.immediate())
            abort();
        else
            deadline_ = reactor_.callLater(drain.limit, [this] { abort(); });
        quiet();
        return std::move(out).addCallback([self = shared_from_this()] { return self->spool_.close(); });
    }
    /// Nobody asks for anything any more: what is on its way ends.
    void leave() {
        shared_->stopping = true;
        clock_.cancel();
        abort();
    }
    std::int64_t now() const { return wall_ + milliseconds(reactor_.now() - begun_); }

private:
    void count() { metrics_.waiting.set(static_cast<std::int64_t>(mails_.size())); }
    void abort() {
        const auto self = shared_from_this();
        auto all = destinations_;
        for (const auto& [domain, destination] : all)
            destination->abort();
    }
    void quiet() {
        if (!whenQuiet_ || shared_->couriers > 0 || incoming_ > 0 || reporting_ > 0)
            return;
        deadline_.cancel();
        auto quiet = std::move(*whenQuiet_);
        whenQuiet_.reset();
        quiet.callback();
    }

    std::string destinationOf(const smtp::Mailbox& address) const {
        return shared_->options.via.empty() ? ascii::toLower(address.domain) : std::string();
    }
    /// Puts the mail for these recipients where it waits, or on its way when it is time.
    void schedule(const std::shared_ptr<SpooledMail>& mail, const std::vector<QueuedRecipient>& to) {
        std::map<std::pair<std::string, std::int64_t>, std::vector<Parcel>> parcels;
        for (const QueuedRecipient& each : to) {
            auto& its = parcels[{destinationOf(each.who.to), each.next}];
            if (its.empty() || its.back().to.size() >= kMostRecipients)
                its.push_back({mail, {}, 0});
            its.back().to.push_back(each.who.to);
        }
        for (auto& [where, all] : parcels) {
            for (Parcel& parcel : all) {
                if (where.second <= now())
                    send(std::move(parcel));
                else
                    waiting_.emplace(where.second, std::move(parcel));
            }
        }
        wind();
    }
    void send(Parcel parcel) {
        const std::string domain = destinationOf(parcel.to.front());
        if (destinations_.size() > sweepAt_)
            sweep();
        auto& destination = destinations_[domain];
        if (!destination)
            destination = std::make_shared<Destination>(shared_, domain);
        // One that refuses at once may come back here.
        const std::shared_ptr<Destination> its = destination;
        its->add(std::move(parcel));
    }
    void sweep() {
        std::erase_if(destinations_, [](const auto& each) { return each.second->idle(); });
        sweepAt_ = std::max(kIdleDestinations, 2 * destinations_.size());
    }
    void wind() {
        if (waiting_.empty() || shared_->stopping) {
            clock_.cancel();
            return;
        }
        const std::int64_t left = std::max<std::int64_t>(waiting_.begin()->first - now(), 1);
        clock_ = reactor_.callLater(std::chrono::milliseconds(left), [this] { due(); });
    }
    void due() {
        std::vector<Parcel> now;
        while (!waiting_.empty() && waiting_.begin()->first <= this->now()) {
            now.push_back(std::move(waiting_.begin()->second));
            waiting_.erase(waiting_.begin());
        }
        for (Parcel& parcel : now) {
            if (!parcel.mail->gone)
                send(std::move(parcel));
        }
        wind();
    }

    QueuedRecipient* recipient(SpooledMail& mail, const smtp::Mailbox& address) const {
        const auto found = std::find_if(mail.to.begin(), mail.to.end(), [&](const QueuedRecipient& each) {
            return each.who.to == address;
        });
        return found == mail.to.end() ? nullptr : &*found;
    }
    std::int64_t expiry(const SpooledMail& mail) const {
        const RelayOptions& options = shared_->options;
        return mail.came + milliseconds(mail.envelope.from ? options.expire : options.expireReports);
    }

    /// One try is over. What that means, for the recipients and for the sender.
    void settled(Parcel parcel, std::vector<Verdict> verdicts) {
        const std::shared_ptr<SpooledMail> mail = parcel.mail;
        if (mail->gone)
            return;
        std::vector<ReportedRecipient> failures, successes, delays;
        std::vector<QueuedRecipient> again;
        const bool tooOld = now() >= expiry(*mail);
        for (Verdict& verdict : verdicts) {
            QueuedRecipient* const each = recipient(*mail, verdict.to);
            if (!each)
                continue;
            ++each->tries;
            each->why =
                (verdict.host.empty() ? std::string() : verdict.host + ": ") + inOneLine(verdict.reply);
            tell(*mail, *each, verdict, tooOld);
            const ReportedRecipient about{each->who, verdict.kind, false, verdict.reply, verdict.host};
            if (verdict.kind == Kind::relayed && wanted(*each, smtp::Notify::success))
                successes.push_back(about);
            if (verdict.kind == Kind::delivered || verdict.kind == Kind::relayed) {
                metrics_.sent.add();
                arrived(*mail, verdict.to);
            } else if (verdict.kind == Kind::failed || tooOld) {
                metrics_.failed.add();
                failures.push_back(about);
                failures.back().kind = Kind::failed;
                if (verdict.kind != Kind::failed)
                    failures.back().reply = smtp::Reply(
                        550, "5.4.7",
                        "it was too old to be tried again; the last answer was: " + inOneLine(verdict.reply)
                    );
            } else {
                metrics_.delayed.add();
                each->next = nextTry(*mail, each->tries);
                if (isLate(*mail, *each)) {
                    each->warned = true;
                    delays.push_back(about);
                }
                again.push_back(*each);
            }
        }
        if (!again.empty())
            schedule(mail, again);
        report(mail, std::move(successes));
        report(mail, std::move(delays));
        giveUp(mail, std::move(failures));
        store(mail);
    }
    void tell(const SpooledMail& mail, const QueuedRecipient& each, const Verdict& verdict, bool tooOld) {
        const bool good = verdict.kind == Kind::delivered || verdict.kind == Kind::relayed;
        const Bytes what = good                           ? "sent"
                           : verdict.kind == Kind::failed ? "refused"
                           : tooOld                       ? "given up"
                                                          : "put off";
        const std::string line = std::string(what) + " to=<" + each.who.to.toString() +
                                 "> try=" + std::to_string(each.tries) + " " + each.why;
        note(mail.id, line);
        log_.info("{}: from=<{}> {}", mail.id, sender(mail), line);
    }
    std::int64_t nextTry(const SpooledMail& mail, unsigned tries) {
        const std::int64_t pause = milliseconds(backOff(shared_->options, tries));
        // Mail that has waited together need not come back together.
        std::uniform_int_distribution<std::int64_t> some(0, pause / 8);
        return std::min(now() + pause + some(random_), std::max(expiry(mail), now() + 1));
    }
    bool isLate(const SpooledMail& mail, const QueuedRecipient& each) const {
        const Duration after = shared_->options.warnAfter;
        return after > Duration::zero() && !each.warned && mail.envelope.from &&
               now() >= mail.came + milliseconds(after) && wanted(each, smtp::Notify::delay);
    }
    void arrived(SpooledMail& mail, const smtp::Mailbox& address) {
        std::erase_if(mail.to, [&](const QueuedRecipient& each) { return each.who.to == address; });
    }
    void store(const std::shared_ptr<SpooledMail>& mail) {
        if (mail->to.empty())
            done(mail);
        else
            spool_.update(mail);
    }
    /// By value: what it is told may be the list's own.
    void done(std::shared_ptr<SpooledMail> mail) {
        mails_.erase(mail->id);
        count();
        spool_.remove(mail);
    }

    /// Sends a report. Fires with whether it is safe; true when nobody is to be told.
    Deferred<bool> send(std::shared_ptr<SpooledMail> mail, std::vector<ReportedRecipient> about) {
        // Nobody answers a mail without a sender: reports of reports would never end.
        if (about.empty() || !mail->envelope.from)
            co_return true;
        auto reading = spool_.read(mail, 0, kSentBack);
        const Outcome<std::string> text = co_await std::move(reading).outcome();
        const Bytes have = text.ok() ? Bytes(text.value()) : Bytes();
        const bool late = about.front().kind == Kind::delayed;
        Report report;
        report.to = *mail->envelope.from;
        report.utf8 = mail->envelope.utf8;
        report.text = deliveryReport(
            *mail, about, shared_->options.hostname, have, text.ok() && have.size() < kSentBack, now(),
            late ? expiry(*mail) : 0
        );
        note(mail->id, std::string(late ? "delay" : "end") + " told to=<" + report.to.toString() + ">");
        auto posting = post_(std::move(report));
        const Outcome<std::optional<Error>> posted = co_await std::move(posting).outcome();
        const bool good = posted.ok() && !posted.value();
        if (!good)
            log_.error(
                "{}: the report to its sender cannot be kept: {}", mail->id,
                posted.ok() ? posted.value()->message() : posted.failure().message()
            );
        co_return good;
    }
    /// What only informs is not tried again.
    void report(const std::shared_ptr<SpooledMail>& mail, std::vector<ReportedRecipient> about) {
        if (about.empty())
            return;
        ++reporting_;
        send(mail, std::move(about))
            .addBoth([self = shared_from_this()](const Outcome<bool>&) {
                --self->reporting_;
                self->quiet();
            })
            .detach();
    }
    /// Recipients whom the mail will not reach are forgotten when the sender is told for sure.
    void giveUp(const std::shared_ptr<SpooledMail>& mail, std::vector<ReportedRecipient> failures) {
        if (failures.empty())
            return;
        std::vector<ReportedRecipient> told;
        for (const ReportedRecipient& each : failures) {
            const QueuedRecipient* const known = recipient(*mail, each.who.to);
            if (known && wanted(*known, smtp::Notify::failure))
                told.push_back(each);
        }
        ++reporting_;
        send(mail, std::move(told))
            .addBoth([self = shared_from_this(), mail,
                      failures = std::move(failures)](const Outcome<bool>& safe) {
                --self->reporting_;
                if (!safe.ok())
                    self->log_.error("{}: {}", mail->id, safe.failure().message());
                if (!mail->gone)
                    self->givenUp(mail, failures, safe.ok() && safe.value());
                self->quiet();
            })
            .detach();
    }
    void givenUp(
        const std::shared_ptr<SpooledMail>& mail, const std::vector<ReportedRecipient>& failures, bool safe
    ) {
        std::vector<QueuedRecipient> again;
        for (const ReportedRecipient& each : failures) {
            QueuedRecipient* const known = recipient(*mail, each.who.to);
            if (!known)
                continue;
            if (safe) {
                arrived(*mail, each.who.to);
            } else {
                known->next = now() + milliseconds(shared_->options.retry);
                again.push_back(*known);
            }
        }
        if (!again.empty())
            schedule(mail, again);
        store(mail);
    }

    Reactor& reactor_;
    RelayMetrics metrics_;
    MailSpool spool_;
    std::shared_ptr<RelayShared> shared_;
    ReportPost post_;
    Logger log_;
    TimePoint begun_;
    std::int64_t wall_; // milliseconds of Unix at begun_
    std::unordered_map<std::string, std::shared_ptr<SpooledMail>> mails_;
    std::multimap<std::int64_t, Parcel> waiting_; // by when they are due
    std::map<std::string, std::shared_ptr<Destination>> destinations_;
    std::size_t sweepAt_ = kIdleDestinations;
    std::size_t incoming_ = 0, reporting_ = 0;
    std::optional<Promise<void>> whenQuiet_;
    Timer clock_, deadline_;
    std::mt19937 random_{std::random_device{}()};
};

Relay::Relay(
    Reactor& reactor, std::string folder, std::unique_ptr<SpoolFiles> files,
    std::vector<SpoolFiles::Found> found, Routes routes, RelayOptions options, ReportPost post, Logger log,
    Metrics& metrics
)
    : state_(std::make_shared<State>(
          reactor, std::move(folder), std::move(files), std::move(routes), std::move(options),
          std::move(post), std::move(log), metrics
      )) {
    state_->bind();
    state_->adopt(std::move(found));
}

Relay::~Relay() {
    state_->leave();
}

void Relay::start() {
    state_->start();
}

Deferred<std::optional<Error>>
Relay::accept(QueuedMail mail, std::string head, std::shared_ptr<const MessageSpool> body) {
    return state_->accept(std::move(mail), std::move(head), std::move(body));
}

std::size_t Relay::flush(const std::string& id) {
    return state_->flush(id);
}

bool Relay::drop(const std::string& id) {
    return state_->drop(id);
}

std::size_t Relay::size() const noexcept {
    return state_->size();
}

void Relay::note(const std::string& id, const std::string& line) {
    state_->note(id, line);
}

Deferred<void> Relay::stop(Drain drain) {
    return state_->stop(drain);
}

std::int64_t Relay::now() const {
    return state_->now();
}

} // namespace twistdpp::mail
