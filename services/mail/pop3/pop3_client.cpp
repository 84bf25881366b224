#include "twistdpp/pop3/pop3_client.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/number.h"
#include "twistdpp/cred/challenge_response.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>

namespace twistdpp::pop3 {

namespace {

constexpr std::size_t kLongestLine = 1U << 20U;

/// "<1896.697170952@dbc.mtview.ca.us>" in a greeting (RFC 1939 section 7); empty: the server has no APOP.
std::string stampOf(Bytes greeting) {
    const std::size_t begin = greeting.find('<');
    const std::size_t end = greeting.find('>', std::min(begin, greeting.size()));
    if (begin == Bytes::npos || end == Bytes::npos ||
        greeting.substr(begin, end - begin).find('@') == Bytes::npos)
        return {};
    return std::string(greeting.substr(begin, end - begin + 1));
}

std::runtime_error nonsense(Bytes line) {
    return std::runtime_error("the server does not speak POP3: '" + std::string(line.substr(0, 60)) + "'");
}

/// "NUMBER SOMETHING".
std::uint32_t numberOf(Bytes& line) {
    const Bytes whole = line;
    const auto number = parseUnsigned<std::uint32_t>(ascii::cut(line, ' '));
    if (!number)
        throw nonsense(whole);
    return *number;
}

} // namespace

std::string POP3Error::code() const {
    const Bytes text = what();
    const std::size_t end = text.find(']');
    return text.starts_with('[') && end != Bytes::npos ? std::string(text.substr(1, end - 1)) : std::string();
}

POP3Client::POP3Client() : LineReceiver(kLongestLine, LineEnd::crlfOrLf) {}

POP3Client::~POP3Client() = default;

void POP3Client::connectionMade() {
    wind();
}

void POP3Client::connectionLost(const Failure& reason) {
    clock_ = Timer();
    const bool done = reason.check<ConnectionDone>();
    lost_ = done ? Failure(ConnectionLost("the server closed in the middle")) : reason;
    if (auto secured = std::exchange(secured_, std::nullopt))
        secured->errback(*lost_);
    for (Question& question : std::exchange(questions_, {}))
        question.promise.errback(*lost_);
}

void POP3Client::handshakeCompleted(const TlsInfo&) {
    if (auto secured = std::exchange(secured_, std::nullopt))
        secured->callback();
}

void POP3Client::wind() {
    clock_ = transport().reactor().callLater(timeout, [this] {
        transport().abortConnection(Failure(ConnectionAborted("the server does not answer")));
    });
}

void POP3Client::fail(const std::string& why) {
    transport().abortConnection(Failure(ConnectionAborted(why)));
}

void POP3Client::lineLengthExceeded(Bytes) {
    fail("the server sends a line without end");
}

void POP3Client::lineReceived(Bytes line) {
    wind();
    if (inside_) {
        if (line == ".") {
            inside_ = false;
            return answered(std::nullopt, {});
        }
        if (line.starts_with('.'))
            line.remove_prefix(1);
        return questions_.front().take(line);
    }
    const bool good = line == "+OK" || line.starts_with("+OK ");
    const bool bad = line == "-ERR" || line.starts_with("-ERR ");
    const Bytes text = ascii::trim(line.substr(std::min<std::size_t>(good ? 3 : 4, line.size())));
    if (!greeted_) {
        if (!good)
            return fail("the server does not want to: " + std::string(line.substr(0, 200)));
        greeted_ = true;
        clock_ = Timer();
        stamp_ = stampOf(text);
        return serverGreeting(text);
    }
    if (questions_.empty() || sent_ == 0)
        return fail("the server answers what nobody has asked");
    if (line.starts_with('+') && !good)
        return answered(std::nullopt, std::string(line)); // a challenge of SASL
    if (bad)
        return answered(Failure(POP3Error(std::string(text))), {});
    if (!good)
        return fail("the server does not speak POP3");
    if (questions_.front().take) {
        inside_ = true;
        return;
    }
    answered(std::nullopt, std::string(text));
}

void POP3Client::answered(std::optional<Failure> failure, std::string text) {
    Promise<std::string> promise = std::move(questions_.front().promise);
    questions_.pop_front();
    --sent_;
    if (questions_.empty())
        clock_ = Timer();
    next();
    if (failure)
        promise.errback(*failure);
    else
        promise.callback(std::move(text));
}

void POP3Client::next() {
    while (sent_ < questions_.size() && (ahead_ || sent_ == 0)) {
        transport().write(Bytes(questions_[sent_].line));
        ++sent_;
    }
}

Deferred<std::string> POP3Client::ask(std::string line, std::function<void(Bytes line)> take) {
    if (lost_)
        return ::twistdpp::fail<std::string>(*lost_);
    if (line.find_first_of("\r\n") != std::string::npos)
        return ::twistdpp::fail<std::string>(std::invalid_argument("there is a line's end in a command"));
    questions_.push_back({line + "\r\n", std::move(take), Promise<std::string>()});
    auto out = questions_.back().promise.deferred();
    wind();
    next();
    return out;
}

Deferred<void> POP3Client::run(std::string line) {
    return ask(std::move(line)).addCallback([](const std::string&) {});
}

Deferred<std::vector<std::string>> POP3Client::askForLines(std::string line) {
    const auto lines = std::make_shared<std::vector<std::string>>();
    return ask(std::move(line), [lines](Bytes each) { lines->emplace_back(each); }
    ).addCallback([lines](const std::string&) { return std::move(*lines); });
}

Deferred<std::map<std::string, std::string>> POP3Client::capabilities() {
    if (capabilities_)
        co_return *capabilities_;
    auto asking = askForLines("CAPA");
    const Outcome<std::vector<std::string>> answer = co_await std::move(asking).outcome();
    if (!answer.ok() && !answer.failure().check<POP3Error>())
        co_return answer.failure();
    std::map<std::string, std::string> found;
    for (const std::string& line : answer.ok() ? answer.value() : std::vector<std::string>()) {
        Bytes rest = line;
        std::string keyword(ascii::cut(rest, ' '));
        for (char& c : keyword)
            c = ascii::upper(c);
        found.insert_or_assign(std::move(keyword), std::string(rest));
    }
    ahead_ = found.count("PIPELINING") > 0;
    capabilities_ = found;
    co_return std::move(found);
}

Deferred<void> POP3Client::startTLS(std::shared_ptr<const ContextFactory> context, std::string name) {
    auto asking = run("STLS");
    co_await std::move(asking);
    // What came along with it was not protected.
    if (!clearLineBuffer().empty())
        throw std::runtime_error("the server sent something along with its answer to STLS");
    capabilities_.reset();
    ahead_ = false;
    secured_.emplace();
    auto secured = secured_->deferred();
    startTlsClient(transport(), context, name);
    co_await std::move(secured);
}

Deferred<void> POP3Client::login(SaslIdentity who) {
    auto asking = capabilities();
    const auto can = co_await std::move(asking);
    const bool safe = allowInsecureLogin || transport().tls() || transport().peer().isLoopback();
    std::vector<std::string> offered;
    if (const auto sasl = can.find("SASL"); sasl != can.end()) {
        for (Bytes rest = sasl->second; !rest.empty();)
            offered.emplace_back(ascii::cut(rest, ' '));
    }
    if (auto sasl = SaslClient::choose(offered, who, safe)) {
        auto exchange = bySasl(std::move(sasl));
        co_await std::move(exchange);
        co_return;
    }
    if (!stamp_.empty()) {
        auto proving = run("APOP " + who.user + " " + apopAnswer(stamp_, who.password.bytes()));
        const Outcome<void> done = co_await std::move(proving).outcome();
        if (done.ok())
            co_return;
        if (!safe || !done.failure().check<POP3Error>())
            done.failure().raise();
    }
    if (!safe)
        throw std::runtime_error("the server offers no way to log in that is safe here");
    auto naming = run("USER " + who.user);
    co_await std::move(naming);
    auto proving = run("PASS " + std::string(who.password.bytes()));
    co_await std::move(proving);
}

Deferred<void> POP3Client::bySasl(std::unique_ptr<SaslClient> sasl) {
    std::string line = "AUTH " + std::string(sasl->mechanism());
    if (sasl->speaksFirst()) {
        auto initial = sasl->respond({});
        if (!initial)
            throw std::runtime_error(initial.error().message());
        line += " " + (initial->empty() ? std::string("=") : toBase64(*initial));
    }
    auto asking = ask(line);
    std::string answer = co_await std::move(asking);
    while (answer.starts_with('+')) {
        const auto challenge = fromBase64(ascii::trim(Bytes(answer).substr(1)));
        auto response =
            challenge ? sasl->respond(*challenge) : Result<std::string>(Error("that is no base64"));
        auto saying = ask(response ? toBase64(*response) : std::string("*"));
        const Outcome<std::string> said = co_await std::move(saying).outcome();
        if (!response)
            throw std::runtime_error(response.error().message());
        if (!said.ok())
            said.failure().raise();
        answer = said.value();
    }
    if (!sasl->complete())
        throw std::runtime_error("the server agrees before it has proved that it knows the account");
}

Deferred<DropSize> POP3Client::stat() {
    auto asking = ask("STAT");
    const std::string answer = co_await std::move(asking);
    Bytes rest = answer;
    DropSize out;
    out.messages = numberOf(rest);
    const auto bytes = parseUnsigned<std::uint64_t>(ascii::cut(rest, ' '));
    if (!bytes)
        throw nonsense(answer);
    out.bytes = *bytes;
    co_return out;
}

Deferred<std::map<std::uint32_t, std::uint64_t>> POP3Client::listSize() {
    auto asking = askForLines("LIST");
    const std::vector<std::string> lines = co_await std::move(asking);
    std::map<std::uint32_t, std::uint64_t> out;
    for (const std::string& line : lines) {
        Bytes rest = line;
        const std::uint32_t number = numberOf(rest);
        const auto size = parseUnsigned<std::uint64_t>(ascii::cut(rest, ' '));
        if (!size)
            throw nonsense(line);
        out[number] = *size;
    }
    co_return std::move(out);
}

Deferred<std::map<std::uint32_t, std::string>> POP3Client::listUID() {
    auto asking = askForLines("UIDL");
    const std::vector<std::string> lines = co_await std::move(asking);
    std::map<std::uint32_t, std::string> out;
    for (const std::string& line : lines) {
        Bytes rest = line;
        const std::uint32_t number = numberOf(rest);
        out[number] = rest;
    }
    co_return std::move(out);
}

Deferred<void> POP3Client::retrieve(std::uint32_t number, std::function<void(Bytes line)> take) {
    const auto whole = std::make_shared<std::string>();
    return ask("RETR " + std::to_string(number),
               [take = std::move(take), whole](Bytes line) {
                   whole->assign(line).append("\r\n");
                   take(*whole);
               }
    ).addCallback([](const std::string&) {});
}

Deferred<std::string> POP3Client::retrieve(std::uint32_t number) {
    const auto text = std::make_shared<std::string>();
    return retrieve(
               number,
               [this, text](Bytes line) {
                   if (text->size() + line.size() > maxMessage)
                       return fail("a message is longer than is taken here");
                   text->append(line);
               }
    ).addCallback([text] { return std::move(*text); });
}

Deferred<std::string> POP3Client::top(std::uint32_t number, std::uint32_t lines) {
    const auto text = std::make_shared<std::string>();
    return ask("TOP " + std::to_string(number) + " " + std::to_string(lines),
               [this, text](Bytes line) {
                   if (text->size() + line.size() > maxMessage)
                       return fail("a message is longer than is taken here");
                   text->append(line).append("\r\n");
               }
    ).addCallback([text](const std::string&) { return std::move(*text); });
}

Deferred<void> POP3Client::remove(std::uint32_t number) {
    return run("DELE " + std::to_string(number));
}

Deferred<void> POP3Client::reset() {
    return run("RSET");
}

Deferred<void> POP3Client::noop() {
    return run("NOOP");
}

Deferred<void> POP3Client::quit() {
    auto leaving = run("QUIT");
    co_await std::move(leaving);
    transport().loseConnection();
}

} // namespace twistdpp::pop3
