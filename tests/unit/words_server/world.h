#pragma once
#include "support/string_transport.h"
#include "unit/net/doubles.h"

#include "twistdpp/cred/checker_maker.h"
#include "twistdpp/words_server/server.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace twistdpp::words {

/// One client by hand: what it sends, and the lines that it got.
class Peer {
public:
    Peer(test::ManualReactor& on, Server& server) : transport(on), reactor(on) {
        transport.connect(server.buildProtocol(transport.peer()));
    }
    /// Lines without their ends.
    template <class... Lines>
    Peer& send(const Lines&... lines) {
        (transport.receive(std::string(lines) + "\r\n"), ...);
        return *this;
    }
    /// All that came since the last call, a line each, "\n" behind it.
    std::string take() {
        reactor.turn(); // what goes to many is written when the turn ends
        std::string text = transport.takeValue();
        std::erase(text, '\r');
        return text;
    }
    /// The same of what answers one line.
    std::string ask(const std::string& line) {
        take();
        send(line);
        return take();
    }

    StringTransport transport;
    test::ManualReactor& reactor;
};

/// A server on a reactor that stands still unless told.
class World : public testing::Test {
protected:
    static ServerOptions plain() {
        ServerOptions options;
        options.hostname = "srv";
        options.network = "Net";
        options.version = "v";
        options.connections.linesPerSecond = 0;
        options.operators.emplace("root", *PasswordHash::parse("secret"));
        return options;
    }
    World() { start(plain()); }

    /// With `checkers` as values of --auth; empty: no accounts.
    void start(ServerOptions options, const std::vector<std::string>& checkers = {}) {
        peers.clear();
        std::optional<Authenticator> accounts;
        if (!checkers.empty())
            accounts.emplace(reactor, *makeCheckers(reactor, checkers), std::make_shared<LoginThrottle>());
        server = std::make_unique<Server>(reactor, std::move(options), std::move(accounts), Logger("words"));
    }
    Peer& connect() { return *peers.emplace_back(std::make_unique<Peer>(reactor, *server)); }
    /// Registered, with capabilities if `caps` names some, and nothing of it left to read.
    Peer& user(const std::string& nick, const std::string& caps = {}) {
        Peer& peer = connect();
        if (!caps.empty())
            peer.send("CAP REQ :" + caps);
        peer.send("NICK " + nick, "USER " + nick + " 0 * :Real " + nick);
        if (!caps.empty())
            peer.send("CAP END");
        const std::string greeting = peer.take();
        EXPECT_NE(greeting.find(" 001 " + nick + " "), std::string::npos) << greeting;
        return peer;
    }
    /// Registered and on `channel`, in this order.
    std::vector<Peer*> members(const std::string& channel, const std::vector<std::string>& nicks) {
        std::vector<Peer*> out;
        for (const std::string& nick : nicks) {
            out.push_back(&user(nick));
            out.back()->send("JOIN " + channel);
        }
        for (Peer* peer : out)
            peer->take();
        return out;
    }
    static std::string from(const std::string& nick) { return ":" + nick + "!" + nick + "@127.0.0.1 "; }

    test::ManualReactor reactor;
    std::unique_ptr<Server> server;
    std::vector<std::unique_ptr<Peer>> peers; // gone before the server
};

} // namespace twistdpp::words
