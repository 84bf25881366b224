#include "twistdpp/dns_transfer/transfer_server.h"

#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/reactor/sleep.h"

#include <ctime>
#include <optional>
#include <vector>

namespace twistdpp::dns {

namespace {

/// Messages that are made before the loop gets its turn.
constexpr unsigned kMessagesATurn = 4;

std::uint64_t unixTime() noexcept {
    return static_cast<std::uint64_t>(std::time(nullptr));
}

/// The serial of the SOA in the authority section of an IXFR request (RFC 1995 section 3).
std::optional<std::uint32_t> serialAsked(const Query& query) {
    MessageReader reader(query.message);
    Question question;
    while (reader.nextQuestion(question)) {
    }
    RecordView record;
    std::string rdata;
    while (reader.nextRecord(record)) {
        if (record.section == Section::authority && record.type == Type::SOA &&
            equalNames(record.owner, query.name) && reader.expand(record, rdata))
            return Soa(rdata).serial;
    }
    return std::nullopt;
}

const char* typeName(Type type) noexcept {
    return type == Type::AXFR ? "AXFR" : "IXFR";
}

} // namespace

struct TransferServer::Request {
    Rcode error = Rcode::noError;
    std::uint16_t extendedError = ExtendedError::none;
    std::shared_ptr<const Zone> zone;
    std::unique_ptr<RecordSource> source;
    const char* form = "AXFR"; // for the log
};

TransferServer::Request
TransferServer::examine(const Responder& responder, const TransferSettings& settings, const Address& from) {
    const Query& query = responder.query();
    Request request;
    const auto fails = [&](Rcode error, std::uint16_t extended = ExtendedError::none) -> Request&& {
        request.error = error;
        request.extendedError = extended;
        return std::move(request);
    };
    const TsigRequest* const signature = responder.signature();
    const Bytes key = signature ? signature->key()->name.wire() : Bytes();
    if (!settings.allow.allows(from, key)) {
        if (remarks_.available(reactor_.now()) > 0) {
            remarks_.take(1, reactor_.now());
            log_.warn(
                "{} of zone {} refused to {}: {}", typeName(query.type), nameText(query.name),
                from.toString(),
                settings.allow.empty() ? "there is no --allow-transfer" : "no --allow-transfer lets it"
            );
        }
        return fails(Rcode::refused, ExtendedError::prohibited);
    }
    const ServedZone* const served = responder.catalog().exact(query.key);
    if (!served)
        return fails(Rcode::notAuth, ExtendedError::notAuthoritative);
    if (!served->zone)
        return fails(Rcode::servFail, ExtendedError::notReady);
    request.zone = served->zone;
    if (query.type == Type::AXFR) {
        request.source = wholeZone(served->zone);
        return request;
    }
    const auto serial = serialAsked(query);
    if (!serial)
        return fails(Rcode::formErr);
    const std::uint32_t now = served->zone->serial();
    if (!serialAfter(now, *serial)) {
        request.source = soaAlone(served->zone);
        request.form = "up to date";
        return request;
    }
    if (auto chain = state_->history.path(served->origin, *serial, now)) {
        std::size_t records = 0;
        for (const auto& each : *chain)
            records += each->records();
        if (records < served->zone->records()) {
            request.source = zoneDifferences(served->zone, *std::move(chain));
            request.form = "IXFR";
            return request;
        }
    }
    request.source = wholeZone(served->zone);
    request.form = "AXFR in place of IXFR";
    return request;
}

/// One transfer while it is sent.
struct TransferServer::Running {
    Running(Reactor& loop, const Logger& logger, std::shared_ptr<TransferOutState> shared, Request what)
        : reactor(loop), log(logger), state(std::move(shared)), request(std::move(what)) {
        state->running.fetch_add(1, std::memory_order_relaxed);
    }
    ~Running() { state->running.fetch_sub(1, std::memory_order_relaxed); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    /// Writes records until the message is full; false when one fits into no message.
    bool fill(MessageWriter& out);
    void sendFirst(Responder& responder);
    void sendNext();
    void send(MessageWriter& out);
    void giveUp(const std::string& why);

    Reactor& reactor;
    Logger log;
    std::shared_ptr<TransferOutState> state;
    Request request;
    TransferOutLimits limits;
    std::shared_ptr<const TransferSettings> settings; // has the key
    std::shared_ptr<AnswerStream> stream;
    std::optional<TsigSigner> signer;
    std::size_t signatureSize = 0;
    std::string who, zone; // for the log
    std::uint16_t id = 0, flags = 0;
    RecordRef pending; // did not fit into the message before
    bool hasPending = false, finished = false;
    std::uint64_t records = 0, bytes = 0;
    TimePoint begun{};
    std::vector<char> memory;
};

bool TransferServer::Running::fill(MessageWriter& out) {
    for (;;) {
        if (!hasPending && !request.source->next(pending)) {
            finished = true;
            return true;
        }
        hasPending = true;
        if (!out.record(Section::answer, pending.owner, pending.type, Class::in, pending.ttl, pending.rdata))
            return out.count(Section::answer) > 0;
        hasPending = false;
        ++records;
    }
}

void TransferServer::Running::giveUp(const std::string& why) {
    log.warn("{} of zone {} to {} given up: {}", request.form, zone, who, why);
    finished = true;
    stream->abort();
}

void TransferServer::Running::send(MessageWriter& out) {
    if (signer && !signer->sign(out, unixTime()))
        return giveUp("a message could not be signed");
    bytes += out.size();
    stream->send(out.bytes());
}

/// The first message has the question and OPT (RFC 5936 section 2.2.5).
void TransferServer::Running::sendFirst(Responder& responder) {
    memory.resize(limits.message);
    const std::span<char> room(memory.data(), limits.firstMessage);
    MessageWriter out(room);
    responder.begin(out);
    out.addFlags(Flag::aa);
    id = responder.query().id;
    flags = out.flags();
    if (!fill(out))
        return giveUp("a record fits into no message");
    responder.appendOpt(out);
    send(out);
}

void TransferServer::Running::sendNext() {
    MessageWriter out{std::span<char>(memory)};
    out.setId(id);
    out.setFlags(flags);
    out.reserve(signatureSize);
    if (!fill(out))
        return giveUp("a record fits into no message");
    if (out.count(Section::answer) > 0)
        send(out);
}

void TransferServer::transfer(
    Responder& responder, std::shared_ptr<const TransferSettings> settings, const Address& from,
    std::shared_ptr<AnswerStream> stream
) {
    Request request = examine(responder, *settings, from);
    if (request.error == Rcode::noError &&
        state_->running.load(std::memory_order_relaxed) >= limits_.atOnce) {
        log_.warn(
            "transfer of zone {} to {} put off: {} transfers run already", nameText(responder.query().name),
            from.toString(), limits_.atOnce
        );
        request.error = Rcode::servFail;
    }
    if (request.error != Rcode::noError) {
        const std::span<char> out = responder.scratch();
        const std::size_t size = responder.fail(out, request.error, request.extendedError);
        return stream->send({out.data(), size});
    }
    auto running = std::make_unique<Running>(reactor_, log_, state_, std::move(request));
    running->limits = limits_;
    running->who = from.toString();
    running->zone = nameText(responder.query().name);
    running->begun = reactor_.now();
    if (const TsigRequest* signature = responder.signature()) {
        // The responder's keys may change while this one runs.
        running->settings = std::move(settings);
        const TsigKey* const key = running->settings->key(signature->key()->name);
        if (!key)
            return stream->abort();
        running->signer.emplace(*key, signature->mac());
        running->signatureSize = TsigSigner::size(*key);
    }
    running->stream = std::move(stream);
    running->sendFirst(responder);
    run(std::move(running)).detach();
}

Deferred<void> TransferServer::run(std::unique_ptr<Running> running) {
    Running& self = *running;
    for (unsigned sent = 1; !self.finished; ++sent) {
        auto taken =
            co_await withTimeout(self.reactor, self.limits.stalled, self.stream->drained()).outcome();
        if (!taken.ok()) {
            self.giveUp(
                taken.failure().check<TimeoutError>() ? "the client takes nothing" : taken.failure().message()
            );
            co_return;
        }
        if (self.reactor.now() - self.begun > self.limits.whole) {
            self.giveUp("it takes too long");
            co_return;
        }
        if (sent % kMessagesATurn == 0)
            co_await sleep(self.reactor, Duration::zero());
        if (!self.stream->open())
            co_return;
        self.sendNext();
    }
    if (self.stream->open())
        self.log.info(
            "{} of zone {} serial {} sent to {}: {} records, {} bytes", self.request.form, self.zone,
            self.request.zone->serial(), self.who, self.records, self.bytes
        );
}

std::size_t TransferServer::transferDatagram(
    Responder& responder, const TransferSettings& settings, const Address& from, std::span<char> out
) {
    Request request = examine(responder, settings, from);
    if (request.error != Rcode::noError)
        return responder.fail(out, request.error, request.extendedError);
    MessageWriter writer(out);
    responder.begin(writer);
    writer.addFlags(Flag::aa);
    const MessageWriter::Mark begin = writer.mark();
    RecordRef record;
    while (request.source->next(record)) {
        if (writer.record(Section::answer, record.owner, record.type, Class::in, record.ttl, record.rdata))
            continue;
        writer.rollback(begin);
        const auto soa = soaAlone(request.zone);
        soa->next(record);
        if (!writer.record(Section::answer, record.owner, record.type, Class::in, record.ttl, record.rdata))
            writer.addFlags(Flag::tc);
        break;
    }
    return responder.finish(writer);
}

} // namespace twistdpp::dns
