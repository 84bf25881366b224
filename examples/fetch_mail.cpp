// layers: uv pop3
// Reads a maildrop by POP3 and prints its messages; with "remove" they are gone behind that.
//     PASSWORD=secret fetch_mail PORT USER [remove]
#include "program.h"
#include "twistdpp/pop3/pop3_client.h"

#include <cstdlib>

using namespace twistdpp;

class Fetcher final : public pop3::POP3Client {
public:
    Fetcher(Program& program, SaslIdentity who, bool removes)
        : program_(program), who_(std::move(who)), removes_(removes) {}

private:
    void serverGreeting(Bytes) override {
        fetch()
            .addCallbacks(
                [this] { code_ = 0; },
                [this](const Failure& why) {
                    std::fprintf(stderr, "not fetched: %s\n", why.message().c_str());
                    if (connected())
                        transport().loseConnection();
                }
            )
            .detach();
    }
    Deferred<void> fetch() {
        co_await login(who_);
        const auto sizes = co_await listSize();
        for (const auto& [number, size] : sizes) {
            const std::string text = co_await retrieve(number);
            std::printf("%s\n", text.c_str());
            if (removes_)
                co_await remove(number);
        }
        std::printf("%zu messages\n", sizes.size());
        co_await quit();
    }
    void connectionLost(const Failure& reason) override {
        POP3Client::connectionLost(reason);
        program_.stop(code_);
    }

    Program& program_;
    SaslIdentity who_;
    bool removes_;
    int code_ = 1;
};

int main(int argc, char** argv) try {
    Program program(argc, argv);
    const char* const password = std::getenv("PASSWORD");
    const auto factory = makeFactory([&](const Address&) {
        SaslIdentity who(program.argument(2, "joe"), Secret(password ? password : ""));
        return std::make_unique<Fetcher>(program, std::move(who), program.argument(3, "") == "remove");
    });
    program.connect(program.port(1, 8110), factory);
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
