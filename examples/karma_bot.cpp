// layers: uv irc
// A bot that keeps a score of what people praise: "tea++" and "mondays--". Ask it: "!karma tea".
//     karma_bot CHANNEL [PORT [HOST]]
#include "program.h"

#include "twistdpp/irc/irc_client.h"

#include <map>

using namespace twistdpp;

class KarmaBot : public irc::IRCClient {
public:
    explicit KarmaBot(std::string channel) : channel_(std::move(channel)) {
        nickname = "karma";
        realname = "keeps the score";
        versionName = "the karma bot of twistdpp";
        lineRate = 2;
    }

private:
    void signedOn() override { join(channel_); }

    void joined(Bytes channel) override {
        std::printf("on %.*s\n", static_cast<int>(channel.size()), channel.data());
        std::fflush(stdout);
    }

    void privmsg(Bytes user, Bytes channel, Bytes text) override {
        constexpr Bytes kAsk = "!karma ";
        const bool inPrivate = isMe(channel);
        if (text.substr(0, kAsk.size()) == kAsk) {
            const std::string what(text.substr(kAsk.size()));
            msg(inPrivate ? user : channel, what + ": " + std::to_string(scores_[what]));
        } else if (text.size() > 2 && !inPrivate) {
            const Bytes sign = text.substr(text.size() - 2);
            const std::string what(text.substr(0, text.size() - 2));
            if (sign == "++")
                ++scores_[what];
            else if (sign == "--")
                --scores_[what];
        }
    }

    void connectionLost(const Failure& why) override {
        IRCClient::connectionLost(why);
        transport().reactor().stop();
    }

    std::string channel_;
    std::map<std::string, int> scores_;
};

int main(int argc, char** argv) try {
    Program program(argc, argv);
    const std::string channel = program.argument(1, "#karma");
    program.reactor()
        .connectTCP(program.argument(3, "127.0.0.1"), program.port(2, 6667), makeFactory([&](const Address&) {
                        return std::make_unique<KarmaBot>(channel);
                    }))
        .addCallbacks(
            [](Transport*) {}, // the bot does the rest
            [&](const Failure& why) { program.stop(Program::failed(why.error())); }
        )
        .detach();
    return program.run();
} catch (const std::exception& error) {
    return Program::failed(error);
}
