#include "twistdpp/dns_resolver/client.h"

#include "twistdpp/dns_resolver/client_state.h"
#include "twistdpp/dns_resolver/resolv_conf.h"
#include "twistdpp/dns_wire/message_reader.h"
#include "twistdpp/dns_wire/octets.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace twistdpp::dns {

namespace {

constexpr unsigned kMostAliases = 8;      // look-ups for one question
constexpr std::uint32_t kHostsTtl = 3600; // what Twisted says of records from a hosts file

Failure domainError(Rcode code, const Name& name, Type type) {
    const std::string what = name.toString() + " " + typeText(type) + ": " + rcodeText(code);
    switch (code) {
    case Rcode::nxDomain:
        return DNSNameError(code, what);
    case Rcode::servFail:
        return DNSServerError(code, what);
    case Rcode::formErr:
        return DNSFormatError(code, what);
    case Rcode::notImp:
        return DNSNotImplementedError(code, what);
    case Rcode::refused:
        return DNSQueryRefusedError(code, what);
    default:
        return DomainError(code, what);
    }
}

/// Adds a message's records, `age` seconds after it came.
void addRecords(Bytes message, std::uint32_t age, Records& to) {
    MessageReader reader(message);
    Question question;
    while (reader.nextQuestion(question)) {
    }
    RecordView view;
    std::string rdata;
    while (reader.nextRecord(view)) {
        if (!reader.expand(view, rdata))
            continue;
        auto& section = view.section == Section::answer      ? to.answers
                        : view.section == Section::authority ? to.authority
                                                             : to.additional;
        Record& record =
            section.emplace_back(Name(view.owner), view.type, view.ttl > age ? view.ttl - age : 0, rdata);
        record.klass = view.klass;
    }
}

/// Where the aliases among `answers` lead to from `name`; `name` itself when there is none, or when they go
/// round.
Name endOfChain(const std::vector<Record>& answers, Name name) {
    for (std::size_t steps = 0; steps < answers.size(); ++steps) {
        bool moved = false;
        for (const Record& record : answers) {
            if (record.type == Type::CNAME && record.owner == name && !moved) {
                if (auto target = targetOf(record)) {
                    name = *std::move(target);
                    moved = true;
                }
            }
        }
        if (!moved)
            break;
    }
    return name;
}

bool hasAnswer(const std::vector<Record>& answers, const Name& name, Type type) {
    for (const Record& record : answers) {
        if (record.owner == name && (record.type == type || type == Type::ANY))
            return true;
    }
    return false;
}

Record hostRecord(const Name& name, const Address& address) {
    return Record(
        name, address.kind() == Address::Kind::ipv4 ? Type::A : Type::AAAA, kHostsTtl,
        std::string(address.ipBytes())
    );
}

} // namespace

Client::Client(std::shared_ptr<Resolver> resolver, const ClientOptions& options)
    : state_(std::make_shared<State>(std::move(resolver), options)) {}

Result<Client> Client::system(Reactor& reactor, const std::string& resolvConf, const std::string& hostsFile) {
    auto conf = readResolvConf(resolvConf);
    if (!conf)
        return std::move(conf).error();
    auto resolver = Resolver::make(reactor, resolverOptions(*conf));
    if (!resolver)
        return std::move(resolver).error();
    ClientOptions options;
    options.hostsFile = hostsFile;
    options.search = conf->search;
    options.ndots = conf->ndots;
    return Client(*std::move(resolver), options);
}

Cache& Client::cache() const noexcept {
    return state_->cache;
}

Resolver& Client::resolver() const noexcept {
    return *state_->resolver;
}

/// One question, from the cache or from a server.
Deferred<Records> Client::State::ask(std::shared_ptr<State> state, Name name, Type type) {
    Records found;
    const Asked asked(name.wire(), type);
    if (const Cached cached = state->cache.find(asked, state->resolver->reactor().now());
        cached.state == Cached::State::fresh) {
        if (cached.failure || cached.rcode != Rcode::noError)
            co_return domainError(cached.rcode, name, type);
        addRecords(cached.message, cached.age, found);
        co_return found;
    }
    Outcome<AnswerRef> outcome = co_await state->resolver->query(asked).outcome();
    const TimePoint now = state->resolver->reactor().now();
    if (!outcome.ok()) {
        if (outcome.failure().check<NoAnswerError>())
            state->cache.putFailure(asked, now);
        co_return std::move(outcome).failure();
    }
    const AnswerRef answer = std::move(outcome).value();
    state->cache.put(asked, *answer, now);
    if (answer->rcode != Rcode::noError)
        co_return domainError(answer->rcode, name, type);
    addRecords(answer->message, 0, found);
    co_return found;
}

Deferred<Records> Client::State::follow(std::shared_ptr<State> state, Name name, Type type) {
    Records all;
    std::vector<Name> asked;
    while (asked.size() < kMostAliases && std::find(asked.begin(), asked.end(), name) == asked.end()) {
        asked.push_back(name);
        Records found = co_await ask(state, name, type);
        const Name end = type == Type::CNAME ? name : endOfChain(found.answers, name);
        const bool done = end == name || hasAnswer(found.answers, end, type) || !found.authority.empty();
        all.answers.insert(
            all.answers.end(), std::make_move_iterator(found.answers.begin()),
            std::make_move_iterator(found.answers.end())
        );
        if (done) {
            all.authority = std::move(found.authority);
            all.additional = std::move(found.additional);
            co_return all;
        }
        name = end;
    }
    co_return DNSServerError(Rcode::servFail, name.toString() + ": the aliases have no end");
}

Deferred<Records> Client::lookup(std::string_view text, Type type) const {
    auto name = Name::parse(text);
    if (!name)
        return fail<Records>(std::invalid_argument(name.error().message()));
    const bool address = type == Type::A || type == Type::AAAA;
    if (const auto* const hosts = address ? state_->inHosts(text) : nullptr) {
        Records found;
        for (const Address& one : *hosts) {
            if ((one.kind() == Address::Kind::ipv4) == (type == Type::A))
                found.answers.push_back(hostRecord(*name, one));
        }
        return found;
    }
    return State::follow(state_, *std::move(name), type);
}

Deferred<std::vector<Record>> Client::lookupZone(std::string_view text, const TransferLimits& limits) const {
    auto name = Name::parse(text);
    if (!name)
        return fail<std::vector<Record>>(std::invalid_argument(name.error().message()));
    const auto zone = std::make_shared<std::vector<Record>>();
    return transferZone(
               state_->resolver->reactor(), state_->resolver->options().servers.front(), *std::move(name),
               [zone](Record record) { zone->push_back(std::move(record)); }, limits
    )
        .addCallback([zone] { return std::move(*zone); });
}

} // namespace twistdpp::dns
