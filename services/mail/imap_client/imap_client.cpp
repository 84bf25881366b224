#include "twistdpp/imap_client/imap_client.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/number.h"
#include "twistdpp/imap/cursor.h"
#include "twistdpp/imap/mailbox_name.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>
#include <utility>

namespace twistdpp::imap {

namespace {

constexpr std::size_t kLongestLine = 8U << 20U; // a list of UIDs is one

using Parts = std::deque<std::string>;

/// Puts a string behind what is there: in quotes, or as a literal, for which the server is waited for.
void addString(Parts& parts, Bytes text) {
    const bool quotable =
        text.size() < 1000 && std::all_of(text.begin(), text.end(), [](char c) {
            return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
        });
    if (!quotable) {
        parts.back() += "{" + std::to_string(text.size()) + "}\r\n";
        parts.emplace_back(text);
        return;
    }
    parts.back() += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\')
            parts.back() += '\\';
        parts.back() += c;
    }
    parts.back() += '"';
}

Parts withMailbox(const std::string& verb, const std::string& mailbox) {
    Parts parts{verb + " "};
    addString(parts, toModifiedUtf7(mailbox));
    return parts;
}

std::vector<std::string> textsOf(const Value& list) {
    std::vector<std::string> out;
    for (const Value& each : list.items)
        out.push_back(each.text);
    return out;
}

std::string upper(Bytes text) {
    std::string out(text);
    for (char& c : out)
        c = ascii::upper(c);
    return out;
}

/// "[CODE words] text": the code, which is taken off.
std::string takeCode(Bytes& text) {
    const std::size_t end = text.find(']');
    if (!text.starts_with('[') || end == Bytes::npos)
        return {};
    std::string out(text.substr(1, end - 1));
    text = ascii::trim(text.substr(end + 1));
    return out;
}

FetchedMessage messageOf(const Value& items) {
    FetchedMessage out;
    for (std::size_t i = 0; i + 1 < items.items.size(); i += 2) {
        const std::string name = upper(items.items[i].text);
        const Value& value = items.items[i + 1];
        if (name == "UID")
            out.uid = value.number().value_or(0);
        else if (name == "RFC822.SIZE")
            out.size = value.number64();
        else if (name == "FLAGS")
            out.flags = textsOf(value);
        else if (name == "INTERNALDATE")
            out.date = value.text;
        else if (name.starts_with("BODY[") || name.starts_with("RFC822"))
            out.body[name] = value.text;
        else
            out.others[name] = value;
    }
    return out;
}

/// "NUMBER WORD ..." of an untagged response.
std::optional<std::uint32_t> numberOf(const std::vector<Value>& values, Bytes word) {
    return values.size() >= 2 && values[1].isAtom(word) ? values[0].number() : std::nullopt;
}

} // namespace

IMAP4Client::IMAP4Client() : LineReceiver(kLongestLine, LineEnd::crlfOrLf) {}

IMAP4Client::~IMAP4Client() = default;

void IMAP4Client::connectionMade() {
    wind();
}

void IMAP4Client::connectionLost(const Failure& reason) {
    clock_ = Timer();
    const bool orderly = reason.check<ConnectionDone>();
    lost_ = orderly ? Failure(ConnectionLost("the server closed in the middle")) : reason;
    if (auto secured = std::exchange(secured_, std::nullopt))
        secured->errback(*lost_);
    for (Command& command : std::exchange(commands_, {}))
        command.promise.errback(*lost_);
}

void IMAP4Client::handshakeCompleted(const TlsInfo&) {
    if (auto secured = std::exchange(secured_, std::nullopt))
        secured->callback();
}

void IMAP4Client::wind() {
    // Who idles waits for as long as it takes.
    if (!commands_.empty() && commands_.front().idles) {
        clock_ = Timer();
        return;
    }
    clock_ = transport().reactor().callLater(timeout, [this] { fail("the server does not answer"); });
}

void IMAP4Client::fail(const std::string& why) {
    transport().abortConnection(Failure(ConnectionAborted(why)));
}

void IMAP4Client::lineLengthExceeded(Bytes) {
    fail("the server sends a line without end");
}

void IMAP4Client::lineReceived(Bytes line) {
    if (response_.size() + line.size() > maxResponse)
        return fail("the server sends a response that is longer than is taken here");
    response_.append(line);
    if (const auto literal = literalAtEnd(line)) {
        if (response_.size() + literal->size > maxResponse)
            return fail("the server sends a response that is longer than is taken here");
        response_.append("\r\n");
        literal_ = literal->size;
        if (literal_ > 0)
            setRawMode();
        return;
    }
    const std::string whole = std::exchange(response_, {});
    responded(whole);
}

void IMAP4Client::rawDataReceived(Bytes data) {
    wind();
    const Bytes taken =
        data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(literal_, data.size())));
    response_.append(taken);
    literal_ -= taken.size();
    if (literal_ == 0)
        setLineMode(data.substr(taken.size()));
}

void IMAP4Client::responded(Bytes whole) {
    wind();
    Bytes text = whole;
    const Bytes first = ascii::cut(text, ' ');
    if (!greeted_) {
        const std::string word = upper(text.substr(0, text.find(' ')));
        if (first != "*" || (word != "OK" && word != "PREAUTH"))
            return fail("the server does not want to: " + std::string(whole.substr(0, 200)));
        greeted_ = true;
        clock_ = Timer();
        return serverGreeting(std::string(text.substr(std::min(word.size() + 1, text.size()))));
    }
    if (first == "+")
        return continued(text);
    if (first == "*")
        return untagged(text);
    finished(first, text);
}

void IMAP4Client::continued(Bytes text) {
    if (commands_.empty() || !sent_)
        return fail("the server asks for what nobody wants to send");
    Command& command = commands_.front();
    if (command.idles)
        return;
    if (!command.parts.empty()) {
        transport().write(Bytes(command.parts.front()));
        command.parts.pop_front();
        return;
    }
    if (!command.respond)
        return fail("the server asks for more than there is");
    const std::string response = command.respond(ascii::trim(text));
    sendLine(response);
}

void IMAP4Client::untagged(Bytes text) {
    Bytes rest = text;
    const std::string word = upper(ascii::cut(rest, ' '));
    // Text of people's, which no grammar is for.
    if (word == "OK" || word == "NO" || word == "BAD" || word == "BYE" || word == "PREAUTH") {
        if (commands_.empty())
            return;
        std::vector<Value> values(3);
        values[0] = {Value::Kind::atom, word, {}};
        values[1] = {Value::Kind::string, takeCode(rest), {}};
        values[2] = {Value::Kind::string, std::string(rest), {}};
        commands_.front().answer.untagged.push_back(std::move(values));
        return;
    }
    auto values = readValues(text);
    if (!values || values->empty())
        return fail("the server does not speak IMAP");
    tell(*values);
    if (!commands_.empty())
        commands_.front().answer.untagged.push_back(*std::move(values));
}

void IMAP4Client::tell(const std::vector<Value>& values) {
    if (const auto exists = numberOf(values, "EXISTS"))
        newMessages(*exists);
    else if (const auto gone = numberOf(values, "EXPUNGE"))
        expunged(*gone);
    else if (const auto number = numberOf(values, "FETCH"); number && values.size() > 2) {
        const FetchedMessage message = messageOf(values[2]);
        if (message.flags && message.body.empty())
            flagsChanged(*number, *message.flags);
    }
}

void IMAP4Client::finished(Bytes tag, Bytes text) {
    if (commands_.empty() || !sent_ || commands_.front().tag != tag)
        return fail("the server answers what nobody has asked");
    Command command = std::move(commands_.front());
    commands_.pop_front();
    sent_ = false;
    const std::string word = upper(ascii::cut(text, ' '));
    command.answer.code = takeCode(text);
    command.answer.text = text;
    if (commands_.empty())
        clock_ = Timer();
    next();
    if (word == "OK")
        command.promise.callback(std::move(command.answer));
    else
        command.promise.errback(IMAP4Error(command.answer.text, command.answer.code));
}

void IMAP4Client::next() {
    if (sent_ || commands_.empty())
        return;
    sent_ = true;
    Command& command = commands_.front();
    transport().write(Bytes(command.parts.front()));
    command.parts.pop_front();
    wind();
}

Deferred<Answer> IMAP4Client::ask(Command command) {
    if (lost_)
        return ::twistdpp::fail<Answer>(*lost_);
    command.tag = "A" + std::to_string(++tags_);
    command.parts.front().insert(0, command.tag + " ");
    command.parts.back() += "\r\n";
    auto out = command.promise.deferred();
    commands_.push_back(std::move(command));
    next();
    return out;
}

Deferred<Answer> IMAP4Client::ask(Parts parts) {
    Command command;
    command.parts = std::move(parts);
    return ask(std::move(command));
}

Deferred<void> IMAP4Client::run(Parts parts) {
    return ask(std::move(parts)).addCallback([](const Answer&) {});
}

Deferred<Answer> IMAP4Client::command(std::string text) {
    if (text.find_first_of("\r\n") != std::string::npos)
        return ::twistdpp::fail<Answer>(std::invalid_argument("there is a line's end in a command"));
    return ask(Parts{std::move(text)});
}

Deferred<std::set<std::string>> IMAP4Client::getCapabilities() {
    if (capabilities_)
        co_return *capabilities_;
    auto asking = command("CAPABILITY");
    const Answer answer = co_await std::move(asking);
    std::set<std::string> out;
    for (const auto& values : answer.untagged) {
        if (values.front().isAtom("CAPABILITY")) {
            for (std::size_t i = 1; i < values.size(); ++i)
                out.insert(upper(values[i].text));
        }
    }
    capabilities_ = out;
    co_return std::move(out);
}

Deferred<void> IMAP4Client::startTLS(std::shared_ptr<const ContextFactory> context, std::string name) {
    auto asking = command("STARTTLS");
    co_await std::move(asking);
    // What came along with it was not protected.
    if (!clearLineBuffer().empty())
        throw std::runtime_error("the server sent something along with its answer to STARTTLS");
    capabilities_.reset();
    secured_.emplace();
    auto secured = secured_->deferred();
    startTlsClient(transport(), context, name);
    co_await std::move(secured);
}

Deferred<void> IMAP4Client::login(SaslIdentity who) {
    auto asking = getCapabilities();
    const std::set<std::string> can = co_await std::move(asking);
    const bool safe = allowInsecureLogin || transport().tls() || transport().peer().isLoopback();
    std::vector<std::string> offered;
    for (const std::string& each : can) {
        if (each.starts_with("AUTH="))
            offered.push_back(each.substr(5));
    }
    capabilities_.reset(); // there may be others for who has logged in
    if (auto sasl = SaslClient::choose(offered, who, safe)) {
        auto exchange = bySasl(std::move(sasl));
        co_await std::move(exchange);
        co_return;
    }
    if (!safe || can.count("LOGINDISABLED") > 0)
        throw std::runtime_error("the server offers no way to log in that is safe here");
    Parts parts{"LOGIN "};
    addString(parts, who.user);
    parts.back() += ' ';
    addString(parts, who.password.bytes());
    auto logging = run(std::move(parts));
    co_await std::move(logging);
}

Deferred<void> IMAP4Client::bySasl(std::unique_ptr<SaslClient> sasl) {
    struct State {
        std::unique_ptr<SaslClient> sasl;
        std::optional<Error> error;
    };
    const auto state = std::make_shared<State>();
    state->sasl = std::move(sasl);
    Command command;
    command.parts.push_back("AUTHENTICATE " + std::string(state->sasl->mechanism()));
    command.respond = [state](Bytes challenge) {
        const auto bytes = fromBase64(challenge);
        auto response =
            bytes ? state->sasl->respond(*bytes) : Result<std::string>(Error("that is no base64"));
        if (!response)
            state->error = response.error();
        return response ? toBase64(*response) : std::string("*");
    };
    auto asking = ask(std::move(command));
    const Outcome<Answer> answer = co_await std::move(asking).outcome();
    if (state->error)
        throw std::runtime_error(state->error->message());
    if (!answer.ok())
        answer.failure().raise();
    if (!state->sasl->complete())
        throw std::runtime_error("the server agrees before it has proved that it knows the account");
}

Deferred<MailboxState> IMAP4Client::open(std::string verb, std::string mailbox) {
    auto asking = ask(withMailbox(verb, mailbox));
    const Answer answer = co_await std::move(asking);
    MailboxState out;
    for (const auto& values : answer.untagged) {
        if (const auto exists = numberOf(values, "EXISTS"))
            out.exists = *exists;
        if (values.size() > 1 && values[0].isAtom("FLAGS"))
            out.flags = textsOf(values[1]);
        if (!values[0].isAtom("OK") || values.size() < 2)
            continue;
        Bytes code = values[1].text;
        const std::string name = upper(ascii::cut(code, ' '));
        const auto number = parseUnsigned<std::uint32_t>(code);
        if (name == "UIDVALIDITY")
            out.uidValidity = number.value_or(0);
        if (name == "UIDNEXT")
            out.uidNext = number.value_or(0);
    }
    out.readOnly = ascii::equalsIgnoreCase(answer.code, "READ-ONLY");
    co_return std::move(out);
}

Deferred<MailboxState> IMAP4Client::select(std::string mailbox) {
    return open("SELECT", std::move(mailbox));
}

Deferred<MailboxState> IMAP4Client::examine(std::string mailbox) {
    return open("EXAMINE", std::move(mailbox));
}

Deferred<void> IMAP4Client::create(std::string mailbox) {
    return run(withMailbox("CREATE", mailbox));
}

Deferred<void> IMAP4Client::remove(std::string mailbox) {
    return run(withMailbox("DELETE", mailbox));
}

Deferred<void> IMAP4Client::rename(std::string from, std::string to) {
    Parts parts = withMailbox("RENAME", from);
    parts.back() += ' ';
    addString(parts, toModifiedUtf7(to));
    return run(std::move(parts));
}

Deferred<void> IMAP4Client::subscribe(std::string mailbox) {
    return run(withMailbox("SUBSCRIBE", mailbox));
}

Deferred<void> IMAP4Client::unsubscribe(std::string mailbox) {
    return run(withMailbox("UNSUBSCRIBE", mailbox));
}

Deferred<std::vector<ListedMailbox>> IMAP4Client::list(std::string reference, std::string pattern) {
    Parts parts = withMailbox("LIST", reference);
    parts.back() += ' ';
    addString(parts, toModifiedUtf7(pattern));
    auto asking = ask(std::move(parts));
    const Answer answer = co_await std::move(asking);
    std::vector<ListedMailbox> out;
    for (const auto& values : answer.untagged) {
        if (values.size() < 4 || !values[0].isAtom("LIST"))
            continue;
        const auto name = fromModifiedUtf7(values[3].text);
        out.push_back({name.value_or(values[3].text), values[2].text, textsOf(values[1])});
    }
    co_return std::move(out);
}

Deferred<std::map<std::string, std::uint64_t>> IMAP4Client::status(std::string mailbox, std::string items) {
    Parts parts = withMailbox("STATUS", mailbox);
    parts.back() += " (" + items + ")";
    auto asking = ask(std::move(parts));
    const Answer answer = co_await std::move(asking);
    std::map<std::string, std::uint64_t> out;
    for (const auto& values : answer.untagged) {
        if (values.size() < 3 || !values[0].isAtom("STATUS"))
            continue;
        const auto& found = values[2].items;
        for (std::size_t i = 0; i + 1 < found.size(); i += 2)
            out[upper(found[i].text)] = found[i + 1].number64().value_or(0);
    }
    co_return std::move(out);
}

Deferred<Answer>
IMAP4Client::append(std::string mailbox, std::string message, std::vector<std::string> flags) {
    Parts parts = withMailbox("APPEND", mailbox);
    std::string list;
    for (const std::string& flag : flags)
        list += (list.empty() ? "" : " ") + flag;
    parts.back() += list.empty() ? " " : " (" + list + ") ";
    parts.back() += "{" + std::to_string(message.size()) + "}\r\n";
    parts.push_back(std::move(message));
    return ask(std::move(parts));
}

Deferred<std::map<std::uint32_t, FetchedMessage>>
IMAP4Client::fetch(std::string messages, std::string items, bool uid) {
    auto asking = command((uid ? "UID FETCH " : "FETCH ") + messages + " " + items);
    const Answer answer = co_await std::move(asking);
    std::map<std::uint32_t, FetchedMessage> out;
    for (const auto& values : answer.untagged) {
        const auto number = numberOf(values, "FETCH");
        if (!number || values.size() < 3)
            continue;
        FetchedMessage message = messageOf(values[2]);
        // What changes meanwhile is told in the same form.
        FetchedMessage& known = out[*number];
        if (message.uid != 0)
            known.uid = message.uid;
        if (message.size)
            known.size = message.size;
        if (message.flags)
            known.flags = std::move(message.flags);
        if (!message.date.empty())
            known.date = std::move(message.date);
        known.body.merge(message.body);
        known.others.merge(message.others);
    }
    co_return std::move(out);
}

Deferred<std::vector<std::uint32_t>> IMAP4Client::search(std::string criteria, bool uid) {
    auto asking = command((uid ? "UID SEARCH " : "SEARCH ") + criteria);
    const Answer answer = co_await std::move(asking);
    std::vector<std::uint32_t> out;
    for (const auto& values : answer.untagged) {
        if (!values.front().isAtom("SEARCH"))
            continue;
        for (std::size_t i = 1; i < values.size(); ++i) {
            if (const auto number = values[i].number())
                out.push_back(*number);
        }
    }
    co_return std::move(out);
}

Deferred<void>
IMAP4Client::store(std::string messages, Bytes what, std::vector<std::string> flags, bool uid) {
    std::string list;
    for (const std::string& flag : flags)
        list += (list.empty() ? "" : " ") + flag;
    return command((uid ? "UID STORE " : "STORE ") + messages + " " + std::string(what) + " (" + list + ")")
        .addCallback([](const Answer&) {});
}

Deferred<void> IMAP4Client::setFlags(std::string messages, std::vector<std::string> flags, bool uid) {
    return store(std::move(messages), "FLAGS.SILENT", std::move(flags), uid);
}

Deferred<void> IMAP4Client::addFlags(std::string messages, std::vector<std::string> flags, bool uid) {
    return store(std::move(messages), "+FLAGS.SILENT", std::move(flags), uid);
}

Deferred<void> IMAP4Client::removeFlags(std::string messages, std::vector<std::string> flags, bool uid) {
    return store(std::move(messages), "-FLAGS.SILENT", std::move(flags), uid);
}

Deferred<Answer> IMAP4Client::copy(std::string messages, std::string mailbox, bool uid) {
    return ask(withMailbox((uid ? "UID COPY " : "COPY ") + messages, mailbox));
}

Deferred<Answer> IMAP4Client::move(std::string messages, std::string mailbox, bool uid) {
    return ask(withMailbox((uid ? "UID MOVE " : "MOVE ") + messages, mailbox));
}

Deferred<void> IMAP4Client::expunge() {
    return run(Parts{"EXPUNGE"});
}

Deferred<void> IMAP4Client::close() {
    return run(Parts{"CLOSE"});
}

Deferred<void> IMAP4Client::noop() {
    return run(Parts{"NOOP"});
}

Deferred<void> IMAP4Client::idle() {
    Command command;
    command.parts.emplace_back("IDLE");
    command.idles = true;
    return ask(std::move(command)).addCallback([](const Answer&) {});
}

void IMAP4Client::done() {
    if (!commands_.empty() && commands_.front().idles && std::exchange(commands_.front().idles, false)) {
        sendLine("DONE");
        wind();
    }
}

Deferred<void> IMAP4Client::logout() {
    auto leaving = run(Parts{"LOGOUT"});
    co_await std::move(leaving);
    transport().loseConnection();
}

} // namespace twistdpp::imap
