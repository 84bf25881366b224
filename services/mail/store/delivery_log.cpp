#include "twistdpp/mail_store/delivery_log.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/mail_store/journal.h"
#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mail_store/user_folder.h"
#include "twistdpp/reactor/timer.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace twistdpp::mail {

namespace {

constexpr std::size_t kBatch = 256;                 // messages
constexpr std::uint64_t kBatchBytes = 4U << 20U;    // and bytes of one write
constexpr std::uint64_t kFull = 16U << 20U;         // of a journal: the other one is taken
constexpr std::uint64_t kOverfull = 64U << 20U;     // nothing is put in until the other one is free
constexpr Duration kRest = std::chrono::seconds(2); // after which what is in a journal is synced away

std::string journalsOf(const std::string& folder) {
    return folder + "/.journal";
}

/// A message on its way.
struct Item {
    std::string maildir; // below the folder
    std::string head;
    std::shared_ptr<const MessageSpool> body;
    std::optional<Error> error;
    std::optional<Promise<std::optional<Error>>> done;

    std::uint64_t size() const noexcept { return head.size() + body->size(); }
};
using Items = std::vector<std::shared_ptr<Item>>;

/// "maildir NUL name NUL message".
std::string recordOf(const Item& item, const std::string& name) {
    std::string out;
    out.reserve(item.maildir.size() + name.size() + item.size() + 2);
    out.append(item.maildir).push_back('\0');
    out.append(name).push_back('\0');
    out.append(item.head).append(*item.body->inMemory());
    return out;
}

/// What the pool works on; one job at a time uses the journal that is written.
struct Files {
    explicit Files(std::string where) : folder(std::move(where)) {}

    const std::string folder;
    std::array<std::optional<Journal>, 2> journals;
    std::size_t active = 0;
    std::optional<Error> broken; // a sync has failed

    bool open() {
        if (journals[active])
            return true;
        auto made = Journal::make(journalsOf(folder));
        if (made)
            journals[active].emplace(*std::move(made));
        return journals[active].has_value();
    }
    /// Whether syncing the file system of `folder` is enough for a Maildir, which is made when it is not
    /// there.
    Result<bool> hereToo(const Maildir& maildir) const {
        struct stat ours {};
        struct stat its {};
        const std::string fresh = maildir.path() + "/new";
        if (::stat(fresh.c_str(), &its) != 0) {
            if (auto made = maildir.create(); !made)
                return std::move(made).error();
            if (::stat(fresh.c_str(), &its) != 0)
                return Error::fromErrno(errno, "cannot read " + fresh);
        }
        return ::stat(folder.c_str(), &ours) == 0 && ours.st_dev == its.st_dev;
    }
    void deliverAlone(Item& item) const {
        const Maildir maildir(folder + "/" + item.maildir);
        auto made = maildir.create();
        auto name = made ? maildir.deliver(item.head, *item.body) : Result<std::string>(made.error());
        if (!name)
            item.error = name.error();
    }
    void deliver(const Items& items) {
        Items together;
        std::vector<std::string> placed;
        for (const auto& item : items) {
            const Maildir maildir(folder + "/" + item->maildir);
            const auto here = hereToo(maildir);
            if (!here) {
                item->error = here.error();
                continue;
            }
            if (!*here || !open()) {
                deliverAlone(*item);
                continue;
            }
            auto name = maildir.place(item->head, *item->body);
            if (!name) {
                item->error = name.error();
                continue;
            }
            journals[active]->add(recordOf(*item, *name));
            placed.push_back(maildir.path() + "/new/" + *name);
            together.push_back(item);
        }
        if (together.empty())
            return;
        if (!journals[active]->write()) {
            // No room for the journal, perhaps there is some for the messages.
            for (std::size_t index = 0; index < together.size(); ++index) {
                ::unlink(placed[index].c_str());
                deliverAlone(*together[index]);
            }
            return;
        }
        if (const auto synced = journals[active]->sync(); !synced) {
            broken = synced.error();
            for (std::size_t index = 0; index < together.size(); ++index) {
                ::unlink(placed[index].c_str());
                together[index]->error = broken;
            }
        }
    }
    /// Makes the journal that is not written unnecessary.
    std::optional<Error> settle(std::size_t which) {
        const UniqueFd here(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!here || ::syncfs(here.get()) != 0)
            return Error::fromErrno(errno, "cannot write to the disk of " + folder);
        const auto cleared = journals[which]->clear();
        return cleared ? std::optional<Error>() : cleared.error();
    }
};

} // namespace

/// Which jobs run. Lives as long as one does.
class DeliveryLog::State : public std::enable_shared_from_this<State> {
public:
    State(Reactor& reactor, std::string folder)
        : reactor_(reactor), files_(std::make_shared<Files>(std::move(folder))),
          rest_(std::in_place, reactor.timers(), [this] { settle(); }) {}

    Deferred<std::optional<Error>> add(std::shared_ptr<Item> item) {
        Promise<std::optional<Error>> promise;
        auto out = promise.deferred();
        item->done.emplace(std::move(promise));
        // Large ones do not hold up the others, nor fill the journal.
        if (closed_ || item->size() > kLargest || !item->body->inMemory()) {
            alone(std::move(item));
        } else {
            waiting_.push_back(std::move(item));
            next();
        }
        return out;
    }
    Deferred<void> close() {
        closed_ = true;
        Promise<void> promise;
        auto out = promise.deferred();
        whenIdle_.emplace(std::move(promise));
        idle();
        return out;
    }
    /// Nobody asks for anything any more: what runs ends, and nothing is begun.
    void leave() {
        rest_.reset();
        left_ = true;
    }

private:
    void alone(std::shared_ptr<Item> item) {
        ++single_;
        reactor_.runInThread(Pool::io, [files = files_, item] { files->deliverAlone(*item); })
            .addBoth([self = shared_from_this(), item](const Outcome<void>& outcome) {
                --self->single_;
                notDone(*item, outcome);
                finish(*item);
                self->idle();
            })
            .detach();
    }
    /// A job that ended by an exception has kept no message for sure.
    static void notDone(Item& item, const Outcome<void>& outcome) {
        if (!outcome.ok() && !item.error)
            item.error = Error(outcome.failure().message());
    }
    static void finish(Item& item) {
        auto done = std::move(*item.done);
        done.callback(std::move(item.error));
    }
    std::uint64_t filled() const {
        const auto& journal = files_->journals[files_->active];
        return journal ? journal->size() : 0;
    }
    void next() {
        if (broken_) {
            for (const auto& item : std::exchange(waiting_, {})) {
                item->error = broken_;
                finish(*item);
            }
            return;
        }
        if (writing_ || waiting_.empty() || left_ || (settling_ && filled() > kOverfull))
            return;
        Items batch;
        std::uint64_t bytes = 0;
        while (batch.size() < waiting_.size() && batch.size() < kBatch && bytes < kBatchBytes) {
            bytes += waiting_[batch.size()]->size();
            batch.push_back(waiting_[batch.size()]);
        }
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
        writing_ = true;
        reactor_.runInThread(Pool::io, [files = files_, batch] { files->deliver(batch); })
            .addBoth([self = shared_from_this(), batch](const Outcome<void>& outcome) {
                for (const auto& item : batch)
                    notDone(*item, outcome);
                self->written(batch);
            })
            .detach();
    }
    void written(const Items& batch) {
        writing_ = false;
        if (files_->broken)
            broken_ = files_->broken;
        if (filled() > kFull)
            settle();
        else if (rest_ && filled() > 0 && !resting_)
            restLater();
        next();
        for (const auto& item : batch)
            finish(*item);
        idle();
    }
    void restLater() {
        resting_ = true;
        rest_->start(kRest);
    }
    /// Writes to the other journal from now on, and makes this one unnecessary.
    void settle() {
        resting_ = false;
        if (settling_ || left_ || broken_)
            return;
        if (writing_) {
            if (rest_)
                restLater();
            return;
        }
        if (filled() == 0)
            return;
        const std::size_t which = files_->active;
        files_->active = 1 - which;
        settling_ = true;
        const auto trouble = std::make_shared<std::optional<Error>>();
        reactor_.runInThread(Pool::io, [files = files_, which, trouble] { *trouble = files->settle(which); })
            .addBoth([self = shared_from_this(), trouble](const Outcome<void>& outcome) {
                self->settling_ = false;
                if (!outcome.ok())
                    *trouble = Error(outcome.failure().message());
                // Its records stay where they are, for the next start.
                if (*trouble)
                    self->broken_ = *trouble;
                self->next();
                self->idle();
            })
            .detach();
    }
    void idle() {
        if (!whenIdle_ || writing_ || settling_ || single_ > 0 || !waiting_.empty())
            return;
        if (filled() > 0 && !broken_) {
            settle();
            return;
        }
        leave();
        auto done = std::move(*whenIdle_);
        whenIdle_.reset();
        for (auto& journal : files_->journals)
            journal.reset();
        done.callback();
    }

    Reactor& reactor_;
    std::shared_ptr<Files> files_;
    Items waiting_;
    bool writing_ = false;
    bool settling_ = false;
    bool resting_ = false;
    bool closed_ = false;
    bool left_ = false;
    std::size_t single_ = 0;
    std::optional<Error> broken_; // the disk may have lost something: nothing can be promised until a restart
    std::optional<Promise<void>> whenIdle_;
    std::optional<TimerNode> rest_;
};

DeliveryLog::DeliveryLog(Reactor& reactor, std::string folder)
    : state_(std::make_shared<State>(reactor, std::move(folder))) {}

DeliveryLog::~DeliveryLog() {
    state_->leave();
}

Deferred<std::optional<Error>>
DeliveryLog::deliver(std::string name, std::string head, std::shared_ptr<const MessageSpool> body) {
    auto item = std::make_shared<Item>();
    item->maildir = std::move(name);
    item->head = std::move(head);
    item->body = std::move(body);
    return state_->add(std::move(item));
}

Deferred<void> DeliveryLog::close() {
    return state_->close();
}

Result<std::size_t> DeliveryLog::recover(const std::string& folder) {
    std::size_t count = 0;
    auto done = Journal::recover(journalsOf(folder), [&](Bytes record) -> Result<void> {
        const std::size_t first = record.find('\0');
        const std::size_t second = first == Bytes::npos ? first : record.find('\0', first + 1);
        if (second == Bytes::npos)
            return Error("a record in " + journalsOf(folder) + " is none of a message");
        const std::string user(record.substr(0, first));
        if (!isUserName(user))
            return Error("a record in " + journalsOf(folder) + " is of no mailbox");
        const Maildir maildir(folder + "/" + user);
        if (auto made = maildir.create(); !made)
            return made;
        auto back = maildir.restore(
            std::string(record.substr(first + 1, second - first - 1)), record.substr(second + 1)
        );
        if (!back)
            return std::move(back).error();
        count += *back ? 1U : 0U;
        return {};
    });
    if (!done)
        return std::move(done).error();
    return count;
}

} // namespace twistdpp::mail
