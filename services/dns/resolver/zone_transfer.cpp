#include "twistdpp/dns_resolver/zone_transfer.h"

#include "twistdpp/defer/promise.h"
#include "twistdpp/dns_resolver/errors.h"
#include "twistdpp/dns_resolver/random.h"
#include "twistdpp/dns_resolver/upstream_query.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/net/length_prefixed.h"
#include "twistdpp/reactor/errors.h"

#include <optional>
#include <utility>

namespace twistdpp::dns {

namespace {

/// What the connection's protocol and the one who waits share; whichever ends first.
class Transfer : public std::enable_shared_from_this<Transfer> {
public:
    Transfer(Reactor& reactor, Name zone, UniqueFunction<void(Record)> each, const TransferLimits& limits)
        : zone_(std::move(zone)), each_(std::move(each)), limits_(limits),
          idle_(reactor.timers(), [this] { fail("nothing came for too long"); }),
          total_(reactor.timers(), [this] { fail("it took too long"); }) {
        QueryDress dress;
        dress.udpSize = 0;
        dress.randomCase = false;
        dress.recursion = false;
        query_ = UpstreamQuery(Asked(zone_.wire(), Type::AXFR), dress, QueryRandom());
    }

    Deferred<void> start(Reactor& reactor, const Address& server);

    void connected(Int16StringReceiver& connection) {
        if (!promise_)
            return connection.transport().loseConnection();
        connection_ = &connection;
        connection.sendString(query_.message());
        idle_.start(limits_.idle);
    }
    void messageReceived(Bytes message);
    void closed(const Failure& reason) {
        connection_ = nullptr;
        if (promise_)
            fail("the connection ended before the zone did (" + reason.message() + ")");
    }

private:
    bool recordReceived(const MessageReader& reader, const RecordView& view);
    void fail(const std::string& why) {
        end(Failure(TransferError("transfer of " + zone_.toString() + ": " + why)));
    }
    void end(Outcome<void> outcome) {
        const auto keep = shared_from_this();
        idle_.stop();
        total_.stop();
        if (connection_)
            std::exchange(connection_, nullptr)->transport().loseConnection();
        if (!promise_)
            return;
        Promise<void> promise = *std::move(promise_);
        promise_.reset();
        if (connecting_)
            connecting_->cancel();
        promise.fireOutcome(std::move(outcome));
    }

    Name zone_;
    UniqueFunction<void(Record)> each_;
    TransferLimits limits_;
    UpstreamQuery query_;
    TimerNode idle_, total_;
    std::optional<Promise<void>> promise_;
    std::optional<Deferred<void>> connecting_;
    Int16StringReceiver* connection_ = nullptr;
    std::optional<Record> soa_; // the first one
    std::size_t records_ = 0, bytes_ = 0;
    std::string rdata_;
};

class TransferProtocol final : public Int16StringReceiver {
public:
    explicit TransferProtocol(std::shared_ptr<Transfer> transfer)
        : Int16StringReceiver(65535), transfer_(std::move(transfer)) {}
    void connectionMade() override { transfer_->connected(*this); }
    void stringReceived(Bytes message) override { transfer_->messageReceived(message); }
    void connectionLost(const Failure& reason) override { transfer_->closed(reason); }

private:
    std::shared_ptr<Transfer> transfer_;
};

Deferred<void> Transfer::start(Reactor& reactor, const Address& server) {
    promise_.emplace([this] { end(Failure(CancelledError())); });
    auto result = promise_->deferred();
    total_.start(limits_.total);
    const auto self = shared_from_this();
    auto factory = makeFactory([self](const Address&) -> std::unique_ptr<Protocol> {
        return std::make_unique<TransferProtocol>(self);
    });
    auto connecting = reactor.connect(ConnectSpec(server, limits_.connect), std::move(factory))
                          .addBoth([self](Outcome<Transport*> outcome) {
                              self->connecting_.reset();
                              if (!outcome.ok() && self->promise_)
                                  self->end(std::move(outcome).failure());
                          });
    if (!connecting.called() && promise_)
        connecting_.emplace(std::move(connecting));
    return result;
}

void Transfer::messageReceived(Bytes message) {
    if (!promise_)
        return;
    const auto keep = shared_from_this();
    idle_.start(limits_.idle);
    bytes_ += message.size();
    MessageReader reader(message);
    if (reader.malformed() || reader.id() != query_.id() || (reader.flags() & Flag::qr) == 0 ||
        reader.opcode() != Opcode::query)
        return fail("the server sent something that is no answer");
    if (reader.rcode() != Rcode::noError)
        return end(Failure(
            DomainError(reader.rcode(), "transfer of " + zone_.toString() + ": " + rcodeText(reader.rcode()))
        ));
    if (bytes_ > limits_.bytes)
        return fail("it is larger than " + std::to_string(limits_.bytes) + " bytes");
    Question question;
    while (reader.nextQuestion(question)) {
        if (!equalNames(question.name, zone_) || question.type != Type::AXFR)
            return fail("the server answers another question");
    }
    RecordView view;
    while (promise_ && reader.nextRecord(view) && view.section == Section::answer) {
        if (!recordReceived(reader, view))
            return;
    }
    if (promise_ && reader.malformed())
        fail("the server sent a malformed message");
}

/// False when the transfer is over.
bool Transfer::recordReceived(const MessageReader& reader, const RecordView& view) {
    if (view.klass != Class::in || !reader.expand(view, rdata_))
        return fail("the server sent a malformed record"), false;
    if (!isWithin(view.owner, zone_))
        return fail(nameText(view.owner) + " is not in the zone"), false;
    if (++records_ > limits_.records)
        return fail("it has more than " + std::to_string(limits_.records) + " records"), false;
    const bool soa = view.type == Type::SOA && equalNames(view.owner, zone_);
    if (!soa_ && !soa)
        return fail("it does not begin with the SOA"), false;
    Record record(Name(view.owner), view.type, view.ttl > 0x7fffffffU ? 0 : view.ttl, rdata_);
    if (soa && soa_ && record.rdata != soa_->rdata)
        return fail("it ends with another SOA than it began with"), false;
    const bool last = soa && soa_;
    if (soa && !soa_)
        soa_ = record;
    each_(std::move(record));
    if (last)
        end(Outcome<void>());
    return !last;
}

} // namespace

Deferred<void> transferZone(
    Reactor& reactor, const Address& server, Name zone, UniqueFunction<void(Record)> each,
    const TransferLimits& limits
) {
    const auto transfer = std::make_shared<Transfer>(reactor, std::move(zone), std::move(each), limits);
    return transfer->start(reactor, server);
}

} // namespace twistdpp::dns
