#include "twistdpp/smtp/smtp_client.h"

#include "twistdpp/base/ascii.h"
#include "twistdpp/base/base64.h"
#include "twistdpp/base/number.h"
#include "twistdpp/defer/gather.h"
#include "twistdpp/mail_dialogue/line_sender.h"
#include "twistdpp/reactor/errors.h"
#include "twistdpp/reactor/reactor.h"
#include "twistdpp/smtp/mailbox.h"
#include "twistdpp/tls/start_tls.h"

#include <algorithm>

namespace twistdpp::smtp {

namespace {

constexpr std::size_t kLongestAnswer = 64 * 1024;

class TextSource final : public MailSource {
public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    Deferred<std::string> next() override { return std::exchange(text_, {}); }

private:
    std::string text_;
};

void require(const Reply& reply, int hundreds) {
    if (reply.code / 100 != hundreds)
        throw SMTPError(reply);
}

/// "<joe@example.com>": what is not an address could end the line and begin another.
std::string path(const std::string& address) {
    if (address.empty())
        return "<>";
    auto mailbox = Mailbox::parse(address);
    if (!mailbox)
        throw std::invalid_argument("'" + address + "' is no address: " + mailbox.error().message());
    return "<" + mailbox->toString() + ">";
}

bool beyondAscii(Bytes text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
    });
}

} // namespace

std::unique_ptr<MailSource> MailSource::text(std::string message) {
    return std::make_unique<TextSource>(std::move(message));
}

SMTPClient::SMTPClient() : LineReceiver(2048, LineEnd::crlfOrLf) {}

SMTPClient::~SMTPClient() = default;

void SMTPClient::connectionMade() {
    auto talk = converse().addErrback([this](const Failure& why) {
        if (connected() && !transport().closing())
            transport().loseConnection();
        failed(lost_ ? *lost_ : why);
    });
    if (!talk.called())
        talk_ = std::move(talk);
}

void SMTPClient::connectionLost(const Failure& reason) {
    clock_ = Timer();
    lost_ =
        reason.check<ConnectionDone>() ? Failure(ConnectionLost("the server closed in the middle")) : reason;
    if (auto secured = std::exchange(secured_, std::nullopt))
        secured->errback(*lost_);
    for (Promise<Reply>& promise : std::exchange(awaited_, {}))
        promise.errback(*lost_);
    // Whatever else it waited for.
    if (auto talk = std::exchange(talk_, std::nullopt))
        talk->cancel();
}

void SMTPClient::handshakeCompleted(const TlsInfo&) {
    if (auto secured = std::exchange(secured_, std::nullopt))
        secured->callback();
}

void SMTPClient::lineReceived(Bytes line) {
    const auto code = line.size() >= 3 ? parseUnsigned<unsigned>(line.substr(0, 3)) : std::nullopt;
    const char mark = line.size() > 3 ? line[3] : ' ';
    if (!code || *code < 200 || *code > 599 || (mark != ' ' && mark != '-') ||
        coming_.text.size() > kLongestAnswer || awaited_.empty())
        return transport().abortConnection(Failure(ConnectionAborted("the server does not speak SMTP")));
    coming_.text.append(coming_.text.empty() ? "" : "\n")
        .append(line.substr(std::min<std::size_t>(4, line.size())));
    if (mark == '-')
        return;
    coming_.code = static_cast<int>(*code);
    Promise<Reply> promise = std::move(awaited_.front());
    awaited_.pop_front();
    if (awaited_.empty())
        clock_ = Timer();
    promise.callback(std::exchange(coming_, {}));
}

Deferred<Reply> SMTPClient::answer() {
    clock_ = transport().reactor().callLater(timeout, [this] {
        transport().abortConnection(Failure(ConnectionAborted("the server does not answer")));
    });
    return awaited_.emplace_back().deferred();
}

Deferred<Reply> SMTPClient::ask(std::string line) {
    line += "\r\n";
    transport().write(Bytes(line));
    return answer();
}

Deferred<void> SMTPClient::converse() {
    const Reply greeting = co_await answer();
    require(greeting, 2);
    co_await hello();
    if (tls || requireTls)
        co_await encrypt();
    if (account)
        co_await logIn();
    while (true) {
        co_await ready();
        std::optional<std::string> from = getMailFrom();
        if (!from)
            break;
        co_await sendMail(std::move(*from));
    }
    // Whatever it says to that, all is done.
    auto bye = ask("QUIT");
    const Outcome<Reply> said = co_await std::move(bye).outcome();
    if (said.ok())
        transport().loseConnection();
}

Deferred<void> SMTPClient::hello() {
    extensions_.clear();
    const Reply extended = co_await ask("EHLO " + identity);
    if (extended.code / 100 != 2) {
        const Reply plain = co_await ask("HELO " + identity);
        require(plain, 2);
        co_return;
    }
    Bytes lines = extended.text;
    ascii::cut(lines, '\n'); // the server's name
    while (!lines.empty()) {
        Bytes line = ascii::trim(ascii::cut(lines, '\n'));
        std::string keyword(ascii::cut(line, ' '));
        for (char& c : keyword)
            c = ascii::upper(c);
        extensions_.insert_or_assign(std::move(keyword), std::string(line));
    }
}

Deferred<void> SMTPClient::encrypt() {
    if (transport().tls())
        co_return;
    if (!tls || !offers("STARTTLS")) {
        if (requireTls)
            throw std::runtime_error("the server offers no STARTTLS, and nothing is to be sent without");
        co_return;
    }
    const Reply ready = co_await ask("STARTTLS");
    require(ready, 2);
    // What came along with it was not protected.
    if (!clearLineBuffer().empty())
        throw std::runtime_error("the server sent something along with its answer to STARTTLS");
    secured_.emplace();
    auto secured = secured_->deferred();
    startTlsClient(transport(), tls, serverName);
    co_await std::move(secured);
    co_await hello();
}

Deferred<void> SMTPClient::logIn() {
    std::vector<std::string> offered;
    const std::string names = extensions_["AUTH"];
    for (Bytes rest = names; !rest.empty();)
        offered.emplace_back(ascii::cut(rest, ' '));
    const bool safe = transport().tls() || transport().peer().isLoopback();
    const auto sasl = SaslClient::choose(offered, *account, safe);
    if (!sasl)
        throw std::runtime_error("the server offers no way to log in that is safe here");
    std::string line = "AUTH " + std::string(sasl->mechanism());
    if (sasl->speaksFirst()) {
        auto initial = sasl->respond({});
        if (!initial)
            throw std::runtime_error(initial.error().message());
        line += " " + (initial->empty() ? std::string("=") : toBase64(*initial));
    }
    Reply reply = co_await ask(std::move(line));
    while (reply.code == 334) {
        const auto challenge = fromBase64(ascii::trim(reply.text));
        auto response =
            challenge ? sasl->respond(*challenge) : Result<std::string>(Error("that is no base64"));
        const std::string next = response ? toBase64(*response) : std::string("*");
        reply = co_await ask(next);
        if (!response)
            throw std::runtime_error(response.error().message());
    }
    require(reply, 2);
    if (!sasl->complete())
        throw std::runtime_error("the server agrees before it has proved that it knows the account");
}

MailParameters SMTPClient::getMailParameters() {
    return {offers("8BITMIME") ? " BODY=8BITMIME" : "", {}};
}

Bytes SMTPClient::offered(const std::string& keyword) const {
    const auto found = extensions_.find(keyword);
    return found == extensions_.end() ? Bytes() : Bytes(found->second);
}

Deferred<std::vector<Reply>> SMTPClient::askForRecipients(std::string mail, std::vector<std::string> lines) {
    std::vector<Reply> replies;
    if (offers("PIPELINING")) {
        // All at once, as the server reads ahead (RFC 2920).
        std::vector<Deferred<Reply>> asked;
        asked.push_back(ask(std::move(mail)));
        for (std::string& line : lines)
            asked.push_back(ask(std::move(line)));
        replies = co_await gather(std::move(asked));
        co_return std::move(replies);
    }
    const Reply sender = co_await ask(std::move(mail));
    replies.push_back(sender);
    for (std::size_t i = 0; i < lines.size() && sender.code / 100 == 2; ++i) {
        Reply reply = co_await ask(std::move(lines[i]));
        replies.push_back(std::move(reply));
    }
    co_return std::move(replies);
}

Deferred<void> SMTPClient::sendMail(std::string from) {
    const std::vector<std::string> to = getMailTo();
    if (const auto no = objection()) {
        sentMail(*no, {});
        co_return;
    }
    const MailParameters parameters = getMailParameters();
    std::string mail = "MAIL FROM:" + path(from) + parameters.mail;
    std::vector<std::string> lines;
    bool utf8 = beyondAscii(from);
    for (const std::string& address : to) {
        const std::size_t index = lines.size();
        lines.push_back("RCPT TO:" + path(address));
        if (index < parameters.recipients.size())
            lines.back() += parameters.recipients[index];
        utf8 = utf8 || beyondAscii(address);
    }
    if (utf8 && !offers("SMTPUTF8"))
        throw std::runtime_error("an address beyond ASCII, and the server does not offer SMTPUTF8");
    if (utf8)
        mail += " SMTPUTF8";
    const std::vector<Reply> replies = co_await askForRecipients(std::move(mail), std::move(lines));
    std::vector<RecipientAnswer> answers;
    const Reply& sender = replies.front();
    for (std::size_t i = 1; i < replies.size() && sender.code / 100 == 2; ++i)
        answers.push_back({to[i - 1], replies[i]});
    Reply last = answers.empty() ? sender : answers.back().reply;
    const bool good = std::any_of(answers.begin(), answers.end(), [](const RecipientAnswer& each) {
        return each.reply.code / 100 == 2;
    });
    if (good) {
        const Reply ready = co_await ask("DATA");
        last = ready;
        if (ready.code == 354) {
            auto source = getMailData();
            last = co_await sendText(std::move(source));
        } else {
            co_await ask("RSET");
        }
    } else if (sender.code / 100 == 2) {
        co_await ask("RSET");
    }
    sentMail(last, answers);
}

Deferred<Reply> SMTPClient::sendText(std::unique_ptr<MailSource> source) {
    mail::LineSender sender;
    while (true) {
        const std::string part = co_await source->next();
        if (part.empty())
            break;
        const std::string bytes = sender.next(part);
        transport().write(Bytes(bytes));
        clock_ = transport().reactor().callLater(timeout, [this] {
            transport().abortConnection(Failure(ConnectionAborted("the server takes no more")));
        });
        co_await transport().drained();
    }
    const std::string end = sender.end();
    transport().write(Bytes(end));
    auto answering = answer();
    clock_ = transport().reactor().callLater(2 * timeout, [this] {
        transport().abortConnection(Failure(ConnectionAborted("the server does not answer")));
    });
    Reply reply = co_await std::move(answering);
    co_return std::move(reply);
}

} // namespace twistdpp::smtp
