#include "twistdpp/dns_transfer/zone_fetch.h"

#include "twistdpp/dns_transfer/datagram_exchange.h"
#include "twistdpp/dns_transfer/signed_request.h"
#include "twistdpp/dns_wire/message_reader.h"

#include <ctime>
#include <optional>

namespace twistdpp::dns {

namespace {

constexpr Duration kDatagramWaits[] = {std::chrono::seconds(2), std::chrono::seconds(3)};

std::uint64_t unixTime() noexcept {
    return static_cast<std::uint64_t>(std::time(nullptr));
}

/// The serial in the answer to a question for the SOA; throws a FetchError.
std::uint32_t serialIn(Bytes answer, Bytes zone) {
    MessageReader reader(answer);
    if (reader.rcode() != Rcode::noError)
        throw FetchError("the primary says " + rcodeText(reader.rcode()));
    if ((reader.flags() & Flag::aa) == 0)
        throw FetchError("the primary is not authoritative for it");
    Question question;
    while (reader.nextQuestion(question)) {
    }
    RecordView record;
    std::string rdata;
    while (reader.nextRecord(record)) {
        if (record.section == Section::answer && record.type == Type::SOA && record.klass == Class::in &&
            equalNames(record.owner, zone) && reader.expand(record, rdata))
            return Soa(rdata).serial;
    }
    throw FetchError("the primary has no SOA of it");
}

/// One transfer while it comes.
struct Incoming {
    Incoming(FetchTarget from, std::shared_ptr<const Zone> old)
        : target(std::move(from)), ours(std::move(old)) {
        key = target.settings->key(target.primary.key);
        const Type type = ours ? Type::IXFR : Type::AXFR;
        request = makeRequest(Opcode::query, 0, target.zone, type, key, ours.get());
        reader.emplace(
            target.zone, type, request.id(), ours ? std::optional(ours->serial()) : std::nullopt,
            target.reader
        );
        if (key)
            verifier.emplace(*key, request.mac);
    }

    /// True when all has come.
    bool take(Bytes message) {
        if (verifier) {
            const Rcode found = verifier->add(message, unixTime());
            if (found != Rcode::noError)
                throw FetchError(
                    std::string(
                        verifier->refused() ? "it refuses our signature: " : "its signature is wrong: "
                    ) +
                    tsigProblem(found)
                );
        }
        switch (reader->take(message)) {
        case TransferReader::State::more:
            return false;
        case TransferReader::State::failed:
            throw FetchError(reader->problem(), reader->overLimit());
        case TransferReader::State::done:
            break;
        }
        // The last message of all must be signed (RFC 8945 section 5.3.1).
        if (verifier && !verifier->isSigned())
            throw FetchError("its last message is not signed");
        return true;
    }

    FetchTarget target;
    std::shared_ptr<const Zone> ours;
    const TsigKey* key = nullptr;
    SignedRequest request;
    std::optional<TransferReader> reader;
    std::optional<TsigVerifier> verifier;
};

} // namespace

Deferred<std::uint32_t> fetchSerial(Reactor& reactor, FetchTarget target) {
    const TsigKey* const key = target.settings->key(target.primary.key);
    const SignedRequest request = makeRequest(Opcode::query, 0, target.zone, Type::SOA, key);
    std::vector<Duration> waits(std::begin(kDatagramWaits), std::end(kDatagramWaits));
    auto answer =
        co_await exchangeDatagram(reactor, target.primary.address, request.message, std::move(waits))
            .outcome();
    if (!answer.ok() && answer.failure().check<CancelledError>())
        answer.failure().raise();
    if (answer.ok() && (MessageReader(answer.value()).flags() & Flag::tc) == 0 &&
        signatureProblem(answer.value(), request, key).empty())
        co_return serialIn(answer.value(), target.zone);
    auto kept = std::make_shared<std::string>();
    auto again = exchangeStream(
        reactor, target.primary.address, request.message, target.stream,
        [kept](Bytes message) {
            *kept = message;
            return true;
        }
    );
    co_await std::move(again);
    if (!answers(*kept, request.message))
        throw FetchError("the primary answers another question");
    if (const std::string problem = signatureProblem(*kept, request, key); !problem.empty())
        throw FetchError(problem);
    co_return serialIn(*kept, target.zone);
}

Deferred<std::shared_ptr<TransferResult>>
fetchZone(Reactor& reactor, FetchTarget target, std::shared_ptr<const Zone> ours) {
    auto incoming = std::make_shared<Incoming>(std::move(target), std::move(ours));
    auto receiving = exchangeStream(
        reactor, incoming->target.primary.address, incoming->request.message, incoming->target.stream,
        [incoming](Bytes message) { return incoming->take(message); }
    );
    co_await std::move(receiving);
    co_return std::make_shared<TransferResult>(incoming->reader->result());
}

} // namespace twistdpp::dns
