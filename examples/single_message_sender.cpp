// layers: uv smtp
// The SMTPClient of the introductory talk: a protocol that says from whom, to whom and what, and is told how
// it went. smtp::sendmail() does the same in a call.
//     single_message_sender PORT FROM TO
//     echo "Subject: hello" | single_message_sender 8025 ann@example.org joe@example.com
#include "program.h"
#include "twistdpp/smtp/smtp_client.h"

#include <iostream>
#include <iterator>

using namespace twistdpp;

class SingleMessageSender final : public smtp::SMTPClient {
public:
    SingleMessageSender(Program& program, std::string from, std::string to, std::string message)
        : program_(program), from_(std::move(from)), to_(std::move(to)), message_(std::move(message)) {}

private:
    std::optional<std::string> getMailFrom() override { return std::exchange(from_, std::nullopt); }
    std::vector<std::string> getMailTo() override { return {to_}; }
    std::unique_ptr<smtp::MailSource> getMailData() override { return smtp::MailSource::text(message_); }
    void sentMail(const smtp::Reply& reply, const std::vector<smtp::RecipientAnswer>&) override {
        std::printf("%d %s\n", reply.code, reply.text.c_str());
        code_ = reply.positive() ? 0 : 1;
    }
    void failed(const Failure& why) override {
        std::fprintf(stderr, "not sent: %s\n", why.message().c_str());
        code_ = 1;
    }
    void connectionLost(const Failure& reason) override {
        SMTPClient::connectionLost(reason);
        program_.stop(code_);
    }

    Program& program_;
    std::optional<std::string> from_;
    std::string to_, message_;
    int code_ = 1;
};

int main(int argc, char** argv) try {
    Program program(argc, argv);
    const std::string message{std::istreambuf_iterator<char>(std::cin), {}};
    const auto factory = makeFactory([&](const Address&) {
        return std::make_unique<SingleMessageSender>(
            program, program.argument(2, "ann@example.org"), program.argument(3, "joe@example.com"), message
        );
    });
    program.connect(program.port(1, 8025), factory);
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
