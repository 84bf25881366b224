// layers: uv imap_client
// Lists what is in the INBOX by IMAP: number, flags and subject; with "read" all of it is marked as read.
//     PASSWORD=secret imap_inbox PORT USER [read]
#include "program.h"
#include "twistdpp/imap_client/imap_client.h"

#include <cstdlib>

using namespace twistdpp;

class Lister final : public imap::IMAP4Client {
public:
    Lister(Program& program, SaslIdentity who, bool marks)
        : program_(program), who_(std::move(who)), marks_(marks) {}

private:
    void serverGreeting(const std::string&) override {
        show()
            .addCallbacks(
                [this] { code_ = 0; },
                [this](const Failure& why) {
                    std::fprintf(stderr, "not listed: %s\n", why.message().c_str());
                    if (connected())
                        transport().loseConnection();
                }
            )
            .detach();
    }
    Deferred<void> show() {
        co_await login(who_);
        const auto inbox = co_await select("INBOX");
        std::printf("%u messages\n", inbox.exists);
        if (inbox.exists > 0) {
            const auto messages = co_await fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])");
            for (const auto& [number, message] : messages)
                print(number, message);
            std::vector<std::string> seen{"\\Seen"};
            if (marks_)
                co_await addFlags("1:*", std::move(seen));
        }
        co_await logout();
    }
    static void print(std::uint32_t number, const imap::FetchedMessage& message) {
        std::string flags;
        for (const std::string& flag : message.flags.value_or(std::vector<std::string>()))
            flags += flag + " ";
        const std::string header = message.body.empty() ? std::string() : message.body.begin()->second;
        std::printf("%u %s%s\n", number, flags.c_str(), header.substr(0, header.find('\r')).c_str());
    }
    void connectionLost(const Failure& reason) override {
        IMAP4Client::connectionLost(reason);
        program_.stop(code_);
    }

    Program& program_;
    SaslIdentity who_;
    bool marks_;
    int code_ = 1;
};

int main(int argc, char** argv) try {
    Program program(argc, argv);
    const char* const password = std::getenv("PASSWORD");
    const auto factory = makeFactory([&](const Address&) {
        SaslIdentity who(program.argument(2, "joe"), Secret(password ? password : ""));
        return std::make_unique<Lister>(program, std::move(who), program.argument(3, "") == "read");
    });
    program.connect(program.port(1, 8143), factory);
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
