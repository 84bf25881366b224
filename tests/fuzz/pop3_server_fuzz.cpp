// layers: pop3
// The first byte says how the rest is cut; the rest is what a client sends, who may say whatever and gets
// well-formed lines. What is deleted was there, and goes once and at QUIT alone.
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/cred/checker_set.h"
#include "twistdpp/pop3/pop3_server.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

using namespace twistdpp;

namespace {

constexpr std::size_t kMessages = 3;

void require(bool holds) {
    if (!holds)
        std::abort();
}

class Text final : public pop3::Message {
public:
    Deferred<std::string> next() override { return std::exchange(text_, {}); }

private:
    std::string text_ = "Subject: x\n\n.a dot\r\nno end";
};

class Drop final : public pop3::Drop {
public:
    std::size_t count() const noexcept override { return kMessages; }
    std::uint64_t size(std::size_t index) const override {
        require(index < kMessages);
        return 30;
    }
    std::string id(std::size_t index) const override { return "id" + std::to_string(index); }
    Deferred<std::unique_ptr<pop3::Message>> open(std::size_t index) override {
        require(index < kMessages);
        return std::unique_ptr<pop3::Message>(std::make_unique<Text>());
    }
    Deferred<void> remove(std::vector<std::size_t> indices) override {
        require(!removed_ && !indices.empty());
        removed_ = true;
        require(std::set<std::size_t>(indices.begin(), indices.end()).size() == indices.size());
        require(*std::max_element(indices.begin(), indices.end()) < kMessages);
        return succeed();
    }

private:
    bool removed_ = false;
};

/// Lets everyone in without hashing: the fuzzer is after the dialogue.
class Anyone final : public Checker {
public:
    CredentialKinds kinds() const noexcept override {
        return CredentialKind::password | CredentialKind::hashedPassword;
    }
    Deferred<AvatarId> requestAvatarId(const Credentials& credentials) override {
        return AvatarId(std::string(credentials.claimedUser()));
    }
};

/// Lines end with CRLF; nothing else has a CR or LF.
void checkAnswers(Bytes text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        require(text[i] != '\0');
        if (text[i] == '\r')
            require(i + 1 < text.size() && text[i + 1] == '\n');
        if (text[i] == '\n')
            require(i > 0 && text[i - 1] == '\r');
    }
    require(text.starts_with("+OK") && text.ends_with("\r\n"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1)
        return 0;
    const std::size_t step = data[0] == 0 ? size : data[0];
    Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
    test::ManualReactor reactor;
    pop3::ServerOptions options;
    CheckerSet checkers;
    checkers.add(std::make_unique<Anyone>());
    options.accounts.emplace(reactor, std::move(checkers), std::make_shared<LoginThrottle>());
    options.open = [](const AvatarId&) {
        return Deferred<std::unique_ptr<pop3::Drop>>(std::make_unique<Drop>());
    };
    test::StringTransport transport(reactor);
    transport.connect(std::make_unique<pop3::Pop3Server>(
        std::make_shared<const pop3::ServerOptions>(options), Logger("pop3")
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
