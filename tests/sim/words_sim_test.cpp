// layers: irc words_server
#include "twistdpp/irc/irc_client.h"
#include "twistdpp/sim/sim_reactor.h"
#include "twistdpp/words_server/server.h"

#include "twistdpp/base/ascii.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

namespace twistdpp::words {
namespace {

/// A client that says numbered things now and then, comes and goes, and keeps book of what it hears.
class Talker final : public irc::IRCClient {
public:
    explicit Talker(int number) { nickname = "t" + std::to_string(number); }

    bool in = false;
    std::set<std::string> channels;                       // where it believes to be
    std::map<std::string, std::set<std::string>> members; // whom it sees there
    std::map<std::string, int> lastHeard;                 // "nick channel": the number heard last
    int faults = 0;

private:
    void signedOn() override { in = true; }
    void joined(Bytes channel) override {
        faults += channels.insert(std::string(channel)).second ? 0 : 1;
        members[std::string(channel)] = {nickname};
    }
    void left(Bytes channel) override {
        faults += channels.erase(std::string(channel)) == 1 ? 0 : 1;
        members.erase(std::string(channel));
    }
    void kickedFrom(Bytes channel, Bytes, Bytes) override { left(channel); }
    void userJoined(Bytes user, Bytes channel) override {
        faults += members[std::string(channel)].insert(std::string(user)).second ? 0 : 1;
    }
    void userLeft(Bytes user, Bytes channel, Bytes) override {
        faults += members[std::string(channel)].erase(std::string(user)) == 1 ? 0 : 1;
    }
    void userKicked(Bytes user, Bytes channel, Bytes, Bytes) override { userLeft(user, channel, {}); }
    void userQuit(Bytes user, Bytes) override {
        std::size_t seen = 0;
        for (auto& [channel, here] : members)
            seen += here.erase(std::string(user));
        faults += seen > 0 ? 0 : 1; // a stranger's quit, or a second one
    }
    void userRenamed(Bytes former, Bytes now) override {
        std::size_t seen = 0;
        for (auto& [channel, here] : members) {
            if (here.erase(std::string(former)) == 0)
                continue;
            ++seen;
            here.insert(std::string(now));
        }
        faults += seen > 0 ? 0 : 1;
    }
    void nickChanged(Bytes nick) override {
        for (auto& [channel, here] : members) {
            here.erase(former_);
            here.insert(std::string(nick));
        }
        former_ = nick;
    }
    void messageReceived(const irc::Message& message) override {
        if (message.command == "001")
            former_ = message.param(0);
        if (message.command != "353")
            return;
        Bytes rest = message.last();
        while (!rest.empty()) {
            Bytes name = ascii::cut(rest, ' ');
            while (!name.empty() && Rank::ofSymbol(name.front()) != 0)
                name.remove_prefix(1);
            if (!name.empty())
                members[std::string(message.param(2))].insert(std::string(name));
        }
    }
    void privmsg(Bytes, Bytes channel, Bytes text) override {
        // "author number": each author counts up in each channel, so that a second copy shows.
        const auto space = text.find(' ');
        const std::string key = std::string(text.substr(0, space)) + " " + std::string(channel);
        const int number = std::stoi(std::string(text.substr(space + 1)));
        int& last = lastHeard[key];
        faults += number > last ? 0 : 1;
        last = number;
        faults += channels.count(std::string(channel)) == 1 ? 0 : 1;
    }

    std::string former_;
};

class WordsSim : public testing::TestWithParam<unsigned> {
protected:
    WordsSim() : reactor(SimOptions(GetParam())), random(GetParam()) {
        ServerOptions options;
        options.hostname = "srv";
        options.groups = {"#g"};
        options.connections.linesPerSecond = 0;
        server = std::make_shared<Server>(reactor, std::move(options), std::nullopt, Logger("words"));
        port = *reactor.listen(ListenSpec(Address::loopback(6667)), server);
    }
    int below(int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); }

    Talker* connect(int number) {
        Talker* made = nullptr;
        auto connecting =
            reactor.connect(ConnectSpec(Address::loopback(6667)), makeFactory([&](const Address&) {
                                auto talker = std::make_unique<Talker>(number);
                                made = talker.get();
                                return talker;
                            }));
        reactor.runUntil([&] { return connecting.called(); });
        EXPECT_TRUE(std::move(connecting).take().ok());
        return made;
    }
    /// One thing that one of them does.
    void act(Talker& talker, int number, std::map<std::string, int>& said) {
        const std::string channel =
            std::vector<std::string>{"#g", "#a", "#b"}[static_cast<std::size_t>(below(3))];
        switch (below(8)) {
        case 0:
        case 1:
            return talker.join(channel);
        case 2:
            return talker.leave(channel, "off");
        case 3:
            if (below(3) == 0)
                return talker.setNick("t" + std::to_string(number) + "_" + std::to_string(below(100)));
            return talker.away(below(2) == 0 ? "tea" : "");
        case 4:
            return talker.mode(channel, below(2) == 0, "m");
        default:
            const std::string author = "t" + std::to_string(number);
            const int count = ++said[author + channel];
            return talker.msg(channel, author + " " + std::to_string(count));
        }
    }
    /// Both ends see the same channels and the same members.
    void compare(const std::vector<Talker*>& talkers) {
        std::size_t places = 0;
        for (Talker* talker : talkers) {
            if (!talker)
                continue;
            EXPECT_EQ(talker->faults, 0) << talker->nickname;
            const User* user = server->findUser(talker->nickname);
            ASSERT_NE(user, nullptr) << talker->nickname;
            EXPECT_EQ(user->channels.size(), talker->channels.size());
            for (const User::Place& place : user->channels) {
                std::set<std::string> here;
                for (const Channel::Member& member : place.channel->members())
                    here.insert(member.user->nick);
                EXPECT_EQ(talker->members[place.channel->name], here)
                    << talker->nickname << place.channel->name;
            }
            places += user->channels.size();
        }
        std::size_t members = 0;
        for (const auto& [name, channel] : server->channels())
            members += channel->members().size();
        EXPECT_EQ(members, places);
    }

    /// So many people do so many things; at the end all have seen the same, and nothing is left of them.
    void live(int people, int things) {
        std::vector<Talker*> talkers;
        std::map<std::string, int> said;
        for (int i = 0; i < people; ++i)
            talkers.push_back(connect(i));
        reactor.runUntil([&] {
            return std::all_of(talkers.begin(), talkers.end(), [](Talker* t) { return t->in; });
        });
        for (int round = 0; round < things; ++round) {
            const int number = below(people);
            Talker*& talker = talkers[static_cast<std::size_t>(number)];
            if (!talker)
                continue;
            if (below(60) == 0) {
                // One leaves, in order or by a cut line.
                Talker* gone = std::exchange(talker, nullptr);
                below(2) == 0 ? gone->quit("home") : gone->transport().abortConnection();
            } else {
                act(*talker, number, said);
            }
            if (below(4) == 0)
                reactor.advance(std::chrono::milliseconds(below(5)));
        }
        reactor.advance(std::chrono::seconds(2));
        compare(talkers);
        reactor.dropConnections();
        reactor.advance(std::chrono::seconds(1));
        EXPECT_EQ(server->users().size(), 0U);
        EXPECT_EQ(server->connections(), 0U);
        EXPECT_EQ(server->channels().size(), 1U); // the group
        port->stopListening();
    }

    SimReactor reactor;
    std::mt19937 random;
    std::shared_ptr<Server> server;
    std::unique_ptr<Port> port;
};

TEST_P(WordsSim, EveryoneSeesTheSameAndNothingTwice) {
    live(12, 300);
}

class WordsCrowd : public WordsSim {};

TEST_P(WordsCrowd, TwoHundredInOneChannelHearEachLineOnce) {
    constexpr int kTalkers = 200;
    std::vector<Talker*> talkers;
    for (int i = 0; i < kTalkers; ++i)
        talkers.push_back(connect(i));
    reactor.advance(std::chrono::seconds(1));
    for (Talker* talker : talkers)
        talker->join("#g");
    reactor.advance(std::chrono::seconds(1));
    for (int i = 0; i < kTalkers; ++i)
        talkers[static_cast<std::size_t>(i)]->msg("#g", "t" + std::to_string(i) + " 1");
    reactor.advance(std::chrono::seconds(1));
    for (Talker* talker : talkers) {
        EXPECT_EQ(talker->faults, 0);
        EXPECT_EQ(talker->lastHeard.size(), kTalkers - 1U);
    }
    compare(talkers);
    reactor.dropConnections();
    reactor.advance(std::chrono::seconds(1));
    EXPECT_EQ(server->users().size(), 0U);
}

class WordsTown : public WordsSim {};

TEST_P(WordsTown, TwoHundredSeeTheSameAndNothingTwice) {
    live(200, 600);
}

INSTANTIATE_TEST_SUITE_P(Seeds, WordsSim, testing::Range(1u, 201u));
INSTANTIATE_TEST_SUITE_P(Seeds, WordsCrowd, testing::Range(1u, 6u));
INSTANTIATE_TEST_SUITE_P(Seeds, WordsTown, testing::Range(1u, 201u));

} // namespace
} // namespace twistdpp::words
