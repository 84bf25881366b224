#include "twistdpp/mail_queue/mail_spool.h"

#include "twistdpp/app/service_error.h"
#include "twistdpp/defer/promise.h"

#include <unordered_map>
#include <utility>
#include <vector>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kBatch = 1024;             // changes
constexpr std::uint64_t kBatchBytes = 4U << 20U; // and bytes of one write

} // namespace

/// Lives as long as a job runs.
class MailSpool::State : public std::enable_shared_from_this<State> {
public:
    State(Reactor& reactor, std::string folder, std::unique_ptr<SpoolFiles> files)
        : reactor_(reactor), folder_(std::move(folder)), files_(std::move(files)) {}

    Deferred<std::optional<Error>>
    put(std::shared_ptr<SpooledMail> mail, std::string head, std::shared_ptr<const MessageSpool> body) {
        auto change = std::make_shared<SpoolChange>();
        change->id = mail->id;
        change->text = mail->toText();
        change->head = std::move(head);
        change->body = std::move(body);
        Work work{change, std::move(mail), std::nullopt};
        Promise<std::optional<Error>> promise;
        auto out = promise.deferred();
        work.done.emplace(std::move(promise));
        if (change->head.size() + change->body->size() <= SpoolFiles::kLargest && change->body->inMemory())
            add(std::move(work));
        else
            writeLarge(std::move(work));
        return out;
    }
    void add(SpoolChange::Kind kind, std::shared_ptr<SpooledMail> mail, std::string text) {
        auto change = std::make_shared<SpoolChange>();
        change->kind = kind;
        change->id = mail ? mail->id : std::string();
        change->text = std::move(text);
        add(Work{std::move(change), std::move(mail), std::nullopt});
    }
    Deferred<void> close() {
        Promise<void> promise;
        auto out = promise.deferred();
        whenIdle_.emplace(std::move(promise));
        idle();
        return out;
    }
    Reactor& reactor() noexcept { return reactor_; }
    void know(const std::shared_ptr<SpooledMail>& mail) { mails_[mail->id] = mail; }
    void forget(const std::string& id) { mails_.erase(id); }

private:
    struct Work {
        std::shared_ptr<SpoolChange> change;
        std::shared_ptr<SpooledMail> mail;
        std::optional<Promise<std::optional<Error>>> done;
    };

    /// Beside the others, which it does not hold up.
    void writeLarge(Work work) {
        ++single_;
        const auto held = std::make_shared<Work>(std::move(work));
        reactor_
            .runInThread(
                Pool::io,
                [folder = folder_, change = held->change] {
                    auto place = SpoolFiles::writeLarge(folder, change->id, change->head, *change->body);
                    if (place)
                        change->place = *std::move(place);
                    else
                        change->error = place.error();
                }
            )
            .addBoth([self = shared_from_this(), held](const Outcome<void>& outcome) {
                --self->single_;
                if (!outcome.ok() && !held->change->error)
                    held->change->error = Error(outcome.failure().message());
                if (held->change->error)
                    finish(*held);
                else
                    self->add(std::move(*held));
                self->idle();
            })
            .detach();
    }
    static void finish(Work& work) {
        if (!work.done)
            return;
        auto done = std::move(*work.done);
        done.callback(std::move(work.change->error));
    }
    void add(Work work) {
        waiting_.push_back(std::move(work));
        next();
    }
    void next() {
        if (writing_ || waiting_.empty())
            return;
        writing_ = true;
        auto batch = std::make_shared<std::vector<Work>>();
        auto changes = std::make_shared<std::vector<std::shared_ptr<SpoolChange>>>();
        std::uint64_t bytes = 0;
        while (batch->size() < waiting_.size() && batch->size() < kBatch && bytes < kBatchBytes) {
            Work& work = waiting_[batch->size()];
            bytes += work.change->text.size() + work.change->head.size() +
                     (work.change->body ? work.change->body->size() : 0);
            changes->push_back(work.change);
            batch->push_back(std::move(work));
        }
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(batch->size()));
        auto toMove = std::make_shared<std::vector<std::string>>();
        reactor_
            .runInThread(
                Pool::io,
                [files = files_, changes, toMove] {
                    files->apply(*changes);
                    *toMove = files->toBeMoved();
                }
            )
            .addBoth([self = shared_from_this(), batch, toMove](const Outcome<void>& outcome) {
                self->writing_ = false;
                for (Work& work : *batch) {
                    if (!outcome.ok() && !work.change->error)
                        work.change->error = Error(outcome.failure().message());
                    self->taken(work);
                }
                self->move(*toMove);
                self->next();
                for (Work& work : *batch)
                    finish(work);
                self->idle();
            })
            .detach();
    }
    void taken(Work& work) {
        using Kind = SpoolChange::Kind;
        if (work.change->kind == Kind::move && moving_ > 0)
            --moving_;
        if (work.change->error || !work.mail || work.mail->gone)
            return;
        if (work.change->kind != Kind::put && work.change->kind != Kind::move)
            return;
        work.mail->place = work.change->place;
        if (work.change->kind == Kind::put)
            know(work.mail);
    }
    /// One round at a time.
    void move(const std::vector<std::string>& ids) {
        if (moving_ > 0)
            return;
        for (const std::string& id : ids) {
            const auto known = mails_.find(id);
            if (known == mails_.end())
                continue;
            auto mail = known->second.lock();
            if (!mail || mail->gone)
                continue;
            ++moving_;
            std::string text = mail->toText();
            auto change = std::make_shared<SpoolChange>();
            change->kind = SpoolChange::Kind::move;
            change->id = id;
            change->text = std::move(text);
            waiting_.push_back(Work{std::move(change), std::move(mail), std::nullopt});
        }
    }
    void idle() {
        if (!whenIdle_ || writing_ || single_ > 0 || !waiting_.empty())
            return;
        auto done = std::move(*whenIdle_);
        whenIdle_.reset();
        done.callback();
    }

    Reactor& reactor_;
    std::string folder_;
    std::shared_ptr<SpoolFiles> files_;
    std::vector<Work> waiting_;
    std::unordered_map<std::string, std::weak_ptr<SpooledMail>> mails_; // that are on the disk
    bool writing_ = false;
    std::size_t single_ = 0;
    std::size_t moving_ = 0;
    std::optional<Promise<void>> whenIdle_;
};

MailSpool::MailSpool(Reactor& reactor, std::string folder, std::unique_ptr<SpoolFiles> files)
    : state_(std::make_shared<State>(reactor, std::move(folder), std::move(files))) {}

MailSpool::~MailSpool() = default;

Deferred<std::optional<Error>> MailSpool::put(
    std::shared_ptr<SpooledMail> mail, std::string head, std::shared_ptr<const MessageSpool> body
) {
    return state_->put(std::move(mail), std::move(head), std::move(body));
}

void MailSpool::update(const std::shared_ptr<SpooledMail>& mail) {
    if (!mail->gone)
        state_->add(SpoolChange::Kind::update, mail, mail->toText());
}

void MailSpool::remove(const std::shared_ptr<SpooledMail>& mail) {
    if (std::exchange(mail->gone, true))
        return;
    mail->place = {};
    state_->forget(mail->id);
    state_->add(SpoolChange::Kind::remove, mail, {});
}

void MailSpool::note(std::string line) {
    state_->add(SpoolChange::Kind::note, nullptr, std::move(line) + "\n");
}

Deferred<std::string>
MailSpool::read(const std::shared_ptr<SpooledMail>& mail, std::uint64_t offset, std::size_t most) {
    auto text = std::make_shared<std::string>();
    return state_->reactor()
        .runInThread(
            Pool::io,
            [text, place = mail->place, offset, most] {
                if (!place.file)
                    throw ServiceError("the mail is gone");
                auto got = place.read(offset, most);
                if (!got)
                    throw ServiceError(got.error());
                *text = *std::move(got);
            }
        )
        .addCallback([text] { return std::move(*text); });
}

Deferred<void> MailSpool::close() {
    return state_->close();
}

void MailSpool::adopt(const std::shared_ptr<SpooledMail>& mail) {
    state_->know(mail);
}

} // namespace twistdpp::mail
