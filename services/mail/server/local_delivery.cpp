#include "twistdpp/mail_server/local_delivery.h"

#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/defer/gather.h"

#include <algorithm>
#include <ctime>
#include <optional>

namespace twistdpp::mail {

namespace {

using smtp::Reply;

/// One recipient's copy.
struct Copy {
    std::string maildir;
    std::string head; // what is put in front, with LF
};

/// What the pool's threads work on; one at a time.
struct Work {
    explicit Work(std::string folder) : spool(std::move(folder)) {}
    MessageSpool spool;
    std::vector<Copy> copies;
    std::optional<Error> error;

    void append(Bytes data) {
        if (auto done = spool.append(data); !done && !error)
            error = done.error();
    }
};

class Incoming final : public smtp::IncomingMessage {
public:
    Incoming(std::shared_ptr<Deliveries> all, std::shared_ptr<Work> work, std::string id, std::string about)
        : all_(std::move(all)), work_(std::move(work)), id_(std::move(id)), about_(std::move(about)) {}

    void write(Bytes data) override {
        // Memory at once; what has to go to the file waits for ready().
        if (fresh_.empty() && !work_->spool.wouldBlock(data.size()))
            work_->append(data);
        else
            fresh_.append(data);
    }
    Deferred<void> ready() override {
        if (fresh_.size() < MessageSpool::kInMemory / 2)
            return succeed();
        return flush();
    }
    Deferred<Reply> end() override {
        Deferred<void> whole = fresh_.empty() ? succeed() : flush();
        return std::move(whole).addCallback([all = all_, work = work_] { return keep(*all, work); }
        ).addCallback([all = all_, work = work_, id = id_, about = about_] {
            if (work->error) {
                all->log.error("{}: {}: {}", id, about, work->error->message());
                const bool full =
                    work->error->code().value() == ENOSPC || work->error->code().value() == EDQUOT;
                return full ? Reply(452, "4.3.1", "there is no room for it now")
                            : Reply(451, "4.3.0", "it cannot be kept now, try again later");
            }
            all->log.info("{}: {} size={} delivered", id, about, work->spool.wireSize());
            return Reply(250, "2.0.0", "Ok: kept as " + id);
        });
    }

private:
    /// Fires when all copies are where they belong, or one could not be.
    static Deferred<void> keep(Deliveries& all, const std::shared_ptr<Work>& work) {
        if (work->error)
            return succeed();
        const std::shared_ptr<const MessageSpool> body(work, &work->spool);
        std::vector<Deferred<void>> each;
        for (Copy& copy : work->copies) {
            const std::size_t slash = copy.maildir.rfind('/');
            each.push_back(all.logOf(copy.maildir.substr(0, slash))
                               .deliver(copy.maildir.substr(slash + 1), std::move(copy.head), body)
                               .addCallback([work](std::optional<Error> error) {
                                   if (error && !work->error)
                                       work->error = std::move(error);
                               }));
        }
        return gather(std::move(each));
    }
    Deferred<void> flush() {
        return all_->reactor.runInThread(Pool::io, [work = work_, block = std::exchange(fresh_, {})] {
            work->append(block);
        });
    }

    std::shared_ptr<Deliveries> all_;
    std::shared_ptr<Work> work_;
    std::string id_, about_;
    std::string fresh_; // not in the spool yet
};

std::string sender(const smtp::Envelope& envelope) {
    return envelope.from ? envelope.from->toString() : std::string();
}

} // namespace

DeliveryLog& Deliveries::logOf(const std::string& folder) {
    auto& made = logs_[folder];
    if (!made)
        made = std::make_unique<DeliveryLog>(reactor, folder);
    return *made;
}

Deferred<void> Deliveries::close() {
    std::vector<Deferred<void>> each;
    for (const auto& [folder, its] : logs_)
        each.push_back(its->close());
    return gather(std::move(each));
}

Deferred<Reply> LocalDelivery::validateFrom(const smtp::Client&, const smtp::Envelope&) {
    return Reply(250, "2.1.0", "Ok");
}

Deferred<Reply> LocalDelivery::validateTo(
    const smtp::Client& client, const smtp::Envelope& envelope, const smtp::Recipient& recipient
) {
    const auto refuse = [&](const Reply& reply) {
        all_->log.info(
            "refused: from=<{}> to=<{}> client={} {}", sender(envelope), recipient.to.toString(),
            client.peer.host(), reply.text
        );
        return reply;
    };
    if (!recipient.to.domain.empty() && !all_->domains.has(recipient.to.domain))
        return refuse(Reply(550, "5.7.1", "mail for that domain is not taken here"));
    if (!all_->domains.maildirOf(recipient.to))
        return refuse(Reply(550, "5.1.1", "there is no such mailbox here"));
    return Reply(250, "2.1.5", "Ok");
}

Deferred<std::unique_ptr<smtp::IncomingMessage>>
LocalDelivery::receive(const smtp::Client& client, const smtp::Envelope& envelope) {
    const std::string id = toHex(randomBytes(6));
    std::string received =
        smtp::receivedLine(client, envelope, all_->hostname, id, smtp::dateText(std::time(nullptr)));
    std::erase(received, '\r');
    std::vector<Copy> copies;
    for (const smtp::Recipient& recipient : envelope.to) {
        auto maildir = all_->domains.maildirOf(recipient.to);
        if (!maildir)
            return fail<std::unique_ptr<smtp::IncomingMessage>>(
                smtp::Refusal(Reply(451, "4.1.1", "a mailbox went away meanwhile"))
            );
        // Whoever is addressed twice gets it once.
        const bool again = std::any_of(copies.begin(), copies.end(), [&](const Copy& copy) {
            return copy.maildir == *maildir;
        });
        if (again)
            continue;
        copies.push_back(
            {*std::move(maildir), "Return-Path: <" + sender(envelope) +
                                      ">\nDelivered-To: " + recipient.to.toString() + "\n" + received}
        );
    }
    // The file of a large message lies on the disk of the first mailbox.
    const std::string& first = copies.front().maildir;
    auto work = std::make_shared<Work>(first.substr(0, first.rfind('/')));
    work->copies = std::move(copies);
    std::string about = "from=<" + sender(envelope) + "> to=<" + envelope.to.front().to.toString() + ">";
    if (envelope.to.size() > 1)
        about += " and " + std::to_string(envelope.to.size() - 1) + " more";
    about += " client=" + client.peer.host();
    return std::unique_ptr<smtp::IncomingMessage>(
        std::make_unique<Incoming>(all_, std::move(work), id, std::move(about))
    );
}

} // namespace twistdpp::mail
