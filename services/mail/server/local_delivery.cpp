#include "twistdpp/mail_server/local_delivery.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/hex.h"
#include "twistdpp/cred/password_digest.h"
#include "twistdpp/defer/gather.h"
#include "twistdpp/mail_proof/canonical.h"
#include "twistdpp/mail_proof/sender_proof.h"
#include "twistdpp/mail_relay/delivery_report.h"
#include "twistdpp/mail_server/alias_delivery.h"
#include "twistdpp/mail_store/maildir.h"
#include "twistdpp/mime/fields.h"
#include "twistdpp/smtp/header_completer.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <unistd.h>

namespace twistdpp::mail {

namespace {

using smtp::Reply;

constexpr std::size_t kHeader = 64 * 1024;         // of a message, for the report that it has arrived
constexpr std::size_t kLongestHeader = 256 * 1024; // that is looked at

/// One recipient's copy.
struct Copy {
    std::string maildir;
    std::string head; // of whom and for whom; what is put in front of all the rest, with LF
};

/// What aliases have besides mailboxes.
struct Others {
    std::vector<std::string> files, programs;
    std::string from, head;
    std::shared_ptr<UniqueFd> copy;    // the whole message
    ProgramEnd end = ProgramEnd::took; // the worst of all programs'
    bool empty() const noexcept { return files.empty() && programs.empty(); }
};

/// What the pool's threads work on; one at a time.
struct Work {
    explicit Work(std::string where) : folder(std::move(where)), spool(folder) {}
    std::string folder;
    MessageSpool spool;
    std::vector<Copy> copies;
    Others others;
    QueuedMail mail;                    // to those elsewhere, whom the relay sends it to
    std::string received;               // what is put in front of every copy, with LF
    std::vector<std::string> addressed; // recipients here, lower case
    std::string forwardedFor;           // "Delivered-To: ..." and LF, of what goes on to elsewhere
    std::optional<SpfQuery> toBeProved; // that it comes from whom it says
    bool toBeSigned = false;            // when it goes elsewhere
    std::string signature;              // the same, made
    std::optional<Reply> refused;       // what is said in place of taking it

    std::vector<smtp::Recipient> arrived; // of whom the sender wants to know that
    std::optional<Error> error;

    bool stopped() const noexcept { return error || refused; }
    /// The header of the message, without the empty line, and where the body begins. May block.
    std::string header() const {
        std::string out;
        std::size_t end = std::string::npos;
        const auto read = spool.read([&](Bytes piece) {
            out.append(piece.substr(0, kLongestHeader - out.size()));
            end = out.starts_with('\n') ? 0 : out.find("\n\n");
            return end == std::string::npos && out.size() < kLongestHeader;
        });
        if (end != std::string::npos)
            out.resize(end == 0 ? 0 : end + 1);
        return read ? out : std::string();
    }
    /// As DKIM hashes it. May block.
    Result<std::string>
    bodyHash(std::size_t headerSize, bool relaxed, std::optional<std::uint64_t> length) const {
        BodyHash hash(relaxed, length.value_or(std::numeric_limits<std::uint64_t>::max()));
        std::size_t skip = headerSize + 1; // and the empty line
        const auto read = spool.read([&](Bytes piece) {
            const std::size_t skipped = std::min(skip, piece.size());
            skip -= skipped;
            hash.add(piece.substr(skipped));
            return true;
        });
        if (!read)
            return read.error();
        std::string out = hash.finish();
        if (length && hash.size() < *length)
            return Error("the body is shorter than what was signed");
        return out;
    }
    void append(Bytes data) {
        if (!mail.to.empty() && !mail.eightBit)
            mail.eightBit = std::any_of(data.begin(), data.end(), [](char c) {
                return static_cast<unsigned char>(c) >= 0x80;
            });
        if (auto done = spool.append(data); !done && !error)
            error = done.error();
    }
    void makeCopy() {
        others.copy =
            std::make_shared<UniqueFd>(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        auto written = *others.copy
                           ? writeAll(others.copy->get(), others.head + received, folder)
                           : Result<void>(Error::fromErrno(errno, "cannot make a file in " + folder));
        if (written)
            written = spool.copyTo(others.copy->get());
        for (const std::string& file : others.files) {
            if (written)
                written = appendMbox(file, others.copy->get(), others.from);
        }
        if (!written)
            error = written.error();
    }
};

class Incoming final : public smtp::IncomingMessage {
public:
    Incoming(std::shared_ptr<Deliveries> all, std::shared_ptr<Work> work, std::string id, std::string about)
        : all_(std::move(all)), work_(std::move(work)), id_(std::move(id)), about_(std::move(about)) {
        // What others say that was proved is nobody's word here (RFC 8601 section 5).
        if (work_->toBeProved)
            filter_.emplace("Authentication-Results");
    }

    void write(Bytes whole) override {
        std::string rest;
        Bytes data = whole;
        if (filter_) {
            filter_->read(whole, rest);
            data = rest;
        }
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
        if (filter_) {
            std::string rest;
            filter_->end(rest);
            fresh_ += rest;
        }
        Deferred<void> whole = fresh_.empty() ? succeed() : flush();
        return std::move(whole)
            .addCallback([all = all_, work = work_] { return checkLoop(all, work); })
            .addCallback([all = all_, work = work_, id = id_] { return prove(all, work, id); })
            .addCallback([all = all_, work = work_] { return sign(all, work); })
            .addCallback([all = all_, work = work_] { return keep(*all, work); })
            .addCallback([all = all_, work = work_] { return giveAway(all, work); })
            .addCallback([all = all_, work = work_] { return sendOn(*all, work); })
            .addCallback([all = all_, work = work_, id = id_, about = about_] {
                if (work->refused)
                    return *work->refused;
                if (work->error) {
                    all->log.error("{}: {}: {}", id, about, work->error->message());
                    const bool full =
                        work->error->code().value() == ENOSPC || work->error->code().value() == EDQUOT;
                    return full ? Reply(452, "4.3.1", "there is no room for it now")
                                : Reply(451, "4.3.0", "it cannot be kept now, try again later");
                }
                if (work->others.end == ProgramEnd::notNow)
                    return Reply(451, "4.3.0", "a program cannot take it now, try again later");
                if (work->others.end == ProgramEnd::refused)
                    return Reply(554, "5.3.0", "a program does not take it");
                all->log.info(
                    "{}: {} size={} {}", id, about, work->spool.wireSize(),
                    work->mail.to.empty() ? "delivered" : "queued"
                );
                tellOfArrival(all, *work);
                if (all->taken)
                    all->taken->add();
                return Reply(250, "2.0.0", "Ok: kept as " + id);
            });
    }

private:
    /// What was delivered to a recipient before, and comes again, comes for ever: an alias leads away and
    /// another server's leads back.
    static Deferred<void> checkLoop(std::shared_ptr<Deliveries> all, std::shared_ptr<Work> work) {
        const auto look = [work] {
            const std::string header = work->header();
            for (const mime::Field& field : mime::fieldsOf(header)) {
                const std::string to = ascii::toLower(ascii::trim(field.value));
                const auto& here = work->addressed;
                if (ascii::equalsIgnoreCase(field.name, "Delivered-To") &&
                    std::find(here.begin(), here.end(), to) != here.end())
                    work->refused =
                        Reply(554, "5.4.6", "it goes round in a circle: it was at " + to + " before");
            }
        };
        if (work->error || work->addressed.empty())
            return succeed();
        if (!work->spool.inMemory())
            return all->reactor.runInThread(Pool::io, look);
        look();
        return succeed();
    }
    /// Whether it comes from whom it says: the answer goes in front of it, or it is not taken.
    static Deferred<void> prove(std::shared_ptr<Deliveries> all, std::shared_ptr<Work> work, std::string id) {
        if (!work->toBeProved || work->stopped())
            co_return;
        const auto header = std::make_shared<std::string>();
        auto reading = all->reactor.runInThread(Pool::io, [header, work] { *header = work->header(); });
        co_await std::move(reading);
        DkimMessage message;
        message.header = *header;
        message.bodyHash = [work,
                            size = message.header.size()](bool relaxed, std::optional<std::uint64_t> length) {
            return work->bodyHash(size, relaxed, length);
        };
        auto proving =
            proveSender(all->reactor, *all->dns, *work->toBeProved, std::move(message), std::time(nullptr));
        const SenderProof proof = co_await std::move(proving);
        const std::string results = authenticationResults(all->hostname, proof);
        work->received = results + work->received;
        if (!all->refuseForged || proof.dmarc.status != DmarcResult::Status::fail ||
            proof.dmarc.wish != DmarcPolicy::Wish::reject)
            co_return;
        work->refused = Reply(
            550, "5.7.1",
            "it is not proved to be of " + proof.dmarc.domain + ", which wants such mail to be refused"
        );
        all->log.info("{}: refused: {}", id, work->refused->text);
    }
    /// For the domain in From, when it has a key here.
    static Deferred<void> sign(std::shared_ptr<Deliveries> all, std::shared_ptr<Work> work) {
        if (!work->toBeSigned || work->mail.to.empty() || all->signers.empty() || work->stopped())
            return succeed();
        return all->reactor.runInThread(Pool::cpu, [all, work] {
            const std::string header = work->header();
            const std::string domain = fromDomain(header);
            const auto signer = std::find_if(all->signers.begin(), all->signers.end(), [&](const auto& each) {
                return domain == each.domain || domain.ends_with("." + each.domain);
            });
            if (signer == all->signers.end())
                return;
            const auto hash = work->bodyHash(header.size(), true, std::nullopt);
            auto made = hash ? dkimSignature(*signer, header, *hash, std::time(nullptr))
                             : Result<std::string>(hash.error());
            if (made)
                work->signature = *std::move(made);
            else
                work->error = made.error();
        });
    }
    /// Fires when all copies are where they belong, or one could not be.
    static Deferred<void> keep(Deliveries& all, const std::shared_ptr<Work>& work) {
        if (work->stopped())
            return succeed();
        const std::shared_ptr<const MessageSpool> body(work, &work->spool);
        std::vector<Deferred<void>> each;
        for (Copy& copy : work->copies) {
            const std::size_t slash = copy.maildir.rfind('/');
            each.push_back(all.logOf(copy.maildir.substr(0, slash))
                               .deliver(copy.maildir.substr(slash + 1), copy.head + work->received, body)
                               .addCallback([work](std::optional<Error> error) {
                                   if (error && !work->error)
                                       work->error = std::move(error);
                               }));
        }
        return gather(std::move(each));
    }
    /// What aliases say: to files, and then to programs.
    static Deferred<void>
    giveAway(const std::shared_ptr<Deliveries>& all, const std::shared_ptr<Work>& work) {
        if (work->stopped() || work->others.empty())
            return succeed();
        if (::geteuid() == 0) {
            work->error =
                Error("aliases: nothing is given to programs and files by root; --uid names another user");
            return succeed();
        }
        return all->reactor.runInThread(Pool::io, [work] { work->makeCopy(); }).addCallback([all, work] {
            std::vector<Deferred<void>> each;
            for (const std::string& program :
                 work->error ? std::vector<std::string>() : work->others.programs)
                each.push_back(runProgram(all->reactor, program, work->others.copy, all->log)
                                   .addCallback([work](ProgramEnd end) {
                                       work->others.end = std::max(work->others.end, end);
                                   }));
            return gather(std::move(each));
        });
    }
    /// To other servers, when all that is to stay here is here.
    static Deferred<void> sendOn(Deliveries& all, const std::shared_ptr<Work>& work) {
        if (work->stopped() || work->mail.to.empty() || work->others.end != ProgramEnd::took)
            return succeed();
        if (!all.relay) {
            work->error = Error("there is no relay for what goes elsewhere");
            return succeed();
        }
        const std::shared_ptr<const MessageSpool> body(work, &work->spool);
        std::string head = work->forwardedFor + work->received + work->signature;
        const auto lines = std::count(head.begin(), head.end(), '\n');
        QueuedMail mail = work->mail;
        mail.size = work->spool.wireSize() + head.size() + static_cast<std::uint64_t>(lines);
        return all.relay->accept(std::move(mail), std::move(head), body)
            .addCallback([work](std::optional<Error> error) { work->error = std::move(error); });
    }
    /// Senders who want to know that it has arrived (RFC 3461 section 4.1).
    static void tellOfArrival(const std::shared_ptr<Deliveries>& all, const Work& work) {
        if (work.arrived.empty() || !work.mail.envelope.from)
            return;
        std::vector<ReportedRecipient> about;
        for (const smtp::Recipient& each : work.arrived)
            about.push_back({each, Verdict::Kind::delivered, true, Reply(250, "2.1.5", "delivered"), {}});
        const Bytes body = work.spool.inMemory().value_or(Bytes());
        Report report;
        report.to = *work.mail.envelope.from;
        report.utf8 = work.mail.envelope.utf8;
        report.text = deliveryReport(
            work.mail, about, all->hostname, work.received + std::string(body.substr(0, kHeader)), false,
            work.mail.came, 0
        );
        postReport(all, std::move(report))
            .addCallback([all, id = work.mail.id](const std::optional<Error>& error) {
                if (error)
                    all->log.error("{}: the report to its sender cannot be kept: {}", id, error->message());
            })
            .addErrback([](const Failure&) {})
            .detach();
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
    std::optional<smtp::HeaderCompleter> filter_;
};

void addOnce(std::vector<std::string>& all, std::vector<std::string> more) {
    for (std::string& one : more) {
        if (std::find(all.begin(), all.end(), one) == all.end())
            all.push_back(std::move(one));
    }
}

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

bool Deliveries::mayRelay(const smtp::Client& client) const {
    return client.who || client.peer.kind() == Address::Kind::unixPath ||
           std::any_of(relayFor.begin(), relayFor.end(), [&](const Prefix& each) {
               return each.contains(client.peer);
           });
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
    if (!recipient.to.domain.empty() && !all_->domains.has(recipient.to.domain)) {
        if (all_->relay && all_->mayRelay(client))
            return Reply(250, "2.1.5", "Ok");
        return refuse(Reply(550, "5.7.1", "mail for that domain is not taken here"));
    }
    const Destinations to = all_->domains.resolve(recipient.to);
    if (to.empty())
        return refuse(Reply(550, "5.1.1", "there is no such mailbox here"));
    if (all_->quota == 0 || to.maildirs.empty())
        return Reply(250, "2.1.5", "Ok");
    const auto full = std::make_shared<bool>(false);
    return all_->reactor
        .runInThread(
            Pool::io,
            [full, maildirs = to.maildirs, quota = all_->quota, more = envelope.size] {
                for (const std::string& path : maildirs)
                    *full = *full || Maildir(path).usage() + more > quota;
            }
        )
        .addCallback([full, all = all_, about = recipient.to.toString()] {
            if (*full)
                all->log.info("{}: the mailbox is full", about);
            return *full ? Reply(452, "4.2.2", "the mailbox is full") : Reply(250, "2.1.5", "Ok");
        });
}

Deferred<std::unique_ptr<smtp::IncomingMessage>>
LocalDelivery::receive(const smtp::Client& client, const smtp::Envelope& envelope) {
    const std::string id = toHex(randomBytes(6));
    std::string received =
        smtp::receivedLine(client, envelope, all_->hostname, id, smtp::dateText(std::time(nullptr)));
    std::erase(received, '\r');
    std::vector<Copy> copies;
    Others others;
    QueuedMail mail;
    mail.id = id;
    mail.came = std::int64_t{std::time(nullptr)} * 1000;
    mail.envelope = envelope;
    mail.envelope.to.clear();
    std::vector<smtp::Recipient> arrived;
    const auto sendTo = [&mail](smtp::Recipient recipient) {
        const bool again = std::any_of(mail.to.begin(), mail.to.end(), [&](const QueuedRecipient& each) {
            return each.who.to == recipient.to;
        });
        if (!again)
            mail.to.emplace_back().who = std::move(recipient);
    };
    std::string folder;
    std::vector<std::string> addressed;
    std::string forwardedFor;
    for (const smtp::Recipient& recipient : envelope.to) {
        if (all_->relay && !recipient.to.domain.empty() && !all_->domains.has(recipient.to.domain)) {
            sendTo(recipient);
            continue;
        }
        Destinations to = all_->domains.resolve(recipient.to);
        if (to.empty())
            return fail<std::unique_ptr<smtp::IncomingMessage>>(
                smtp::Refusal(Reply(451, "4.1.1", "a mailbox went away meanwhile"))
            );
        const std::string head =
            "Return-Path: <" + sender(envelope) + ">\nDelivered-To: " + recipient.to.toString() + "\n";
        for (std::string& maildir : to.maildirs) {
            // Whoever is addressed twice gets it once.
            const bool again = std::any_of(copies.begin(), copies.end(), [&](const Copy& copy) {
                return copy.maildir == maildir;
            });
            if (!again)
                copies.push_back({std::move(maildir), head});
        }
        addressed.push_back(ascii::toLower(recipient.to.toString()));
        if (forwardedFor.empty() && !to.elsewhere.empty())
            forwardedFor = "Delivered-To: " + recipient.to.toString() + "\n";
        for (smtp::Mailbox& each : to.elsewhere) {
            smtp::Recipient onward = recipient;
            onward.to = std::move(each);
            sendTo(std::move(onward));
        }
        if (to.elsewhere.empty() && (recipient.notify & smtp::Notify::success) != 0)
            arrived.push_back(recipient);
        if (others.head.empty())
            others.head = head;
        addOnce(others.files, std::move(to.files));
        addOnce(others.programs, std::move(to.programs));
        if (folder.empty())
            folder = to.folder;
    }
    // The file of a large message lies on the disk of the first domain.
    auto work = std::make_shared<Work>(folder.empty() ? all_->relayFolder : folder);
    work->mail = std::move(mail);
    work->received = std::move(received);
    // Our own users' mail, and what this server writes itself.
    work->toBeSigned = client.peer.kind() == Address::Kind::none || all_->mayRelay(client);
    if (all_->dns && !work->toBeSigned)
        work->toBeProved = SpfQuery{client.peer, client.helo, sender(envelope)};
    work->addressed = std::move(addressed);
    work->forwardedFor = std::move(forwardedFor);
    work->arrived = std::move(arrived);
    work->copies = std::move(copies);
    work->others = std::move(others);
    work->others.from = sender(envelope);
    std::string about = "from=<" + sender(envelope) + "> to=<" + envelope.to.front().to.toString() + ">";
    if (envelope.to.size() > 1)
        about += " and " + std::to_string(envelope.to.size() - 1) + " more";
    about += " client=" + client.peer.host();
    return std::unique_ptr<smtp::IncomingMessage>(
        std::make_unique<Incoming>(all_, std::move(work), id, std::move(about))
    );
}

Deferred<std::optional<Error>> postReport(std::shared_ptr<Deliveries> all, Report report) {
    smtp::Envelope envelope;
    envelope.utf8 = report.utf8;
    envelope.to.emplace_back().to = report.to;
    const bool here = all->domains.has(report.to.domain);
    if (here ? all->domains.resolve(report.to).empty() : !all->relay) {
        all->log.info("{}: nobody to whom a report could go", report.to.toString());
        co_return std::optional<Error>();
    }
    const smtp::Client ourselves;
    LocalDelivery delivery(all);
    auto beginning = delivery.receive(ourselves, envelope);
    Outcome<std::unique_ptr<smtp::IncomingMessage>> begun = co_await std::move(beginning).outcome();
    if (!begun.ok())
        co_return std::optional<Error>(Error(begun.failure().message()));
    const auto message = std::move(begun).value();
    message->write(report.text);
    auto ending = message->end();
    const Outcome<Reply> end = co_await std::move(ending).outcome();
    if (end.ok() && end.value().positive())
        co_return std::optional<Error>();
    co_return std::optional<Error>(Error(end.ok() ? end.value().text : end.failure().message()));
}

} // namespace twistdpp::mail
