// layers: words_server
// The chat server with one hostile client beside two that behave: whatever it sends, cut anywhere, what the
// others and it are sent is well-formed, the two keep their connections, and when it has gone nothing of it
// is left.
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/words_server/server.h"

#include "twistdpp/irc/message.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

using namespace twistdpp;
using namespace twistdpp::words;

void require(bool condition) {
    if (!condition)
        std::abort();
}

/// Every line ends with CRLF, is within its limits and can be parsed.
void checkLines(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\r\n", at);
        require(end != std::string::npos);
        const Bytes line = Bytes(text).substr(at, end - at);
        irc::Message message;
        require(irc::parseMessage(line, message, irc::kMaxTags) == irc::ParseStatus::ok);
        const auto body = line.front() == '@' ? line.substr(line.find(' ') + 1) : line;
        require(body.size() <= irc::kMaxBody);
        at = end + 2;
    }
}

/// The two ends of membership agree, and nobody is twice on a channel.
void checkMembers(Server& server) {
    for (const auto& [name, channel] : server.channels()) {
        const Channel* const here = channel.get();
        require(here->stands || !here->members().empty());
        for (std::size_t i = 0; i < channel->members().size(); ++i) {
            const User& user = *channel->members()[i].user;
            require(user.registered && server.findUser(user.nick) == &user);
            const auto places =
                std::count_if(user.channels.begin(), user.channels.end(), [&](const User::Place& place) {
                    return place.channel == here && place.index == i;
                });
            require(places == 1);
        }
    }
    std::size_t operators = 0;
    for (const auto& [nick, user] : server.users()) {
        require(nick.size() == user->nick.size() && user->registered);
        operators += user->isOper() ? 1 : 0;
        for (const User::Place& place : user->channels)
            require(place.channel->members()[place.index].user == user.get());
    }
    require(operators == server.operators());
}

struct World {
    World(bool accounts, bool limited) {
        ServerOptions options;
        options.hostname = "srv";
        options.groups = {"#g"};
        options.operators.emplace("o", *PasswordHash::parse("p"));
        options.connections.linesPerSecond = limited ? 10 : 0;
        options.names.channels = 5;
        options.names.list = 3;
        std::optional<Authenticator> checks;
        if (accounts)
            checks.emplace(
                reactor, *makeCheckers(reactor, {"memory:a:b"}), std::make_shared<LoginThrottle>()
            );
        server = std::make_unique<Server>(reactor, std::move(options), std::move(checks), Logger("words"));
    }
    void connect(StringTransport& transport, Bytes lines) {
        transport.connect(server->buildProtocol(transport.peer()));
        transport.receive(lines);
    }

    test::ManualReactor reactor;
    std::unique_ptr<Server> server;
};

/// A client of today, logged in where there are accounts.
constexpr Bytes kModern =
    "CAP REQ :batch message-tags labeled-response standard-replies draft/multiline draft/chathistory\r\n"
    "CAP REQ :draft/message-redaction draft/metadata-2 draft/read-marker draft/event-playback server-time\r\n"
    "PASS b\r\nNICK a\r\nUSER a 0 * :a\r\nCAP END\r\nJOIN #g,#own\r\n";

void run(Bytes input, std::size_t step, unsigned habits) {
    World world((habits & 1) != 0, (habits & 2) != 0);
    StringTransport old(world.reactor);
    StringTransport fresh(world.reactor);
    world.connect(old, "NICK old\r\nUSER o 0 * :o\r\nJOIN #g,#c\r\n");
    world.connect(
        fresh, "CAP REQ :message-tags server-time account-tag extended-join away-notify account-notify "
               "chghost setname\r\n"
               "CAP REQ :invite-notify echo-message batch labeled-response multi-prefix userhost-in-names\r\n"
               "CAP REQ :draft/multiline draft/chathistory draft/message-redaction draft/metadata-2\r\n"
               "NICK new\r\nUSER n 0 * :n\r\nCAP END\r\nJOIN #g,#c\r\nMONITOR + x,y,z\r\n"
    );
    {
        StringTransport hostile(world.reactor);
        world.connect(
            hostile, (habits & 4) != 0    ? "NICK x\r\nUSER x 0 * :x\r\nJOIN #g\r\nOPER o p\r\n"
                     : (habits & 64) != 0 ? kModern
                                          : Bytes()
        );
        if ((habits & 8) != 0)
            hostile.holdWrites();
        while (!input.empty()) {
            hostile.receive(input.substr(0, step));
            input.remove_prefix(std::min(step, input.size()));
            if ((habits & 16) != 0)
                world.reactor.advance(std::chrono::milliseconds(300));
        }
        checkMembers(*world.server);
        if ((habits & 32) != 0)
            hostile.loseReading();
        world.reactor.advance(std::chrono::seconds(1));
        checkLines(hostile.value());
        hostile.lose();
    }
    world.reactor.advance(std::chrono::seconds(30));
    checkMembers(*world.server);
    // An operator may have sent them away, nobody else can; and who has an account may be always on.
    const std::size_t left = world.server->users().size();
    require(left == 2 || ((habits & 4) != 0 && left < 2) || ((habits & 1) != 0 && left == 3));
    require(world.server->connections() == 2);
    checkLines(old.value());
    checkLines(fresh.value());
}

} // namespace

/// The first byte says how the rest is cut (from 128 on not at all), the second how the client and the server
/// are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
        return 0;
    const Bytes input(reinterpret_cast<const char*>(data) + 2, size - 2);
    run(input, data[0] < 128 ? 1 + data[0] : std::max<std::size_t>(1, input.size()), data[1]);
    return 0;
}
