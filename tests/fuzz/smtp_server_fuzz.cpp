// layers: smtp
// The first byte says how the rest is cut; the rest is what a client sends. A message that a handler is given
// has no CR, LF or NUL that stands alone, and every answer is a well-formed line.
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/cred/checker_set.h"
#include "twistdpp/smtp/smtp_server.h"

#include <cstdint>
#include <cstdlib>

using namespace twistdpp;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

/// Lines end with CRLF; nothing else has a CR or LF.
void checkText(Bytes text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        require(text[i] != '\0');
        if (text[i] == '\r')
            require(i + 1 < text.size() && text[i + 1] == '\n');
        if (text[i] == '\n')
            require(i > 0 && text[i - 1] == '\r');
    }
    require(text.empty() || text.back() == '\n');
}

class Checked final : public smtp::IncomingMessage {
public:
    void write(Bytes data) override { text_.append(data); }
    Deferred<smtp::Reply> end() override {
        checkText(text_);
        return smtp::Reply(250, "2.0.0", "Ok");
    }

private:
    std::string text_;
};

class Handler final : public smtp::MailHandler {
public:
    Deferred<smtp::Reply> validateFrom(const smtp::Client&, const smtp::Envelope& envelope) override {
        require(!envelope.from || !envelope.from->domain.empty());
        return smtp::Reply(250, "2.1.0", "Ok");
    }
    Deferred<smtp::Reply>
    validateTo(const smtp::Client&, const smtp::Envelope&, const smtp::Recipient& recipient) override {
        // What is written is read as the same again.
        const auto again = smtp::Mailbox::parse(recipient.to.toString());
        require(again && *again == recipient.to);
        return smtp::Reply(250, "2.1.5", "Ok");
    }
    Deferred<std::unique_ptr<smtp::IncomingMessage>>
    receive(const smtp::Client& client, const smtp::Envelope& envelope) override {
        require(!envelope.to.empty());
        checkText(smtp::receivedLine(client, envelope, "mx", "id", "date"));
        return std::unique_ptr<smtp::IncomingMessage>(std::make_unique<Checked>());
    }
};

/// Judges without hashing: the fuzzer is after the dialogue.
class NeverChecker final : public Checker {
public:
    CredentialKinds kinds() const noexcept override { return CredentialKinds::all(); }
    Deferred<AvatarId> requestAvatarId(const Credentials&) override {
        return Failure(CheckerUnavailable("a fuzzer"));
    }
};

void checkAnswers(Bytes text) {
    checkText(text);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        require(end != Bytes::npos && end < 512);
        require(text[0] >= '2' && text[0] <= '5' && (text[3] == ' ' || text[3] == '-'));
        text.remove_prefix(end + 1);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1)
        return 0;
    const std::size_t step = data[0] == 0 ? size : data[0];
    Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    test::ManualReactor reactor;
    smtp::ServerOptions options;
    options.maxSize = 4096;
    options.maxErrors = 50;
    options.passwordsInClear = true;
    options.submission = data[0] % 2 == 1;
    options.handler = [] { return std::make_unique<Handler>(); };
    CheckerSet checkers;
    checkers.add(std::make_unique<NeverChecker>());
    options.accounts.emplace(reactor, std::move(checkers), std::make_shared<LoginThrottle>());
    test::StringTransport transport(reactor);
    transport.connect(std::make_unique<smtp::SmtpServer>(
        std::make_shared<const smtp::ServerOptions>(options), Logger("smtp")
    ));
    while (!input.empty()) {
        transport.receive(input.substr(0, step));
        input.remove_prefix(std::min(step, input.size()));
    }
    reactor.advance(std::chrono::minutes(20));
    checkAnswers(transport.value());
    transport.lose();
    return 0;
}
